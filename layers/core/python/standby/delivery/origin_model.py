"""Which lines an order had at first and has since, in which shipments, and which of several words about a thing stays.

A word about the whole order is about what the order had then. Of lines that the ERP added later it says nothing.
Whatever comes before any order is about all that the oldest order has, because ERPs send orders again with a new time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from standby.delivery.day_model import Version

if TYPE_CHECKING:
    from standby.delivery.model import Order, Said

FIRST_AT = "first_at"
"""The field of a word that says when what it tells was so first (`standby.delivery.model.AT_FIRST`)."""


class Origin(NamedTuple):
    """What the oldest ``order.placed`` named, and what others added."""

    version: Version
    lines: Mapping[str, str]
    """The SKUs of its lines, by id."""
    added: Mapping[str, Version]
    """The oldest word that named each other line, by the line's id."""

    def after(self, version: Version, lines: Mapping[str, str]) -> "Origin":
        """Return it after one more ``order.placed``, which may be older; the same where that is nothing new."""
        if version < self.version:
            before = {**self.added, **dict.fromkeys(self.lines, self.version)}
            return Origin(version, lines, {each: since for each, since in before.items() if each not in lines})
        newer = {
            line_id: version
            for line_id in lines
            if line_id not in self.lines and (line_id not in self.added or version < self.added[line_id])
        }
        return self._replace(added={**self.added, **newer}) if newer else self

    def had(self, line_id: str, at: int, lines: Mapping[str, Mapping[str, Any]]) -> bool:
        """Tell whether the order had a line at an instant, in microseconds; ``lines`` are those that it has now.

        A line that another of the same SKU made room for is that one by another name.
        """
        since = self.added.get(line_id)
        if since is None or at >= since[0]:
            return True
        sku = lines[line_id]["sku"] if line_id in lines else None
        return any(was == sku and other not in lines for other, was in self.lines.items())


def newest(
    known: Mapping[Any, "Said"], said: Iterable[tuple[Any, "Said"]], *, most: int | None = None
) -> "dict[Any, Said]":
    """Return what is known after more was said: the newest of each, and of all of them the ``most`` newest."""
    found = dict(known)
    for about, word in said:
        if about not in found or found[about].version < word.version:
            found[about] = word
    if most is None or len(found) <= most:
        return found
    return dict(sorted(found.items(), key=lambda each: each[1].version)[-most:])


def oldest(known: Mapping[str, "Said"], said: Iterable[tuple[str, "Said"]]) -> "dict[str, Said]":
    """Return the oldest word about each shipment after more was said."""
    found = dict(known)
    for name, word in said:
        if name not in found or word.version < found[name].version:
            found[name] = word
    return found


def names_of(order: "Order", shipment_id: str | None, *line_ids: str) -> Sequence[str | None]:
    """Return a shipment's id, and those of the shipments from which some lines went over to it, by the ERP's plan.

    Such a shipment was there before, and the line is not in it any more. What was said of it is true of the line, but
    that it was cancelled: who plans a line anew means it to come.
    """
    first = order.first
    if shipment_id is None or shipment_id not in first:
        return (shipment_id,)
    began = first[shipment_id].version
    older = [(name, said.fields["line_ids"]) for name, said in first.items() if said.version < began]
    if not older:
        return (shipment_id,)
    now = order.places
    left = (name for name, held in older if any(each in held and name not in now.get(each, ()) for each in line_ids))
    return (shipment_id, *left)


def since_first(word: "Said", *words: "Said | None") -> "Said":
    """Return the newest of some words with the earliest instant of which any of them speaks."""
    known = [each.fields for each in words if each is not None]
    first = min(fields.get(FIRST_AT, fields["occurred_at"]) for fields in known)
    return replace(word, fields={**word.fields, FIRST_AT: first})


def places(shipments: Mapping[str, "Said"], version: Version | None) -> dict[str, list[str]]:
    """Return the shipments of each line: those of the ``order.placed`` of a version, else those of others."""
    listed: dict[str, list[str]] = {}
    unlisted: dict[str, list[str]] = {}
    for shipment_id, said in shipments.items():
        among = listed if said.version == version else unlisted
        for line_id in said.fields["line_ids"]:
            among.setdefault(line_id, []).append(shipment_id)
    return {**unlisted, **listed}
