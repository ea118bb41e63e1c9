"""What a store offer's mail says of the store: where it is and when it is open on the days of the offer."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from standby.platform.opening_hours import MIDNIGHT, OpeningHours, Span
from standby.shelf.having import WEEK, hours_of, name_of
from standby.shelf.model import Store

MOST_LINES = 6
MOST_ROWS = 14


def address_said(store: Store, since: date, until: date) -> dict[str, Any] | None:
    """Return the address as mails show it (``kinds/shapes.json``); ``None`` where the ERP did not say where it is."""
    lines = list(_lines(store.about.get("address")))[:MOST_LINES]
    if not lines:
        return None
    phone, hours = store.about.get("phone"), hours_of(store)
    said: dict[str, Any] = {"name": name_of(store), "lines": lines}
    if isinstance(phone, str) and _can_be_dialled(phone):
        said["phone"] = phone
    rows = list(_rows(hours, since, until)) if hours else []
    return said | {"hours": rows} if 0 < len(rows) <= MOST_ROWS else said


def _lines(said: object) -> Iterator[str]:
    """Yield the lines of an address, as text or as parts by name in their order."""
    parts = said.values() if isinstance(said, Mapping) else [said]
    for part in parts:
        if isinstance(part, str):
            yield from filter(None, map(str.strip, part.splitlines()))


def _can_be_dialled(phone: str) -> bool:
    return phone[:1] in "+0123456789" and all(each in "+-0123456789 ()./*" for each in phone)


def _rows(hours: OpeningHours, since: date, until: date) -> Iterator[dict[str, Any]]:
    """Yield the hours by the days of the week of an offer; none where a date of a longer one is otherwise."""
    long = until - since >= timedelta(days=WEEK)
    if long and any(since.isoformat() <= day <= until.isoformat() for day in hours.exceptions):
        return
    days = [since + timedelta(days=ahead) for ahead in range(min(WEEK, (until - since).days + 1))]
    by_day = sorted((day.isoweekday(), hours.on(day)) for day in days)
    runs = groupby(enumerate(by_day), key=lambda each: (each[1][0] - each[0], each[1][1]))
    for (_, spans), run in runs:
        numbers = [number for _, (number, _) in run]
        for span in spans:
            yield _row(numbers[0], numbers[-1], span)


def _row(first: int, last: int, span: Span) -> dict[str, Any]:
    opens, closes = span
    return {"from_day": first, "to_day": last, "opens": opens, "closes": "00:00" if closes == MIDNIGHT else closes}
