"""Standby takes care of a shop's customers when the product is not there."""
