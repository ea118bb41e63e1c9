"""What always holds of campaigns, reservations and the ledger's claims together, read from the tables."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from standby.ledger.claim_items import live_claims
from standby.ledger.claims import ClaimBook
from standby.ledger.table import LedgerTable
from standby.platform.dynamodb import from_item
from standby.platform.table import Table
from standby.preorder import items
from standby.preorder.counter_model import CounterName, credit_name
from standby.preorder.model import FEW, LIVE, Line, Reservation
from standby.preorder.repository import PreorderRepository

from tests.promises.shop import Shop
from tests.standby.availability.storefront import row
from tests.world import World


def stored(world: World, table: str, beginning: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the items of all partitions that begin so, each with its sort key."""
    for pk, folder in world.memory.tables[table].items.items():
        if pk.startswith(beginning):
            for sk, item in folder.items():
                yield sk, from_item(item)


def reservations(world: World) -> list[Reservation]:
    """Return all reservations."""
    found = stored(world, "Preorder", f"{items.RESERVATION}#")
    return [items.reservation(dict(item)) for sk, item in found if sk == items.RESERVATION]


def offers(world: World) -> list[Reservation]:
    """Return all offers, whatever became of them."""
    return [each for each in reservations(world) if each.offer is not None]


def adds_up(world: World) -> None:
    """Check that each unit of a living reservation is counted once everywhere, and no other is (promises 1 and 10)."""
    known = reservations(world)
    living = [each for each in known if each.status in LIVE]
    _claims_are_theirs(world, living)
    _open_offers_are_found(world, living)
    sold = [(each, line) for each in known for line in _sold(each)]
    _counters_are_theirs(world, sold)
    _limits_are_theirs(world, sold)
    places = [(sk, item["units"] - item.get("given", 0)) for sk, item in stored(world, "Preorder", "LINE#")]
    lines = [(each, line) for each in living for line in each.lines if line.campaign is not None]
    wanted = [(each.place, line.quantity - line.given) for each, line in lines if line.given < line.quantity]
    assert sorted(places) == sorted(wanted), f"places in line: {places} for {wanted}"


def everything_was_told(world: World, *, held: int = 0) -> None:
    """Check that each reservation's events were published, with one id each, and nothing is owed (promise 10).

    So many are ``held`` still, and no hold of a reservation lives beyond its time.
    """
    known = reservations(world)
    now = world.clock.now()
    assert [each.reservation_id for each in known if each.owed] == []
    alive = [each for each in known if each.status == "held"]
    assert [each.reservation_id for each in alive if each.over(now)] == [], "a hold that is over still lives"
    assert len(alive) == held
    over = [each for each in known if each.status in {"cancelled", "expired"}]
    never = {each.reservation_id for each in over if each.offer is not None and each.offer.over == "unmade"}
    unaccepted = {each.reservation_id for each in over if each.unaccepted}
    assert {told["reservation_id"] for told in _told(world, "OfferExpired")} == unaccepted
    accepted = {each.reservation_id for each in known if each.offer is not None and not each.unaccepted}
    assert {told["reservation_id"] for told in _told(world, "OfferAccepted")} == accepted
    ended = {each.reservation_id for each in over} - never
    freed = {told for each in known for told in _freed(each, ended=each.reservation_id in ended)}
    confirmed = {each.reservation_id for each in known if each.confirmed_at is not None}
    allocated = {each.reservation_id for each in known if each.allocated_at is not None}
    taken_back = {each.reservation_id for each in known if each.taken_back_at is not None}
    said = {told["reservation_id"] for told in _told(world, "ReservationAllocated")}
    assert allocated <= said <= allocated | taken_back
    assert {told["reservation_id"] for told in _told(world, "AllocationTakenBack")} == taken_back
    assert {told["reservation_id"] for told in _told(world, "ReservationCancelled")} == ended - unaccepted
    assert {told["reservation_id"] for told in _told(world, "ReservationConfirmed")} == confirmed
    assert {told["id"] for told in _told(world, "UnitsFreed")} == freed
    _customers_were_mailed(world, known)
    the_shelf_knows(world)
    paid = {each.reservation_id for each in known if each.status == "cancelled" and each.cancelled_by and each.paid}
    assert {told["refund_due_id"] for told in _told(world, "RefundDue")} == {f"{about}@refund" for about in paid}
    sent = {each.reservation_id for each in known if each.cancel_sent_at is not None}
    assert {told["reservation_id"] for told in _told(world, "CancellationRequested")} >= sent


def _freed(known: Reservation, *, ended: bool) -> Iterator[str]:
    """Yield the ids of the events that units of a reservation are free again."""
    seen = Counter[str]()
    for line in known.every_line:
        number, seen[line.sku] = seen[line.sku], seen[line.sku] + 1
        if line.fate == "cancelled" or (line.fate is None and ended):
            about = f"{known.reservation_id}:{number}" if number else known.reservation_id
            yield f"{about}@{line.sku}"


def _customers_were_mailed(world: World, known: list[Reservation]) -> None:
    """Check that who pre-ordered and did not give it back has the mail that confirms it."""
    mailed = {mail.email for mail in world.mails if mail.subject.startswith("Pre-ordered")}
    bought = {"confirmed", "allocated"}  # whose goods left before the mail was written need none
    kept = [each for each in known if each.kind == "preorder" and each.status in bought]
    assert {each.customer.email for each in kept if each.customer} <= mailed, f"promise 2: {mailed}"


def the_shelf_knows(world: World) -> None:
    """Check that the shelf says of each campaign what is so: its terms, and what remains of few units (promise 1)."""
    repository = PreorderRepository(Table("Preorder", world.dynamodb))
    for sku in {str(item["pk"]).partition("#")[2] for _, item in stored(world, "Preorder", f"{items.CAMPAIGN}#")}:
        campaign, counters, told = repository.looked(sku)
        assert campaign is not None
        terms, shown = campaign.terms, row(world, sku).campaign
        closed = min(at for at in (campaign.closed_at, terms.closes_at, campaign.over_at) if at is not None)
        assert (shown.edition, shown.opens_at, shown.closes_at) == (told.looks, terms.opens_at, closed), shown
        assert (shown.release_on, told.owed) == (terms.release_on, False), shown
        if terms.capacity is None:
            assert shown.remaining is None
        else:
            left = sum(each.left for each in counters)
            assert shown.remaining is not None
            assert shown.remaining <= left, f"promise 1: the shelf says {shown.remaining} of {left}"
            assert left > FEW or shown.remaining == left, f"the shelf says {shown.remaining} of {left}"


def _told(world: World, name: str) -> list[Any]:
    return [detail for told, detail in world.events if told == name]


def _claims_are_theirs(world: World, living: list[Reservation]) -> None:
    skus = {str(item["pk"]).partition("#")[2] for _, item in stored(world, "Stock", "SKU#")}
    every = [claim for sku in skus for claim in live_claims(LedgerTable("Stock", world.dynamodb), sku)]
    claims = [claim for claim in every if claim.shipped_at is None]
    claimed = Counter({(claim.sku, claim.claim_id): claim.units for claim in claims if claim.kit is None})
    wanted = Counter(
        {
            (line.sku, f"{each.reservation_id}/{line.sku}"): line.quantity
            for each in living
            for line in each.lines
            if not line.on_credit
        }
    )
    wanted += _credits(world, living)
    book = ClaimBook(LedgerTable("Stock", world.dynamodb))
    netted = [key for key in wanted - claimed if (known := book.claim(*key)) and known.status == "dropped"]
    wanted -= Counter({key: wanted[key] for key in netted})
    assert claimed == wanted, f"promise 1: claims {claimed} for {wanted}"
    given = Counter({(claim.sku, claim.claim_id): claim.given for claim in claims if claim.kit is None})
    lines = [(each.reservation_id, line) for each in living for line in each.lines]
    noted = Counter({(line.sku, f"{reservation_id}/{line.sku}"): line.given for reservation_id, line in lines})
    assert +given == +noted, f"promise 5: given {given}, noted {noted}"
    shop = Shop(world)
    for sku in {claim.sku for claim in every}:
        numbers = shop.stock(sku)
        counted = [claim for claim in every if claim.sku == sku and claim.status != "netted"]
        owed = sum(claim.lacks for claim in counted if not claim.shipped_at)
        units = sum(claim.units for claim in counted)
        contained = [claim for claim in every if claim.sku == sku and claim.status == "netted"]
        awaited = sum(claim.lacks for claim in contained if not claim.shipped_at)
        assert (numbers["owed"], numbers["owed"] + numbers["held"]) == (owed, units), f"promise 1: {numbers}"
        allotted = sum(claim.units for claim in contained) - awaited
        shipped = sum(claim.units for claim in every if claim.sku == sku and claim.shipped_at)
        assert numbers["shipped"] == shipped, f"promise 1: {numbers}"
        assert (numbers["awaited"], numbers["allotted"]) == (awaited, allotted), f"promise 1: {numbers}"
        assert awaited + allotted <= numbers["committed"], f"promise 1: {numbers}"
        parts = numbers["committed"] + numbers["safety"] + numbers["owed"] + numbers["held"] + numbers["free"]
        assert numbers["on_hand"] == parts, numbers


def _open_offers_are_found(world: World, living: list[Reservation]) -> None:
    """Check that each offer that can be accepted is found by its customer's address, and no other is."""
    found = sorted(sk for sk, _ in stored(world, "Preorder", f"{items.OFFERED}#"))
    assert found == sorted(each.reservation_id for each in living if each.unaccepted), "offers by address"


def _credits(world: World, living: list[Reservation]) -> Counter[tuple[str, str]]:
    """Return the units that must be owed ahead by counter: those nobody reserved, and those without a claim yet."""
    owed: Counter[tuple[str, str]] = Counter()
    for each in living:
        for line in each.lines:
            for shard, units in line.shards.items() if line.on_credit else ():
                owed[line.sku, credit_name(CounterName(line.sku, line.campaign or 0, shard))] += units
    for pk, folder in world.memory.tables["Preorder"].items.items():
        for item in (from_item(item) for sk, item in folder.items() if sk.startswith(items.COUNTERS)):
            name = items.counter_of({"pk": pk, **item})
            assert name is not None
            assert item.get("credit", 0) >= 0, item
            follows_goods = "capacity" not in from_item(folder[items.CAMPAIGN])
            assert follows_goods or item["remaining"] >= 0, item
            assert not item.get("credit") or "due_at" in item, f"units would stay owed to nobody: {item}"
            owed[name.sku, credit_name(name)] += item.get("credit", 0)
    return owed


def _sold(known: Reservation) -> list[Line]:
    """Return the lines that count for campaign and limit: those that live, and those that left."""
    lines = known.lines if known.status in {*LIVE, "fulfilled"} else ()
    return [*lines, *(line for line in known.gone if line.fate == "shipped")]


def _counters_are_theirs(world: World, sold: list[tuple[Reservation, Line]]) -> None:
    counted: Counter[tuple[str, int]] = Counter()
    confirmed: Counter[tuple[str, int]] = Counter()
    for each, line in sold:
        if line.campaign is not None:
            counted[line.sku, line.campaign] += line.quantity
            confirmed[line.sku, line.campaign] += line.quantity if each.confirmed_at is not None else 0
    for sk, item in stored(world, "Preorder", f"{items.CAMPAIGN}#"):
        if not sk.startswith(items.COUNTERS):
            continue
        name = items.counter_of(item)
        assert name is not None
        campaign = (name.sku, name.number)
        counted[campaign] -= item.get("reserved", 0)
        confirmed[campaign] -= item.get("confirmed", 0)
    assert {name: units for name, units in counted.items() if units} == {}, "reserved, by campaign"
    assert {name: units for name, units in confirmed.items() if units} == {}, "confirmed, by campaign"


def _limits_are_theirs(world: World, sold: list[tuple[Reservation, Line]]) -> None:
    counted = Counter(
        {str(item["pk"]).partition("#")[2]: item["units"] for _, item in stored(world, "Preorder", "LIMIT#")}
    )
    for _, line in sold:
        for name in line.limits:
            counted[name] -= line.quantity
    if any(each.forgets for each, _ in sold):  # of whom was erased no reservation names the limit that still counts
        counted = Counter({name: units for name, units in counted.items() if units < 0})
    assert {name for name, units in counted.items() if units} == set(), f"limits: {counted}"
