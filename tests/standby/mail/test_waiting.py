"""Closed hours: what waits, for whom and until when, what never waits, and that nobody is lost or told twice for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.mail.model import AddressMarks, Mail, NotSentError, Purpose, UnverifiedError
from standby.mail.repository import MailRepository
from standby.mail.waiting import MOST_BYTES, Calendar
from standby.mail_job import MailJob, Recipient
from standby.platform.address import address_key
from standby.platform.clock import from_text, to_text
from standby.platform.hours_settings import HoursSettings
from standby.platform.json_text import from_json
from standby.platform.shop_hours import closed_hours, shop_hours
from standby.platform.table import Table

from tests.fakes import AT_ONCE, FakeBus, FakeClock, FakeQueue
from tests.standby.mail.post_room import FakeMailer, PostRoom, job, raises
from tests.tables import in_memory

JERUSALEM, NEW_YORK = "Asia/Jerusalem", "America/New_York"
ISRAEL = HoursSettings(
    shop_time_zone=JERUSALEM, quiet_hours="21:00-08:00", rest_days="6", rest_holidays="IL", quiet_for="all"
)
SABBATH = HoursSettings(shop_time_zone=JERUSALEM, rest_days="6", rest_holidays="IL")


class Advertising:
    """Writes the same advertising, whatever the job."""

    def render(self, *_said: object, **_more: object) -> Mail:
        return Mail(Purpose.ADVERTISING, "New", "<p>New</p>", "New", frozenset(), advertises=True)


def at(text: str, zone: str = JERUSALEM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def closes(room: PostRoom, settings: HoursSettings) -> None:
    """Give the shop its hours."""
    room.calendar = Calendar(shop_hours(settings), everything=settings.quiet_for == "all")
    room.set_rate(room.rate)


def advertises(room: PostRoom) -> None:
    """Let whatever is mailed be advertising."""
    room.sender = replace(room.sender, renderer=Advertising())


def wanted(each: MailJob, zone: str | None = None) -> MailJob:
    """Return a job whose recipients agreed to advertising, and live in a zone."""
    people = [recipient._replace(marketing=True, time_zone=zone) for recipient in each.recipients]
    return each._replace(recipients=people)


@pytest.fixture
def closed(room: PostRoom) -> PostRoom:
    """Return the post room at nine in the evening, when the shop leaves everybody alone until eight."""
    closes(room, ISRAEL)
    room.clock.at = at("2026-06-02T21:00")
    return room


@pytest.mark.parametrize(
    ("closes_at", "opens_at"),
    [
        pytest.param("2026-05-21T15:00", "2026-05-23T21:00", id="Shavuot on a Friday, and the Sabbath behind it"),
        pytest.param("2026-09-11T15:00", "2026-09-13T21:00", id="Rosh Hashanah on a Sabbath and a Sunday"),
    ],
)
def test_nothing_advertising_leaves_from_the_eve_of_a_feast_to_its_end(
    room: PostRoom, closes_at: str, opens_at: str
) -> None:
    closes(room, SABBATH)
    advertises(room)
    eve, end = at(closes_at), at(opens_at)
    room.clock.at = eve - timedelta(minutes=1)
    room.deliver(wanted(job(1, job_id="before", clock=room.clock)))
    assert room.mailer.delivered == ["person0@example.com"]

    hour = eve
    while hour < end:
        room.clock.at = hour
        room.deliver(wanted(job(1, job_id=f"at {hour}", clock=room.clock)._replace(patient=True)))
        room.sweep()
        room.settle()
        hour += timedelta(hours=1)
    assert room.mailer.delivered == ["person0@example.com"]

    room.clock.at = end
    room.clock.advance(minutes=1)
    room.sweep()
    room.settle()
    assert len(room.mailer.delivered) == 1 + (end - eve) // timedelta(hours=1)


def test_a_notice_waits_only_where_the_shop_says_so(closed: PostRoom) -> None:
    closes(closed, replace(ISRAEL, quiet_for="advertising"))
    closed.deliver(job(1, clock=closed.clock, job_id="goes"))
    assert closed.mailer.delivered == ["person0@example.com"]

    closes(closed, ISRAEL)
    closed.deliver(job(2, clock=closed.clock, job_id="waits", valid_for=86_400))
    assert closed.mailer.delivered == ["person0@example.com"]
    assert closed.counts["MailWaits"] == 2


def test_what_comes_by_the_urgent_queue_never_waits(closed: PostRoom) -> None:
    closed.deliver(job(1, kind="confirm", wave=None, clock=closed.clock), urgent=True)
    assert closed.mailer.delivered == ["person0@example.com"]


@pytest.mark.parametrize(
    ("send_by", "goes"),
    [("2026-06-03T03:00", True), ("2026-06-03T08:30", True), ("2026-06-03T12:00", False), ("2026-06-01T12:00", True)],
)
def test_what_the_law_dates_goes_before_that_date_closed_hours_or_not(
    closed: PostRoom, send_by: str, *, goes: bool
) -> None:
    closed.deliver(job(1, clock=closed.clock, valid_for=86_400, send_by=to_text(at(send_by))))
    assert bool(closed.mailer.delivered) is goes


def test_a_job_that_waited_goes_once_in_the_morning(closed: PostRoom) -> None:
    closed.deliver(job(3, clock=closed.clock, valid_for=86_400))
    closed.clock.at = at("2026-06-03T07:59")
    closed.sweep()
    assert closed.queue.messages == []

    closed.clock.at = at("2026-06-03T08:01")
    for _ in range(3):
        closed.sweep()
        closed.settle()
    assert sorted(closed.mailer.delivered) == [f"person{number}@example.com" for number in range(3)]
    assert closed.references("MailAccepted") == ["entry-0", "entry-1", "entry-2"]


def test_each_customer_of_a_job_waits_by_their_own_clock(closed: PostRoom) -> None:
    home, abroad = Recipient("home", "home@example.com"), Recipient("abroad", "abroad@example.com", time_zone=NEW_YORK)
    slots = {"mine": "m", "leave": "l"}
    people = [person._replace(slots=slots, consented_at="2026-01-01T00:00:00Z") for person in (home, abroad)]
    closed.deliver(job(clock=closed.clock, valid_for=200_000)._replace(recipients=people))
    assert closed.mailer.delivered == ["abroad@example.com"], "it is two in the afternoon in New York"

    closed.clock.at = at("2026-06-03T08:01")
    closed.sweep()
    closed.settle()
    assert closed.mailer.delivered == ["abroad@example.com", "home@example.com"]


def test_a_customer_whose_zone_nobody_knows_lives_where_the_shop_is(closed: PostRoom) -> None:
    closed.deliver(wanted(job(1, clock=closed.clock), zone="Mars/Olympus_Mons"))
    assert closed.mailer.delivered == []


def test_closed_hours_do_not_shorten_the_time_of_a_patient_job(closed: PostRoom) -> None:
    closed.clock.at = at("2026-09-11T14:59")
    closes(closed, replace(SABBATH, quiet_for="all"))
    closed.clock.advance(minutes=1)
    closed.deliver(job(2, clock=closed.clock, valid_for=86_400, patient=True))
    closed.clock.at = at("2026-09-13T21:01")
    closed.sweep()
    (waited,) = closed.queue.bodies()
    assert from_text(waited["valid_until"]) == at("2026-09-14T21:00")

    closed.settle()
    assert len(closed.mailer.delivered) == 2


def test_who_could_only_be_mailed_too_late_keeps_the_place_and_nobody_is_called(closed: PostRoom) -> None:
    closed.deliver(job(2, clock=closed.clock, valid_for=3600))

    assert closed.references("MailRefused", "expired") == ["entry-0", "entry-1"]
    assert closed.counts == {"MailRefusedExpired": 2}, "an alarm rings for MailNotSentAfterAll, and nothing is wrong"
    closed.clock.at = at("2026-06-03T08:01")
    closed.sweep()
    assert closed.queue.messages == []


def test_whoever_leaves_while_the_mail_waits_is_not_mailed(closed: PostRoom) -> None:
    closed.deliver(job(2, clock=closed.clock, valid_for=86_400))
    gone = address_key("person1@example.com")
    closed.repository.mark(gone, lambda marks: marks.left(closed.clock.now()), now=closed.clock.now())
    closed.clock.at = at("2026-06-03T08:01")
    closed.sweep()
    closed.settle()

    assert closed.mailer.delivered == ["person0@example.com"]
    assert closed.references("MailRefused", "left") == ["entry-1"]


def test_whoever_left_before_the_mail_had_to_wait_is_told_at_once(closed: PostRoom) -> None:
    marks = AddressMarks(left_at=closed.clock.now())
    closed.repository.mark(address_key("person0@example.com"), lambda _marks: marks, now=closed.clock.now())
    closed.deliver(job(2, clock=closed.clock, valid_for=86_400))
    assert closed.references("MailRefused", "left") == ["entry-0"]


def test_a_night_that_begins_while_a_job_is_sent_lets_the_rest_wait(closed: PostRoom) -> None:
    closed.set_rate(1)
    closed.clock.at = at("2026-06-02T20:59:58")
    sent: list[datetime] = []
    closed.mailer.scripts = [lambda _: sent.append(closed.clock.at) for _ in range(5)]
    closed.deliver(job(5, clock=closed.clock, valid_for=86_400))
    assert 0 < len(closed.mailer.delivered) < 5
    assert max(sent) < at("2026-06-02T21:00"), "its turn came when it was closed"
    closed.mailer.scripts.clear()

    closed.clock.at = at("2026-06-03T08:01")
    closed.sweep()
    closed.settle()
    assert sorted(closed.mailer.delivered) == [f"person{number}@example.com" for number in range(5)]
    assert closed.references("MailAccepted") == [f"entry-{number}" for number in range(5)]


def test_whoever_waits_when_it_opens_in_the_middle_of_a_job_is_not_forgotten(closed: PostRoom) -> None:
    closed.rate = 1
    closed.clock.at = at("2026-06-03T07:59:58")
    several = job(8, clock=closed.clock, valid_for=86_400)
    zones = ["UTC", "Asia/Tokyo"] * 4  # it is five in the morning, and two in the afternoon
    people = [person._replace(time_zone=zone) for person, zone in zip(several.recipients, zones, strict=True)]
    closes(closed, replace(ISRAEL, quiet_hours="02:00-05:00"))
    closed.deliver(several._replace(recipients=people))
    assert closed.mailer.delivered == [f"person{number}@example.com" for number in (1, 3, 5, 7)]
    assert closed.clock.at > at("2026-06-03T08:00")

    closed.clock.advance(minutes=1)
    closed.sweep()
    closed.settle()
    assert sorted(closed.mailer.delivered) == [f"person{number}@example.com" for number in range(8)]


def test_a_job_that_is_put_away_again_while_it_is_swept_is_not_forgotten(closed: PostRoom) -> None:
    """The clock of the function that sent it may be behind the sweeper's: for it, the hour had not come."""
    closed.deliver(job(1, clock=closed.clock, valid_for=86_400))
    morning = at("2026-06-03T08:01")
    (due,) = closed.waiting.jobs(["MUG@7#1#0#0"], morning)
    closed.deliver(job(1, clock=closed.clock, valid_for=86_400))
    closed.waiting.take_away(due)

    closed.clock.at = morning
    closed.sweep()
    assert len(closed.queue.messages) == 1


@pytest.mark.parametrize("late", [False, True], ids=["in order", "the older one last"])
def test_of_jobs_that_wait_about_the_same_only_the_newest_is_sent(closed: PostRoom, *, late: bool) -> None:
    older = job(1, clock=closed.clock, valid_for=86_400)._replace(job_id="postponed#1", about="day of 1")
    since = [each._replace(consented_at=to_text(closed.clock.at + timedelta(minutes=1))) for each in older.recipients]
    newer = older._replace(job_id="postponed#2", recipients=since)
    other = older._replace(job_id="postponed#3", about="day of 2")
    for each in [newer, older] if late else [older, newer]:
        closed.deliver(each)
    closed.deliver(other)

    closed.clock.at = at("2026-06-03T08:01")
    closed.sweep()
    assert sorted(from_json(message.body)["job_id"] for message in closed.queue.messages) == [
        "postponed#2",
        "postponed#3",
    ]


def test_a_job_too_long_for_the_table_goes_round_in_its_queue(closed: PostRoom) -> None:
    long = job(1, clock=closed.clock, valid_for=86_400)
    closed.deliver(long._replace(data={**long.data, "more": "x" * MOST_BYTES}))
    (message,) = closed.queue.messages
    assert message.delay_seconds == 900
    assert closed.mailer.delivered == []


def test_what_a_job_carried_is_there_after_its_night(closed: PostRoom) -> None:
    closed.clock.at = at("2026-06-02T20:59")
    closed.mailer.scripts = [raises(NotSentError("paused", 60, ours=True))]
    closed.deliver(job(1, clock=closed.clock, valid_for=86_400))
    (back,) = closed.queue.drain()
    closed.clock.at = at("2026-06-02T21:01")
    closed.deliver(back)
    closed.clock.at = at("2026-06-03T08:01")
    closed.sweep()
    (message,) = closed.queue.messages
    assert (message.attributes, message.received_at) == (back.attributes, back.received_at)


def test_whoever_is_not_verified_waits_for_the_morning_like_everybody(closed: PostRoom) -> None:
    closed.clock.at = at("2026-06-02T20:59")
    closed.mailer.scripts = [raises(UnverifiedError("not verified", [0]))]
    closed.deliver(job(1, clock=closed.clock, valid_for=86_400))
    (back,) = closed.queue.drain()
    closed.clock.at = at("2026-06-02T21:01")
    closed.deliver(back)
    assert closed.queue.messages == []
    assert closed.counts["SesRefusesUs"] == 1, "nobody was refused at night"


def test_a_sweep_goes_on_page_by_page(closed: PostRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standby.mail.waiting_repository.PAGE", 2)
    for number in range(15):
        closed.deliver(job(1, job_id=f"job {number}", clock=closed.clock, valid_for=86_400 * 9))
        closed.clock.advance(seconds=1)
    closed.clock.at = at("2026-06-09T12:00")  # the sweep stood still for days
    closed.sweep()
    assert sorted(body["job_id"] for body in closed.queue.bodies()) == sorted(f"job {number}" for number in range(15))
    closed.queue.drain()
    closed.sweep()
    assert closed.queue.messages == []


ZONES = (JERUSALEM, NEW_YORK, "Pacific/Auckland", None)
Coming = tuple[int, str | None, bool]
"""After how many minutes a job comes, in which zone its customer lives, and whether somebody waits for it."""


class InMemory:
    """A client of DynamoDB in memory, because moto takes milliseconds for what hypothesis asks thousands of times."""

    def __init__(self) -> None:
        self._memory = in_memory()

    def __getattr__(self, name: str) -> Any:
        operation = "".join(part.capitalize() for part in name.split("_"))
        return lambda **request: self._memory.call(operation, request)


def open_to(settings: HoursSettings, zone: str | None, moment: datetime) -> bool:
    hours = closed_hours(settings, zone or settings.shop_time_zone)
    assert hours is not None
    return hours.is_open(moment)


@given(
    settings=st.sampled_from([ISRAEL, replace(ISRAEL, quiet_for="advertising")]),
    start=st.integers(0, 20),
    coming=st.lists(st.tuples(st.integers(0, 1_500), st.sampled_from(ZONES), st.booleans()), min_size=1, max_size=6),
    redelivered=st.booleans(),
)
def test_nothing_advertising_leaves_in_a_closed_hour_everything_leaves_once_it_opens_and_urgent_mail_never_waits(
    settings: HoursSettings, start: int, coming: list[Coming], *, redelivered: bool
) -> None:
    repository = MailRepository(Table("Mail", InMemory(), AT_ONCE))  # type: ignore[arg-type]
    room = PostRoom(FakeClock(), InMemory(), FakeMailer(), FakeBus(), FakeQueue(), FakeQueue(), repository)  # type: ignore[arg-type]
    closes(room, settings)
    advertises(room)
    room.clock.at = at("2026-09-08T12:00") + timedelta(hours=6 * start)  # up to and over Rosh Hashanah
    zones: dict[str, str | None] = {}
    left: dict[str, datetime] = {}

    def note() -> None:
        for email in room.mailer.delivered:
            assert email not in left, "told twice"
            left[email] = room.clock.at
            assert zones[email] == "urgent" or open_to(settings, zones[email], room.clock.at)
        room.mailer.delivered.clear()

    def quarter_of_an_hour_passes() -> None:
        room.clock.advance(minutes=15)
        room.sweep()
        room.deliver(*room.queue.drain())
        note()

    for number, (after, zone, urgent) in enumerate(coming):
        for _ in range(after // 15):
            quarter_of_an_hour_passes()
        email = f"person{number}@example.com"
        zones[email] = "urgent" if urgent else zone
        patient = job(1, job_id=email, emails=[email], wave=None, clock=room.clock, patient=True)
        for _ in range(1 + redelivered):
            assert room.deliver(wanted(patient, zone), urgent=urgent) == []
        note()
        assert (email in left) is (urgent or open_to(settings, zone, room.clock.at)), "it goes at once where it may"
    for _ in range(4 * 24 * 5):
        quarter_of_an_hour_passes()
    assert left.keys() == zones.keys(), "lost"


def test_the_body_of_a_job_that_waits_is_the_one_that_came(closed: PostRoom) -> None:
    came = job(1, clock=closed.clock, valid_for=86_400)
    closed.deliver(came)
    assert closed.waiting.jobs([came.job_id], closed.clock.now()) == [], "the index may still say that it is due"
    (due,) = closed.waiting.jobs([came.job_id], at("2026-06-03T08:01"))
    assert from_json(due.kept.body) == came.content()
