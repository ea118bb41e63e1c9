"""Which lines each shipment of an order had when something was said of it.

ERPs rename, split and merge shipments, and some number them by their place: once ``P1`` is done, what was ``P2`` is
``P1``. So a word about a shipment is about the lines that it had then: as the newest ``order.placed`` before it that
names the shipment says, else as the first one that does. It stays true of them in whatever shipment they are now, but
for a line that is in that shipment still, or was in both at once: that comes in parts. Of what was cancelled it is not
true, because who plans a line anew means it to come.

All of it follows from what the ERP ever said of the shipments, so words may come in any order, and more than once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from standby.delivery.day_model import Version
from standby.delivery.model import CANCELLED, SHIPMENT, About, Said
from standby.delivery.origin_model import FIRST_AT, alone, since_first

if TYPE_CHECKING:
    from standby.delivery.model import Order

Held = TypeVar("Held")
Plans = Mapping[Version, Mapping[str, Sequence[str]]]
"""What each word said that names shipments: their lines, by the numbers of then. The oldest word stands first."""


class Plan(NamedTuple):
    """In which shipments the lines of an order are and were, by the numbers of now."""

    held: Mapping[str, Sequence[tuple[Version, frozenset[str]]]]
    """By shipment: its lines by each word that names it, the oldest first."""
    names: Mapping[str, Sequence[str]]
    """By line: the shipments in which it ever was."""
    places: Mapping[str, list[str]]
    """By line: the shipments in which it is."""

    def is_about(self, name: str, version: Version, line_id: str, shipment_id: str | None) -> bool:
        """Tell whether a word of a version about a shipment is about a line of another shipment, or of that one."""
        if name not in self.held:
            return False
        at, lines = spoken_of(self.held[name], version)
        if line_id not in lines or name == shipment_id:
            return line_id in lines
        beside = any(said == at and line_id in those for said, those in self.held.get(shipment_id or "", ()))
        return not beside and name not in self.places.get(line_id, ())

    def since(self, shipment_id: str, line_id: str) -> Version | None:
        """Return the oldest word that put a line into a shipment; ``None``: none did."""
        return next((said for said, lines in self.held.get(shipment_id, ()) if line_id in lines), None)

    def changes(self, shipment_id: str) -> int:
        """Return how often a shipment got other lines than it had."""
        lines = [those for _, those in self.held.get(shipment_id, ())]
        return sum(one != other for one, other in pairwise(lines))


def plan_of(order: "Order") -> Plan:
    """Return what follows from all that the ERP said of an order's shipments."""
    known = plans(order)
    held: dict[str, list[tuple[Version, frozenset[str]]]] = {}
    names: dict[str, dict[str, None]] = {}
    places: dict[str, list[str]] = {}
    later = set[str]()
    for version, shipments in reversed(list(known.items())):
        listed: dict[str, list[str]] = {}
        for name, line_ids in shipments.items():
            now = order.now_of(line_ids, version)
            held.setdefault(name, []).insert(0, (version, frozenset(now)))
            for line_id in now:
                names.setdefault(line_id, {})[name] = None
                if name not in later:  # else a newer word says what the shipment has
                    listed.setdefault(line_id, []).append(name)
        later |= shipments.keys()
        places = {**listed, **places}
    return Plan(held, {line_id: tuple(found) for line_id, found in names.items()}, places)


def plans(order: "Order") -> Plans:
    """Return all that the ERP said of an order's shipments, as far as that is kept."""
    found: dict[Version, dict[str, Sequence[str]]] = {}
    for listing in () if order.numbering is None else order.numbering.listings:
        for version in (listing.first, listing.last) if listing.shipments else ():
            found[version] = dict(listing.shipments)
    for said in (order.first, order.shipments):
        for name, word in said.items():
            found.setdefault(word.version, {}).setdefault(name, word.fields["line_ids"])
    return dict(sorted(found.items()))


def spoken_of(held: Sequence[tuple[Version, Held]], version: Version) -> tuple[Version, Held]:
    """Return what a shipment had when a word of a version spoke of it, and since which word; ``held`` is not empty."""
    return next((each for each in reversed(held) if each[0] <= version), held[0])


def then_of(known: Plans, name: str, version: Version) -> tuple[Version, Sequence[str]] | None:
    """Return the lines that a shipment had when a word of a version spoke of it, by the numbers of then."""
    held = [(said, shipments[name]) for said, shipments in known.items() if name in shipments]
    return spoken_of(held, version) if held else None


def newest_said(
    order: "Order", plan: Plan, kind: str, line_ids: Iterable[str], shipment_id: str | None, *, own: Iterable[str] = ()
) -> tuple[About, Said] | None:
    """Return the newest word of a kind about any shipment that is true of any of some lines in a shipment now.

    A word about that shipment itself counts, too, where it is true of any of its ``own`` lines.
    """
    found = [word for line_id in line_ids for word in _about_any(order, plan, kind, line_id, shipment_id)]
    if shipment_id is not None:
        found += [
            word
            for line_id in own
            for word in _about(order, plan, About(kind, SHIPMENT, shipment_id), line_id, shipment_id)
        ]
    newest = max(found, key=lambda each: each[1].version, default=None)
    if newest is None or FIRST_AT not in newest[1].fields or len({lines for _, lines in plan.held[newest[0].id]}) == 1:
        return newest
    # What was so first was said of other lines, maybe.
    same = (alone(word) for about, word in found if about == newest[0])
    return newest[0], since_first(alone(newest[1]), *same)


def _about_any(
    order: "Order", plan: Plan, kind: str, line_id: str, shipment_id: str | None
) -> Iterator[tuple[About, Said]]:
    for name in plan.names.get(line_id, ()):
        if name == shipment_id or kind != CANCELLED:
            yield from _about(order, plan, About(kind, SHIPMENT, name), line_id, shipment_id)


def _about(
    order: "Order", plan: Plan, about: About, line_id: str, shipment_id: str | None
) -> Iterator[tuple[About, Said]]:
    """Yield the words about a shipment that are true of a line in another, or in that one."""
    if about in order.words:
        for word in (order.words[about], *order.earlier.get(about, ())):
            if plan.is_about(about.id, word.version, line_id, shipment_id):
                yield about, word
