"""A shop's own coupon system knows what became of each code from events alone, in any order, and however often."""

import random
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import choice, eur, percent, rule, shipping, voucher
from tests.standby.compensation.till import Till

pytestmark = pytest.mark.promise("P6", "P10")

CODED = ("percent_off", "voucher", "free_shipping")
CHANGES = ("VoucherRedeemed", "VoucherFreed", "VoucherRevoked")
STATUS = {"VoucherRedeemed": "redeemed", "VoucherFreed": "granted", "VoucherRevoked": "revoked"}


class Mirrored(NamedTuple):
    """What a coupon system must know of a code."""

    status: str
    kind: str
    amount: Mapping[str, Any]
    percent: int | None
    minimum: Mapping[str, Any] | None
    combinable: bool
    bound: bool
    expires_at: str
    redeemed_for: str | None
    value: Mapping[str, Any] | None


def mirror(events: Iterable[tuple[str, Mapping[str, Any]]], now: str) -> dict[str, Mirrored]:
    """Return the codes that there are by the ids of their grants, from events alone."""
    brought: dict[str, Mapping[str, Any]] = {}
    newest: dict[str, tuple[int, str, Mapping[str, Any]]] = {}
    for name, event in events:
        if name in ("RemedyGranted", "RemedyChosen") and event["kind"] in CODED:
            brought[event.get("grant_id", event["id"])] = event
        elif name in CHANGES and event["edition"] > newest.get(event["grant_id"], (0,))[0]:
            newest[event["grant_id"]] = (event["edition"], name, event)
    found = {}
    for grant_id, code in brought.items():
        _, name, last = newest.get(grant_id, (0, "VoucherFreed", {}))
        status = STATUS[name]
        redeemed = status == "redeemed"
        found[grant_id] = Mirrored(
            status="expired" if status == "granted" and code["expires_at"] <= now else status,
            kind=code["kind"],
            amount=code["amount"],
            percent=code.get("percent"),
            minimum=code.get("minimum"),
            combinable=code.get("combinable", True),
            bound=code.get("bound", False),
            expires_at=code["expires_at"],
            redeemed_for=last["order_id"] if redeemed else None,
            value=last["taken_off"] if redeemed else None,
        )
    return found


def answered(ana: Till, orders: Iterable[str]) -> dict[str, Mirrored]:
    """Return the same as the routes answer it."""
    found = {}
    for order_id in orders:
        for granted in ana.asks(f"GET /v1/deliveries/{order_id}/remedies", scopes="ops")[1]["granted"]:
            if granted["code"] is not None:
                shown = ana.asks(f"GET /v1/vouchers/{granted['code']}")[1]
                found[granted["remedy_id"]] = Mirrored(**{name: shown[name] for name in Mirrored._fields})
    return found


@pytest.fixture
def ana(shop: Shop) -> Chooser:
    made = Chooser(shop)
    made.sets(rule(voucher(2, 500, minimum=eur(1_000), combinable=False)))
    return made


def test_what_a_mirror_knows_of_every_code_is_what_the_routes_answer(ana: Chooser) -> None:
    orders = [f"O-{number}" for number in range(9)]
    codes = lives(ana, orders)
    ana.shop.world.clock.advance(hours=49)
    now = ana.now()
    expected = answered(Till(ana.shop), orders)
    ana.shop.world.send("CompensationRecords", {"sweep": "due"})
    ana.shop.world.settle()
    events = list(ana.shop.world.events)
    assert {each.status for each in expected.values()} == {"granted", "redeemed", "revoked", "expired"}
    for seed in range(50):
        heard = [*events, *random.Random(seed).sample(events, len(events) // 2)]
        random.Random(seed).shuffle(heard)
        assert mirror(heard, now) == expected
    bound = [event for name, event in events if name.startswith("Remedy") and event.get("bound")]
    assert [event.get("customer_id") for event in bound] == ["C-7", None]
    told = str([event for name, event in events if name.startswith(("Voucher", "Remedy"))])
    assert not any(word in told for word in (*codes, "@example.org"))


def lives(ana: Chooser, orders: list[str]) -> list[str]:
    """Let codes be granted, chosen, redeemed, priced anew, given back, left, revoked, and become too old."""
    for number, order_id in enumerate(orders):
        if number == 4:
            ana.sets(rule(choice(2, percent(2, 10, 800), shipping(2, 600))))
        if number == 7:
            ana.sets(rule(voucher(2, 700, bound=True)), voucher_valid_days=1)
        ana.places(order_id, email=f"ana-{number}@example.org", customer={"id": "C-7"} if number == 7 else {})
        ana.late(order_id, days=3)
    ana.chooses("percent_off", remedy_id=ana.open(orders[4]).grant_id, token=ana.link("ana-4@example.org"))
    ana.chooses("free_shipping", remedy_id=ana.open(orders[5]).grant_id, token=ana.link("ana-5@example.org"))
    till = Till(ana.shop)
    codes = ana.brought()
    for number, code in enumerate(codes[:5]):
        assert (
            till.redeems(code, f"N-{number}", key=f"k-{number}", order_total=eur(1_200), customer={"id": "C-7"})[0]
            == 200
        )
    assert till.redeems(codes[0], "N-0", key="k-a", order_total=eur(9_000))[0] == 200
    ana.places("N-0", email="ana-10@example.org")
    assert till.asks(f"POST /v1/vouchers/{codes[1]}/release", body={"order_id": "N-1"})[0] == 200
    assert till.redeems(codes[1], "N-9", key="k-b")[0] == 200
    ana.places("N-9", email="ana-11@example.org")
    ana.places("N-3", email="ana-12@example.org")
    ana.tells("cancelled", "N-3")
    assert till.revokes(codes[3])[0] == 200
    return codes
