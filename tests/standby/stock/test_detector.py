"""The ledger's stream, translated."""

from collections.abc import Iterable
from typing import Any

import pytest
from standby.ledger import items
from standby.ledger.model import Location, PurchaseOrder
from standby.platform.bus import Event, detail_of, name_of
from standby.platform.dynamodb import to_item
from standby.platform.queue import Outgoing
from standby.stock.detector import Detector

from tests.fakes import FakeBus, FakeQueue

AT = "2026-05-03T10:00:00.000Z"


def sku(revision: int, free: int, **more: int) -> dict[str, Any]:
    numbers = {"on_hand": free, "committed": 0, "safety": 0, "owed": 0, "held": 0, "incoming": 0, "low_stock": 3,
               "netted_units": 0}  # fmt: skip
    return {**items.sku_key("MUG"), **numbers, **more, "free_units": free, "revision": revision, "changed_at": AT}


def line(eta: str | None, edition: int) -> dict[str, Any]:
    told = PurchaseOrder(purchase_order_id="PO-1", quantity=40, received=15, eta=eta, supplier_id="acme", changed_at=AT)
    return {**items.purchase_order_key("MUG", "PO-1"), **items.purchase_order_values(told), "edition": edition}


def place(edition: int, *, recount: bool = False) -> dict[str, Any]:
    values = items.location_values(Location(location_id="berlin", as_of=AT, recount=recount))
    return {**items.location_key("berlin"), **values, "edition": edition}


def record(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    either = new or old or {}
    change: dict[str, Any] = {"Keys": to_item({"pk": either["pk"], "sk": either["sk"]})}
    if old:
        change["OldImage"] = to_item(old)
    if new:
        change["NewImage"] = to_item(new)
    return {"eventName": "MODIFY", "dynamodb": change}


def announced(*records: dict[str, Any]) -> tuple[list[Event], list[Any]]:
    bus, settles = FakeBus(), FakeQueue()
    Detector(bus=bus, settles=settles, kits=FakeQueue()).handle(records)
    return bus.events, settles.bodies()


def kitted(*records: dict[str, Any]) -> list[Any]:
    kits = FakeQueue()
    Detector(bus=FakeBus(), settles=FakeQueue(), kits=kits).handle(records)
    return kits.bodies()


def names(*records: dict[str, Any]) -> list[str]:
    return [name_of(event) for event in announced(*records)[0]]


@pytest.mark.parametrize(("free", "owed", "givable"), [(-6, 10, 4), (-10, 10, 0), (-12, 10, 0), (2, 0, 2)])
def test_whoever_gives_hears_of_what_is_owed_and_of_how_much_is_there_to_be_given(
    free: int, owed: int, givable: int
) -> None:
    (changed, *_), _ = announced(record(None, sku(1, free, owed=owed)))

    told = detail_of(changed)
    assert (told["owed"], told["givable"], told["sellable"]) == (owed, givable, max(0, free))


def test_a_new_sku_is_told_of() -> None:
    events, settles = announced(record(None, sku(1, 5)))

    assert [event.id for event in events] == ["MUG@1:StockChanged"]
    assert settles == [{"sku": "MUG", "revision": 1, "free": 5, "at": AT, "netted": False, "goods": 5}]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (5, 0, ["StockChanged", "SoldOut"]),
        (5, -2, ["StockChanged", "SoldOut"]),
        (0, -2, ["StockChanged"]),
        (-2, 0, ["StockChanged"]),
        (5, 3, ["StockChanged", "LowStock"]),
        (4, 1, ["StockChanged", "LowStock"]),
        (3, 1, ["StockChanged"]),
        (0, 3, ["StockChanged"]),
        (9, 5, ["StockChanged"]),
    ],
)
def test_what_is_told_of_a_change(before: int, after: int, told: list[str]) -> None:
    assert names(record(sku(1, before), sku(2, after))) == told


def test_sellable_is_never_negative_and_free_may_be() -> None:
    detail = detail_of(announced(record(sku(1, 5), sku(2, -2)))[0][0])

    assert (detail["free"], detail["sellable"], detail["at"]) == (-2, 0, AT)


def test_incoming_goods_are_told_of() -> None:
    assert names(record(sku(1, 5), sku(2, 5, incoming=4))) == ["StockChanged", "IncomingChanged"]
    came = sku(2, 9, incoming=4, landed=4, landed_until=AT)
    assert names(record(sku(1, 5, incoming=4), came)) == ["StockChanged", "IncomingChanged"]


def test_a_write_that_raised_no_revision_is_not_told() -> None:
    assert announced(record(sku(2, 5), sku(2, 5))) == ([], [])


def test_a_netted_change_says_so_to_the_settler() -> None:
    assert announced(record(sku(1, 0), sku(2, 2, netted_units=2)))[1][0]["netted"] is True


@pytest.mark.parametrize(
    ("before", "after", "netted", "goods"), [(2, 9, 0, 7), (0, 2, 2, 0), (2, 9, 3, 4), (9, 2, 0, -7)]
)
def test_the_settler_hears_how_many_units_came_otherwise_than_by_netting(
    before: int, after: int, netted: int, goods: int
) -> None:
    assert announced(record(sku(1, before), sku(2, after, netted_units=netted)))[1][0]["goods"] == goods


def test_another_eta_is_told_and_the_same_one_is_not() -> None:
    events, settles = announced(
        record(None, line("2026-06-01", 1)),
        record(line("2026-06-01", 1), line("2026-06-01", 2)),
        record(line("2026-06-01", 2), line("2026-06-09", 3)),
    )

    assert [(event.id, detail_of(event).get("previous_eta"), detail_of(event)["eta"]) for event in events] == [
        ("MUG/PO-1@1:EtaMoved", None, "2026-06-01"),
        ("MUG/PO-1@3:EtaMoved", "2026-06-01", "2026-06-09"),
    ]
    assert detail_of(events[0])["quantity"] == 25
    assert settles == []


def test_an_order_without_eta_is_not_told_of() -> None:
    assert names(record(None, line(None, 1))) == []


def test_a_location_described_anew_is_told_and_our_own_note_on_it_is_not() -> None:
    events, _ = announced(record(None, place(1, recount=True)), record(place(1, recount=True), place(1)))

    assert [event.id for event in events] == ["berlin@1:StoreChanged"]


def test_other_items_and_deletions_are_nobodys_business() -> None:
    step = {**items.step_key("MUG", AT, "x"), "at": AT}

    assert announced(record(None, step), record(sku(1, 5), None)) == ([], [])


def test_the_bus_is_told_before_the_settler_and_a_failure_is_raised() -> None:
    class Broken(FakeBus):
        def publish(self, events: Any) -> None:
            raise ConnectionError

    settles = FakeQueue()
    with pytest.raises(ConnectionError):
        Detector(bus=Broken(), settles=settles, kits=FakeQueue()).handle([record(None, sku(1, 5))])

    assert settles.messages == []


def test_kits_hear_of_a_sku_that_begins_and_of_each_change_of_a_component() -> None:
    component = {**sku(3, 4), items.IN_KITS: True}

    assert kitted(record(None, sku(1, 5))) == [{"component": "MUG"}]
    assert kitted(record(sku(2, 5), component), record(component, {**component, "revision": 4})) == [
        {"component": "MUG"}
    ]


def test_kits_do_not_hear_of_what_is_in_none_of_them_or_did_not_change() -> None:
    component = {**sku(3, 4), items.IN_KITS: True}

    assert kitted(record(sku(2, 5), sku(3, 4)), record(component, {**component, "due_at": AT})) == []


def test_a_settler_that_heard_of_a_change_proves_that_kits_did() -> None:
    class Lost(FakeQueue):
        def send(self, messages: Iterable[Outgoing]) -> None:
            raise ConnectionError

    settles = FakeQueue()
    with pytest.raises(ConnectionError):
        Detector(bus=FakeBus(), settles=settles, kits=Lost()).handle([record(None, sku(1, 5))])

    assert settles.messages == []
