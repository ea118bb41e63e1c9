"""Which lines an order had at first and has since, in which shipments, and which of several words about a thing counts.

A word about the whole order is about what the order had then. Of lines that the ERP added later it says nothing.
Whatever comes before any order is about all that the oldest order has, because ERPs send orders again with a new time.

Which line is which, where their numbers change, is found by `standby.delivery.line_model`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from standby.delivery.day_model import Article, Version
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.delivery.line_model import Followed, Name
    from standby.delivery.model import Order, Said

FIRST_AT = "first_at"
"""The field of a word that says when what it tells was so first (`standby.delivery.model.AT_FIRST`)."""
Line = tuple[str, str, int]
"""Number, SKU and units."""
MOST_LISTINGS = 20
"""Of an order that are kept: the oldest, and the newest of the others."""


class Listing(NamedTuple):
    """The lines that words about the whole order named, those with units, in the order's own order."""

    first: Version
    """The oldest such word."""
    last: Version
    lines: tuple[Line, ...]


@frozen()
class Numbering:
    """All lists of lines that the ERP said of an order, those first that it said first; there is at least one."""

    listings: tuple[Listing, ...]
    over: tuple[tuple[str, Version], ...] = ()
    """Lines that left or were cancelled by the number of then, and by which word; only where numbers changed."""

    @property
    def plain(self) -> bool:
        """Tell whether no line ever had another number than it has now."""
        return len(self.listings) == 1

    @classmethod
    def of(cls, version: Version, lines: Mapping[str, Mapping[str, Any]]) -> "Numbering":
        """Return what follows from one ``order.placed`` with these lines, by number."""
        return cls((Listing(version, version, listed(lines)),))

    @property
    def version(self) -> Version:
        """The oldest word about the whole order."""
        return self.listings[0].first

    def after(self, version: Version, lines: Mapping[str, Mapping[str, Any]]) -> "Numbering":
        """Return it after one more ``order.placed``, which may be older; the same where that is nothing new."""
        said = listed(lines)
        same = next((each for each in self.listings if each.lines == said), None)
        if same is None:
            return Numbering(_kept(sorted([*self.listings, Listing(version, version, said)])), self.over)
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
        """Return the numbers that lines have now which a word of a version named. Those that went away have none."""
        if self.plain:
            return tuple(line_ids)
        found = ((each, self._followed.owners.get(each)) for each in line_ids)
        numbers = [each if owners is None else self._number(owners, version) for each, owners in found]
        return tuple(each for each in numbers if each is not None)

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

    def _number(self, owners: Sequence[tuple[Version, int]], version: Version) -> str | None:
        return self._followed.numbers.get(_meant(owners, version))

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


def listed(lines: Mapping[str, Mapping[str, Any]]) -> tuple[Line, ...]:
    """Return the lines of a word, by number, as a list has them."""
    return tuple((line_id, line["sku"], line["quantity"]) for line_id, line in lines.items() if line["quantity"] > 0)


def _kept(listings: Sequence[Listing]) -> tuple[Listing, ...]:
    if len(listings) <= MOST_LISTINGS:
        return tuple(listings)
    newest = sorted(listings[1:], key=lambda each: each.last)[1 - MOST_LISTINGS :]
    return (listings[0], *sorted(newest))


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


def names_of(order: "Order", shipment_id: str | None, *line_ids: str) -> Sequence[str | None]:
    """Return a shipment's id, and those of the shipments from which some lines went over to it, by the ERP's plan.

    Such a shipment was there before, and the line is not in it any more. What was said of it is true of the line, but
    that it was cancelled: who plans a line anew means it to come.
    """
    first = order.first
    if shipment_id is None or shipment_id not in first:
        return (shipment_id,)
    began = first[shipment_id].version
    if began == order.planned_first:
        return (shipment_id,)
    older = [(name, said) for name, said in first.items() if said.version < began]
    now = order.places
    held = ((name, order.now_of(said.fields["line_ids"], said.version)) for name, said in older)
    left = (name for name, those in held if any(each in those and name not in now.get(each, ()) for each in line_ids))
    return (shipment_id, *left)


def since_first(word: "Said", *words: "Said | None") -> "Said":
    """Return the newest of some words with the earliest instant of which any of them speaks."""
    known = [each.fields for each in words if each is not None]
    first = min(fields.get(FIRST_AT, fields["occurred_at"]) for fields in known)
    return replace(word, fields={**word.fields, FIRST_AT: first})


def places(
    shipments: Mapping[str, "Said"], now_of: Callable[[Iterable[str], Version], Iterable[str]]
) -> dict[str, list[str]]:
    """Return the shipments of each line: those of the newest ``order.placed`` that names any, else those of others.

    ``now_of`` returns the numbers that lines have now of which a word spoke.
    """
    listed: dict[str, list[str]] = {}
    unlisted: dict[str, list[str]] = {}
    newest_of_all = max((said.version for said in shipments.values()), default=None)
    for shipment_id, said in shipments.items():
        among = listed if said.version == newest_of_all else unlisted
        for line_id in now_of(said.fields["line_ids"], said.version):
            among.setdefault(line_id, []).append(shipment_id)
    return {**unlisted, **listed}
