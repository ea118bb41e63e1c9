"""Numbers as systems write them: ``6``, ``6.0``, ``6e0`` and the texts ``"6"`` and ``"6.0000"`` are one number.

PHP, Odoo and Magento write numbers as text. Only ASCII digits count, with a point for decimals: ``"٣"`` and ``"1,5"``
are refused by name, because what the writer meant is not sure.
"""

import math
import re
from decimal import Decimal

SHAPE = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?"
LONGEST = 40
LARGEST_EXPONENT = 99
WHOLE_PATTERN = r"^[+-]?[0-9]{1,30}(\.0*)?$"
NUMBER_PATTERN = r"^[+-]?[0-9]{1,30}(\.[0-9]{0,30})?$"
"""What JSON Schemas say of a number that is written as text."""


class NumeralError(ValueError):
    """It is no such number; the error says why, without the field's name."""


def whole(said: object) -> int:
    """Return a whole number. Raises `NumeralError`."""
    found = number(said)
    if isinstance(found, float):
        raise NumeralError(f"{_shown(said)} is not a whole number")
    return found


def number(said: object) -> int | float:
    """Return a number, as an ``int`` where it is whole. Raises `NumeralError`."""
    if type(said) is int:
        return said
    if type(said) is float:
        return int(said) if said.is_integer() else said
    if not isinstance(said, str):
        raise NumeralError(f"{_shown(said)} is not a number")
    text = said.strip()
    if len(text) > LONGEST:
        raise NumeralError(f"{_shown(said)} has more than {LONGEST} characters")
    found = re.fullmatch(SHAPE, text)
    if found is None:
        raise NumeralError(f"{_shown(said)} is not a number")
    if abs(int(found[1] or 0)) > LARGEST_EXPONENT:
        raise NumeralError(f"{_shown(said)} is out of range")
    exact = Decimal(text)
    if exact == exact.to_integral_value():
        return int(exact)
    near = float(exact)
    # 6.99999999999999999 is no 7: what rounds down must not be rounded up before.
    return math.nextafter(near, -math.inf) if near.is_integer() and near > exact else near


def _shown(said: object) -> str:
    """Return a value as JSON writes it, cut short."""
    if isinstance(said, bool):
        return str(said).lower()
    return ascii(said) if len(str(said)) <= LONGEST else f"{ascii(said)[:LONGEST]}…"
