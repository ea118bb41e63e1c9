"""A file whose reader is killed at the last of its tries."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from standby.imports.reading import STOPPED
from standby.platform.queue import ATTEMPTS, Message, PoisonError, UnsentError
from standby.stock.counts.service import CountsGathering

from tests.fakes import sqs_record
from tests.standby.imports.test_reading import PLAIN, Desk, event


@pytest.fixture
def desk() -> Desk:
    return Desk()


class KilledError(BaseException):
    """The function is over: nothing that it would do afterwards is done."""


@pytest.mark.promise("P9")
def test_a_reader_that_is_killed_at_its_last_try_leaves_no_import_that_goes_on_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(_messages: object) -> None:
        raise KilledError

    desk.files.objects["inbox/plain/a.csv"] = b"Item;Qty\nA;1\n"
    told = event("inbox/plain/a.csv", size=13)
    with monkeypatch.context() as patch:
        patch.setattr(desk.updates, "send", kill)
        for number, state in ((ATTEMPTS - 1, "importing"), (ATTEMPTS, "failed")):
            with pytest.raises(KilledError):
                desk.reader.handle(replace(told, receive_count=number))
            (report,) = desk.files.reports.values()
            assert (report["state"], report["reason"]) == (state, STOPPED if state == "failed" else None)
    desk.reader.handle(told)  # SQS set the message aside, which rings; somebody redrives it
    assert (report["state"], report["reason"], desk.messages()[0]["sku"]) == ("done", None, "A")


def test_what_was_announced_is_taken_back_by_whoever_is_killed_at_the_last_try(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both where the file is announced and where it is read."""
    told: list[tuple[str, str]] = []

    class Announcing(CountsGathering):
        def announce(self, *, now: datetime) -> int:
            told.append(("announced", ""))
            return 5

        def end(self, state: str, reason: str, *, now: datetime) -> None:
            told.append((state, reason))

    def kill(*_: object, **__: object) -> Any:
        raise KilledError

    monkeypatch.setattr("standby.stock.counts.service.CountsGathering", Announcing)
    desk.files.objects["inbox/plain/a.csv"] = b"Item;Qty\nA;1\n"
    with monkeypatch.context() as patch:
        patch.setattr(desk.imports, "send", kill)
        with pytest.raises(KilledError):
            desk.reader.handle(replace(event("inbox/plain/a.csv", size=13), receive_count=ATTEMPTS))
    assert told == [("announced", ""), ("failed", STOPPED)]
    told.clear()
    desk.reader.handle(event("inbox/plain/a.csv", size=13))
    (job,) = desk.imports.drain()
    monkeypatch.setattr(desk.files, "open", kill)
    for number in range(1, ATTEMPTS + 1):
        assert told == [("announced", "")]
        with pytest.raises(KilledError):
            desk.reader.handle(replace(Message.from_record(sqs_record(job.body)), receive_count=number))
    assert told == [("announced", ""), ("failed", STOPPED)]


def test_a_last_try_that_comes_to_the_end_is_no_failure(desk: Desk) -> None:
    desk.files.objects["inbox/plain/a.csv"] = b"Item;Qty\nA;1\n"
    desk.reader.handle(replace(event("inbox/plain/a.csv", size=13), receive_count=ATTEMPTS))
    (report,) = desk.files.reports.values()
    assert (report["state"], report["reason"]) == ("done", None)


@pytest.mark.promise("P9")
def test_what_nobody_thought_of_ends_in_a_report_with_its_reason(desk: Desk) -> None:
    desk.files.mappings["plain"] = PLAIN | {"columns": {"sku": "Item", "on_hand": 2.0}}
    with pytest.raises(PoisonError, match="AttributeError"):
        desk.put("Item;Qty\nA;1\n")
    (report,) = desk.files.reports.values()
    assert (report["state"], report["reason"][:14], desk.metrics) == ("failed", "AttributeError", {"ImportsFailed": 1})


@pytest.mark.promise("P9")
def test_what_aws_refuses_is_tried_again_and_reported_after_the_last_try(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_messages: object) -> None:
        raise UnsentError("refused")

    monkeypatch.setattr(desk.updates, "send", refuse)
    desk.files.objects["inbox/plain/a.csv"] = b"Item;Qty\nA;1\n"
    with pytest.raises(UnsentError):
        desk.reader.handle(event("inbox/plain/a.csv", size=13))
    with pytest.raises(PoisonError, match="UnsentError: refused"):
        desk.reader.handle(replace(event("inbox/plain/a.csv", size=13), receive_count=ATTEMPTS))
    (report,) = desk.files.reports.values()
    assert (report["state"], report["reason"]) == ("failed", "UnsentError: refused")
