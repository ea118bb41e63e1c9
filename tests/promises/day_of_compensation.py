"""What a shop gives for delays in a broad day (`tests.promises.killing.days`)."""

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.agent import Agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.rehearser import Rehearser
from tests.standby.compensation.remedied import FEE, ONE_OF_THREE, TWO_LEVELS, eur, rule
from tests.standby.compensation.till import Till


def everything_happens(shop: Shop) -> None:
    """One order is made good twice, another by its fee, of a third the budget covers nothing; a message is poison."""
    made = Till(shop)
    made.sets(rule(FEE, name="fee", channels=["app"]), TWO_LEVELS, budget=1_990)
    made.places("R-1", email="dan@example.org")
    made.late("R-1", days=3)
    made.late("R-1", days=7)
    made.places("R-2", email="eve@example.org", channel="app")
    made.late("R-2", days=2)
    made.places("R-3", email="fay@example.org")
    made.late("R-3", days=2)
    assert [made.granted(order_id) for order_id in ("R-1", "R-2", "R-3")] == [
        [("voucher", 500), ("voucher", 1_000)],
        [("delivery_fee_back", 490)],
        [],
    ]
    assert len(made.heard("BudgetEnded")) == 1
    first, second = made.brought()
    assert made.redeems(first)[1]["status"] == "redeemed"
    made.places("NEXT", email="gil@example.org")
    made.tells("cancelled", "NEXT")
    made.places("AFTER", email="gil@example.org", discount_codes=[first])
    assert [event["order_id"] for event in made.heard("VoucherRedeemed")] == ["NEXT", "AFTER"]
    made.tells("shipped", "AFTER")
    assert made.revokes(second)[1]["status"] == "revoked"
    assert len(made.asks("GET /v1/deliveries/R-1/remedies")[1]["granted"]) == 2
    _some_choose(shop)
    people_decide(shop)
    assert Rehearser(shop).rehearses(TWO_LEVELS, per_customer_month=[eur(900)])["policy"]["orders"] > 0
    shop.world.send("CompensationRecords", {"type": "stock.level"})
    shop.world.settle()
    assert shop.world.bodies("CompensationDeadLetters")[-1] == '{"type": "stock.level"}'


def _some_choose(shop: Shop) -> None:
    """One of four chooses, of one the shop takes it back, and two do not choose: they are looked at in pages."""
    made = Chooser(shop)
    made.sets(rule(ONE_OF_THREE))
    with pytest.MonkeyPatch.context() as shops:
        shops.setattr("standby.compensation.repository.PAGE", 1)
        shops.setattr("standby.compensation.repository.DUE_SHARDS", ("DUE#0",))
        for number in range(4):
            made.places(f"C-{number}", email=f"gil-{number}@example.org")
            made.late(f"C-{number}", days=3)
        first, second = (made.open(f"C-{number}").grant_id for number in range(2))
        token = made.link("gil-0@example.org")
        assert made.chooses("voucher", remedy_id=first, token=token)[0] == 200
        assert made.own(token=token)["remedies"][0]["status"] == "given"
        assert made.rates(right=True, token=token)[0] == 200
        path, body = "/v1/deliveries/C-1/remedies/revoke", {"remedy_id": second}
        assert shop.world.request("compensation_api", "POST", path, body=body, scopes="ops")[0] == 200
        made.time_passes(15)
    assert [made.granted(f"C-{number}") for number in (1, 2, 3)] == [[("choice", 0)]] * 3
    shop.world.restart()


def people_decide(shop: Shop) -> None:
    """Somebody grants two orders more than may be given without approval; one is approved, the other is denied."""
    made = Agent(shop)
    made.sets(TWO_LEVELS, approval_above=[eur(100)])
    for order_id, decision in (("R-8", "approve"), ("R-9", "deny")):
        made.places(order_id, email=f"{order_id}@example.org")
        assert made.gives(order_id)[1]["approval"] == "awaiting_approval"
        assert made.waiting() == [(order_id, 700)]
        assert made.decides(decision, order_id)[0] == 200
    assert made.granted("R-9") == [("voucher", 0)]
