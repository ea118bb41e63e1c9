"""The weekly list of what is back in stock: who gets it, when, and what it names (features.md A9).

Who ticked it and agreed to advertising is subscribed once that is confirmed. The subscription outlives what was waited
for, and ends by its own link, with all else that ends for an address, and by itself after two years.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from standby.platform import kept
from standby.platform.frozen import frozen

MOST_FOLLOWED = 20
"""SKUs that somebody waited for, by whose categories the list is made: the last ones."""
MOST_CATEGORIES = 5
"""Categories that somebody follows: those of the last SKUs."""
MOST_NAMED = 12
"""Products that a page names to Mail. It shows the first of them that are still there, at most eight (``most`` of the
kind ``digest``), so the others stand in for what is gone when the list is sent: those that fit next, as in their size.
"""
CATCHES_UP = timedelta(hours=24)
"""So long after its hour a list is still begun, and one that stopped goes on."""
SHARDS = 4
NEVER = 0
"""The day of the week on which no list goes out."""
LISTED: Literal["listed"] = "listed"
UNLISTED: Literal["unlisted"] = "unlisted"
Listing = Literal["listed", "unlisted"]


@frozen(kw_only=True)
class Subscription:
    """Somebody's wish for the list, as it was confirmed last."""

    email: str
    locale: str
    consented_at: str
    wording: str
    skus: tuple[str, ...]
    """What was waited for with it, the last one last."""
    time_zone: str | None = None

    def lasts(self, now: datetime) -> bool:
        """Tell whether it counts still."""
        return datetime.fromisoformat(self.consented_at) + kept.DIGESTS > now

    def renewed(self, other: "Subscription") -> "Subscription":
        """Return what another wish of the same address makes of it."""
        skus = (*(sku for sku in self.skus if sku not in other.skus), *other.skus)
        newest = max(self, other, key=lambda each: each.consented_at)
        return replace(newest, skus=skus[-MOST_FOLLOWED:])


@frozen(kw_only=True)
class Subscriber:
    """A subscription as a page of lists reads it."""

    address: str
    wish: Subscription
    told_at: str = ""
    """When the last list was planned that SES accepted."""

    def is_news(self, back_at: str, at: str) -> bool:
        """Tell whether what came back is news to them in a list that is planned at an instant."""
        return back_at <= at and (back_at > self.told_at if self.told_at else back_at >= self.wish.consented_at)


class Returned(NamedTuple):
    """A SKU that came back."""

    sku: str
    product_id: str
    back_at: str


@frozen(kw_only=True)
class Group:
    """Those of a page who are named the same, in the same language."""

    number: int
    locale: str
    skus: tuple[str, ...]
    addresses: tuple[str, ...]


@frozen(kw_only=True)
class Page:
    """A page of subscribers, written before its jobs are sent."""

    issue: str
    shard: int
    after: str
    """The address key behind which it begins."""
    end: str
    """Its last address key."""
    at: str
    groups: Sequence[Group] = field(default_factory=tuple)

    def job_id(self, group: Group) -> str:
        """Return the id of a group's job: the same however often it is made."""
        return f"digest#{self.issue}#{self.shard}#{self.after}#{group.number}#{self.at}"


@frozen(kw_only=True)
class Progress:
    """How far a shard of a list's issue is."""

    prior: str = ""
    """Where the page begins that was written last."""
    at: str = ""
    done: bool = False


@frozen(kw_only=True)
class Week:
    """When the list goes out."""

    weekday: int
    """1 is Monday; `NEVER`: no list goes out."""
    hour: int
    zone: ZoneInfo
    """The shop's."""

    def due(self, now: datetime) -> str | None:
        """Return the issue whose hour was last, its day in the shop's calendar; ``None``: that is too long ago."""
        if self.weekday == NEVER:
            return None
        today = now.astimezone(self.zone).date()
        for day in (today, today - timedelta(days=1)):
            begins = datetime.combine(day, time(self.hour), self.zone)
            if day.isoweekday() == self.weekday and begins <= now <= begins + CATCHES_UP:
                return day.isoformat()
        return None


def followed(skus: Sequence[str], categories: Mapping[str, str]) -> tuple[str, ...]:
    """Return the categories that somebody follows: those of the SKUs that they waited for last, the last one first.

    ``categories`` has those of the SKUs that the catalogue still puts in one.
    """
    found = (categories[sku] for sku in reversed(skus) if categories.get(sku))
    return tuple(dict.fromkeys(found))[:MOST_CATEGORIES]


def is_issue(text: str) -> bool:
    """Tell whether a text names an issue: a day."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def planned_at(job_id: str) -> str:
    """Return when a list was planned, by the id of its job (`Page.job_id`)."""
    return job_id.rpartition("#")[2]


def named(
    returned: Iterable[Returned],
    options: Mapping[str, Mapping[str, str]],
    wished: Sequence[Mapping[str, str]],
    waited: Iterable[str],
) -> tuple[str, ...]:
    """Return the SKUs that somebody's list names: one a product, those that fit first, then the newest.

    ``options`` are those of each SKU that can be bought now; others are not named. ``wished`` are the options of what
    was waited for: a size counts where it is the same. What was ``waited`` for has mails of its own, so the list does
    not name it (promise 3).
    """
    own = set(waited)
    best: dict[str, tuple[int, Returned]] = {}
    for each in returned:
        if each.sku in own or each.sku not in options:
            continue
        fit = max((_alike(options[each.sku], wish) for wish in wished), default=0)
        known = best.get(each.product_id)
        if known is None or (fit, each.back_at, each.sku) > (known[0], known[1].back_at, known[1].sku):
            best[each.product_id] = fit, each
    ordered = sorted(best.values(), key=lambda found: found[1].product_id)
    ordered.sort(key=lambda found: (found[0], found[1].back_at), reverse=True)
    return tuple(found.sku for _, found in ordered[:MOST_NAMED])


def _alike(options: Mapping[str, str], wished: Mapping[str, str]) -> int:
    """Return how many options are the same, less those that are not; capitals do not count."""
    mine = {name.casefold(): value.casefold() for name, value in options.items()}
    theirs = {name.casefold(): value.casefold() for name, value in wished.items()}
    return sum(1 if mine[name] == value else -1 for name, value in theirs.items() if name in mine)


def grouped(chosen: Iterable[tuple[Subscriber, tuple[str, ...]]], most: int) -> tuple[Group, ...]:
    """Put those together who are named the same in one language, ``most`` at a time; who is named nothing is left out.

    Their time zones stand with the recipients, so they make no groups.
    """
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for subscriber, skus in chosen:
        if skus:
            alike.setdefault((subscriber.wish.locale, skus), []).append(subscriber.address)
    chunks = [
        (locale, skus, addresses[begin : begin + most])
        for (locale, skus), addresses in alike.items()
        for begin in range(0, len(addresses), most)
    ]
    return tuple(
        Group(number=number, locale=locale, skus=skus, addresses=tuple(addresses))
        for number, (locale, skus, addresses) in enumerate(chunks)
    )
