"""Standby takes care of a shop's customers when the product is not there."""

import gc

# Importing makes some hundred thousand objects that live as long as the process; looking through them all for garbage
# again and again was a tenth of a cold start. Whatever makes cycles of its own is still looked through, in larger lots.
gc.set_threshold(20_000, 50, 50)
