"""Who waits for what, and the rules by which they are told (design §6)."""

import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from standby.platform import kept
from standby.platform.frozen import frozen
from standby.platform.point import kept_place
from standby.waitlist.attention_model import Attention
from standby.waitlist.digest_model import Listing as DigestListing
from standby.waitlist.digest_model import Subscription

if TYPE_CHECKING:
    from standby.waitlist.repeating import Request

SHARDS = 4
"""Partitions of one SKU's list: 4 take some 2,000 sign-ups a second and need one query each per page."""
COUNT_SHARDS = 8
UNCONFIRMED_DAYS = kept.UNCONFIRMED.days
DEFAULT_WAIT_DAYS = 365
LONGEST_WAIT_DAYS = 730
NOTICE_AFTER = timedelta(hours=25)
"""How long after its last day an entry gets its last notice. A wave's mails are valid for 24 hours, so none is sent
any more by then."""
CLOSED_AFTER = timedelta(days=15)
"""How long after its last notice an entry is closed even if no answer about the notice ever came. Longer than a mail's
job lies in any queue (14 days, the dead letters'), so that nobody's entry ends while the notice may still be sent."""
MAIL_VALID = timedelta(hours=24)
CONFIRMATIONS_APART = timedelta(minutes=1)
CONFIRMATIONS_A_DAY = 5
MOST_UNCONFIRMED = (UNCONFIRMED_DAYS + 1) * CONFIRMATIONS_A_DAY
"""More than an address is sent confirmation mails about while the first of them can still be confirmed."""
MOST_ENTRIES = 20
MOST_GONE = 200
"""SKUs of which an address remembers the last place that it had: more than it can wait for at once."""
LINES_ASKED = 20
"""How many lines are asked when somebody looks at the own entries."""
RATIO_DIGITS = 6
"""0.29 of 100 are 29, though binary fractions make it a little less."""
TRANSACTION_ROOM = 80
"""How many items of a transaction (at most 100) the entries that change may fill."""

UNCONFIRMED = "unconfirmed"
WAITING = "waiting"


@frozen(kw_only=True)
class Consent:
    """What a customer agreed to: the wording's version, when (RFC 3339) and where."""

    wording: str
    at: str
    source: str
    marketing: bool = False


@frozen(kw_only=True)
class Entry:
    """One customer waiting for any of some SKUs.

    ``places`` holds, per SKU, the instant that fixes the place in line (empty while unconfirmed). ``until`` is the last
    day (the shop's calendar), ``expires_at`` the instant after it. ``noticed_at`` is when the last notice was handed to
    Mail; ``notice_at`` is when the next one is due, where the one before came too late to be sent. ``gone_at`` is when
    it was first seen that the customer was told. ``ended_at`` is when it was found that the last of its SKUs does not
    come back; ``lost`` are those that it waited for before and that do not come back either.
    """

    entry_id: str
    skus: tuple[str, ...]
    quantity: int
    locale: str
    consent: Consent
    until: str
    expires_at: str
    created_at: str
    status: str = UNCONFIRMED
    confirmed_at: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    digest: bool = False
    time_zone: str | None = None
    near: str | None = None
    """About where the customer is (`standby.platform.point.coarse`), where the nearest store shall be named."""
    mailed_at: str | None = None
    noticed_at: str | None = None
    notice_at: str | None = None
    gone_at: str | None = None
    email: str | None = None
    """The address as it was spelt where this was asked for, until it is confirmed: then mails go there."""
    ended_at: str | None = None
    lost: tuple[str, ...] = ()

    @property
    def any_of(self) -> bool:
        """Tell whether one of several SKUs is enough."""
        return len(self.skus) > 1

    @property
    def waiting(self) -> bool:
        """Tell whether the customer confirmed. Only the listings tell whether the entry is still in line."""
        return self.status == WAITING

    @property
    def over_at(self) -> str:
        """When no wave tells the customer any more: the last day is over, or nothing that is waited for comes back."""
        return self.expires_at if self.ended_at is None else min(self.ended_at, self.expires_at)

    @property
    def consented_at(self) -> str:
        """When the customer asked for mails for good: the confirmation, or the consent that a shop brought along."""
        return self.confirmed_at or self.consent.at

    def lasting(self, until: str, expires_at: str) -> "Entry":
        """Return the entry with another last day; a last notice about the day before no longer counts."""
        return replace(self, until=until, expires_at=expires_at, noticed_at=None, notice_at=None, ended_at=None)


@frozen(kw_only=True)
class Confirmations:
    """How many confirmation mails a mailbox was sent on a day (UTC), and when the latest one leaves.

    A mailbox has one key, whatever tags its address carries (`standby.platform.address.mailbox`). Version 0 is not
    stored yet.
    """

    mailbox: str
    latest_at: str | None = None
    day: str = ""
    count: int = 0
    version: int = 0


@frozen(kw_only=True)
class Customer:
    """Everything about one address: its entries, and what must be remembered when they are gone.

    ``told`` names, per SKU, the newest restock that the address was told about. ``gone`` holds, per SKU, the key of the
    last place that the address had in line and has no more; which restock told about it is looked up when the address
    wants the SKU again (`Directory.recalled`). A customer of ``version`` 0 is not stored yet.
    """

    address: str
    email: str = ""
    locale: str = ""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)
    """The reference, per SKU, of a mail whose outcome was not known yet when the address wanted the SKU again."""
    former: Mapping[str, Entry] = field(default_factory=dict)
    """Entries whose customer was told, which come back if SES did not send the mail after all (`remembered`)."""
    left_at: str | None = None
    erased_at: str | None = None
    stopped_at: Mapping[str, str] = field(default_factory=dict)
    """When Mail last stopped for the address, per reason (``bounced``, ``complained``)."""
    lifted_at: str | None = None
    """When somebody last let the address be mailed again. What was asked for before a stop stays stopped."""
    digest: Subscription | None = None
    """The weekly list that it gets."""
    attention: Attention | None = None
    """Whether who agreed to advertising still reacts to what they are told; ``None``: nobody agreed."""
    version: int = 0

    def with_entry(self, entry: Entry) -> "Customer":
        """Add or replace an entry."""
        return replace(self, entries={**self.entries, entry.entry_id: entry})

    def without(self, entry_ids: Iterable[str]) -> "Customer":
        """Take entries away."""
        gone = set(entry_ids)
        return replace(self, entries={key: entry for key, entry in self.entries.items() if key not in gone})

    def waiting_for(self, skus: Iterable[str]) -> frozenset[str]:
        """Return the ids of the entries that have places in the lines of these SKUs."""
        wanted = set(skus)
        return frozenset(key for key, entry in self.entries.items() if not wanted.isdisjoint(entry.places))

    def asked_at(self, now: datetime) -> datetime:
        """Return the moment of a request made now: later than a leaving before it, whose clock may have been ahead."""
        stops = (datetime.fromisoformat(stop) for stop in self.stops.values())
        return max([now, *(stop + timedelta(milliseconds=1) for stop in stops)])

    def parted(self, places: Iterable["Place"]) -> "Customer":
        """Remember places that are not in line any more: of each SKU the one that it parted with last.

        A later place may lie further in front, for a shop's consent brings its own moment. The one that it displaces
        was recalled before the SKU was waited for again. Of too many SKUs the oldest places go.
        """
        now = {place.sku: place.key for place in places}
        before = sorted(self.gone.keys() - now.keys(), key=lambda sku: self.gone[sku])
        kept = before[max(0, len(before) + len(now) - MOST_GONE) :]
        return replace(self, gone={sku: self.gone[sku] for sku in kept} | now)

    @property
    def stops(self) -> dict[str, str]:
        """When the address stopped, per reason. Nothing that was consented to until then counts."""
        own = {"left": self.left_at, "erased": self.erased_at}
        return {why: at for why, at in {**own, **self.stopped_at}.items() if at is not None}

    @property
    def suppressed(self) -> str | None:
        """Why Mail sends the address nothing, whatever the consent; ``None`` when it does."""
        lasting = {why: at for why, at in self.stopped_at.items() if at > (self.lifted_at or "")}
        return max(lasting, key=lambda why: lasting[why], default=None)

    def refusal(self, consented_at: str) -> str | None:
        """Tell why the address gets no mail on this consent: it stopped at or after it, or Mail is stopped now."""
        later = {why: at for why, at in self.stops.items() if consented_at <= at}
        return self.suppressed or max(later, key=lambda why: later[why], default=None)


@frozen(kw_only=True)
class Listing:
    """A customer's place in one SKU's line, with all that a mail needs.

    ``after_revision`` is the newest restock of the SKU that the customer was already told about. ``doubt`` is the
    reference of an earlier mail to the customer whose outcome was not known when the place was taken.
    """

    sku: str
    place: str
    entry_id: str
    address: str
    email: str
    quantity: int
    locale: str
    consented_at: str
    expires_at: str
    marketing: bool = False
    any_of: bool = False
    after_revision: int | None = None
    doubt: str | None = None
    time_zone: str | None = None
    near: str | None = None

    @property
    def key(self) -> str:
        """The sort key: the order of the line."""
        return f"{self.place}#{self.entry_id}"


@frozen()
class Place:
    """Names a listing."""

    sku: str
    place: str
    entry_id: str

    @classmethod
    def of_key(cls, sku: str, key: str) -> "Place":
        """Read a place from its SKU and its sort key."""
        place, _, entry_id = key.partition("#")
        return cls(sku, place, entry_id)

    @property
    def key(self) -> str:
        """The sort key: the order of the line."""
        return f"{self.place}#{self.entry_id}"


@frozen()
class Counts:
    """Changes of a SKU's counts."""

    unconfirmed: int = 0
    waiting: int = 0
    units_wanted: int = 0
    invited: int = 0
    told: int = 0
    left: int = 0
    refused: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(self.numbers, other.numbers, strict=True)))

    @property
    def numbers(self) -> tuple[int, ...]:
        """All counts in the order of the fields."""
        return (
            self.unconfirmed,
            self.waiting,
            self.units_wanted,
            self.invited,
            self.told,
            self.left,
            self.refused,
        )


@dataclass
class Changes:
    """What changes around an address in one go: its places in line, the ties of any-of entries, the counts by SKU."""

    listed: list[Listing] = field(default_factory=list)
    amended: list[Listing] = field(default_factory=list)
    unlisted: list[Place] = field(default_factory=list)
    tied: list[Entry] = field(default_factory=list)
    untied: list[str] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)
    asked: Confirmations | None = None
    """What was mailed to the mailbox, as it is to be stored; its version is the one that was read."""
    forgotten: str | None = None
    """A mailbox whose count is deleted."""
    answered: "Request | None" = None
    """The request that is answered by these changes, so that it is known when it comes again."""
    digest: DigestListing | None = None
    """Whether the address is listed anew among those who get the weekly list, or taken out."""

    def count(self, sku: str, change: Counts) -> None:
        """Add to a SKU's counts."""
        self.counts[sku] = self.counts.get(sku, Counts()) + change

    @property
    def in_line(self) -> tuple[str, ...]:
        """The SKUs in whose lines somebody stands now, or wants something else."""
        return tuple(dict.fromkeys(listing.sku for listing in (*self.listed, *self.amended)))

    @property
    def size(self) -> int:
        """How many items are written."""
        parts = (self.listed, self.amended, self.unlisted, self.tied, self.untied)
        extra = (self.asked, self.forgotten, self.answered, self.digest)
        return sum(len(part) for part in parts) + len(self.counts) + sum(each is not None for each in extra)


class ChangedMeanwhileError(Exception):
    """Somebody else changed the same item first. Nothing was written; the caller reads again and retries."""


COUNTED = ("unconfirmed", "waiting", "units_wanted", "invited", "told", "left", "refused")


def shard_of(entry_id: str, shards: int = SHARDS) -> int:
    """Return the shard that an id belongs to. It never changes, because stored keys contain it."""
    return zlib.crc32(entry_id.encode()) % shards


def listing(customer: Customer, entry: Entry, sku: str) -> Listing:
    """Return an entry's listing for one of its SKUs."""
    return Listing(
        sku=sku,
        place=entry.places[sku],
        entry_id=entry.entry_id,
        address=customer.address,
        email=customer.email,
        quantity=entry.quantity,
        locale=entry.locale,
        consented_at=entry.consented_at,
        expires_at=entry.over_at,
        marketing=entry.consent.marketing,
        any_of=entry.any_of,
        after_revision=customer.told.get(sku),
        doubt=customer.doubts.get(sku),
        time_zone=entry.time_zone,
        near=kept_place(entry.near),
    )


def places(entry: Entry) -> list[Place]:
    """Name all listings of an entry."""
    return [Place(sku, place, entry.entry_id) for sku, place in entry.places.items()]


def wave_units(sellable: int, ratio: float, *, everyone: bool) -> int | None:
    """Return how many units a wave may promise; ``None`` means no bound.

    The answer is 0 when nothing is sellable, and at least 1 otherwise.
    """
    if sellable < 1:
        return 0
    return None if everyone else max(1, math.floor(round(sellable * ratio, RATIO_DIGITS)))


def confirmation_at(known: Confirmations, now: datetime) -> datetime | None:
    """Return when the next confirmation mail may leave, ``None`` when none may leave today.

    A mailbox gets at most one a minute and five a day (UTC).
    """
    day = now.date().isoformat()
    if known.day == day and known.count >= CONFIRMATIONS_A_DAY:
        return None
    if known.latest_at is None:
        return now
    return max(now, datetime.fromisoformat(known.latest_at) + CONFIRMATIONS_APART)


def confirmation_counted(known: Confirmations, now: datetime, leaves_at: str) -> Confirmations:
    """Count one more confirmation mail."""
    day = now.date().isoformat()
    return replace(known, latest_at=leaves_at, day=day, count=known.count + 1 if known.day == day else 1)


def lapses_at(entry: Entry) -> datetime:
    """Return when an entry that nobody touches must get its last notice, be closed or be forgotten.

    An unconfirmed entry is forgotten after a week, or earlier when its last day is over: nothing is left to confirm.
    """
    if not entry.waiting:
        forgotten = datetime.fromisoformat(entry.created_at) + timedelta(days=UNCONFIRMED_DAYS)
        return min(forgotten, datetime.fromisoformat(entry.expires_at))
    if entry.noticed_at is not None:
        return datetime.fromisoformat(entry.noticed_at) + CLOSED_AFTER
    if entry.notice_at is not None:
        return datetime.fromisoformat(entry.notice_at)
    return datetime.fromisoformat(entry.expires_at) + NOTICE_AFTER


def default_until(today: date) -> date:
    """Return the last day of somebody who named none."""
    return today + timedelta(days=DEFAULT_WAIT_DAYS)


def uncount(entry: Entry, changes: Changes) -> None:
    """Take an unconfirmed entry out of the counts."""
    for sku in entry.skus:
        changes.count(sku, Counts(unconfirmed=-1))


def moved(customer: Customer, entry: Entry, changed: Entry, changes: Changes) -> None:
    """Bring the listings of an entry from what it was to what it is now.

    A listing that stays the same is written again only where nothing else would show that the entry ended meanwhile.
    """
    parted = not entry.places.keys() <= changed.places.keys()
    for sku, place in entry.places.items():
        if sku not in changed.places:
            changes.unlisted.append(Place(sku, place, entry.entry_id))
            changes.count(sku, Counts(waiting=-1, units_wanted=-entry.quantity))
        elif not parted or listing(customer, entry, sku) != listing(customer, changed, sku):
            changes.amended.append(listing(customer, changed, sku))
            changes.count(sku, Counts(units_wanted=changed.quantity - entry.quantity))
    added = [sku for sku in changed.places if sku not in entry.places]
    for sku in added:
        changes.listed.append(listing(customer, changed, sku))
        changes.count(sku, Counts(waiting=1, units_wanted=changed.quantity))
    if changed.any_of:
        changes.tied.append(changed)
    elif entry.any_of:
        changes.untied.append(entry.entry_id)
