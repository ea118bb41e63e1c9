"""The days to choose are counted from when the mail can first go, so none of them is over before it went."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from standby.compensation.links import Links
from standby.platform.clock import from_text

from tests.promises.shop import TOKENS, Shop
from tests.standby.compensation.agent import Agent
from tests.standby.compensation.chooser import Chooser
from tests.standby.compensation.remedied import choice, eur, rule, shipping, voucher
from tests.world import ENVIRONMENT

pytestmark = pytest.mark.promise("P2", "P10")
ZONE = ZoneInfo(ENVIRONMENT["SHOP_TIME_ZONE"])
ONE_DAY = choice(2, voucher(2, 500), shipping(2, 600), days=1)
SABBATH = {"REST_DAYS": "6", "REST_BEGINS": "15:00", "REST_ENDS": "21:00", "QUIET_FOR": "all"}
NIGHTS = {"QUIET_HOURS": "21:00-08:00", "QUIET_FOR": "all"}


class Ana(Chooser, Agent):
    """A customer, and people of the shop."""


def closes(shop: Shop, monkeypatch: pytest.MonkeyPatch, hours: dict[str, str], at: str) -> Ana:
    """Return a customer of a shop that has these closed hours, at a moment by its clock."""
    for name, value in hours.items():
        monkeypatch.setenv(name, value)
    moment = datetime.fromisoformat(at).replace(tzinfo=ZONE)
    shop.world.clock.advance(seconds=(moment - shop.world.clock.now()).total_seconds())
    made = Ana(shop)
    made.sets(rule(ONE_DAY))
    return made


def mails_go(made: Ana, hours: int) -> datetime:
    """Let hours pass until the mail went; return when it did."""
    for _ in range(hours * 6):
        made.shop.world.wait(minutes=10)
        made.shop.world.send("MailFeedback", {"sweep": "due"})
        made.shop.world.settle()
        if made.mailed():
            return made.shop.world.clock.now()
    raise AssertionError("it did not go")


@pytest.mark.parametrize(
    ("hours", "at", "last"),
    [
        (SABBATH, "2026-09-04T16:00", "2026-09-06"),
        (SABBATH, "2026-09-04T14:00", "2026-09-05"),
        (NIGHTS, "2026-09-07T22:00", "2026-09-09"),
        (NIGHTS, "2026-09-07T20:00", "2026-09-08"),
        (SABBATH | {"QUIET_FOR": "advertising"}, "2026-09-04T16:00", "2026-09-05"),
        ({}, "2026-09-04T16:00", "2026-09-05"),
    ],
    ids=["in the Sabbath", "before it", "at night", "in the evening", "only advertising waits", "always open"],
)
def test_mail_page_and_expiry_name_a_day_that_is_not_over_when_the_mail_goes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, hours: dict[str, str], at: str, last: str
) -> None:
    ana = closes(shop, monkeypatch, hours, at)
    ana.places()
    ana.late(days=3)
    went = mails_go(ana, 40)
    grant, day = ana.open(), date.fromisoformat(last)
    over = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE)
    assert (grant.choose_by, from_text(grant.choose_until or "")) == (last, over.astimezone(UTC))
    assert went + timedelta(hours=12) < over, "somebody has half a day at least"
    named = f"{day:%B} {day.day}, {day.year}"
    assert f"You can choose until {named}." in ana.read()[0][1]
    token = Links("", lambda: TOKENS).remedies("O", shop.world.clock.now())
    assert f"You can choose until {named}." in ana.own(page=True, token=token)
    shop.world.clock.advance(seconds=(over - shop.world.clock.now()).total_seconds() - 1)
    ana.time_passes(0)
    assert ana.chooses("voucher", token=token)[0] == 200


def test_of_what_is_gathered_it_is_counted_from_the_one_mail(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = closes(shop, monkeypatch, NIGHTS, "2026-09-07T20:58")
    ana.places(skus=("LAMP", "DESK"))
    ana.late(days=3)
    assert [grant.choose_by for grant in ana.of().grants] == ["2026-09-09"] * 2


def test_of_what_waited_for_approval_it_is_counted_from_the_approval(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = closes(shop, monkeypatch, SABBATH, "2026-09-03T10:00")
    ana.sets(rule(ONE_DAY), approval_above=[eur(100)])
    ana.places()
    ana.late(days=3)
    assert ana.of().grants[0].choose_by == "2026-09-04"
    shop.world.clock.advance(hours=31)
    ana.decides("approve")
    assert ana.open().choose_by == "2026-09-06"


def test_it_is_by_the_clock_of_the_customer_where_that_is_known(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = closes(shop, monkeypatch, NIGHTS, "2026-09-07T20:00")
    ana.places(customer={"time_zone": "Asia/Tokyo"})
    ana.late(days=3)
    went = mails_go(ana, 12)
    assert went.astimezone(ZONE).date().isoformat() == "2026-09-08"
    assert ana.open().choose_by == "2026-09-09"
