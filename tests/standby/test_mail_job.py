"""The job that any feature hands to mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.mail_job import MailJob, Recipient
from standby.platform.json_text import from_json, to_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
RECIPIENTS = st.builds(
    Recipient,
    reference=TEXT,
    email=TEXT,
    slots=st.dictionaries(TEXT, TEXT),
    consented_at=st.none() | TEXT,
    marketing=st.booleans(),
    tells_of=st.lists(TEXT, max_size=3).map(tuple),
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
