"""A day on which something is back, as those who wait are told."""

from standby.platform.frozen import frozen


@frozen()
class DateTold:
    """A day from which there is more of a SKU, as those who wait for it are told."""

    day: str
    number: int
    """Counts the days that were told of the SKU, from 1."""
    at: str
    """When it was found."""
    before: str | None = None
    """The day that they were told before, where that is not over."""
    ahead: bool = False
    """It can be pre-ordered meanwhile."""
    open: bool = False
    """Not everybody in line was told yet."""
