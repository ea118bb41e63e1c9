"""Two senders, one job."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from standby.mail.model import LeaseLostError
from standby.mail.way import Inlet
from standby.platform.queue import Message, to_json

from tests.standby.mail.post_room import PostRoom, job

pytestmark = pytest.mark.promise("P3")


def test_many_senders_with_the_same_job_mail_it_once(room: PostRoom) -> None:
    message = to_json(job(50).content())

    def one(number: int) -> None:
        inlet = Inlet(room.queue, False, f"sender-{number}", 1, room.clock.now() + timedelta(seconds=40))  # noqa: FBT003
        room.sender.handle(Message(f"m-{number}", message, 0), inlet)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(16)))
    assert sorted(room.mailer.delivered) == sorted(f"person{n}@example.com" for n in range(50))
    room.settle()
    assert len(room.mailer.calls) == 1
    assert set(room.references("MailAccepted")) == {f"entry-{n}" for n in range(50)}


def test_whoever_read_a_job_before_another_took_it_puts_it_back(room: PostRoom) -> None:
    read = room.repository.read
    taken = []

    def read_late(job_id: str, recipients: int, addresses: object, sku: str | None) -> object:
        reading = read(job_id, recipients, addresses, sku)  # type: ignore[arg-type]
        if not taken:
            taken.append(True)
            held = reading.record.attempting([0]).held("other", room.clock.now() + timedelta(seconds=60))
            room.repository.save(job_id, held, now=room.clock.now())
        return reading

    object.__setattr__(
        room.sender, "jobs", type("Late", (), {"read": staticmethod(read_late), "save": room.repository.save})
    )
    assert room.deliver(job(3)) == []
    assert room.mailer.calls == []
    assert room.queue.messages[0].delay_seconds == 60


def test_a_job_written_by_another_meanwhile_is_not_written_over(room: PostRoom) -> None:
    record = room.repository.read("j", 2, [], None).record
    now = room.clock.now()
    room.repository.save("j", record.attempting([0]).held("other", now), now=now)
    with pytest.raises(LeaseLostError):
        room.repository.save("j", record.attempting([1]).held("me", now), now=now)
