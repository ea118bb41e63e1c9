"""The chain of waves of one SKU, and the choice of a page's members (design §6); standard library only."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from standby.platform.address import mailbox
from standby.platform.counted import counted
from standby.platform.frozen import frozen
from standby.waitlist.model import Listing, Place

PAGING = "paging"
RESTING = "resting"
IDLE = "idle"
ENDED = "ended"
STATES = frozenset({PAGING, RESTING, IDLE, ENDED})
WATCH = timedelta(minutes=5)
"""The sweeper makes a wave go on that has not moved for this long."""
LONGEST_DELAY = timedelta(minutes=15)
EARLY = timedelta(seconds=5)
"""How much before its time the message about the next wave may come: clocks differ."""
BELIEVED = timedelta(days=1)
"""How long no wave goes down a line in which the last one found nobody to tell."""
BACKSTOP = timedelta(minutes=1)
"""How much later than the delayed message the sweeper starts the next wave."""
TURN = timedelta(minutes=15)
"""So long it may take until units are held for a page: the pages behind it come after it."""
PUT_OFF = "WavePutOff"
"""What the explanation calls a wave that would tell nobody."""
RECIPIENTS = 50
CHUNK_ITEMS = 40
TIED_ITEMS = 50
"""Jobs and any-of marks of one page: together with four other items they fit one transaction of 100."""


@frozen(kw_only=True)
class Chain:
    """The one chain of waves of a SKU.

    ``revision`` names the restock. A wave pages through the line: ``page`` is the next page's number, ``cursor`` the
    last key seen, ``prior`` the cursor before that. Then the chain rests until ``next_wave_at``, or is idle when nobody
    waits.
    """

    sku: str
    revision: int
    wave: int = 0
    state: str = IDLE
    page: int = 0
    cursor: str = ""
    prior: str = ""
    units_left: int | None = 0
    """How many units the wave may still promise; ``None`` without a bound."""
    spare: int = 0
    """Units beyond the bound that are there too: whoever is next may exceed the bound by so many."""
    counted: int = 0
    """The SKU's revision when its units were last counted: what was freed by then is in a wave's bound already."""
    there_at: int = 0
    """The newest revision of the SKU at which units were there, or came back. That it sold out before is history."""
    counted_wave: int = 0
    """The wave for which they were counted. Whoever of it or of a later one is not mailed gives units back."""
    extra: bool = False
    """The wave is about units that came back only. Its end does not put off the next one."""
    interval_seconds: int = 0
    started_at: str = ""
    next_wave_at: str | None = None
    due_at: str | None = None
    returned: int = 0
    """Units that came back and are promised to nobody yet: customers could not be mailed, or holds ended."""
    seen: bool = False
    """The wave met somebody."""
    moving: bool = False
    """The wave told somebody, left somebody for reasons that may end by themselves, or did not come to the end."""
    least: int | None = None
    """The fewest units that anybody wants whom the wave left out because there were not enough."""
    offer_hours: int = 0
    """So long units are held for each customer of the wave; 0: nothing is held, and whoever orders first gets it."""
    offered: str = ""
    """The reference of the last customer for whom units were to be held, by this chain or the one before."""
    offered_at: str = ""
    changed: bool = False
    """Somebody got in line, or changed what is wanted, since the wave began."""
    version: int = 0

    @property
    def wave_id(self) -> str:
        """The wave's name in jobs and events."""
        return f"{self.sku}@{self.revision}#{self.wave}"

    @property
    def live(self) -> bool:
        """Tell whether the restock is still being told about."""
        return self.state != ENDED

    def helps_nobody(self, units: int, now: datetime, *, all_told: bool = False) -> bool:
        """Tell whether a wave with so many units would tell nobody, as far as the one before has found out.

        It is believed for a day. ``all_told``: everybody whom the wave before could tell is told, because the shop sets
        no bound.
        """
        if self.state != RESTING or text(now - BELIEVED) >= self.started_at:
            return False
        return (all_told or not (self.moving or self.changed)) and (self.least is None or self.least > units)

    def next_wave(
        self, now: datetime, now_text: str, *, units: int | None, spare: int, counted: int, interval_seconds: int
    ) -> "Chain":
        """Start the next wave from the head of the line, with the units that were counted at a revision of the SKU."""
        return replace(
            self._begun(now, now_text, units, interval_seconds),
            spare=spare,
            counted=counted,
            counted_wave=self.wave + 1,
            extra=False,
            next_wave_at=None,
        )

    def found(self, revision: int, *, returned: int = 0) -> "Chain":
        """Return the chain once units are there at a revision of the SKU, some of which came back."""
        return replace(self, there_at=max(self.there_at, revision), returned=self.returned + returned)

    def extra_wave(
        self, now: datetime, now_text: str, *, units: int | None, spare: int, interval_seconds: int
    ) -> "Chain":
        """Start a wave from the head of the line that is about units that came back only."""
        return replace(self._begun(now, now_text, units, interval_seconds), spare=spare, extra=True)

    def _begun(self, now: datetime, now_text: str, units: int | None, interval_seconds: int) -> "Chain":
        return replace(
            self,
            wave=self.wave + 1,
            state=PAGING,
            page=0,
            cursor="",
            prior="",
            units_left=units,
            spare=0,
            interval_seconds=interval_seconds,
            started_at=now_text,
            due_at=text(now + WATCH),
            returned=0,
            seen=False,
            moving=False,
            least=None,
            changed=False,
        )

    @property
    def bound(self) -> int | None:
        """How many units the next page may promise. What came back waits where somebody was left out for want of it."""
        if self.units_left is None or self.least is not None:
            return self.units_left
        return self.units_left + self.returned

    def turned(self, now: datetime, choice: "Choice") -> "Chain":
        """Return the chain after a page: it goes on behind the choice's end, or rests after the last page."""
        wanted = [least for least in (self.least, choice.least) if least is not None]
        moved = replace(
            self,
            page=self.page + 1,
            prior=self.cursor,
            cursor=choice.end,
            units_left=choice.units_left,
            returned=0 if self.least is None else self.returned,
            seen=True,
            moving=self.moving or choice.moving,
            least=min(wanted, default=None),
            due_at=text(now + WATCH),
        )
        return moved.finished(now) if choice.finished else moved

    def finished(self, now: datetime) -> "Chain":
        """Return the chain after its wave: it rests until the next wave, or is idle when nobody waits.

        Units that came back meanwhile make another wave due at once, with those that nobody took.
        """
        if not self.seen:
            return replace(self, state=IDLE, next_wave_at=None, due_at=None, returned=0)
        rested = self.rested(now)
        left = max(0, self.units_left or 0)
        if self.returned > 0:
            return replace(rested, returned=self.returned + left, due_at=text(now))
        return replace(rested, returned=left if self.extra else 0)

    def planned(self, now: datetime, choice: "Choice") -> "Page":
        """Return the next page, with those who were chosen."""
        return Page(
            sku=self.sku,
            revision=self.revision,
            wave=self.wave,
            number=self.page,
            after=self.cursor,
            end=choice.end,
            at=text(now),
            chunks=chunks(choice.members),
            units=choice.units,
            units_left=choice.units_left,
            skipped=dict(choice.skipped),
            offer_hours=self.offer_hours,
            offered_after=self.offered if text(now - TURN) < self.offered_at else "",
        )

    def rested(self, now: datetime, until: datetime | None = None) -> "Chain":
        """Return the chain at rest until its next wave, and until a moment at least."""
        at = now + timedelta(seconds=self.interval_seconds)
        if self.extra and self.next_wave_at is not None:
            at = max(now, datetime.fromisoformat(self.next_wave_at))
        at = max(at, until or at)
        backstop = BACKSTOP if self.interval_seconds <= LONGEST_DELAY.total_seconds() else timedelta()
        return replace(self, state=RESTING, next_wave_at=text(at), due_at=text(at + backstop))

    def put_off(
        self,
        now: datetime,
        interval_seconds: int,
        *,
        counted: int | None,
        returned: int = 0,
        until: datetime | None = None,
    ) -> "Chain":
        """Return the chain without a wave that would tell nobody: it rests until the next one, or a moment after it.

        ``counted`` is the SKU's revision where the units were counted; ``None`` where it was about units come back.
        """
        off = replace(self, interval_seconds=interval_seconds, returned=returned, extra=counted is None)
        moving = self.moving or self.state != RESTING
        return replace(off, counted=counted or self.counted, moving=moving).rested(now, until)

    def ended(self) -> "Chain":
        """Return the chain as ended, because the SKU is not in stock any more."""
        return replace(self, state=ENDED, next_wave_at=None, due_at=None, units_left=0)


def renewed(chain: Chain | None, sku: str, revision: int) -> Chain:
    """Return a SKU's chain for a newer restock, before its first wave."""
    if chain is None:
        return Chain(sku=sku, revision=revision)
    return Chain(
        sku=sku,
        revision=revision,
        offered=chain.offered,
        offered_at=chain.offered_at,
        version=chain.version,
    )


class InvitedElsewhereError(Exception):
    """Some entries are being told about another of their SKUs; nothing was written."""

    def __init__(self, entry_ids: frozenset[str]) -> None:
        super().__init__(f"being told about another SKU: {counted(len(entry_ids), 'entry', 'entries')}")
        self.entry_ids = entry_ids


class HeardBeforeError(Exception):
    """The event was heard before; nothing was written."""


@frozen(kw_only=True)
class Member:
    """One member of a page as it is kept: enough to name its mail again, and nothing that leads to a person."""

    place: str
    entry_id: str
    quantity: int
    any_of: bool

    @classmethod
    def of(cls, about: Listing) -> "Member":
        """Take what is kept of a listing."""
        return cls(
            place=about.place,
            entry_id=about.entry_id,
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
    offer_hours: int = 0
    offered_after: str = ""
    """The reference of the last customer of an earlier page whose units may not be held yet."""

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
    unread: int = 0
    """How many places could not be read; whoever has one of them is left out."""

    def cut(self, most: int) -> "Stretch":
        """Return its beginning, with so many listings at most."""
        return replace(self, listings=self.listings[:most], exhausted=self.exhausted and len(self.listings) <= most)


@frozen()
class Choice:
    """Who of a stretch is told. ``end`` is the last key looked at."""

    members: Sequence[Listing]
    end: str
    units_left: int | None
    skipped: dict[str, int]
    least: int | None
    """The fewest units that anybody wants who was left out because there were not enough."""
    finished: bool

    @property
    def units(self) -> int:
        """Units that the members want."""
        return sum(member.quantity for member in self.members)

    @property
    def moving(self) -> bool:
        """Tell whether the next wave may find something else though nobody does anything about it."""
        spent = self.units_left is not None and self.units_left <= 0
        return bool(self.members) or spent or not PASSING.isdisjoint(self.skipped)


UNDER_WAY = "under_way"
ELSEWHERE = "invited_for_another_sku"
TOO_MANY = "wants_more_than_is_there"
TOO_MANY_LEFT = "wants_more_than_is_left"
SAME_MAILBOX = "another_spelling_is_offered"
PASSING = frozenset({UNDER_WAY, ELSEWHERE, SAME_MAILBOX})
"""Reasons to leave somebody out that end by themselves."""


def choose(
    stretch: Stretch,
    *,
    revision: int,
    units_left: int | None,
    there: int,
    now: str,
    spare: int = 0,
    under_way: Collection[str] = (),
    invited_elsewhere: Collection[str] = (),
    start: str = "",
    held: bool = False,
) -> Choice:
    """Go down the line and choose everybody for whom there is enough. A customer who is skipped keeps the place.

    Nobody is chosen who wants more units than are ``there``. The last one chosen may exceed ``units_left``, by
    ``spare`` units at most. A page in the middle of a line ends behind the last full job, so that no SES call is spent
    on a few recipients. ``under_way`` holds the ids of entries with a mail of an earlier wave whose outcome is not
    known yet. ``invited_elsewhere`` holds the ids of entries that are being told about another of their SKUs. Where
    units are ``held``, they are for one of several addresses of a mailbox (``ann+shop@``), as limits count it.
    """
    members: list[Listing] = []
    skipped: dict[str, int] = {}
    wanted: list[int] = []
    by_locale: dict[str, int] = {}
    once = _Once(held=held)
    tied = 0
    end = start

    def chosen(*, finished: bool) -> Choice:
        least = min(wanted, default=None)
        kept = tuple(members), end, units_left, dict(skipped), least
        return Choice(*kept, finished=finished)

    full: Choice | None = None  # up to the last job of 50, if that is most of the stretch
    for number, listing in enumerate(stretch.listings):
        if units_left is not None and units_left <= 0:
            return chosen(finished=True)
        most = there if units_left is None else min(there, units_left + spare)
        reason = once.reason(listing, _reason(listing, revision, now, under_way, invited_elsewhere))
        if not reason and listing.quantity > most:
            reason = TOO_MANY if listing.quantity > there else TOO_MANY_LEFT
            wanted.append(listing.quantity)
        once.seen(listing, reason)
        if reason:
            skipped[reason] = skipped.get(reason, 0) + 1
            end = listing.key
            continue
        by_locale[listing.locale] = by_locale.get(listing.locale, 0) + 1
        tied += listing.any_of
        if tied > TIED_ITEMS or sum(-(-count // RECIPIENTS) for count in by_locale.values()) > CHUNK_ITEMS:
            return chosen(finished=False)
        members.append(listing)
        end = listing.key
        if units_left is not None:
            units_left -= listing.quantity
        if by_locale[listing.locale] % RECIPIENTS == 0 and number >= len(stretch.listings) // 2:
            full = chosen(finished=False)
    finished = stretch.exhausted or (units_left is not None and units_left <= 0)
    if full is not None and not finished:
        return full
    return chosen(finished=finished)


class _Once:
    """Lets units be held once for a mailbox, whichever of its addresses comes first."""

    def __init__(self, *, held: bool) -> None:
        self._held = held
        self._served: set[str] = set()

    def reason(self, listing: Listing, reason: str) -> str:
        """Return why a listing is passed over, which so far is for ``reason``."""
        again = self._held and not reason and mailbox(listing.email) in self._served
        return SAME_MAILBOX if again else reason

    def seen(self, listing: Listing, reason: str) -> None:
        """Note the mailbox of somebody who is offered something, or was and the mail is on its way."""
        if self._held and reason in {"", UNDER_WAY}:
            self._served.add(mailbox(listing.email))


def _reason(
    listing: Listing, revision: int, now: str, under_way: Collection[str], invited_elsewhere: Collection[str]
) -> str:
    """Return the reason for which somebody is passed over whatever there is, ``""`` when there is none."""
    if listing.expires_at <= now:
        return "expired"
    if listing.after_revision is not None and listing.after_revision >= revision:
        return "told_before"
    if listing.entry_id in under_way:
        return UNDER_WAY
    return ELSEWHERE if listing.entry_id in invited_elsewhere else ""


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
