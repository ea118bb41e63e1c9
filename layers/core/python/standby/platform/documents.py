"""What schemas of several features say in the same words: instants, money, notes of the sender's own.

The committed JSON Schemas are made from such dataclasses (``make schemas``); no function loads this.
"""

from dataclasses import field
from typing import Any

from standby.platform.frozen import frozen
from standby.platform.money import CURRENCIES

INSTANT = {"maxLength": 40, "format": "date-time"}
DATE = {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "errorMessage": "must be a date, such as 2026-12-31"}
SEQUENCE = {"minimum": 0, "maximum": 1_000_000_000_000_000_000}
LOCALE = {
    "pattern": "^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$",
    "maxLength": 35,
    "errorMessage": "must be a language, such as he or pt-BR",
}
CURRENCY = {"format": "currency", "enum": sorted(CURRENCIES)}
LINE = {"format": "line", "maxLength": 200}
YOURS = "for your own books: anything, it is not read"


def said(*rules: dict[str, Any], about: str = "") -> dict[str, Any]:
    """Return a field's metadata: what the schema says beyond its Python type."""
    merged = {name: value for rule in rules for name, value in rule.items()}
    return {"json_schema": merged | ({"description": about} if about else {})}


@frozen(kw_only=True)
class Price:
    """An amount in minor units, such as cents: ``{"amount": 12990, "currency": "ILS"}`` is 129.90 shekels."""

    amount: int = field(metadata=said({"minimum": 0, "maximum": 1_000_000_000_000}))
    currency: str = field(metadata=said(CURRENCY, about="ISO 4217"))
