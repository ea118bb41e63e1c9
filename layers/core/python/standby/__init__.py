"""Standby takes care of a shop's customers when the product is not there.

Whoever imports it collects cyclic garbage seldom: once in 100,000 containers made and not freed, in place of 700. A
cold start makes some 90,000 that stay, and Python would look through them 127 times for garbage that is not there.
"""

import gc

gc.set_threshold(100_000)
