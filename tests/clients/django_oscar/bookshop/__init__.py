"""A bookshop on django-oscar that leaves its sold-out, pre-ordered and late goods to Standby."""
