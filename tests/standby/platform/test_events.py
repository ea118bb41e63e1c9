"""What features tell one another."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby import events
from standby.events import CustomerLeft, EtaMoved, MailJob, Recipient, SoldOut
from standby.platform.bus import Event, detail_of, name_of
from standby.platform.json_text import from_json, to_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KINDS = [
    kind
    for _name, kind in inspect.getmembers(events, inspect.isclass)
    if kind.__module__ == events.__name__ and kind not in {MailJob, Recipient}
]
RECIPIENTS = st.builds(
    Recipient,
    reference=TEXT,
    email=TEXT,
    slots=st.dictionaries(TEXT, TEXT),
    consented_at=st.none() | TEXT,
    marketing=st.booleans(),
)
JOBS = st.builds(
    MailJob,
    job_id=TEXT,
    kind=TEXT,
    locale=TEXT,
    data=st.dictionaries(TEXT, TEXT | st.integers(0, 9)),
    recipients=st.lists(RECIPIENTS, max_size=5),
    valid_until=TEXT,
    wave=st.none() | TEXT,
)


@given(JOBS)
def test_a_job_survives_its_queue(job: MailJob) -> None:
    assert MailJob.from_content(from_json(to_json(job.content()))) == job


def test_a_job_with_less_than_all_is_read_with_what_is_usual() -> None:
    content = {
        "job_id": "w#1#0",
        "kind": "confirm",
        "locale": "he",
        "data": {},
        "recipients": [{"reference": "r", "email": "ana@shop.example", "nickname": "Ani"}],
        "valid_until": "2026-05-04T10:00:00.000Z",
        "colour": "blue",
    }
    assert MailJob.from_content(content).recipients == [Recipient(reference="r", email="ana@shop.example")]


@pytest.mark.parametrize("field", ["job_id", "kind", "locale", "data", "recipients", "valid_until"])
def test_a_job_without_what_it_needs_is_refused(field: str) -> None:
    content = {"job_id": "j", "kind": "k", "locale": "en", "data": {}, "recipients": [], "valid_until": "v"}
    del content[field]
    with pytest.raises(KeyError, match=field):
        MailJob.from_content(content)


def test_an_event_is_named_after_its_class() -> None:
    assert name_of(SoldOut(id="s", at="t", sku="A", revision=1)) == "SoldOut"


def test_a_detail_leaves_out_what_is_not_known() -> None:
    moved = EtaMoved(id="x", at="t", sku="A", purchase_order_id="4711", eta=None, previous_eta="2026-06-01", quantity=5)
    assert detail_of(moved) == {
        "version": 1,
        "id": "x",
        "at": "t",
        "sku": "A",
        "purchase_order_id": "4711",
        "previous_eta": "2026-06-01",
        "quantity": 5,
    }


def test_a_list_that_is_empty_is_told() -> None:
    assert detail_of(CustomerLeft(id="c", at="t", address="key"))["references"] == ()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_says_what_it_means_and_when_and_is_told_by_its_id(kind: type[Event]) -> None:
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")
    assert kind._fields[:2] == ("id", "at")  # type: ignore[attr-defined]
