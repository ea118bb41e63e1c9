"""What this shop does otherwise than django-oscar in its app `basket`."""
