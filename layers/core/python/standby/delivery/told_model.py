"""What was told of shipments that the ERP planned anew: it stands with their lines."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standby.delivery.model import Notice


def told_of(notices: "Sequence[Notice]", shipment_id: str, line_ids: Sequence[str]) -> "Sequence[Notice]":
    """Return those notices that are about a shipment, under whatever name its lines were in a shipment then.

    Where more was told of some of its lines, it is what was told of the others.
    """
    own = [notice for notice in notices if notice.shipment_id == shipment_id]
    if len(own) == len(notices):
        return own
    told = [[each for each in notices if each.shipment_id == shipment_id or name in each.line_ids] for name in line_ids]
    return min(told, key=len, default=own)


def carried(
    told: Mapping[str, tuple[str, ...]], before: Mapping[str, Sequence[str]], shipments: Mapping[str, Sequence[str]]
) -> Mapping[str, tuple[str, ...]]:
    """Return what was told of shipments, and of those that the ERP planned anew what was told of all their lines.

    ``before`` are the shipments in which each line was, and ``shipments`` the lines of each of those that are now.
    """
    found = dict(told)
    for name, line_ids in shipments.items():
        of_lines = [
            max((told.get(place, ()) for place in before.get(line_id, ())), key=len, default=()) for line_id in line_ids
        ]
        if name not in told and of_lines and all(of_lines):
            found[name] = min(of_lines, key=len)
    return found
