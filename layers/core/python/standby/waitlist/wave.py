"""The chain of waves of one SKU, and the choice of a page's members (design §6); standard library only."""

from collections.abc import Collection, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta

from standby.platform.frozen import frozen
from standby.waitlist.model import Listing, Place

PAGING = "paging"
RESTING = "resting"
IDLE = "idle"
ENDED = "ended"
WATCH = timedelta(minutes=5)
"""The sweeper makes a wave go on that has not moved for this long."""
LONGEST_DELAY = timedelta(minutes=15)
BACKSTOP = timedelta(minutes=1)
"""How much later than the delayed message the sweeper starts the next wave."""
RECIPIENTS = 50
CHUNK_ITEMS = 40
TIED_ITEMS = 50
"""Jobs and any-of marks of one page: together with four other items they fit one transaction of 100."""


@frozen(kw_only=True)
class Chain:
    """The one chain of waves of a SKU.

    ``revision`` names the restock. A wave pages through the line: ``page`` is the next page's number, ``cursor`` the
    last key seen, ``prior`` the cursor before that. Then the chain rests until ``next_wave_at``, or is idle when nobody
    waits. ``units_left`` is ``None`` without a bound. ``returned`` counts the units of customers who could not be
    mailed.
    """

    sku: str
    revision: int
    wave: int = 0
    state: str = IDLE
    page: int = 0
    cursor: str = ""
    prior: str = ""
    units_left: int | None = 0
    interval_seconds: int = 0
    started_at: str = ""
    next_wave_at: str | None = None
    due_at: str | None = None
    returned: int = 0
    fed_by: str = ""
    seen: bool = False
    version: int = 0

    @property
    def wave_id(self) -> str:
        """The wave's name in jobs and events."""
        return f"{self.sku}@{self.revision}#{self.wave}"

    @property
    def live(self) -> bool:
        """Tell whether the restock is still being told about."""
        return self.state != ENDED

    def next_wave(self, now: datetime, now_text: str, units: int | None, interval_seconds: int) -> "Chain":
        """Start the next wave from the head of the line."""
        return replace(
            self,
            wave=self.wave + 1,
            state=PAGING,
            page=0,
            cursor="",
            prior="",
            units_left=units,
            interval_seconds=interval_seconds,
            started_at=now_text,
            next_wave_at=None,
            due_at=text(now + WATCH),
            returned=0,
            seen=False,
        )

    def turned(self, now: datetime, end: str, units_left: int | None, *, seen: bool, finished: bool) -> "Chain":
        """Return the chain after a page: it goes on behind ``end``, or rests after the last page."""
        moved = replace(
            self,
            page=self.page + 1,
            prior=self.cursor,
            cursor=end,
            units_left=units_left,
            returned=0,
            seen=self.seen or seen,
            due_at=text(now + WATCH),
        )
        return moved.finished(now) if finished else moved

    def finished(self, now: datetime) -> "Chain":
        """Return the chain after its wave: it rests until the next wave, or is idle when nobody waits."""
        if not self.seen:
            return replace(self, state=IDLE, next_wave_at=None, due_at=None)
        at = now + timedelta(seconds=self.interval_seconds)
        backstop = BACKSTOP if self.interval_seconds <= LONGEST_DELAY.total_seconds() else timedelta()
        return replace(self, state=RESTING, next_wave_at=text(at), due_at=text(at + backstop))

    def ended(self) -> "Chain":
        """Return the chain as ended, because the SKU is not in stock any more."""
        return replace(self, state=ENDED, next_wave_at=None, due_at=None, units_left=0)


class InvitedElsewhereError(Exception):
    """Some entries are being told about another of their SKUs; nothing was written."""

    def __init__(self, entry_ids: frozenset[str]) -> None:
        super().__init__(f"{len(entry_ids)} entries are being told about another SKU")
        self.entry_ids = entry_ids


@frozen(kw_only=True)
class Member:
    """One member of a page as it is kept: enough to name its mail again, and never the e-mail address."""

    place: str
    entry_id: str
    address: str
    quantity: int
    any_of: bool

    @classmethod
    def of(cls, about: Listing) -> "Member":
        """Take what is kept of a listing."""
        return cls(
            place=about.place,
            entry_id=about.entry_id,
            address=about.address,
            quantity=about.quantity,
            any_of=about.any_of,
        )


@frozen(kw_only=True)
class Chunk:
    """The members of one job."""

    number: int
    locale: str
    members: tuple[Member, ...]


@frozen(kw_only=True)
class Page:
    """A page of a wave, kept once before its jobs are sent. ``after`` and ``end`` bound it in the line."""

    sku: str
    revision: int
    wave: int
    number: int
    after: str
    end: str
    at: str
    chunks: tuple[Chunk, ...]
    units: int
    units_left: int | None
    skipped: dict[str, int]

    @property
    def wave_id(self) -> str:
        """The wave's name in jobs and events."""
        return f"{self.sku}@{self.revision}#{self.wave}"

    @property
    def customers(self) -> int:
        """How many are told."""
        return sum(len(chunk.members) for chunk in self.chunks)

    def places(self) -> list[Place]:
        """Name the members' listings."""
        return [Place(self.sku, member.place, member.entry_id) for chunk in self.chunks for member in chunk.members]


@frozen()
class Stretch:
    """A stretch of a line in order. ``exhausted``: there is nobody behind it."""

    listings: Sequence[Listing]
    exhausted: bool


@frozen(kw_only=True)
class Choice:
    """Who of a stretch is told. ``end`` is the last key looked at."""

    members: Sequence[Listing]
    end: str
    units_left: int | None
    skipped: dict[str, int] = field(default_factory=dict)
    finished: bool = False

    @property
    def units(self) -> int:
        """Units that the members want."""
        return sum(member.quantity for member in self.members)


def choose(
    stretch: Stretch,
    *,
    revision: int,
    units_left: int | None,
    now: str,
    under_way: Collection[str] = (),
    invited_elsewhere: Collection[str] = (),
    start: str = "",
) -> Choice:
    """Go down the line and choose everybody for whom there is enough. A customer who is skipped keeps the place.

    A page in the middle of a line ends behind the last full job, so that no SES call is spent on a few recipients.
    ``under_way`` holds the ids of entries with a mail of an earlier wave whose outcome is not known yet.
    ``invited_elsewhere`` holds the ids of entries that are being told about another of their SKUs.
    """
    members: list[Listing] = []
    skipped: dict[str, int] = {}
    by_locale: dict[str, int] = {}
    tied = 0
    end = start
    full: Choice | None = None  # up to the last job of 50, if that is most of the stretch
    for number, listing in enumerate(stretch.listings):
        if units_left is not None and units_left <= 0:
            return Choice(members=members, end=end, units_left=units_left, skipped=skipped, finished=True)
        reason = _reason(listing, revision, units_left, now)
        if not reason and listing.entry_id in under_way:
            reason = "under_way"
        if not reason and listing.entry_id in invited_elsewhere:
            reason = "invited_for_another_sku"
        if reason:
            skipped[reason] = skipped.get(reason, 0) + 1
            end = listing.key
            continue
        by_locale[listing.locale] = by_locale.get(listing.locale, 0) + 1
        tied += listing.any_of
        if tied > TIED_ITEMS or sum(-(-count // RECIPIENTS) for count in by_locale.values()) > CHUNK_ITEMS:
            return Choice(members=members, end=end, units_left=units_left, skipped=skipped)
        members.append(listing)
        end = listing.key
        if units_left is not None:
            units_left -= listing.quantity
        if by_locale[listing.locale] % RECIPIENTS == 0 and number >= len(stretch.listings) // 2:
            full = Choice(members=tuple(members), end=end, units_left=units_left, skipped=dict(skipped))
    finished = stretch.exhausted or (units_left is not None and units_left <= 0)
    if full is not None and not finished:
        return full
    return Choice(members=members, end=end, units_left=units_left, skipped=skipped, finished=finished)


def _reason(listing: Listing, revision: int, units_left: int | None, now: str) -> str:
    """Return the reason in the listing itself for which somebody is passed over, ``""`` when there is none."""
    if listing.expires_at <= now:
        return "expired"
    if listing.after_revision is not None and listing.after_revision >= revision:
        return "told_before"
    if units_left is not None and listing.quantity > units_left:
        return "wants_more_than_is_left"
    return ""


def chunks(members: Sequence[Listing]) -> tuple[Chunk, ...]:
    """Cut a page into jobs of one locale and 50 recipients at most, in line order."""
    by_locale: dict[str, list[Listing]] = {}
    for member in members:
        by_locale.setdefault(member.locale, []).append(member)
    groups = [
        (locale, group[start : start + RECIPIENTS])
        for locale, group in by_locale.items()
        for start in range(0, len(group), RECIPIENTS)
    ]
    return tuple(
        Chunk(number=number, locale=locale, members=tuple(Member.of(member) for member in group))
        for number, (locale, group) in enumerate(groups)
    )


def text(instant: datetime) -> str:
    """Write an instant as the chain's index sorts it."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
