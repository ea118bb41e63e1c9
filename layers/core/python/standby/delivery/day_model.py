"""Which days customers were told of each line of an order, by the shipments in which it was to come.

Of two words the older told the first day, and of two days the earlier one stays: so words may come in any order, and
more than once, and the same is known in the end.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any, NamedTuple

from standby.platform.clock import NO_DAY

Version = tuple[int, int, int, int]
"""As `standby.delivery.model.Version`."""
Article = tuple[str, str]
"""Number and SKU of a line: the ERP may give the number to another one (`standby.delivery.line_model`)."""


class Told(NamedTuple):
    """What one ``order.placed`` told of a line."""

    version: Version
    days: Mapping[str, str]
    """The promised day of each shipment that has it."""


class LineDays(NamedTuple):
    """What was told of a line."""

    first: Told
    """By the oldest word that put it into a shipment."""
    least: Mapping[str, tuple[str, Version]]
    """The earliest day of each shipment that ever had it, and the oldest word that told it."""
    said: Mapping[str, Version]
    """Every day that was told of it, and the oldest word that told it: of more than `MOST_DAYS` the newest."""

    @classmethod
    def of(cls, first: Told, least: Mapping[str, tuple[str, Version]], said: Mapping[str, Version]) -> "LineDays":
        """Return what is known, with the days that follow from the others."""
        days = [*((day, first.version) for day in first.days.values()), *least.values(), *said.items()]
        found: dict[str, Version] = {}
        for day, version in days:
            found[day] = min(version, found.get(day, version))
        return cls(first, least, found)


MOST_DAYS = 50
Days = Mapping[Article, LineDays]
"""By line."""


def days_after(
    known: Days,
    version: Version,
    shipments: Mapping[str, Mapping[str, Any]],
    lines: Mapping[str, Mapping[str, Any]],
) -> Days:
    """Return the days that are known after a word that says these of shipments; the same where that is nothing new.

    ``lines`` are those of the word.
    """
    told: dict[Article, dict[str, str]] = {}
    for shipment_id, said in shipments.items():
        for line_id in said["line_ids"] if said["promised_until"] != NO_DAY else ():
            told.setdefault((line_id, lines[line_id]["sku"]), {})[shipment_id] = said["promised_until"]
    changed = {
        article: merged
        for article, days in told.items()
        if (merged := _merged(known.get(article), Told(version, days))) != known.get(article)
    }
    return {**known, **changed} if changed else known


def day_told(days: LineDays, shipment_id: str) -> Iterator[tuple[str, Version, str]]:
    """Yield the days that a line's shipment must keep: each with the word that told it, and the shipment that it named.

    Where the line was to come in other shipments first, the last of them completed it.
    """
    if shipment_id in days.least:
        yield (*days.least[shipment_id], shipment_id)
    if shipment_id not in days.first.days:
        name = max(days.first.days, key=lambda each: (days.first.days[each], each))
        yield days.first.days[name], days.first.version, name


def _merged(known: LineDays | None, told: Told) -> LineDays:
    least = {shipment_id: (day, told.version) for shipment_id, day in told.days.items()}
    if known is None:
        return LineDays.of(told, least, {})
    return together(known, LineDays.of(told, least, {}))


def told_of_any(days: Days, articles: Iterable[Article]) -> LineDays | None:
    """Return what was told of a line that is known by some numbers and SKUs; ``None``: nothing was."""
    told = [days[each] for each in articles if each in days]
    return reduce(together, told) if told else None


def together(one: LineDays, other: LineDays) -> LineDays:
    """Return what is known of a line from what is known of it by two of its names, or from several words."""
    names = {**one.least, **other.least}
    least = {name: min(filter(None, (one.least.get(name), other.least.get(name)))) for name in names}
    said = {**one.said, **{day: min(version, one.said.get(day, version)) for day, version in other.said.items()}}
    if len(said) > MOST_DAYS:
        said = dict(sorted(said.items(), key=lambda each: each[1])[-MOST_DAYS:])
    return LineDays.of(min(one.first, other.first, key=lambda word: word.version), least, said)


def fresh(days: Iterable[LineDays | None], day: str, version: Version) -> bool:
    """Tell whether a day was told of each of some lines for the first time after a word."""
    return all(known is not None and known.said.get(day, version) > version for known in days)
