"""Store offers, their guests and who is invited, in the Waitlist table.

``STORE_OFFERS`` has an item for each offer, with how many places are taken. ``NEARBY#<shard>`` has one for each address
that agreed to advertising and gave a place, under the address's key; it only says where to look, for the address's own
item is the truth. ``INVITED#<address>`` has one for each offer by which somebody is invited: together they are the
places that are taken. ``ROUND#<offer>#<day>`` has, for each edition and shard, how far it is, and its pages.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from standby.platform import kept
from standby.platform.clock import from_text
from standby.platform.dynamodb import ConditionFailedError, Item, from_item
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.point import kept_place, point
from standby.platform.table import Delete, Key, Put, Query, Table, Update
from standby.waitlist import items
from standby.waitlist.digest_model import Progress
from standby.waitlist.model import ChangedMeanwhileError, Customer, Place, places
from standby.waitlist.nearby_repository import nearby_key
from standby.waitlist.store_offer_model import (
    LONGEST,
    Group,
    Guest,
    Invited,
    Offer,
    Page,
    Round,
    Terms,
    Wish,
)

log = logger("waitlist")
OFFERS = "STORE_OFFERS"
A_DAY_EVERYWHERE = timedelta(days=2)
MOST_PAGES = 10
"""Requests for all offers, each of 1 MB."""
KEPT_TERMS = ("kind", "most", "percent", "hour", "km", "code")


@frozen()
class StoreOfferRepository:
    """What the shop offers, and to whom."""

    table: Table

    def offers(self) -> list[Offer]:
        """Return the offers that are kept, by their ids."""
        found, cursor = [], None
        for _ in range(MOST_PAGES):
            page = self.table.page(Query(OFFERS, consistent=True), cursor)
            found += [_offer(item) for item in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        return found

    def offer(self, offer_id: str) -> Offer | None:
        """Return an offer; ``None`` where there is none."""
        item = self.table.item(_offer_key(offer_id))
        return None if item is None else _offer(item)

    def save(self, offer: Offer, *, was: Offer | None) -> None:
        """Write what the shop says of an offer; places that are taken meanwhile stay taken.

        Raises `ChangedMeanwhileError` where the shop said something else meanwhile.
        """
        guard: dict[str, Any] = {"absent": ("pk",)} if was is None else {"equal": {"edition": was.edition}}
        try:
            self.table.write(
                Update(_offer_key(offer.offer_id), assign=_values(offer), first={"taken": 0, "told": 0}, **guard)
            )
        except ConditionFailedError as error:
            raise ChangedMeanwhileError(offer.offer_id) from error

    def guests(self, shard: int, after: str, most: int, now: str) -> tuple[list[Guest], str]:
        """Return those of the next addresses of a shard who may be invited, and the last of these addresses.

        They stand in the order of their keys; without one, nobody is left.
        """
        page = self.table.page(Query(f"NEARBY#{shard}", after=after or "!", limit=most, consistent=True))
        refused = {item["sk"]: item.get("refused_at", "") for item in map(from_item, page.stored)}
        if not refused:
            return [], ""
        return self.present(refused, now), max(refused)

    def present(self, refused: Mapping[str, str], now: str) -> list[Guest]:
        """Return those of some addresses who may be invited. ``refused`` says since when an address wants no offers."""
        found = {items.address_of(item): item for item in self.table.batch(map(items.address_key, refused))}
        customers = list(_customers(found))
        listed = [(one, entry) for one in customers for entry in one.entries.values() if entry.near]
        keys = {place: items.listing_key(place) for _, entry in listed for place in places(entry)}
        there = {(item["pk"], item["sk"]) for item in self.table.batch(keys.values())}
        alive = frozenset(place for place, key in keys.items() if (key["pk"], key["sk"]) in there)
        guests = (_guest(customer, alive, refused[customer.address], now) for customer in customers)
        return [guest for guest in guests if guest.wishes]

    def refusals(self, addresses: Iterable[str]) -> dict[str, str]:
        """Return since when those of at most 100 addresses want no offers who are still in the list of guests."""
        return {item["sk"]: item.get("refused_at", "") for item in self.table.batch(map(nearby_key, addresses))}

    def refuse(self, address: str, at: str) -> None:
        """Write that an address wants no offers on what it agreed to until now."""
        with suppress(ConditionFailedError):
            self.table.write(Update(nearby_key(address), assign={"refused_at": at}, present=("pk",)))

    def progress(self, of: Round, shard: int) -> Progress:
        """Return how far a shard of a round is."""
        item = self.table.item(_shard_key(of, shard)) or {}
        return Progress(prior=item.get("prior", ""), at=item.get("at", ""), done=item.get("done", False))

    def page(self, of: Round, shard: int, after: str) -> Page | None:
        """Return a page that was written; ``None``: it was not."""
        item = self.table.item(_page_key(of, shard, after))
        return None if item is None else _page(of, shard, after, item)

    def uninvited(self, offer_id: str, addresses: Iterable[str]) -> set[str]:
        """Return those of at most 100 addresses who are not invited by an offer."""
        wanted = set(addresses)
        found = self.table.batch(invited_key(address, offer_id) for address in wanted)
        return wanted - {address_invited(item) for item in found}

    def keep(self, page: Page, offer: Offer, ends_at: datetime) -> Page:
        """Write a page with the places that it takes, once; return the page that is written, which may be another's.

        Raises `ChangedMeanwhileError`, and takes nothing, where the offer says something else by now, has too few
        places left, or somebody of the page was invited meanwhile.
        """
        of, people = page.round, page.addresses
        ttl = int((ends_at + kept.INVITED).timestamp())
        groups = [
            {
                "locale": each.locale,
                "location_id": each.location_id,
                "skus": list(each.skus),
                "addresses": list(each.addresses),
            }
            for each in page.groups
        ]
        key = _page_key(of, page.shard, page.after)
        writes: list[Put | Update] = [
            Put({**key, "end": page.end, "at": page.at, "groups": groups, "ttl": ttl}, absent=("pk",)),
            Update(_shard_key(of, page.shard), assign={"prior": page.after, "at": page.at, "ttl": ttl}),
        ]
        writes += [
            Put(
                {
                    **invited_key(address, of.offer_id),
                    "at": page.at,
                    "job_id": page.job_id(group),
                    "location_id": group.location_id,
                    "skus": list(group.skus),
                    "ttl": _until(offer, kept.INVITED),
                },
                absent=("pk",),
            )
            for group in page.groups
            for address in group.addresses
        ]
        if people:
            left = offer.terms.most - len(people)
            guard: dict[str, Any] = {"equal": {"edition": of.edition}, "at_most": {"taken": left}}
            writes.append(Update(_offer_key(of.offer_id), add={"taken": len(people)}, **guard))
        try:
            self.table.transact(writes)
        except ConditionFailedError as error:
            written = self.page(of, page.shard, page.after)
            if written is None:
                raise ChangedMeanwhileError(of.offer_id) from error
            return written
        return page

    def finish(self, of: Round, shard: int, at: str) -> None:
        """Write that a shard of a round is done."""
        ttl = int((from_text(at) + kept.INVITED).timestamp())
        self.table.write(Update(_shard_key(of, shard), assign={"done": True, "at": at, "ttl": ttl}))

    def told(self, address: str, offer_id: str, at: str) -> None:
        """Write that SES accepted somebody's mail, once."""
        told = Update(invited_key(address, offer_id), assign={"told_at": at}, present=("pk",), absent=("told_at",))
        self._with_offer(told, offer_id, told=1)

    def give_back(self, address: str, offer_id: str, job_id: str | None) -> None:
        """Give back the place of somebody who was not mailed, once. Where a job is named, only that which it took."""
        equal = {"job_id": job_id} if job_id else None
        if not self._with_offer(
            Delete(invited_key(address, offer_id), equal=equal, present=("pk",), absent=("told_at",)),
            offer_id,
            taken=-1,
        ):
            self._with_offer(
                Delete(invited_key(address, offer_id), equal=equal, present=("told_at",)), offer_id, taken=-1, told=-1
            )

    def invitations(self, address: str) -> list[Invited]:
        """Return by which offers an address is invited."""
        return [_invited(item) for item in self.table.page(Query(f"INVITED#{address}", consistent=True)).items]

    def forget(self, address: str) -> None:
        """Forget an address. The places that it took stay taken."""
        for each in self.invitations(address):
            self.table.write(Delete(invited_key(address, each.offer_id)))
        self.table.write(Delete(nearby_key(address)))

    def _with_offer(self, write: Update | Delete, offer_id: str, **moved: int) -> bool:
        """Write something of somebody's invitation together with the offer's counts; tell whether it was written."""
        try:
            self.table.transact([write, Update(_offer_key(offer_id), add=moved, present=("pk",))])
        except ConditionFailedError:
            return False
        return True


def invited_key(address: str, offer_id: str) -> Key:
    """Return the key of somebody's invitation by an offer."""
    return {"pk": f"INVITED#{address}", "sk": offer_id}


def address_invited(item: Item) -> str:
    """Return the address key of an invitation."""
    pk: str = item["pk"]
    return pk.removeprefix("INVITED#")


def _customers(found: Mapping[str, Item]) -> Iterator[Customer]:
    """Read addresses. One that cannot be read is left out, so that it costs nobody else the invitation."""
    for address, item in sorted(found.items()):
        try:
            yield items.customer(address, item)
        except Exception:
            log.exception("an address cannot be read", extra={"address": address})


def _guest(customer: Customer, alive: frozenset[Place], refused_at: str, now: str) -> Guest:
    """Return somebody with the wishes for which they may be invited."""
    wishes = [
        Wish(
            sku=place.sku,
            entry_id=entry.entry_id,
            quantity=entry.quantity,
            near=point(near),
            locale=entry.locale,
            consented_at=entry.consented_at,
            time_zone=entry.time_zone,
        )
        for entry in customer.entries.values()
        if entry.waiting
        and entry.consent.marketing
        and (near := kept_place(entry.near)) is not None
        and entry.over_at > now
        and entry.consented_at > refused_at
        and customer.refusal(entry.consented_at) is None
        for place in places(entry)
        if place in alive
    ]
    return Guest(address=customer.address, email=customer.email, wishes=tuple(wishes))


def _offer_key(offer_id: str) -> Key:
    return {"pk": OFFERS, "sk": offer_id}


def _round(of: Round) -> str:
    return f"ROUND#{of.offer_id}#{of.day}"


def _shard_key(of: Round, shard: int) -> Key:
    return {"pk": _round(of), "sk": f"SHARD#{of.edition}#{shard}"}


def _page_key(of: Round, shard: int, after: str) -> Key:
    return {"pk": _round(of), "sk": f"PAGE#{of.edition}#{shard}#{after}"}


def _values(offer: Offer) -> Item:
    terms = offer.terms
    return {
        **{name: getattr(terms, name) for name in KEPT_TERMS},
        "since": terms.since.isoformat(),
        "until": terms.until.isoformat(),
        "stores": list(terms.stores) or None,
        "skus": list(terms.skus) or None,
        "categories": list(terms.categories) or None,
        "texts": dict(terms.texts) or None,
        "edition": offer.edition,
        "ended_at": offer.ended_at,
        "began": offer.began.isoformat(),
        "ttl": _until(offer, kept.STORE_OFFERS),
    }


def _until(offer: Offer, after: timedelta) -> int:
    """Return until when something is kept after the last day that an offer can ever have, however it is changed."""
    return int((datetime.combine(offer.began + LONGEST, time(), UTC) + A_DAY_EVERYWHERE + after).timestamp())


def _offer(item: Item) -> Offer:
    terms = Terms(
        **{name: item[name] for name in KEPT_TERMS if name in item},
        since=date.fromisoformat(item["since"]),
        until=date.fromisoformat(item["until"]),
        stores=tuple(item.get("stores", ())),
        skus=tuple(item.get("skus", ())),
        categories=tuple(item.get("categories", ())),
        texts=item.get("texts", {}),
    )
    return Offer(
        offer_id=item["sk"],
        terms=terms,
        edition=item["edition"],
        began=date.fromisoformat(item.get("began") or item["since"]),
        taken=item["taken"],
        told=item["told"],
        ended_at=item.get("ended_at"),
    )


def _page(of: Round, shard: int, after: str, item: Item) -> Page:
    groups = [
        Group(
            number=number,
            locale=each["locale"],
            location_id=each["location_id"],
            skus=tuple(each["skus"]),
            addresses=tuple(each["addresses"]),
        )
        for number, each in enumerate(item["groups"])
    ]
    return Page(round=of, shard=shard, after=after, end=item["end"], at=item["at"], groups=groups)


def _invited(item: Item) -> Invited:
    return Invited(
        offer_id=item["sk"],
        at=item["at"],
        job_id=item["job_id"],
        location_id=item["location_id"],
        skus=tuple(item["skus"]),
        told_at=item.get("told_at"),
    )
