"""Keys and mapping of the Preorders table: what an item's attributes mean, in one place."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zlib import crc32

from standby.platform.code_model import Code
from standby.platform.dynamodb import Item
from standby.platform.table import Index, Key
from standby.preorder.counter_model import Counter, CounterName
from standby.preorder.model import Campaign, Customer, EarlyAccess, Line, Money, Offer, Place, Reservation, Terms, Told
from standby.preorder.named import NamedBy, Share
from standby.preorder.pricing import Priced
from standby.preorder.priority_model import Prioritised

if TYPE_CHECKING:
    from standby.preorder.consent_model import Agreed
    from standby.preorder.untold_model import Untold

CAMPAIGN = "CAMPAIGN"
TOLD = "CAMPAIGN#TOLD"
CAMPAIGNS = "CAMPAIGNS"
EARLY = "EARLY"
AT_ONCE = "0"
"""Is due before all instants."""
COUNTERS = "COUNTER#"
LAST_NUMBER = 999_999
"""Of a SKU's campaigns. Keys count down from it, so that the newest campaign's counters are the first to be read."""
LIMIT = "LIMIT"
CODE = "CODE"
RESERVATION = "RESERVATION"
OFFERED = "OFFERED"
DUE = Index("due", "due_shard", "due_at")
DUE_SHARDS = tuple(f"DUE#{number}" for number in range(4))
"""Partitions of the index, so that no single one takes all writes of a launch."""


def campaign_partition(sku: str) -> str:
    """Return the partition of a SKU's campaign and its counters."""
    return f"{CAMPAIGN}#{sku}"


def campaign_key(sku: str) -> Key:
    """Return the key of a SKU's campaign."""
    return {"pk": campaign_partition(sku), "sk": CAMPAIGN}


def told_key(sku: str) -> Key:
    """Return the key of what was told of a SKU's campaigns."""
    return {"pk": campaign_partition(sku), "sk": TOLD}


def invited_key(sku: str, number: int, address: str) -> Key:
    """Return the key of an address that may reserve of a campaign before it opens to all."""
    return {"pk": invited_partition(address), "sk": f"{number:06}#{sku}"}


def invited_partition(address: str) -> str:
    """Return the partition of the campaigns of which an address may reserve before they open to all."""
    return f"{EARLY}#{address}"


def register_key(sku: str) -> Key:
    """Return the key of a SKU among all that have campaigns. The item is nothing but its key."""
    return {"pk": CAMPAIGNS, "sk": sku}


def campaign_due(sku: str, *, owed: bool) -> Item:
    """Return the attributes by which what must be told of a SKU's campaign stands in the index of what is due."""
    return due(campaign_partition(sku), AT_ONCE if owed else None)


def sku_due(name: str) -> str | None:
    """Return the SKU where it is a campaign that is due; ``None`` for a reservation."""
    beginning = campaign_partition("")
    return name.removeprefix(beginning) if name.startswith(beginning) else None


def counter_key(sku: str, number: int, shard: int) -> Key:
    """Return the key of one of the counters among which a campaign's capacity is split."""
    return {"pk": campaign_partition(sku), "sk": f"{counters_of(number)}{shard:02}"}


def counters_of(number: int) -> str:
    """Return how the keys of a campaign's counters begin. Those of a later one stand in front of them."""
    return f"{COUNTERS}{LAST_NUMBER - number:06}#"


def line_partition(sku: str) -> str:
    """Return the partition of the line for a SKU."""
    return f"LINE#{sku}"


def line_key(sku: str, reservation: Reservation) -> Key:
    """Return the key of a reservation's place in the line for a SKU."""
    return {"pk": line_partition(sku), "sk": reservation.place}


def limit_key(name: str) -> Key:
    """Return the key of what a customer has reserved of something."""
    return {"pk": f"{LIMIT}#{name}", "sk": LIMIT}


def offered_partition(address: str) -> str:
    """Return the partition of what an address is offered, by the address's key."""
    return f"{OFFERED}#{address}"


def offered_key(address: str, reservation_id: str) -> Key:
    """Return the key by which an offer is found when its customer stops all mails."""
    return {"pk": offered_partition(address), "sk": reservation_id}


def reservation_key(reservation_id: str) -> Key:
    """Return the key of a reservation."""
    return {"pk": f"{RESERVATION}#{reservation_id}", "sk": RESERVATION}


def code_key(reservation_id: str) -> Key:
    """Return the key of the newest code with which a reservation can be cancelled."""
    return {"pk": f"{RESERVATION}#{reservation_id}", "sk": CODE}


def code_values(code: Code) -> Item:
    """Write a code, without its key."""
    return {"number": code.number, "made_at": code.made_at, "made_today": code.made_today, "tries": code.tries}


def code(item: Item) -> Code:
    """Read a code."""
    return Code(
        number=item["number"],
        made_at=item["made_at"],
        made_today=item["made_today"],
        tries=item["tries"],
        used=item.get("used", False),
    )


def counter_of(item: Mapping[str, Any]) -> CounterName | None:
    """Return which counter an entry of an index is about, ``None`` where it is about none."""
    if not item["sk"].startswith(COUNTERS):
        return None
    _, before_last, shard = item["sk"].split("#")
    return CounterName(item["pk"].removeprefix(f"{CAMPAIGN}#"), LAST_NUMBER - int(before_last), int(shard))


def reservation_id_of(item: Mapping[str, Any]) -> str:
    """Return the id in the partition key of a reservation, or of its entry in an index; other keys as they are."""
    pk: str = item["pk"]
    return pk.removeprefix(f"{RESERVATION}#")


def due(name: str, at: str | None) -> Item:
    """Return the attributes by which something of this name is in the index of what is due; ``None`` takes it out."""
    shard = DUE_SHARDS[crc32(name.encode()) % len(DUE_SHARDS)]
    return {"due_shard": None if at is None else shard, "due_at": at}


def campaign_values(campaign: Campaign) -> Item:
    """Write a campaign, without its key."""
    terms = campaign.terms
    early = terms.early_access
    return {
        "number": campaign.number,
        "edition": campaign.edition,
        "kind": terms.kind,
        "capacity": terms.capacity,
        "release_on": terms.release_on,
        "price": list(terms.price),
        "opens_at": terms.opens_at,
        "closes_at": terms.closes_at,
        "limit_per_customer": terms.limit_per_customer,
        "price_guarantee": terms.price_guarantee,
        "incentive": dict(terms.incentive) or None,
        "deposit": None if terms.deposit is None else list(terms.deposit),
        "early_access": None if early is None else [early.opens_at, *early.tiers],
        "early_waitlist": True if early is not None and early.waitlist else None,
        "early_links": True if early is not None and early.links else None,
        "allocation": terms.allocation,
        "pay": terms.pay,
        "checkout_hours": terms.checkout_hours,
        "hold_minutes": terms.hold_minutes,
        "shards": terms.shards,
        "expected_per_second": terms.expected_per_second,
        "prices": [list(each) for each in campaign.prices],
        "closed_at": campaign.closed_at,
        "counts_from": campaign.counts_from or None,
    }


def campaign(sku: str, item: Item, told: Item) -> Campaign:
    """Read a campaign, and from what was told of it until when goods are delayed."""
    early = item.get("early_access")
    terms = Terms(
        kind=item["kind"],
        capacity=item.get("capacity"),
        release_on=item["release_on"],
        price=Money(*item["price"]),
        opens_at=item["opens_at"],
        closes_at=item.get("closes_at"),
        limit_per_customer=item.get("limit_per_customer"),
        price_guarantee=item["price_guarantee"],
        incentive=item.get("incentive", {}),
        deposit=Money(*item["deposit"]) if "deposit" in item else None,
        early_access=None
        if early is None
        else EarlyAccess(
            opens_at=early[0],
            tiers=tuple(early[1:]),
            waitlist=item.get("early_waitlist", False),
            links=item.get("early_links", False),
        ),
        allocation=item["allocation"],
        pay=item["pay"],
        checkout_hours=item["checkout_hours"],
        hold_minutes=item["hold_minutes"],
        shards=item["shards"],
        expected_per_second=item.get("expected_per_second"),
    )
    return Campaign(
        sku=sku,
        number=item["number"],
        terms=terms,
        edition=item["edition"],
        prices=prices(item),
        closed_at=item.get("closed_at"),
        counts_from=item.get("counts_from", 0),
        **_delayed(told, item["number"]),
    )


def prices(item: Item) -> list[Priced]:
    """Read the prices of a campaign's item; of no item, none."""
    return [Priced(*each) for each in item.get("prices", ())]


def _delayed(told: Item, number: int) -> dict[str, Any]:
    """Read what is known of a campaign's goods, which was of that campaign or of one before it."""
    if told.get("delayed") != number:
        return {}
    return {"delayed_until": told.get("delayed_until"), "short": told.get("short", False)}


def told(item: Item) -> Told:
    """Read what was told of a SKU's campaigns; of no item, that nothing was."""
    return Told(item.get("looks", 0), item.get("asked", 0), item.get("units"), owed="due_at" in item)


def counter(item: Item) -> Counter:
    """Read a counter."""
    shard = int(item["sk"].rpartition("#")[2])
    remaining, reserved, confirmed = (item.get(name, 0) for name in ("remaining", "reserved", "confirmed"))
    credit, due_at, returned = item.get("credit", 0), item.get("due_at"), item.get("returned", 0)
    return Counter(shard, remaining, reserved, confirmed, credit, due_at, returned)


def place(item: Item) -> Place:
    """Read a reservation's place in line."""
    reservation_id = item["reservation"].removeprefix(f"{RESERVATION}#")
    return Place(
        item["sk"],
        reservation_id,
        item["units"] - item.get("given", 0),
        item.get("confirmed", False),
        item.get("first"),
        item.get("promised"),
        item.get("follows", False),
        item.get("campaign"),
    )


def place_values(line: Line, reservation_pk: str) -> Item:
    """Write a place in line, without its key."""
    return {
        "units": line.quantity,
        "given": line.given or None,
        "reservation": reservation_pk,
        "campaign": line.campaign,
        "first": line.first_promise or line.promised_until,
        "promised": line.promised_until,
        "follows": line.follows or None,
    }


def reservation_values(reservation: Reservation) -> Item:
    """Write a reservation, without its key and its place in the index of what is due.

    Of who was erased nothing is written once that is so.
    """
    if reservation.forgets:
        from standby.preorder.erasure_model import forgotten  # noqa: PLC0415 - few customers are erased

        reservation = forgotten(reservation)
    customer = reservation.customer
    return {
        "kind": reservation.kind,
        "status": reservation.status,
        "lines": [_line_values(line) for line in reservation.lines],
        "customer": None if customer is None else _customer_values(customer),
        "body": reservation.body,
        "created_at": reservation.created_at,
        "held_until": reservation.held_until,
        "expires_at": reservation.expires_at,
        "hold_minutes": reservation.hold_minutes,
        "edition": reservation.edition,
        "confirmed_at": reservation.confirmed_at,
        "ended_at": reservation.ended_at,
        "paid": reservation.paid or None,
        "allocated_at": reservation.allocated_at,
        "taken_back_at": reservation.taken_back_at,
        "told_until": reservation.told_until,
        "untold": [list(each) for each in reservation.untold] or None,
        "agreed": [list(each) for each in reservation.agreed] or None,
        "pay_by": reservation.pay_by,
        "order_id": reservation.order_id,
        "gone": [_line_values(line) for line in reservation.gone] or None,
        "orders": [_named_values(order) for order in reservation.orders] or None,
        "cancel_asked_at": reservation.cancel_asked_at,
        "cancel_sent_at": reservation.cancel_sent_at,
        "cancelled_by": reservation.cancelled_by,
        "owed": list(reservation.owed) or None,
        "erased_at": reservation.erased_at,
        "offer": None if reservation.offer is None else _offer_values(reservation.offer),
        "prioritised": None if reservation.prioritised is None else list(reservation.prioritised),
    }


def reservation(item: Item) -> Reservation:
    """Read a reservation."""
    customer = item.get("customer")
    return Reservation(
        reservation_id=reservation_id_of(item),
        kind=item["kind"],
        status=item["status"],
        lines=tuple(_line(each) for each in item["lines"]),
        customer=None if customer is None else Customer(**customer),
        body=item["body"],
        created_at=item["created_at"],
        held_until=item["held_until"],
        expires_at=item["expires_at"],
        hold_minutes=item["hold_minutes"],
        edition=item["edition"],
        confirmed_at=item.get("confirmed_at"),
        ended_at=item.get("ended_at"),
        paid=item.get("paid", False),
        allocated_at=item.get("allocated_at"),
        taken_back_at=item.get("taken_back_at"),
        told_until=item.get("told_until"),
        untold=_untold(item["untold"]) if "untold" in item else (),
        agreed=_agreed(item["agreed"]) if "agreed" in item else (),
        pay_by=item.get("pay_by"),
        order_id=item.get("order_id"),
        gone=tuple(_line(each) for each in item.get("gone", ())),
        orders=tuple(_named(each) for each in item.get("orders", ())),
        cancel_asked_at=item.get("cancel_asked_at"),
        cancel_sent_at=item.get("cancel_sent_at"),
        cancelled_by=item.get("cancelled_by"),
        owed=tuple(item.get("owed", ())),
        erased_at=item.get("erased_at"),
        offer=Offer(**item["offer"]) if "offer" in item else None,
        prioritised=Prioritised(*item["prioritised"]) if "prioritised" in item else None,
    )


def _untold(kept: list[Any]) -> "tuple[Untold, ...]":
    from standby.preorder.untold_model import Untold  # noqa: PLC0415 - most mails arrive

    return tuple(Untold(*each) for each in kept)


def _agreed(kept: list[Any]) -> "tuple[Agreed, ...]":
    from standby.preorder.consent_model import Agreed  # noqa: PLC0415 - few customers are asked

    return tuple(Agreed(*each) for each in kept)


def _named_values(order: NamedBy) -> Item:
    return {
        "order_id": order.order_id,
        "named_at": order.named_at,
        "edition": order.edition,
        "whole": list(order.whole),
        "shares": {sku: list(share) for sku, share in order.shares.items()},
        **({"shipped_at": order.shipped_at} if order.shipped_at else {}),
        **({"tells": True} if order.tells else {}),
    }


def _named(item: Item) -> NamedBy:
    shares = {sku: Share(*share) for sku, share in item["shares"].items()}
    return NamedBy(**{**item, "whole": Share(*item["whole"]), "shares": shares})


def _offer_values(offer: Offer) -> Item:
    return {name: value for name, value in vars(offer).items() if value is not None}


def _customer_values(customer: Customer) -> Item:
    tier = {} if customer.tier is None else {"tier": customer.tier}
    return {"email": customer.email, "locale": customer.locale, **tier}


def _line_values(line: Line) -> Item:
    said: Item = {"sku": line.sku, "quantity": line.quantity}
    if line.campaign is not None:
        said |= {"campaign": line.campaign, "shards": {str(shard): units for shard, units in line.shards.items()}}
    if line.on_credit:
        said["on_credit"] = True
    if line.price is not None:
        said["price"] = list(line.price)
    if line.follows:
        said["follows"] = True
    known = {name: getattr(line, name) for name in ("guaranteed_until", "promised_until", "first_promise", "pay_hours")}
    said |= {name: value for name, value in known.items() if value is not None}
    if line.limits:
        said["limits"] = list(line.limits)
    more = {"given": line.given, "fate": line.fate, "ended_at": line.ended_at}
    said |= {name: value for name, value in more.items() if value}
    return said


def _line(item: Item) -> Line:
    return Line(
        sku=item["sku"],
        quantity=item["quantity"],
        campaign=item.get("campaign"),
        shards={int(shard): units for shard, units in item.get("shards", {}).items()},
        on_credit=item.get("on_credit", False),
        price=Money(*item["price"]) if "price" in item else None,
        guaranteed_until=item.get("guaranteed_until"),
        promised_until=item.get("promised_until"),
        first_promise=item.get("first_promise"),
        follows=item.get("follows", False),
        pay_hours=item.get("pay_hours"),
        given=item.get("given", 0),
        limits=tuple(item.get("limits", ())),
        fate=item.get("fate"),
        ended_at=item.get("ended_at"),
    )
