"""Whose fault a failure is: that of AWS, which may pass, or that of what was read or written."""

from botocore.exceptions import BotoCoreError, ClientError

from standby.platform.backoff import BusyError
from standby.platform.bus import UnpublishedError
from standby.platform.queue import UnsentError

REFUSED = "ValidationException"
"""AWS does not take what it was told; it will not take it later either."""


def of_aws(error: Exception) -> bool:
    """Tell whether a call to AWS failed for a reason that may pass."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code") != REFUSED
    return isinstance(error, (BotoCoreError, BusyError, OSError, UnpublishedError, UnsentError))
