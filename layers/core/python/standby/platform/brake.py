"""The brake on what other systems leave out: too much at once is more likely a mistake than the truth (design §5.1)."""

BRAKE_PERCENT = 20
"""More than this may not vanish without approval."""


def brakes(vanishing: int, there: int) -> bool:
    """Tell whether so many of those that are there would vanish that a person must look."""
    return excess(vanishing, there) > 0


def excess(vanishing: int, there: int) -> int:
    """Return how much more would vanish than may, in hundredths of one. What parts exceed by can be added up."""
    return vanishing * 100 - there * BRAKE_PERCENT
