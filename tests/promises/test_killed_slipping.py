"""Promises 2 and 3 of a later day of which the mail reached nobody, whichever call breaks."""

import pytest
from standby.platform.clock import to_text

from tests.promises.killing import Scenario, dead_letters, everything_runs, report
from tests.promises.preorder_checks import adds_up, reservations
from tests.promises.shop import Shop
from tests.standby.delivery.parcels import Parcels
from tests.standby.preorder.sales import Sales
from tests.standby.preorder.test_postponed import AUGUST, JULY, releases
from tests.standby.preorder.test_promising import in_line
from tests.standby.preorder.test_slipping import mails, placed
from tests.world import World

pytestmark = pytest.mark.promise("P2", "P3")


def two_were_mailed_a_later_day_of_whom_one_ordered(shop: Shop) -> None:
    sales = Sales(shop)
    releases(sales, JULY)
    first, _ = in_line(sales, 1, 1)
    releases(sales, AUGUST)
    placed(Parcels(shop), first)


def neither_mail_arrived(world: World) -> None:
    reasons = {"c0@example.org": "suppressed", "c1@example.org": "expired"}
    for each in reservations(world):
        about = each.reservation_id
        detail = {
            "id": about,
            "at": to_text(world.clock.now()),
            "references": [f"p1~{about}"],
            "reason": reasons[each.customer.email if each.customer else ""],
            "job_id": f"postponed#{about}@{AUGUST}",
            "kind": "postponed",
        }
        world.send("PreorderRecords", {"source": "standby", "detail-type": "MailRefused", "detail": detail})
    everything_runs(world)


def both_are_told_again(world: World, most: int) -> None:
    sales = Sales(Shop(world))
    assert mails(sales)[0] == "postponed"
    assert 1 <= mails(sales)[1:].count("delayed") == len(mails(sales)) - 1 <= most, f"promises 2, 3: {mails(sales)}"
    later = [mail for mail in world.mails if mail.email == "c1@example.org" and mail.subject.startswith("Later")]
    assert 2 <= len(later) <= 1 + most, f"promises 2, 3: {later}"
    adds_up(world)
    assert dead_letters(world) == [], dead_letters(world)


SCENARIOS = (
    Scenario(
        "the mail about a later day reaches nobody",
        two_were_mailed_a_later_day_of_whom_one_ordered,
        neither_mail_arrived,
        both_are_told_again,
        every=11,
    ),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_day_that_reached_nobody_is_told_whatever_breaks(
    scenario: Scenario, shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.set_up(shop, monkeypatch)

    report(capsys, scenario.name, scenario.broken(shop.world))
