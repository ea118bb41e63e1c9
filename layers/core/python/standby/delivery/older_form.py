"""What is known of orders that were written in an older form."""

from collections.abc import Iterable, Mapping
from typing import Any

from standby.delivery.day_model import Days, Version, days_after
from standby.delivery.model import Placed, Said
from standby.delivery.origin_model import Numbering


def days_of(words: Iterable[tuple[str, Said]], placed: Placed) -> Days:
    """Return what is known of the days, from what an order has of its shipments."""
    by_word: dict[Version, dict[str, Mapping[str, Any]]] = {}
    for shipment_id, said in words:
        by_word.setdefault(said.version, {})[shipment_id] = said.fields
    found: Days = {}
    for version, shipments in by_word.items():
        named = {line_id: {"sku": ""} for said in shipments.values() for line_id in said["line_ids"]}
        found = days_after(found, version, shipments, {**named, **placed.lines})
    return found


def numbering_of(placed: Placed, version: Version, gone: Mapping[str, str], added: Mapping[str, Version]) -> Numbering:
    """Return the lists of lines, from those that an order had at first, and since when it has others.

    ``gone`` are the SKUs of those that it does not have now. How many units they had is not known.
    """
    had = {line_id: line for line_id, line in placed.lines.items() if line_id not in added}
    had |= {line_id: {"sku": sku, "quantity": 1} for line_id, sku in gone.items()}
    found = Numbering.of(version, had)
    for since in sorted({*added.values()}):
        had |= {
            line_id: placed.lines[line_id] for line_id, at in added.items() if at == since and line_id in placed.lines
        }
        found = found.after(since, had)
    return found.after(placed.version, placed.lines)
