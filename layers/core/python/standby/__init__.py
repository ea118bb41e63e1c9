"""Standby takes care of a shop's customers when the product is not there.

Whoever imports it collects cyclic garbage seldom at first: once in 150,000 containers made and not freed, in place of
700. A cold start makes some 90,000 that stay, and Python would look through them 127 times for garbage that is not
there. After the first collection the garbage is what work leaves, above all the SDK's parsers, and 2,000 are enough.
"""

import gc

STARTING, WORKING = 150_000, 2_000
"""How many containers are made and not freed before Python looks for garbage."""


def _started(_phase: str, _about: dict[str, int]) -> None:
    gc.set_threshold(WORKING)


gc.set_threshold(STARTING)
gc.callbacks.append(_started)
