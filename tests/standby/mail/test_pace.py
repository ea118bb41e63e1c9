"""The account's rate, shared by all senders."""

from collections import Counter
from datetime import timedelta

import pytest
from standby.mail.pace import Pace
from standby.mail.repository import MailRepository
from standby.mail.ses import FixedRate

from tests.fakes import FakeClock
from tests.standby.mail.post_room import Counting, PostRoom, job


def pace(repository: MailRepository, clock: FakeClock, rate: float) -> Pace:
    return Pace(repository, FixedRate(rate), clock, lambda seconds: clock.advance(seconds=seconds))


@pytest.mark.parametrize(("rate", "size"), [(0.5, 1), (1, 1), (14, 14), (50, 50), (500, 50)])
def test_a_call_is_at_most_fifty_and_at_most_a_second_of_the_rate(
    repository: MailRepository, rate: float, size: int
) -> None:
    assert pace(repository, FakeClock(), rate).call_size() == size


def test_two_senders_together_keep_the_rate(repository: MailRepository) -> None:
    clock = FakeClock()
    start = clock.now()
    sent: Counter[int] = Counter()
    senders = [pace(repository, clock, 50), pace(repository, clock, 50)]
    for turn in range(40):
        if senders[turn % 2].wait(50, ahead=250, urgent=False) == 0:
            sent[int((clock.now() - start).total_seconds())] += 50
    total = sum(sent.values())
    seconds = (clock.now() - start).total_seconds() + 1
    assert total >= 1500
    assert total <= 50 * (seconds + 2)


def test_who_would_wait_long_is_told_how_long_and_reserves_nothing(repository: MailRepository) -> None:
    clock = FakeClock()
    repository.take(8_000, now=clock.now(), patience=timedelta(0), busy=False)
    assert pace(repository, clock, 50).wait(50, ahead=50, urgent=False) == 8.0
    clock.advance(seconds=8)
    assert pace(repository, clock, 50).wait(50, ahead=50, urgent=False) == 0


def test_urgent_mail_goes_at_once_and_uses_up_time(repository: MailRepository) -> None:
    clock = FakeClock()
    before = clock.now()
    repository.take(4_000, now=before, patience=timedelta(0), busy=False)
    assert pace(repository, clock, 10).wait(10, ahead=10, urgent=True) == 0
    assert clock.now() == before
    assert pace(repository, clock, 10).wait(10, ahead=10, urgent=False) == 5.0


def test_a_reservation_left_over_from_long_ago_is_not_used(repository: MailRepository) -> None:
    clock = FakeClock()
    mine = pace(repository, clock, 50)
    mine.wait(50, ahead=100, urgent=False)
    clock.advance(minutes=1)
    requests = repository.table.dynamodb.requests  # type: ignore[attr-defined]
    before = len(requests)
    mine.wait(50, ahead=50, urgent=False)
    assert len(requests) > before


def test_a_thousand_people_cost_seventy_five_requests_at_fifty_a_second(room: PostRoom) -> None:
    room.set_rate(50)
    jobs = [job(job_id=f"w#{n}", emails=[f"p{n}-{each}@example.com" for each in range(50)]) for n in range(20)]
    for start in range(0, 20, 5):
        room.deliver(*jobs[start : start + 5])
    assert len(room.mailer.delivered) == 1000
    assert len(room.mailer.calls) == 20
    assert isinstance(room.dynamodb, Counting)
    spent = Counter(room.dynamodb.requests)
    assert spent["batch_get_item"] == 20
    assert spent.total() <= 75
    assert room.slept != []


def test_a_thousand_people_cost_half_a_write_unit_each_at_most(room: PostRoom) -> None:
    room.deliver(job(50))
    item = room.dynamodb.client.get_item(TableName="Mail", Key={"pk": {"S": "JOB#MUG@7#1#0#0"}, "sk": {"S": "JOB"}})
    size = sum(len(name) + len(str(value)) for name, value in item["Item"].items())
    writes = Counter(room.dynamodb.requests)["update_item"]
    assert size < 2048
    assert writes * -(-size // 1024) / 50 <= 0.5


def test_after_a_hold_nobody_reserves_time_until_it_is_over(repository: MailRepository) -> None:
    clock = FakeClock()
    mine, yours = pace(repository, clock, 50), pace(repository, clock, 50)
    assert mine.wait(50, ahead=100, urgent=False) == yours.wait(50, ahead=50, urgent=False) == 0
    mine.hold(900)
    assert mine.wait(50, ahead=50, urgent=False) == 900
    assert yours.wait(50, ahead=50, urgent=True) == 900
    yours.hold(60)
    assert mine.wait(50, ahead=50, urgent=False) == 900, "a shorter hold took a longer one away"
    clock.advance(seconds=900)
    assert mine.wait(50, ahead=50, urgent=False) == 0
