"""Which line of an order is which, where the ERP gives its lines other numbers.

ERPs number the lines of an order anew when somebody edits it: line ``1`` becomes ``10``, or each moves up by one as the
first goes away. Between two words about the whole order a line is the same if number and SKU are. Of the others one
that went and one that came are the same line if they have one SKU: those of as many units first, then in the order's
own order. Where more went than came, those went that had left or were cancelled: ERPs take out what is done. A number
that has another SKU, of which neither is found elsewhere, is a line whose article was replaced.

All of it follows from the lists of lines that the ERP ever said, so words may come in any order, and more than once.
What was said and told of lines stays under the number that they had then; who reads it asks here.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from standby.delivery.day_model import Article, Version
from standby.delivery.model import CANCELLED, LEFT, SHIPMENT
from standby.delivery.origin_model import Line, Listing, alone
from standby.delivery.plan_model import plans, then_of

if TYPE_CHECKING:
    from standby.delivery.choice_model import Choice
    from standby.delivery.model import About, Order, Said

OVER = frozenset({*LEFT, CANCELLED})
"""What is said of lines that some ERPs take out then."""
MOST_EARLIER = 4
"""Words that are kept of a kind and a number, beside the newest: the newest of them."""


class Name(NamedTuple):
    """A number by which a line is known, in words from a version on, and before another."""

    line_id: str
    since: Version | None = None
    until: Version | None = None

    def had(self, version: Version) -> bool:
        """Tell whether a word of a version that says this number means this line."""
        return (self.since is None or self.since <= version) and (self.until is None or version < self.until)


class Followed(NamedTuple):
    """What follows from several lists of lines. Each line has a mark, which is the same under all its numbers."""

    owners: Mapping[str, Sequence[tuple[Version, int]]]
    """By number: from which version on it meant which line. It means the first of them before, too."""
    numbers: Mapping[int, str]
    """The number that each line has now, of those that the order has still."""
    names: Mapping[str, Sequence[Name]]
    """By the number of now; the one of now is the first."""
    articles: Mapping[str, Sequence[Article]]
    """Every number and SKU that each line had, by the number of now."""
    began: Mapping[str, Version]
    """Since when the order has each of its lines, by the number of now."""


def followed(listings: Sequence[Listing], over: Iterable[tuple[str, Version]] = ()) -> Followed:
    """Follow the lines through all lists, from the first word on. ``over``: as `over` finds it."""
    ends = sorted(over, key=lambda each: each[1])
    owners: dict[str, list[tuple[Version, int]]] = {}
    skus: list[dict[Article, None]] = []
    began: list[Version] = []
    held: dict[str, int] = {}
    before: tuple[Line, ...] = ()
    for version, lines in said_in_turn(listings):
        was = renamed(before, lines, {line_id for line_id, ended in ends if ended <= version})
        marks = {line_id: held[was[line_id]] for line_id, *_ in lines if line_id in was}
        taken = {*marks.values()}
        for line_id, sku, _ in lines:
            if line_id not in marks:
                marks[line_id] = _back_again(owners.get(line_id, ()), (line_id, sku), skus, taken)
                taken.add(marks[line_id])
            if marks[line_id] == len(skus):
                skus.append({})
                began.append(version)
            mark = marks[line_id]
            skus[mark][line_id, sku] = None
            known = owners.setdefault(line_id, [])
            if not known or known[-1][1] != mark:
                known.append((version, mark))
        held, before = marks, lines
    return Followed(
        owners=owners,
        numbers={mark: line_id for line_id, mark in held.items()},
        names={line_id: _names(owners, line_id, mark, skus[mark]) for line_id, mark in held.items()},
        articles={line_id: tuple(skus[mark]) for line_id, mark in held.items()},
        began={line_id: began[mark] for line_id, mark in held.items()},
    )


def of_line(order: "Order", about: "About") -> "tuple[About, Said] | None":
    """Return the newest word of a kind about a line, by whatever number it had then; ``about`` has the one of now."""
    assert order.numbering is not None  # noqa: S101 - its lines were listed more than once
    found = [
        (called, said)
        for name in order.numbering.names(about.id)
        if (called := about._replace(id=name.line_id)) in order.words
        for said in (order.words[called], *order.earlier.get(called, ()))
        if name.had(said.version)
    ]
    return max(found, key=lambda word: word[1].version, default=None)


def passed(order: "Order", abouts: Iterable["About"], word: "Said") -> "Mapping[About, Sequence[Said]]":
    """Return the words that others of the same kind and number follow, after one more: of each the newest ones.

    They count where the number meant another line then.
    """
    found = dict(order.earlier)
    for about in abouts:
        by_version = {each.version: alone(each) for each in (*found.get(about, ()), order.words[about], word)}
        older = [by_version[version] for version in sorted(by_version)[:-1]]
        if older:
            found[about] = tuple(older[-MOST_EARLIER:])
    return found


def chosen(order: "Order") -> "Sequence[Choice]":
    """Return what a customer said, by the numbers that the lines have now."""
    found = []
    for choice in order.choices:
        now = [order.now_at((line_id,), choice.at) for line_id in choice.line_ids]
        units = [each for numbers, each in zip(now, choice.units, strict=False) if numbers]
        line_ids, left = tuple(each for numbers in now for each in numbers), tuple(order.now_at(choice.left, choice.at))
        found.append(choice._replace(line_ids=line_ids, units=tuple(units), left=left))
    return found


def over(order: "Order") -> tuple[tuple[str, Version], ...]:
    """Return which lines left or were cancelled, by the number of then, and by which word."""
    found, known = set[tuple[str, Version]](), plans(order)
    for about, newest in order.words.items():
        if about.kind in OVER and about.id:
            for said in (newest, *order.earlier.get(about, ())):
                held = then_of(known, about.id, said.version) if about.scope == SHIPMENT else None
                found |= {(line_id, said.version) for line_id in ([about.id] if held is None else held[1])}
    return tuple(sorted(found))


def renamed(before: Sequence[Line], after: Sequence[Line], over: Collection[str] = ()) -> dict[str, str]:
    """Return which line of a list is which of the list before: its number then, by its number now.

    ``over`` are those of the list before that had left or were cancelled.
    """
    was, now = {line_id: sku for line_id, sku, _ in before}, {line_id: sku for line_id, sku, _ in after}
    found = {line_id: line_id for line_id, sku in now.items() if was.get(line_id) == sku}
    gone = [each for each in before if each[0] not in found]
    came = [each for each in after if each[0] not in found]
    if not gone or not came:
        return found
    for alike in (_units_and_sku, _sku):
        wanted = Counter(alike(each) for each in came if each[0] not in found)
        left: dict[Any, list[Line]] = {}
        for each in sorted(gone, key=lambda line: line[0] in over):
            if len(left.setdefault(alike(each), [])) < wanted[alike(each)]:
                left[alike(each)].append(each)
        left = {key: sorted(lines, key=gone.index) for key, lines in left.items()}
        for each in came:
            if each[0] not in found and left.get(alike(each)):
                found[each[0]] = left[alike(each)].pop(0)[0]
        matched = {*found.values()}
        gone = [each for each in gone if each[0] not in matched]
    replaced = {line_id for line_id, *_ in gone}
    return found | {line_id: line_id for line_id, *_ in came if line_id not in found and line_id in replaced}


def _units_and_sku(line: Line) -> tuple[str, int]:
    return line[1:]


def _sku(line: Line) -> str:
    return line[1]


def said_in_turn(listings: Sequence[Listing]) -> Iterator[tuple[Version, tuple[Line, ...]]]:
    """Yield each list with the first word that said it, and with the last, in the order of the words."""
    words = {(each.first, each.lines) for each in listings} | {(each.last, each.lines) for each in listings}
    yield from sorted(words)


def _back_again(
    owners: Sequence[tuple[Version, int]], article: Article, skus: Sequence[Mapping[Article, None]], taken: set[int]
) -> int:
    """Return the mark of a line that went away and comes again under its own number, else the next."""
    known = [mark for _, mark in owners if article in skus[mark] and mark not in taken]
    return known[-1] if known else len(skus)


def _names(
    owners: Mapping[str, Sequence[tuple[Version, int]]], line_id: str, mark: int, articles: Iterable[Article]
) -> Sequence[Name]:
    found = []
    for number in dict.fromkeys([line_id, *(each for each, _ in articles)]):
        spans = owners[number]
        ends = [since for since, _ in spans[1:]]
        for place, (since, meant) in enumerate(spans):
            if meant == mark:
                found.append(Name(number, since if place else None, ends[place] if place < len(ends) else None))
    return tuple(found)
