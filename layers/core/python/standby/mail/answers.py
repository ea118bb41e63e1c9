"""What mail's routes answer."""

from typing import TypedDict

from standby.platform.answers import Count, Instant

__all__ = ["AddressShown", "LiftShown", "SuppressionShown"]


class SuppressionShown(TypedDict):
    """Why an address gets no mail."""

    reason: str
    """``bounced`` or ``complained``."""
    at: Instant
    said: str
    """What SES said, in its words."""


class LiftShown(TypedDict):
    """A suppression that was lifted."""

    reason: str
    suppressed_at: Instant
    """What was asked for up to then is not mailed."""
    at: Instant
    by: str
    """The name of the key that lifted it."""


class AddressShown(TypedDict):
    """What stops mail to an address."""

    suppressed: SuppressionShown | None
    soft_failures: Count
    """Bounces of the last 30 days that may pass; the fifth suppresses."""
    left_at: Instant | None
    """What was asked for up to then is not mailed."""
    lifted: list[LiftShown]
    """The latest lifted suppressions, oldest first; forgotten 90 days after the last thing that happened."""
