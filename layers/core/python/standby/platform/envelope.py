"""Envelopes that AWS puts around a message on its way from an ERP: SNS's and EventBridge's (design §5.1).

A subscription of SNS wraps what was published unless "raw message delivery" is on. A rule or a pipe of EventBridge
sends the whole event unless it is told to send the ``detail`` only.
"""

from collections.abc import Callable
from typing import Any

from standby.platform.json_text import from_json

MOST = 4
"""Envelopes around one another; an event that goes by a topic to a queue has two."""


def unwrapped(content: Any, read: Callable[[str], Any] = from_json) -> Any:  # noqa: ANN401 - JSON
    """Return what is in the envelopes around a message, or the content itself where it is none.

    ``read`` reads the JSON that SNS carries as a text. Raises ``ValueError`` where it cannot be read.
    """
    for _ in range(MOST):
        match content:
            case {"Type": "Notification", "TopicArn": str(), "Message": str(text)}:
                content = _read(text, read)
            case {"detail-type": str(), "source": str(), "detail": detail} if "type" not in content:
                content = detail
            case _:
                break
    return content


def _read(text: str, read: Callable[[str], Any]) -> Any:  # noqa: ANN401 - JSON
    try:
        return read(text)
    except ValueError as error:
        message = f"in SNS's Message: {error}"
        raise ValueError(message) from error
