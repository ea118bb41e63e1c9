"""JSON as text: read strictly what comes in, write only what AWS takes."""

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

BYTE_ORDER_MARK = "\ufeff"
NONCHARACTERS = re.compile("[\ufffe\uffff]")


def to_json(content: object) -> str:
    """Write compact JSON that escapes no character beyond ASCII except the two that SQS refuses."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return text if text.isascii() else NONCHARACTERS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def from_json(text: str) -> Any:  # noqa: ANN401 - JSON
    """Read JSON by RFC 8259, and refuse what no store can keep (RFC 7493, I-JSON). A byte order mark is skipped.

    Raises ``ValueError``, also for what Python reads but JSON does not know (``NaN``), for numbers beyond a double's
    range, for half of a surrogate pair, and for nesting deeper than Python reads.
    """
    try:
        content = json.loads(text.removeprefix(BYTE_ORDER_MARK), parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        message = "nested too deep"
        raise ValueError(message) from error
    if "\\u" in text and (wrong := _half(content)):
        raise ValueError(wrong)
    return content


class _Odd(str):
    """A number of which nothing could be kept but its digits."""

    __slots__ = ("reason",)
    reason: str


def in_pieces(text: str) -> tuple[Any, Callable[[object], str | None]]:
    """Read JSON of which `from_json` refuses something, to save what is good beside it.

    Returns the content, and a function that says what of a piece `from_json` would refuse (``None``: nothing). Raises
    ``ValueError`` where the text cannot be taken to pieces.
    """

    def kept(parse: Callable[[str], Any]) -> Callable[[str], Any]:
        def one(digits: str) -> Any:  # noqa: ANN401 - JSON
            try:
                return parse(digits)
            except ValueError as error:
                made = _Odd(digits)
                made.reason = str(error)
                return made

        return one

    def wrong(piece: object) -> str | None:
        if isinstance(piece, _Odd):
            return piece.reason
        inside = piece.values() if isinstance(piece, dict) else piece if isinstance(piece, list) else ()
        return next(filter(None, map(wrong, inside)), None) or _half(piece)

    try:
        text = text.removeprefix(BYTE_ORDER_MARK)
        return json.loads(text, parse_constant=kept(_refuse), parse_float=kept(_finite), parse_int=kept(int)), wrong
    except RecursionError as error:
        message = "nested too deep"
        raise ValueError(message) from error


def _half(content: object) -> str | None:
    """Say if there is half of a surrogate pair in a text."""
    try:
        to_json(content).encode()
    except UnicodeEncodeError:
        return "half of a surrogate pair"
    return None


def _refuse(name: str) -> NoReturn:
    message = f"{name} is no number of JSON"
    raise ValueError(message)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        message = f"{digits} is too large"
        raise ValueError(message)
    return number
