"""The adapter's request, and what it makes of every answer."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.stub import Stubber
from standby.mail import ses
from standby.mail.model import (
    Addressee,
    CallRefusedError,
    Mail,
    NotSentError,
    Outcome,
    OutcomeUnknownError,
    Purpose,
)

from tests.fakes import FakeClock

MAIL = Mail(Purpose.SERVICE, "Back: MUG", "<p>{{mine}}</p>", "{{mine}}", frozenset({"mine"}))
ADDRESSEES = [
    Addressee("ana@example.com", {"mine": "t1", "leave": "l1"}, {"List-Unsubscribe": "<https://shop.example/l1>"}),
    Addressee("noa@example.com", {"mine": "t2", "leave": "l2"}),
]


@pytest.fixture
def client() -> Any:
    """Return a client that checks every request against SES's model; a function's client does not."""
    return boto3.client("sesv2")


def mailer(client: Any) -> ses.SesMailer:
    return ses.SesMailer("Shop <news@shop.example>", "mails", client)


def test_the_client_never_repeats_a_call_by_itself() -> None:
    assert ses.client().meta.config.retries["total_max_attempts"] == 1


def test_a_shops_name_outside_ascii_reaches_ses_as_encoded_words(client: Any) -> None:
    sender = ses.SesMailer("חנות <news@shop.example>", "mails", client)
    assert sender._request(MAIL, ADDRESSEES)["FromEmailAddress"] == "=?utf-8?b?15fXoNeV16o=?= <news@shop.example>"


def test_a_call_is_one_bulk_request_with_an_inline_template(client: Any) -> None:
    expected = {
        "FromEmailAddress": "Shop <news@shop.example>",
        "ConfigurationSetName": "mails",
        "DefaultContent": {
            "Template": {
                "TemplateContent": {"Subject": "Back: MUG", "Html": "<p>{{mine}}</p>", "Text": "{{mine}}"},
                "TemplateData": "{}",
            }
        },
        "BulkEmailEntries": [
            {
                "Destination": {"ToAddresses": ["ana@example.com"]},
                "ReplacementEmailContent": {
                    "ReplacementTemplate": {"ReplacementTemplateData": json.dumps({"mine": "t1", "leave": "l1"})}
                },
                "ReplacementHeaders": [{"Name": "List-Unsubscribe", "Value": "<https://shop.example/l1>"}],
            },
            {
                "Destination": {"ToAddresses": ["noa@example.com"]},
                "ReplacementEmailContent": {
                    "ReplacementTemplate": {"ReplacementTemplateData": json.dumps({"mine": "t2", "leave": "l2"})}
                },
            },
        ],
    }
    with Stubber(client) as stub:
        stub.add_response(
            "send_bulk_email", {"BulkEmailEntryResults": [{"Status": "SUCCESS"}, {"Status": "SUCCESS"}]}, expected
        )
        answers = mailer(client).send(MAIL, ADDRESSEES)
    assert [answer.outcome for answer in answers] == [Outcome.ACCEPTED, Outcome.ACCEPTED]


@pytest.mark.parametrize(
    ("status", "error", "outcome", "delay"),
    [
        ("SUCCESS", "", Outcome.ACCEPTED, 0),
        ("MESSAGE_REJECTED", "virus", Outcome.REFUSED, 0),
        ("INVALID_PARAMETER", "Illegal address", Outcome.BAD_ADDRESS, 0),
        ("INVALID_PARAMETER", "something else", Outcome.REFUSED, 0),
        ("FAILED", "", Outcome.REFUSED, 0),
        ("A_STATUS_OF_TOMORROW", "", Outcome.REFUSED, 0),
        ("TRANSIENT_FAILURE", "", Outcome.LATER, 5),
        ("ACCOUNT_THROTTLED", "", Outcome.LATER, 5),
        ("ACCOUNT_DAILY_QUOTA_EXCEEDED", "", Outcome.LATER, 900),
        ("ACCOUNT_SENDING_PAUSED", "", Outcome.LATER, 900),
        ("ACCOUNT_SUSPENDED", "", Outcome.LATER, 900),
        ("CONFIGURATION_SET_SENDING_PAUSED", "", Outcome.LATER, 900),
        ("CONFIGURATION_SET_NOT_FOUND", "", Outcome.LATER, 900),
        ("CONFIGURATION_SET_DOES_NOT_EXIST", "", Outcome.LATER, 900),
        ("INVALID_SENDING_POOL_NAME", "", Outcome.LATER, 900),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", "", Outcome.LATER, 900),
        ("TEMPLATE_NOT_FOUND", "", Outcome.LATER, 900),
    ],
)
def test_each_status_of_an_entry_is_sorted(client: Any, status: str, error: str, outcome: Outcome, delay: int) -> None:
    with Stubber(client) as stub:
        stub.add_response("send_bulk_email", {"BulkEmailEntryResults": [{"Status": status, "Error": error}]})
        (answer,) = mailer(client).send(MAIL, ADDRESSEES[:1])
    assert (answer.outcome, answer.delay_seconds) == (outcome, delay)


def test_every_status_that_boto_knows_has_a_meaning(client: Any) -> None:
    shape = client.meta.service_model.shape_for("BulkEmailStatus")
    sorted_by_us = {"SUCCESS", "MESSAGE_REJECTED", "INVALID_PARAMETER", "FAILED", *ses.ENTRY_DELAYS}
    assert set(shape.enum) <= sorted_by_us


@pytest.mark.parametrize(
    ("code", "status", "delay"),
    [
        ("TooManyRequestsException", 429, 5),
        ("ThrottlingException", 400, 5),
        ("LimitExceededException", 400, 900),
        ("SendingPausedException", 400, 900),
        ("AccountSuspendedException", 400, 900),
        ("MailFromDomainNotVerifiedException", 400, 900),
        ("NotFoundException", 404, 900),
        ("AccessDeniedException", 403, 900),
        ("SomethingNew", 429, 5),
    ],
)
def test_a_call_that_says_nothing_against_anybody_is_tried_later(
    client: Any, code: str, status: int, delay: int
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", code, "Maximum sending rate exceeded.", status)
        with pytest.raises(NotSentError) as caught:
            mailer(client).send(MAIL, ADDRESSEES)
    assert caught.value.delay_seconds == delay


def test_a_daily_quota_waits_long_however_it_is_said(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", "TooManyRequestsException", "Daily message quota exceeded.", 429)
        with pytest.raises(NotSentError) as caught:
            mailer(client).send(MAIL, ADDRESSEES)
    assert caught.value.delay_seconds == 900


@pytest.mark.parametrize(
    ("code", "text", "about_the_address"),
    [
        ("BadRequestException", "Illegal address", True),
        ("BadRequestException", "Local address contains control or whitespace", True),
        ("BadRequestException", "Domain contains illegal character", True),
        ("BadRequestException", "Template content is too large", False),
        ("MessageRejected", "Email address is not verified. The following identities failed: ana@example.com", False),
    ],
)
def test_a_refused_call_is_refused_and_names_no_address(
    client: Any, code: str, text: str, *, about_the_address: bool
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", code, text, 400)
        with pytest.raises(CallRefusedError) as caught:
            mailer(client).send(MAIL, ADDRESSEES)
    assert caught.value.about_the_address is about_the_address
    assert "@" not in str(caught.value)


def test_a_server_error_says_nothing_about_the_mails(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", "InternalServiceError", "", 500)
        with pytest.raises(OutcomeUnknownError):
            mailer(client).send(MAIL, ADDRESSEES)


def test_an_answer_with_too_few_results_says_nothing_about_the_mails(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("send_bulk_email", {"BulkEmailEntryResults": [{"Status": "SUCCESS"}]})
        with pytest.raises(OutcomeUnknownError):
            mailer(client).send(MAIL, ADDRESSEES)


class Broken:
    """A client whose connection fails."""

    def __init__(self, error: BotoCoreError) -> None:
        self.error = error

    def send_bulk_email(self, **_request: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error", [EndpointConnectionError(endpoint_url="x"), ConnectTimeoutError(endpoint_url="x", error="slow")]
)
def test_without_a_connection_nothing_was_sent(error: BotoCoreError) -> None:
    with pytest.raises(NotSentError):
        mailer(Broken(error)).send(MAIL, ADDRESSEES)


@pytest.mark.parametrize(
    "error", [ReadTimeoutError(endpoint_url="x", error="slow"), ConnectionClosedError(endpoint_url="x")]
)
def test_a_connection_that_breaks_after_asking_leaves_the_outcome_unknown(error: BotoCoreError) -> None:
    with pytest.raises(OutcomeUnknownError):
        mailer(Broken(error)).send(MAIL, ADDRESSEES)


def quota(rate: float) -> dict[str, Any]:
    return {"SendQuota": {"MaxSendRate": rate, "Max24HourSend": 50_000.0, "SentLast24Hours": 0.0}}


def test_the_rate_is_asked_once_in_five_minutes(client: Any) -> None:
    clock = FakeClock()
    rate = ses.SesRate(client, clock.now)
    with Stubber(client) as stub:
        stub.add_response("get_account", quota(14.0))
        stub.add_response("get_account", quota(80.0))
        first = rate.per_second()
        clock.advance(minutes=5)
        same = rate.per_second()
        clock.advance(seconds=1)
        later = rate.per_second()
    assert (first, same, later) == (14.0, 14.0, 80.0)


def test_without_an_answer_the_last_rate_counts_and_at_first_the_slowest(client: Any) -> None:
    clock = FakeClock()
    rate = ses.SesRate(client, clock.now)
    with Stubber(client) as stub:
        stub.add_client_error("get_account", "TooManyRequestsException")
        stub.add_response("get_account", quota(14.0))
        stub.add_client_error("get_account", "TooManyRequestsException")
        assert rate.per_second() == 1.0
        assert rate.per_second() == 14.0
        clock.advance(minutes=6)
        assert rate.per_second() == 14.0
