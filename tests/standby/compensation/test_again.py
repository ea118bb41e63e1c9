"""A delay that was refused for what the order said is looked at again, once, when the order says otherwise."""

from typing import Any

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import TWO_LEVELS, Remedied, remedied

pytestmark = pytest.mark.promise("P6", "P10")

SAID: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "paid": ({"payment_status": "pending"}, {"payment_status": "Paid"}),
    "no employee": ({"customer": {"type": "staff"}}, {"customer": {"type": "consumer"}}),
    "no type": ({"customer": {"type": "staff"}}, {}),
}


def says(made: Remedied, said: dict[str, Any], promised: str) -> None:
    """Let the ERP tell the order again, which was promised for a day."""
    again = made.order(2)
    again["shipments"][0]["promised_until"] = promised
    customer = {"locale": "en", "email": "ana@example.org", **said.get("customer", {})}
    made.tells("placed", **{**again, **said, "customer": customer})


@pytest.fixture(params=SAID.values(), ids=[*SAID])
def late(shop: Shop, request: pytest.FixtureRequest) -> tuple[Remedied, dict[str, Any], dict[str, Any], str]:
    """Return a shop, what the ERP said of an order that is late, what it will say, and the day of its promise."""
    made, (before, after) = remedied(shop), request.param
    promised = made.day(2)
    made.places(**before)
    made.late(days=3)
    assert (made.granted(), len(made.why())) == ([], 1)
    return made, before, after, promised


Late = tuple[Remedied, dict[str, Any], dict[str, Any], str]


def test_what_was_refused_for_it_is_granted_once_as_late_as_it_is_then(late: Late) -> None:
    made, _, after, promised = late
    for _ in range(2):
        says(made, after, promised)
        assert (made.granted(), len(made.mailed())) == ([("voucher", 500)], 1)


def test_a_delay_that_became_longer_meanwhile_has_the_level_of_then(late: Late) -> None:
    made, _, after, promised = late
    made.late(days=6)
    assert made.granted() == []
    says(made, after, promised)
    assert (made.granted(), len(made.mailed())) == ([("voucher", 1_500)], 1)


def test_what_is_back_in_time_by_then_is_granted_nothing(late: Late) -> None:
    made, _, after, promised = late
    made.tells("eta", eta=promised, cause="carrier")
    says(made, after, promised)
    assert (made.granted(), made.mailed()) == ([], [])


def test_the_same_said_again_changes_nothing_though_the_policy_became_another(late: Late) -> None:
    made, before, _, promised = late
    made.sets(TWO_LEVELS, exclusions={"customer_types": [], "unpaid": False})
    edition = made.of().edition
    says(made, before, promised)
    assert (made.granted(), made.of().edition) == ([], edition)


def test_after_a_crash_that_left_it_to_be_looked_at_the_clock_does_so(late: Late, monkeypatch: Any) -> None:
    made, _, after, promised = late
    with monkeypatch.context() as patched:
        patched.setattr("standby.compensation.granting.Issuer.look", lambda *_: None)
        says(made, after, promised)
    assert made.granted() == []
    made.shop.world.send("CompensationRecords", {"sweep": "due"})
    made.shop.world.settle()
    assert made.granted() == [("voucher", 500)]


@pytest.mark.parametrize("said", [{}, {"payment_status": "paid"}], ids=["nothing", "paid"])
def test_an_order_that_was_paid_when_it_was_late_is_told_once(shop: Shop, said: dict[str, Any]) -> None:
    made = remedied(shop)
    promised = made.day(2)
    made.places(**said)
    made.late(days=3)
    says(made, said, promised)
    made.late(days=6)
    assert len(made.heard("OrderPlaced")) == 1


def test_every_shipment_of_a_large_order_is_made_good_once_it_is_paid(shop: Shop) -> None:
    made, skus = remedied(shop), tuple(f"S{number}" for number in range(60))
    made.places(skus=skus, payment_status="pending")
    made.late(days=3)
    assert len({refusal.shipment_id for refusal in made.of().refusals}) == 60
    made.places(skus=skus, payment_status="paid")
    shop.world.wait(minutes=10)
    assert made.granted() == [("voucher", 500)] * 60
