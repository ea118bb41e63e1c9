"""JSON as text: read strictly what comes in, write only what AWS takes."""

import json
import re
from typing import Any, NoReturn

NONCHARACTERS = re.compile("[\ufffe\uffff]")


def to_json(content: object) -> str:
    """Write compact JSON that escapes no character beyond ASCII except the two that SQS refuses."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return text if text.isascii() else NONCHARACTERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def from_json(text: str) -> Any:  # noqa: ANN401 - JSON
    """Read JSON by RFC 8259, and refuse what no store can keep (RFC 7493, I-JSON).

    Raises ``ValueError``, also for what Python reads but JSON does not know (``NaN``), for numbers beyond a double's
    range, for half of a surrogate pair, and for nesting deeper than Python reads.
    """
    try:
        content = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        message = "nested too deep"
        raise ValueError(message) from error
    if "\\u" in text:
        try:
            to_json(content).encode()
        except UnicodeEncodeError as error:
            message = "half of a surrogate pair"
            raise ValueError(message) from error
    return content


def _refuse(name: str) -> NoReturn:
    message = f"{name} is no number of JSON"
    raise ValueError(message)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        message = f"{digits} is too large"
        raise ValueError(message)
    return number
