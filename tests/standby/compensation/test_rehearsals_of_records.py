"""A rehearsal counts what the records say: what was late without a policy, in which order, and what came of choices."""

import pytest

from tests.promises.shop import Shop
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.rehearser import Rehearser, cost, undecided, why
from tests.standby.compensation.remedied import ONE_OF_THREE, TWO_LEVELS, eur, rule, voucher

pytestmark = pytest.mark.promise("P6", "P10")


class Records(Rehearser, Chooser):
    """A shop whose customers choose, and which looks every hour what is due."""

    def in_parts(self, count: int, order_id: str = "O") -> None:
        """Let an order of several shipments be placed."""
        self.places(order_id, skus=tuple(f"S{number}" for number in range(count)))

    def passes(self, **duration: float) -> None:
        """Let time pass, with the hourly look at its end."""
        self.shop.world.clock.advance(**duration)
        self.shop.world.send("CompensationRecords", {"sweep": "due"})
        self.shop.world.settle()


def test_what_was_late_before_the_first_policy_counts_of_orders_late_again(shop: Shop) -> None:
    made = Records(shop)
    made.in_parts(2)
    made.late(days=3, shipment_id="A")
    made.sets(TWO_LEVELS)
    made.late(days=3, shipment_id="B")
    shown = made.rehearses(TWO_LEVELS)
    assert (shown["late_orders"], shown["late_shipments"], cost(shown)) == (1, 2, {"EUR": 1_000})
    assert undecided(shown) == {"as_it_is_now": 1}


def test_what_granting_heard_of_counts_as_granting_saw_it(shop: Shop) -> None:
    made = Records(shop)
    made.sets(TWO_LEVELS)
    made.in_parts(2)
    made.late(days=3, shipment_id="A")
    made.late(days=6, shipment_id="B")
    shown = made.rehearses(TWO_LEVELS)
    assert (shown["late_shipments"], cost(shown), shown["undecided"]) == (2, {"EUR": 2_000}, [])


@pytest.mark.parametrize("already", [True, False], ids=["with a policy", "without one"])
def test_a_late_shipment_that_is_planned_anew_counts_once(shop: Shop, *, already: bool) -> None:
    made = Records(shop)
    if already:
        made.sets(rule(voucher(9, 500)))
    made.places()
    made.late(days=3)
    said = made.order(5)
    said["shipments"] = [{**said["shipments"][0], "shipment_id": "ANEW"}]
    made.tells("placed", "O", **said, customer={"email": "ana@example.org"})
    assert "ANEW" not in made.of().late, "it is no news"
    shown = made.rehearses(TWO_LEVELS)
    assert (shown["late_shipments"], cost(shown)) == (1, {"EUR": 500})
    assert undecided(shown) == ({} if already else {"as_it_is_now": 1})


def test_a_delay_that_was_over_within_its_grace_is_no_matter_of_a_cap(shop: Shop) -> None:
    made = Records(shop)
    made.sets(TWO_LEVELS, grace_hours=24)
    made.places()
    made.late(days=3)
    made.passes(hours=2)
    made.late(days=0)
    for _ in range(3):
        made.passes(days=1)
    assert made.granted() == []
    shown = made.rehearses(TWO_LEVELS, grace_hours=24)
    assert why(shown, "current") == why(shown) == {"within_grace": 1}


def test_what_a_cap_leaves_nothing_of_is_a_matter_of_the_cap(shop: Shop) -> None:
    made = Records(shop)
    made.places()
    made.late(days=3)
    assert why(made.rehearses(TWO_LEVELS, per_order=[eur(0)])) == {"cap": 1}


@pytest.mark.parametrize("page", [1, 200])
def test_orders_decided_in_one_moment_come_to_what_was_granted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr("standby.compensation.rehearsals.DECIDED", page)
    made = Records(shop)
    levels, more = rule(voucher(2, 1_000), voucher(5, 1_500)), {"budget": 1_500, "grace_hours": 24}
    made.sets(levels, **more)
    for order_id, days in (("B", 3), ("A", 6)):
        made.places(order_id, email=f"{order_id.lower()}@example.org")
        made.late(order_id, days=days)
    for _ in range(30):
        made.passes(hours=1)
    assert made.spent() == 1_000
    shown = made.rehearses(levels, **more)
    assert cost(shown, "current") == cost(shown) == {"EUR": made.spent()}
    assert why(shown, "current") == {"budget": 1}


def test_what_past_choices_came_to_stands_beside_what_is_kept_for_them(shop: Shop) -> None:
    made = Records(shop)
    made.sets(rule(ONE_OF_THREE))
    for number in range(3):
        made.places(f"C-{number}", email=f"ana-{number}@example.org")
        made.late(f"C-{number}", days=3)
    kept = [made.open(f"C-{number}").amount for number in range(3)]
    assert kept == [800, 800, 800], "the dearest of the three"
    assert made.chooses("voucher", remedy_id=made.open("C-0").grant_id, token=made.link("ana-0@example.org"))[0] == 200
    assert (
        made.chooses("free_shipping", remedy_id=made.open("C-1").grant_id, token=made.link("ana-1@example.org"))[0]
        == 200
    )

    same, other = made.rehearses(rule(ONE_OF_THREE)), made.rehearses(TWO_LEVELS)

    (of_same,), (of_other,) = same["policy"]["cost"], other["policy"]["cost"]
    assert of_same["amount"] == of_same["kept_for_choices"] == 2_400
    assert of_same["past_choices"] == {"count": 2, "kept": 1_600, "came_to": 1_100}, "one may still choose"
    assert of_other["past_choices"] == {"count": 0, "kept": 0, "came_to": 0}
