"""Check what comes in from outside beyond its schema, and turn it into the model's types."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from standby.platform.clock import from_text, to_text
from standby.platform.contact import address, language
from standby.platform.http import malformed
from standby.platform.point import PointError, coarse, point
from standby.platform.schema import UnfitError, reader
from standby.waitlist.model import LONGEST_WAIT_DAYS
from standby.waitlist.own_entries import Change
from standby.waitlist.service import Calendar, Wish

FUTURE_ALLOWED = timedelta(minutes=5)
OLDEST_CONSENT = timedelta(days=LONGEST_WAIT_DAYS)
"""Nobody waits longer for anything, so an older consent is over. Whoever leaves is remembered for longer than this."""
WISH_BYTES = 2_000
"""Of a wish's SKUs, in UTF-8: ten of the longest in letters of two bytes. An address has at most 80 wishes in its item
of 400 KB, and remembers SKUs beside them."""


def wanted(skus: Sequence[str]) -> tuple[str, ...]:
    """Return the SKUs of a wish. All that an address may wish for must fit one item. Raises `Problem` 400."""
    length = sum(len(sku.encode()) for sku in skus)
    if length > WISH_BYTES:
        raise malformed(f"skus: {length:,} bytes of UTF-8 are more than {WISH_BYTES:,}")
    return tuple(skus)


def wish(body: Mapping[str, Any], *, calendar: Calendar, now: datetime, default_locale: str) -> Wish:
    """Read a sign-up that its schema accepted. Raises `Problem` 400."""
    consent = body["consent"]
    return Wish(
        email=address(body["email"]),
        skus=wanted(body["skus"]),
        quantity=body.get("quantity", 1),
        locale=language(body.get("locale")) or default_locale,
        wording=consent["wording"],
        marketing=consent.get("marketing", False),
        digest=body.get("digest", False),
        until=last_day(body.get("until"), calendar, now),
        time_zone=body.get("time_zone"),
        near=near(body.get("near")),
    )


def near(said: str | None) -> str | None:
    """Return about where a customer is, which is all that is kept of it. Raises `Problem` 400."""
    try:
        return None if said is None else coarse(point(said))
    except PointError as error:
        raise malformed(f"near: {error}") from error


def change(body: Mapping[str, Any], *, calendar: Calendar, now: datetime) -> Change:
    """Read a change that its schema accepted. Raises `Problem` 400."""
    skus = body.get("skus")
    return Change(
        skus=None if skus is None else wanted(skus),
        quantity=body.get("quantity"),
        until=last_day(body.get("until"), calendar, now),
    )


def form_change(form: Mapping[str, Sequence[str]], *, calendar: Calendar, now: datetime) -> Change:
    """Read the change that the page's form sends: texts, where an empty one changes nothing. Raises `Problem` 400."""
    fields = {name: values[0].strip() for name, values in form.items()}
    body = {name: fields[name] for name in ("quantity", "until") if fields.get(name)}
    try:
        read = reader("standby.waitlist", "waitlist.change")(body) if body else body
    except UnfitError as error:
        raise malformed(*error.wrong) from error
    return change(read, calendar=calendar, now=now)


def last_day(text: str | None, calendar: Calendar, now: datetime) -> str | None:
    """Check a last day of waiting: from today to two years ahead, in the shop's calendar. Raises `Problem` 400."""
    if text is None:
        return None
    today = calendar.today(now)
    try:
        day = today.fromisoformat(text)
    except ValueError as error:
        raise malformed(f"until: {text} is not a date") from error
    if not today <= day <= today + timedelta(days=LONGEST_WAIT_DAYS):
        raise malformed(f"until: must lie between today and {LONGEST_WAIT_DAYS} days ahead")
    return day.isoformat()


def consented_at(text: str, now: datetime) -> str:
    """Return when a consent was given, in the form that is compared as text.

    It fixes the place in line and is compared with the memory of leaving, so it must be possible: at most
    `OLDEST_CONSENT` ago. Up to 5 minutes ahead becomes now. Raises `Problem` 400.
    """
    try:
        moment = from_text(text)
    except ValueError as error:
        raise malformed(f"consent.at: {error}") from error
    if moment > now + FUTURE_ALLOWED:
        raise malformed("consent.at: lies in the future")
    if moment < now - OLDEST_CONSENT:
        raise malformed(f"consent.at: lies more than {OLDEST_CONSENT.days} days back")
    return to_text(min(moment, now))
