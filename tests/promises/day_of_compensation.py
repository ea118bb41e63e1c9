"""What a shop gives for delays in a broad day (`tests.promises.killing.days`)."""

from tests.promises.shop import Shop
from tests.standby.compensation.remedied import FEE, TWO_LEVELS, rule
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
    shop.world.send("CompensationRecords", {"type": "stock.level"})
    shop.world.settle()
    assert shop.world.bodies("CompensationDeadLetters")[-1] == '{"type": "stock.level"}'
