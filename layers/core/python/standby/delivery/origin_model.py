"""Which lines an order had at first and has since, in which shipments, and which of several words about a thing counts.

A word about the whole order is about what the order had then. Of lines that the ERP added later it says nothing.
Whatever comes before any order is about all that the oldest order has, because ERPs send orders again with a new time.

Which line is which, where their numbers change, is found by `standby.delivery.line_model`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from standby.delivery.day_model import Article, Days, Version
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.delivery.choice_model import Choice
    from standby.delivery.line_model import Followed, Name
    from standby.delivery.model import Order, Said

FIRST_AT = "first_at"
"""The field of a word that says when what it tells was so first (`standby.delivery.model.AT_FIRST`)."""
Line = tuple[str, str, int]
"""Number, SKU and units."""
Parcel = tuple[str, tuple[str, ...]]
"""A shipment and its lines."""
Shape = Mapping[str, Mapping[str, Any]]
"""Lines by number, or shipments by id, as a message has them."""
MOST_LISTINGS = 20
"""Of an order that are kept: the oldest, and the newest of the others."""
MOST_LISTED = 6_000
"""Lines in all of them."""


class Listing(NamedTuple):
    """What words about the whole order named: its lines with units, in the order's own order, and their shipments."""

    first: Version
    """The oldest such word."""
    last: Version
    lines: tuple[Line, ...]
    shipments: tuple[Parcel, ...] = ()
    """None: the word did not speak of them, or it is not known any more what it said."""


@frozen()
class Numbering:
    """All lists of lines that the ERP said of an order, those first that it said first; there is at least one."""

    listings: tuple[Listing, ...]
    over: tuple[tuple[str, Version], ...] = ()
    """Lines that left or were cancelled by the number of then, and by which word; only where numbers changed."""

    @property
    def plain(self) -> bool:
        """Tell whether no line ever had another number than it has now."""
        return len(self.listings) == 1 or all(each.lines == self.listings[0].lines for each in self.listings)

    @property
    def planned_once(self) -> bool:
        """Tell whether every word that named shipments named the same ones, with the same lines."""
        return self.plain and len({each.shipments for each in self.listings} - {()}) <= 1

    @classmethod
    def of(cls, version: Version, lines: Shape, shipments: Shape | None = None) -> "Numbering":
        """Return what follows from one ``order.placed`` with these lines, by number, and these shipments, by id."""
        return cls((Listing(version, version, listed(lines), parcels(shipments or {})),))

    @property
    def version(self) -> Version:
        """The oldest word about the whole order."""
        return self.listings[0].first

    def after(self, version: Version, lines: Shape, shipments: Shape | None = None) -> "Numbering":
        """Return it after one more ``order.placed``, which may be older; the same where that is nothing new."""
        said = Listing(version, version, listed(lines), parcels(shipments or {}))
        same = next((each for each in self.listings if each[2:] == said[2:]), None)
        if same is None:
            return Numbering(_kept(sorted([*self.listings, said])), self.over)
        if same.first <= version <= same.last:
            return self
        wider = same._replace(first=min(version, same.first), last=max(version, same.last))
        return Numbering(tuple(sorted(wider if each is same else each for each in self.listings)), self.over)

    def knowing(self, order: "Order") -> "Numbering":
        """Return it once it is known what was said of an order's lines; the same where no number ever changed."""
        if self.plain:
            return self
        from standby.delivery.line_model import over  # noqa: PLC0415 - the lines of few orders change

        found = over(order)
        return self if found == self.over else Numbering(self.listings, found)

    def began(self, line_id: str) -> Version | None:
        """Return the oldest word that named one of its lines of now, ``None`` where it had the line at first."""
        since = None if self.plain else self._followed.began.get(line_id)
        return None if since == self.version else since

    def had(self, line_id: str, at: int) -> bool:
        """Tell whether it had one of its lines at an instant, in microseconds; those of the oldest word always."""
        since = self.began(line_id)
        return since is None or at >= since[0]

    def marks(self) -> Mapping[str, str]:
        """Return what names each line for good, by the number that it has now, where that is not this number."""
        if self.plain:
            return {}
        from standby.delivery.line_model import marks  # noqa: PLC0415 - the lines of few orders change

        return marks(self._followed)

    def names(self, line_id: str) -> "Sequence[Name]":
        """Return every number by which a line is known, by the one that it has now."""
        from standby.delivery.line_model import Name  # noqa: PLC0415 - the lines of few orders change

        return self._followed.names.get(line_id) or (Name(line_id),)

    def articles(self, line_id: str, sku: str) -> Sequence[Article]:
        """Return every number and SKU of a line, by those that it has now."""
        if self.plain:
            return ((line_id, sku),)
        return self._followed.articles.get(line_id) or ((line_id, sku),)

    def now(self, line_ids: Iterable[str], version: Version) -> Sequence[str]:
        """Return the numbers that lines have now which a word of a version named. Those that went away have none.

        A line that was parted since has the numbers of its parts, its own first.
        """
        if self.plain:
            return tuple(line_ids)
        found: list[str] = []
        for line_id in line_ids:
            owners = self._followed.owners.get(line_id)
            found += [line_id] if owners is None else self._numbers(_meant(owners, version), version)
        return tuple(found)

    def own(self, line_id: str, version: Version) -> str | None:
        """Return the number that a line has now which a word of a version named; ``None``: it went away."""
        owners = None if self.plain else self._followed.owners.get(line_id)
        return line_id if owners is None else self._followed.numbers.get(_meant(owners, version))

    def kept(self, days: Days) -> Days:
        """Return the days of lines that any list names still, where there are more than these can name."""
        if len(days) <= MOST_LISTED:
            return days
        known = {(line_id, sku) for listing in self.listings for line_id, sku, _ in listing.lines}
        return {article: told for article, told in days.items() if article in known}

    def line_of(self, line_id: str, version: Version) -> int | None:
        """Return which line a word of a version means by a number: the same under all its numbers."""
        owners = None if self.plain else self._followed.owners.get(line_id)
        return None if owners is None else _meant(owners, version)

    def gone(self) -> Sequence[tuple[Listing, Line]]:
        """Return the lines that the order has no more, each as the last list that had it named it."""
        if self.plain:
            return ()
        found: dict[int, tuple[Listing, Line]] = {}
        for listing in sorted(self.listings, key=lambda each: each.last):
            for line in listing.lines:
                mark = _meant(self._followed.owners[line[0]], listing.last)
                if mark not in self._followed.numbers:
                    found[mark] = (listing, line)
        return tuple(found.values())

    def until(self, listing: Listing) -> "Numbering":
        """Return it as it was when a list was said last."""
        known = [each for each in self.listings if each.first <= listing.last]
        found = (each if each.last <= listing.last else each._replace(last=each.first) for each in known)
        return Numbering(tuple(found), self.over)

    def ended(self, listing: Listing) -> Version:
        """Return the word about the whole order that came next after a list was said last; it, if none did."""
        words = (version for each in self.listings for version in (each.first, each.last) if version > listing.last)
        return min(words, default=listing.last)

    def known_at(self, moment: int) -> Version:
        """Return the newest word about the whole order that had come by a moment, in microseconds; else the oldest."""
        words = [version for each in self.listings for version in (each.first, each.last) if version[2] <= moment]
        return max(words, default=self.version)

    def _numbers(self, mark: int, version: Version) -> list[str]:
        number = self._followed.numbers.get(mark)
        found = [] if number is None else [number]
        for since, part in self._followed.parts.get(mark, ()):
            if version < since:
                found += self._numbers(part, since)
        return found

    @cached_property
    def _followed(self) -> "Followed":
        from standby.delivery.line_model import followed  # noqa: PLC0415 - the lines of few orders change

        return followed(self.listings, self.over)


def numbered(order: "Order") -> "Order":
    """Return an order with its lines followed by what is known to have left, or to be cancelled, of them."""
    numbering = order.numbering and order.numbering.knowing(order)
    return order if numbering is order.numbering else replace(order, numbering=numbering)


def _meant(owners: Sequence[tuple[Version, int]], version: Version) -> int:
    """Return which line a number meant in words of a version."""
    meant = [mark for since, mark in owners if since <= version] or [owners[0][1]]
    return meant[-1]


def listed(lines: Shape) -> tuple[Line, ...]:
    """Return the lines of a word, by number, as a list has them."""
    return tuple((line_id, line["sku"], line["quantity"]) for line_id, line in lines.items() if line["quantity"] > 0)


def parcels(shipments: Shape) -> tuple[Parcel, ...]:
    """Return the shipments of a word, by id, as a list has them."""
    return tuple((name, tuple(said["line_ids"])) for name, said in shipments.items())


def _kept(listings: Sequence[Listing]) -> tuple[Listing, ...]:
    oldest_, *others = listings
    found: list[Listing] = []
    room = MOST_LISTED - len(oldest_.lines)
    for listing in sorted(others, key=lambda each: each.last, reverse=True):
        room -= len(listing.lines)
        if len(found) == MOST_LISTINGS - 1 or (room < 0 and found):
            break
        found.append(listing)
    return (oldest_, *sorted(found))


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


def covers(order: "Order", said: "Said", line_id: str) -> bool:
    """Tell whether a word about the whole order is about a line, too."""
    return order.numbering is None or order.numbering.had(line_id, said.version[0])


def chosen_of(order: "Order", shipment_id: str, kinds: Collection[str]) -> "Sequence[Choice]":
    """Return what a customer said in some ways of a shipment, or of others that had lines of it then; oldest first."""
    said = [choice for choice in order.chosen if choice.kind in kinds]
    plan = order.plan if said else None
    if plan is None:
        return [choice for choice in said if choice.shipment_id == shipment_id]
    line_ids, dated = order.line_ids_of(shipment_id), [(choice, order.version_at(choice.at)) for choice in said]
    return [
        choice
        for choice, version in dated
        if any(plan.is_about(choice.shipment_id, version, line_id, shipment_id) for line_id in line_ids)
    ]


def alone(word: "Said") -> "Said":
    """Return what a word says by itself, without what nobody needs once another of its kind followed."""
    return replace(word, fields={name: value for name, value in word.fields.items() if name not in (FIRST_AT, "raw")})


def since_first(word: "Said", *words: "Said | None") -> "Said":
    """Return the newest of some words with the earliest instant of which any of them speaks."""
    known = [each.fields for each in words if each is not None]
    first = min(fields.get(FIRST_AT, fields["occurred_at"]) for fields in known)
    return replace(word, fields={**word.fields, FIRST_AT: first})
