"""The time of an offer counts open hours alone, as its mail says, and closed hours cost nobody the offer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from standby.platform.clock import from_text, to_text
from standby.platform.deadline import LONGEST, deadline
from standby.platform.formats import Formats
from standby.platform.hours_settings import HoursSettings
from standby.platform.shop_hours import shop_hours

from tests.promises.preorder_checks import adds_up, offers
from tests.promises.shop import Shop
from tests.standby.preorder.line import WaitingLine
from tests.standby.preorder.sales import LAMP
from tests.world import World

JERUSALEM = ZoneInfo("Asia/Jerusalem")
SABBATH = {"REST_DAYS": "6", "REST_HOLIDAYS": "IL"}
NIGHTS = {"QUIET_HOURS": "21:00-08:00", "QUIET_FOR": "all"}
HOURS = 6


def at(text: str, zone: ZoneInfo = JERUSALEM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.fixture
def line(world: World) -> WaitingLine:
    return WaitingLine(Shop(world))


def comes(line: WaitingLine, closed: dict[str, str], moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three wait, and a unit come at a moment to a shop with these hours."""
    for name, value in closed.items():
        monkeypatch.setenv(name, value)
    line.world.clock.at = at(moment) - timedelta(minutes=1)
    line.begins(3, hours=HOURS)
    line.world.settle()
    line.world.clock.at = at(moment)
    line.shop.counts(LAMP, 1)


def ends_at(line: WaitingLine, name: str) -> datetime:
    status, until = line.looks(name)
    assert status == "open"
    return from_text(until or "")


@pytest.mark.parametrize(
    ("comes_at", "ends"),
    [
        pytest.param("2026-05-21T12:00", "2026-05-24T00:00", id="Shavuot, and the Sabbath behind it"),
        pytest.param("2026-09-11T14:00", "2026-09-14T02:00", id="Rosh Hashanah"),
    ],
)
def test_a_feast_shortens_no_offer_and_the_mail_says_so(
    line: WaitingLine, monkeypatch: pytest.MonkeyPatch, comes_at: str, ends: str
) -> None:
    comes(line, SABBATH, comes_at, monkeypatch)
    assert ends_at(line, "w0") == at(ends)
    said = Formats.of("en", "Asia/Jerusalem").instant(to_text(at(ends)))
    assert said in line.mails()[0].text.translate(dict.fromkeys(map(ord, "\u2066\u2068\u2069")))

    line.world.clock.at = at(ends) - timedelta(minutes=2)
    line.world.wait(minutes=1)
    assert line.offered() == ["w0"]
    line.world.wait(minutes=2)
    assert line.offered() == ["w0", "w1"]
    adds_up(line.world)


def test_what_is_offered_at_night_is_held_until_the_morning_tells_and_counts_from_there(
    line: WaitingLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes(line, NIGHTS, "2026-06-02T22:00", monkeypatch)
    assert line.offered() == []
    assert line.reserves("quick", kind="checkout")[0] == 409

    line.world.clock.at = at("2026-06-03T07:50")
    line.world.wait(minutes=1)
    assert line.offered() == []
    line.world.wait(minutes=10)
    assert line.offered() == ["w0"]
    assert ends_at(line, "w0") == at("2026-06-03T14:01")
    line.accepts("w0")
    adds_up(line.world)


def test_an_offer_whose_mail_waits_over_a_feast_is_not_given_away_meanwhile(
    line: WaitingLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes(line, SABBATH | {"QUIET_FOR": "all"}, "2026-09-11T15:30", monkeypatch)
    for _ in range(53):
        line.world.wait(hours=1)
    assert line.offered() == []
    assert [each.status for each in offers(line.world)] == ["held"]

    line.world.wait(hours=1)
    assert line.offered() == ["w0"]
    assert ends_at(line, "w0") == line.world.clock.now() + timedelta(hours=HOURS)


def test_a_shop_that_changes_its_hours_moves_no_deadline_that_was_mailed(
    line: WaitingLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.world.held = frozenset({"PreorderRecords"})
    comes(line, SABBATH, "2026-09-11T14:00", monkeypatch)
    for name in SABBATH:
        monkeypatch.delenv(name)
    line.world.restart()
    line.world.held = frozenset()
    line.world.settle()
    assert ends_at(line, "w0") == at("2026-09-14T02:00")


def test_an_offer_is_over_after_a_month_however_few_hours_were_open() -> None:
    few = shop_hours(HoursSettings(shop_time_zone="Asia/Jerusalem", quiet_hours="12:00-08:00"))
    mailed = at("2026-06-01T09:00")
    assert deadline(mailed, 24, few) == at("2026-06-07T09:00")
    assert deadline(mailed, 720, few) == mailed + LONGEST
    assert deadline(mailed, 720) == mailed + timedelta(hours=720)
