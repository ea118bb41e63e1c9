"""A file whose reader is killed at the last of its tries."""

from dataclasses import replace

import pytest
from standby.imports.reading import STOPPED
from standby.platform.queue import ATTEMPTS

from tests.standby.imports.test_reading import Desk, event


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


def test_a_last_try_that_comes_to_the_end_is_no_failure(desk: Desk) -> None:
    desk.files.objects["inbox/plain/a.csv"] = b"Item;Qty\nA;1\n"
    desk.reader.handle(replace(event("inbox/plain/a.csv", size=13), receive_count=ATTEMPTS))
    (report,) = desk.files.reports.values()
    assert (report["state"], report["reason"]) == ("done", None)
