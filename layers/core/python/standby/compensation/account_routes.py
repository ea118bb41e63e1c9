"""What accounts read (design §5.2): what was granted in a month, and what became of vouchers in it, as CSV."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from aws_lambda_powertools.event_handler import Response

from standby.compensation.agent_routes import PLACE
from standby.platform.clock import Clock, day_begins, day_ends, to_text
from standby.platform.http import Download, Resolver, malformed, query_value

if TYPE_CHECKING:
    from standby.compensation.movement_model import Movement
    from standby.compensation.voucher_model import Booked

OPS, CSV = "ops", "text/csv"
MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])"
BOOKED, MOVED = re.compile(f"[0-7]:{PLACE}"), re.compile(f"([0-9]|1[0-5]):{PLACE}#[0-9]{{1,9}}")
"""Places in the two lists."""
PAGED = {"month": "of the shop's calendar, such as 2026-05", "after": "as `Link` has it"}
ANSWERS = {200: "a page of the file, the first one with names; `Link` leads to the next (rel=next)", 400: "malformed"}


class Book(Protocol):
    """Where it is kept what was granted."""

    def booked(self, month: str, after: str | None) -> "tuple[list[Booked], str | None]":
        """Return a page of what was granted in a month, and where the next page starts."""
        ...


class Vouchers(Protocol):
    """Where it is kept what became of vouchers."""

    def movements(self, start: datetime, end: datetime, after: str | None) -> "tuple[list[Movement], str | None]":
        """Return a page of what vouchers moved from one instant until another, and where the next page starts."""
        ...


class Desk(Protocol):
    """What is behind the routes."""

    @property
    def book(self) -> Book:
        """Return where it is kept what was granted."""
        ...

    @property
    def vouchers(self) -> Vouchers:
        """Return where it is kept what became of vouchers."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock."""
        ...

    @property
    def shop_time_zone(self) -> str:
        """Return the shop's time zone, by its IANA name."""
        ...


def add_account_routes(app: Resolver, desk: Callable[[], Desk]) -> None:
    """Add what accounts read."""

    @app.operation(
        "GET /v1/reports/remedies",
        "Export what was granted in a month, with what became of it, as CSV: up to 200 lines, no customers",
        ANSWERS,
        parameters=PAGED,
        media=(CSV,),
        scope=OPS,
    )
    def export_remedies(month: str) -> Download:
        from standby.compensation.exporting import lines  # noqa: PLC0415 - once a month

        after = _place(app, month, BOOKED)
        found, following = desk().book.booked(month, after)
        return _file("remedies", month, lines(found, now=to_text(desk().clock.now()), names=after is None), following)

    @app.operation(
        "GET /v1/reports/vouchers",
        "Export what became of vouchers in a month, as CSV: up to 200 lines, no customers. All `owed` until a "
        "month's end are what is owed by then",
        ANSWERS,
        parameters=PAGED,
        media=(CSV,),
        scope=OPS,
    )
    def export_vouchers(month: str) -> Download:
        from standby.compensation.exporting import movement_lines  # noqa: PLC0415 - once a month

        after = _place(app, month, MOVED)
        found, following = desk().vouchers.movements(*bounds(month, desk().shop_time_zone), after)
        return _file("vouchers", month, movement_lines(found, month=month, names=after is None), following)


def _place(app: Resolver, month: str, places: "re.Pattern[str]") -> str | None:
    """Return where a page starts. Raises `Problem` where that, or the month, is none."""
    if not re.fullmatch(MONTH, month) or month.startswith("0000"):
        raise malformed("month: none, such as 2026-05")
    after = query_value(app, "after")
    if after is not None and not places.fullmatch(after):
        raise malformed("after: not a cursor of this list")
    return after


def bounds(month: str, zone: str) -> tuple[datetime, datetime]:
    """Return when a month of a calendar begins, and when it is over."""
    from calendar import monthrange  # noqa: PLC0415 - once a month
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - as above

    first = date.fromisoformat(f"{month}-01")
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return day_begins(first, ZoneInfo(zone)), day_ends(last, ZoneInfo(zone))


def _file(name: str, month: str, lines: str, following: str | None) -> Download:
    headers: dict[str, str | list[str]] = {"Content-Disposition": f'attachment; filename="{name}-{month}.csv"'}
    if following is not None:
        headers["Link"] = f'</v1/reports/{name}?month={month}&after={quote(following, safe="")}>; rel="next"'
    return Response(status_code=200, content_type=f"{CSV}; charset=utf-8", body=lines.encode(), headers=headers)
