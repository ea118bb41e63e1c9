"""Which line of an order is which, where the ERP gives its lines other numbers.

ERPs number the lines of an order anew when somebody edits it: line ``1`` becomes ``10``, or each moves up by one as the
first goes away. Between two words about the whole order a line is the same if number and SKU are. Of the others one
that went and one that came are the same line if they have one SKU: those of as many units first, then in the order's
own order. Where more went than came, those went that had left or were cancelled: ERPs take out what is done. A number
that has another SKU, of which neither is found elsewhere, is a line whose article was replaced. A line that came is a
part of one that lost as many units of its SKU by the same word: what was said of that before is true of both.

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
PLACE = "\x1f"
"""No number has it in it."""
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
    """Since when the order has each of its lines, by the number of now; a part since when it has the whole."""
    parts: Mapping[int, Sequence[tuple[Version, int]]]
    """Which lines were parted from which, and by which word."""


class Whole(NamedTuple):
    """The line from which another was parted."""

    mark: int
    version: Version
    """The word that parted them."""
    articles: tuple[Article, ...]
    """By which it was known till then."""


def followed(listings: Sequence[Listing], over: Iterable[tuple[str, Version]] = ()) -> Followed:
    """Follow the lines through all lists, from the first word on. ``over``: as `over` finds it."""
    ends = sorted(over, key=lambda each: each[1])
    owners: dict[str, list[tuple[Version, int]]] = {}
    skus: list[dict[Article, None]] = []
    began: list[Version] = []
    held: dict[str, int] = {}
    wholes: dict[int, Whole] = {}
    before: tuple[Line, ...] = ()
    for version, lines in said_in_turn(listings):
        was = renamed(before, lines, {line_id for line_id, ended in ends if ended <= version})
        marks = {line_id: held[was[line_id]] for line_id, *_ in lines if line_id in was}
        taken = {*marks.values()}
        wins = parted(before, lines, was)
        for line_id, sku, _ in lines:
            if line_id not in marks:
                marks[line_id] = _back_again(owners.get(line_id, ()), (line_id, sku), skus, taken)
                taken.add(marks[line_id])
            mark = marks[line_id]
            if mark == len(skus):
                skus.append({})
                began.append(version)
                if line_id in wins:
                    whole = held[wins[line_id]]
                    wholes[mark] = Whole(whole, version, _known_by(whole, skus, wholes))
                    began[mark] = began[whole]
            skus[mark][line_id, sku] = None
            known = owners.setdefault(line_id, [])
            if not known or known[-1][1] != mark:
                known.append((version, mark))
        held, before = marks, lines
    return Followed(
        owners=owners,
        numbers={mark: line_id for line_id, mark in held.items()},
        names={line_id: _names_of(owners, line_id, mark, skus, wholes) for line_id, mark in held.items()},
        articles={line_id: _known_by(mark, skus, wholes) for line_id, mark in held.items()},
        began={line_id: began[mark] for line_id, mark in held.items()},
        parts={
            mark: [(whole.version, part) for part, whole in wholes.items() if whole.mark == mark]
            for mark in {whole.mark for whole in wholes.values()}
        },
    )


def marks(found: Followed) -> dict[str, str]:
    """Return what names each line for good, by the number that it has now, where that is not this number.

    It is the number that the line had first; of a line that was not the first to have that, with which one it was.
    """
    first: dict[int, tuple[Version, str]] = {}
    for line_id, known in found.owners.items():
        for place, (version, mark) in enumerate(known):
            named = (version, f"{line_id}{PLACE}{place}" if place else line_id)
            first[mark] = min(first.get(mark, named), named)
    return {line_id: first[mark][1] for mark, line_id in found.numbers.items() if first[mark][1] != line_id}


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
        lines = [(number, unit) for place in range(len(choice.line_ids)) for number, unit in _now(order, choice, place)]
        found.append(
            choice._replace(
                line_ids=tuple(number for number, _ in lines),
                units=tuple(unit for _, unit in lines if unit is not None),
                left=tuple(order.now_at(choice.left, choice.at)),
            )
        )
    return found


def _now(order: "Order", choice: "Choice", place: int) -> "Iterator[tuple[str, tuple[str, int] | None]]":
    """Yield the lines that one of a choice is now, with as many units of each as are of what was chosen."""
    numbers = order.now_at((choice.line_ids[place],), choice.at)
    if not choice.units:
        yield from ((number, None) for number in numbers)
        return
    sku, rest = choice.units[place]
    for number in numbers:
        units = rest if number == numbers[-1] else min(rest, order.lines.get(number, {}).get("quantity", 0))
        yield number, (sku, units)
        rest -= units


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


def parted(before: Sequence[Line], after: Sequence[Line], was: Mapping[str, str]) -> dict[str, str]:
    """Return of lines that came from which line of the list before they were parted: its number then, by theirs now.

    ``was`` are the others, as `renamed` finds them.
    """
    now = {(was[line_id], sku): units for line_id, sku, units in after if line_id in was}
    lost = {(line_id, sku): units - now.get((line_id, sku), units) for line_id, sku, units in before}
    found = {}
    for line_id, sku, units in after:
        if line_id not in was:
            whole = next((each for each, left in lost.items() if each[1] == sku and left >= units), None)
            if whole is not None:
                found[line_id] = whole[0]
                lost[whole] -= units
    return found


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


def _known_by(mark: int, skus: Sequence[Mapping[Article, None]], wholes: Mapping[int, Whole]) -> tuple[Article, ...]:
    """Return every number and SKU of a line, and those of the line from which it was parted, till then."""
    return (*skus[mark], *(wholes[mark].articles if mark in wholes else ()))


def _names_of(
    owners: Mapping[str, Sequence[tuple[Version, int]]],
    line_id: str,
    mark: int,
    skus: Sequence[Mapping[Article, None]],
    wholes: Mapping[int, Whole],
) -> Sequence[Name]:
    """Return every number of a line, and those of the lines from which it was parted, till then."""
    found = [*_names(owners, [line_id, *(each for each, _ in skus[mark])], mark)]
    until: Version | None = None
    while mark in wholes:
        whole = wholes[mark]
        until = whole.version if until is None else min(until, whole.version)
        names = _names(owners, [each for each, _ in whole.articles], whole.mark)
        found += [
            name._replace(until=until if name.until is None else min(until, name.until))
            for name in names
            if name.since is None or name.since < until
        ]
        mark = whole.mark
    return tuple(found)


def _names(owners: Mapping[str, Sequence[tuple[Version, int]]], numbers: Iterable[str], mark: int) -> Iterator[Name]:
    for number in dict.fromkeys(numbers):
        spans = owners[number]
        ends = [since for since, _ in spans[1:]]
        for place, (since, meant) in enumerate(spans):
            if meant == mark:
                yield Name(number, since if place else None, ends[place] if place < len(ends) else None)
