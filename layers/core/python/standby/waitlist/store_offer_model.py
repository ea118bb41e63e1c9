"""Dated store offers: who is invited to buy in a store what they wait for, by which offer, and when (features.md A12).

A shop makes an offer for some days and stores. It counts for SKUs that cannot be bought online while a store has units.
Whoever waits for one, agreed to advertising and gave a place is invited to the nearest such store.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from standby.platform.frozen import frozen
from standby.platform.point import Point, great_circle_km

Kind = Literal["next_purchase_percent", "today_only", "early_access", "gift_wrap"]
PERCENT, TODAY, EARLY, WRAP = KINDS = get_args(Kind)
MOST_PERCENT = 99
MOST_OFFERS = 50
"""Offers that go on or are to come."""
MOST_INVITED = 100_000
"""People of one offer."""
LONGEST = timedelta(days=92)
"""Days of one offer, from the first that it ever had: so long it is known who was invited."""
AHEAD = timedelta(days=366)
"""So far ahead an offer may begin."""
FARTHEST_KM, NEAR_KM = 200, 15
MORNING = 9
LATEST_HOUR = 20
MOST_NAMED = 8
"""SKUs of one mail."""


class TermsError(ValueError):
    """An offer cannot be so. The text says why, with the field's name."""


@frozen(kw_only=True)
class Terms:
    """What the shop says of an offer."""

    kind: Kind
    since: date
    """Its first day, by the shop's calendar."""
    until: date
    """Its last day."""
    most: int
    """So many people are invited at most."""
    percent: int | None = None
    hour: int = MORNING
    """On each of its days nobody is invited before this hour of the shop's clock."""
    km: int = NEAR_KM
    """So far away a store is near."""
    stores: tuple[str, ...] = ()
    """The locations that take part; none: all stores."""
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """It counts for these SKUs and for all of these categories; where neither is named, for everything."""
    code: str | None = None
    """What the shop's till knows it by."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The shop's own words by language; where there are none, ours stand."""

    def concerns(self, sku: str, category: str | None) -> bool:
        """Tell whether it counts for a SKU."""
        everything = not (self.skus or self.categories)
        return everything or sku in self.skus or category in self.categories

    def words(self, locale: str) -> str | None:
        """Return the shop's own words in a language, else ``None``."""
        wanted = locale.replace("_", "-").lower()
        own = {name.replace("_", "-").lower(): text for name, text in self.texts.items()}
        return own.get(wanted) or own.get(wanted.partition("-")[0])

    def check(self, today: date, began: date) -> None:
        """Raise `TermsError` where it says two things at once, or nothing that can be done."""
        if (self.kind == PERCENT) != (self.percent is not None):
            raise TermsError(f"percent: belongs to {PERCENT}, and to nothing else")
        if self.until < self.since:
            raise TermsError("until: before since")
        if self.kind == TODAY and self.until != self.since:
            raise TermsError(f"until: {TODAY} is one day")
        if self.until < today:
            raise TermsError("until: is over")
        if self.until - min(self.since, began) >= LONGEST:
            raise TermsError(f"until: more than {LONGEST.days} days from its first day, {min(self.since, began)}")
        if self.since - today > AHEAD:
            raise TermsError(f"since: more than {AHEAD.days} days ahead")


@frozen(kw_only=True)
class Offer:
    """An offer as it is kept."""

    offer_id: str
    terms: Terms
    edition: int
    """Rises with each word of the shop about it. It begins at the milliseconds of the clock, so that it also rises
    where an offer is made anew under the name of one that is forgotten."""
    began: date
    """Its first day as it was when that came. A word of the shop never moves it."""
    taken: int = 0
    """Places of people who are invited."""
    told: int = 0
    """Those of them whose mails SES accepted."""
    ended_at: str | None = None

    @property
    def free(self) -> int:
        """Return how many may still be invited. A lower `Terms.most` takes nobody's place."""
        return max(0, self.terms.most - self.taken)

    def goes_on(self, today: date) -> bool:
        """Tell whether somebody may be invited by it today or later."""
        return self.ended_at is None and self.terms.until >= today

    def changed(self, terms: Terms, today: date) -> "Offer":
        """Return it with other terms. Who is invited stays so; one that had ended goes on."""
        began = self.began if self.began <= today else terms.since
        return replace(self, terms=terms, edition=self.edition + 1, began=began, ended_at=None)

    def ended(self, at: str) -> "Offer":
        """Return it as it ends."""
        return self if self.ended_at else replace(self, edition=self.edition + 1, ended_at=at)

    def day(self, now: datetime, zone: ZoneInfo) -> str | None:
        """Return the day of its that has begun by the shop's clock; ``None``: nobody is invited now."""
        here = now.astimezone(zone)
        open_ = self.ended_at is None and self.terms.since <= here.date() <= self.terms.until
        return here.date().isoformat() if open_ and here.hour >= self.terms.hour else None

    def over_at(self, zone: ZoneInfo) -> datetime:
        """Return the end of its last day."""
        return datetime.combine(self.terms.until + timedelta(days=1), time(), zone)


class Wish(NamedTuple):
    """A place in line for one SKU, of somebody who may be invited."""

    sku: str
    entry_id: str
    quantity: int
    near: Point
    locale: str
    consented_at: str
    time_zone: str | None


@frozen(kw_only=True)
class Guest:
    """Somebody who agreed to advertising and said about where they are, with all that they wait for."""

    address: str
    email: str
    wishes: tuple[Wish, ...]


class Shop(NamedTuple):
    """A store that takes part."""

    location_id: str
    name: str
    at: Point


class Stocked(NamedTuple):
    """A SKU that can only be bought in stores: how many units each of them has."""

    category: str | None
    units: Mapping[str, int]


@frozen(kw_only=True)
class Invitation:
    """Who is invited, where to, and for what."""

    address: str
    location_id: str
    skus: tuple[str, ...]
    locale: str


def invitation(guest: Guest, terms: Terms, stores: Sequence[Shop], stocked: Mapping[str, Stocked]) -> Invitation | None:
    """Invite somebody to the nearest store that has what they wait for; ``None`` where none is near.

    A store has it that has as many units as are wanted. Of stores that are equally near the first by name counts.
    """
    ways = sorted(
        (km, shop.name, shop.location_id, place)
        for place, wish in enumerate(guest.wishes)
        if (found := stocked.get(wish.sku)) is not None and terms.concerns(wish.sku, found.category)
        for shop in stores
        if found.units.get(shop.location_id, 0) >= wish.quantity
        and (km := great_circle_km(wish.near, shop.at)) <= terms.km
    )
    if not ways:
        return None
    nearest = ways[0][2]
    there = [guest.wishes[place] for _, _, location_id, place in ways if location_id == nearest]
    skus = sorted(dict.fromkeys(wish.sku for wish in there))[:MOST_NAMED]
    return Invitation(address=guest.address, location_id=nearest, skus=tuple(skus), locale=there[0].locale)


@frozen(kw_only=True)
class Group:
    """Those of a page who are invited to the same store for the same, in the same language."""

    number: int
    locale: str
    location_id: str
    skus: tuple[str, ...]
    addresses: tuple[str, ...]


def grouped(invitations: Iterable[Invitation]) -> tuple[Group, ...]:
    """Put those together who read the same. A page has no more of them than a job has room for."""
    alike: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for each in invitations:
        alike.setdefault((each.locale, each.location_id, each.skus), []).append(each.address)
    return tuple(
        Group(number=number, locale=locale, location_id=location_id, skus=skus, addresses=tuple(addresses))
        for number, ((locale, location_id, skus), addresses) in enumerate(alike.items())
    )


@frozen(kw_only=True)
class Round:
    """One way through all guests: by an offer as it is worded now, on one of its days."""

    offer_id: str
    edition: int
    day: str


@frozen(kw_only=True)
class Page:
    """A page of guests, written with the places that it takes before its jobs are sent."""

    round: Round
    shard: int
    after: str
    """The address key behind which it begins."""
    end: str
    """Its last address key."""
    at: str
    groups: Sequence[Group] = field(default_factory=tuple)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return who of it is invited."""
        return tuple(address for group in self.groups for address in group.addresses)

    def job_id(self, group: Group) -> str:
        """Return the id of a group's job: the same however often it is made."""
        of = self.round
        return f"store_offer#{of.offer_id}#{of.day}#{of.edition}#{self.shard}#{self.after}#{group.number}"


@frozen(kw_only=True)
class Invited:
    """That somebody is invited by an offer."""

    offer_id: str
    at: str
    job_id: str
    location_id: str
    skus: tuple[str, ...]
    told_at: str | None = None
    """When it was heard that SES accepted the mail."""
