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
    Answer,
    CallRefusedError,
    Mail,
    NotSentError,
    Outcome,
    OutcomeUnknownError,
    Purpose,
    UnverifiedError,
)

from tests.fakes import FakeClock

MAIL = Mail(Purpose.SERVICE, "Back: MUG", "<p>{{mine}}</p>", "{{mine}}", frozenset({"mine"}))
ADDRESSEES = [
    Addressee("ana@example.com", {"mine": "t1", "leave": "l1"}, {"List-Unsubscribe": "<https://shop.example/l1>"}),
    Addressee("noa@example.com", {"mine": "t2", "leave": "l2"}, tags={"reference-0": "ZS0x"}),
]


@pytest.fixture
def client() -> Any:
    """Return a client that checks every request against SES's model; a function's client does not."""
    return boto3.client("sesv2")


def mailer(client: Any) -> ses.SesMailer:
    return ses.SesMailer("Shop <news@shop.example>", "mails", client)


def later(status: str, delay: int, **more: bool) -> Answer:
    return Answer(Outcome.LATER, f"{status}: Illegal address", delay, **more)


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
                "ReplacementTags": [{"Name": "reference-0", "Value": "ZS0x"}],
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
    ("status", "answer"),
    [
        ("SUCCESS", Answer(Outcome.ACCEPTED)),
        ("INVALID_PARAMETER", Answer(Outcome.REFUSED, "INVALID_PARAMETER: Illegal address")),
        ("INVALID_PARAMETER_VALUE", Answer(Outcome.REFUSED, "INVALID_PARAMETER_VALUE: Illegal address")),
        *((status, later(status, 5)) for status in ("FAILED", "TRANSIENT_FAILURE", "ACCOUNT_THROTTLED")),
        *((status, later(status, 900, ours=True)) for status in ("MESSAGE_REJECTED", "A_STATUS_OF_TOMORROW")),
        *(
            (status, later(status, 900, ours=True, for_all=True))
            for status in (
                "ACCOUNT_DAILY_QUOTA_EXCEEDED",
                "ACCOUNT_SENDING_PAUSED",
                "ACCOUNT_SUSPENDED",
                "CONFIGURATION_SET_SENDING_PAUSED",
                "CONFIGURATION_SET_NOT_FOUND",
                "CONFIGURATION_SET_DOES_NOT_EXIST",
                "INVALID_SENDING_POOL_NAME",
                "MAIL_FROM_DOMAIN_NOT_VERIFIED",
            )
        ),
    ],
)
def test_each_status_of_an_entry_is_sorted(client: Any, status: str, answer: Answer) -> None:
    with Stubber(client) as stub:
        stub.add_response(
            "send_bulk_email", {"BulkEmailEntryResults": [{"Status": status, "Error": "Illegal address"}]}
        )
        assert mailer(client).send(MAIL, ADDRESSEES[:1]) == [answer]


def test_every_status_that_boto_knows_has_a_meaning(client: Any) -> None:
    shape = client.meta.service_model.shape_for("BulkEmailStatus")
    about_a_mail = {"MESSAGE_REJECTED", "TEMPLATE_NOT_FOUND"}
    sorted_by_us = {"SUCCESS"} | ses.PERHAPS_THE_ADDRESS | ses.TEMPORARY | ses.OF_THE_ACCOUNT | about_a_mail
    assert set(shape.enum) <= sorted_by_us


def test_every_error_that_boto_knows_has_a_meaning(client: Any) -> None:
    known = {shape.name for shape in client.meta.service_model.operation_model("SendBulkEmail").error_shapes}
    about_a_mail = {"MessageRejected"}
    assert known <= ses.PERHAPS_THE_ADDRESS_CODES | ses.TEMPORARY_CODES | ses.OF_THE_ACCOUNT_CODES | about_a_mail


@pytest.mark.parametrize(
    ("code", "status", "text", "expected"),
    [
        ("TooManyRequestsException", 429, "Maximum sending rate exceeded.", (5, False, False)),
        ("ThrottlingException", 400, "Rate exceeded", (5, False, False)),
        ("SomethingNew", 429, "", (5, False, False)),
        ("TooManyRequestsException", 429, "Daily message quota exceeded.", (900, True, True)),
        ("LimitExceededException", 400, "", (900, True, True)),
        ("SendingPausedException", 400, "", (900, True, True)),
        ("AccountSuspendedException", 400, "", (900, True, True)),
        ("MailFromDomainNotVerifiedException", 400, "", (900, True, True)),
        ("NotFoundException", 404, "Configuration set <x> does not exist.", (900, True, True)),
        ("AccessDeniedException", 403, "", (900, True, True)),
        ("UnrecognizedClientException", 403, "", (900, True, True)),
        ("MessageRejected", 400, "Email address is not verified.", (900, True, True)),
        ("BadRequestException", 400, "Identity is not verified: Illegal address", (900, True, True)),
        ("MessageRejected", 400, "invalid content", (900, True, False)),
        ("RequestEntityTooLargeException", 413, "", (900, True, False)),
        ("SomethingNew", 400, "Illegal address", (900, True, False)),
    ],
)
def test_an_error_that_is_not_about_an_address_is_tried_later(
    client: Any, code: str, status: int, text: str, expected: tuple[int, bool, bool]
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", code, text, status)
        with pytest.raises(NotSentError) as caught:
            mailer(client).send(MAIL, ADDRESSEES)
    assert (caught.value.delay_seconds, caught.value.ours, caught.value.for_all) == expected


FAILED_THE_CHECK = "Email address is not verified. The following identities failed the check in region US-EAST-1: "
MAY_NOT = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: ses:SendBulkEmail on resource: "
IDENTITY = "arn:aws:ses:us-east-1:1:identity/"
FOR_ALL = (900, True, True)


@pytest.mark.parametrize("code", ["MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"])
@pytest.mark.parametrize(
    ("named", "places"),
    [
        ("noa@example.com", {1}),
        ("Noa@Example.com", {1}),
        ("<noa@example.com>, ana@example.com", {0, 1}),
        ("ana@example.com...", {0}),
        ("ana@example.com, eve@example.com", {0}),
    ],
)
def test_an_unverified_recipient_who_fails_the_whole_call_is_found(
    client: Any, code: str, named: str, places: set[int]
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", code, FAILED_THE_CHECK + named, 400)
        with pytest.raises(UnverifiedError) as caught:
            mailer(client).send(MAIL, ADDRESSEES)
    assert caught.value.places == places
    assert "@" not in str(caught.value)


@pytest.mark.parametrize(
    "named",
    [
        "news@shop.example",
        "Shop <news@shop.example>",
        "shop.example",
        "ana@example.com, news@shop.example",
        "ana@example.com.au",
        "joana@example.com",
    ],
)
def test_an_unverified_sender_stops_all_mails(client: Any, named: str) -> None:
    """So does a refusal that names nobody of the call."""
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", "MessageRejected", FAILED_THE_CHECK + named, 400)
        with pytest.raises(NotSentError) as caught:
            mailer(client).send(MAIL, ADDRESSEES)
    assert (caught.value.delay_seconds, caught.value.ours, caught.value.for_all) == FOR_ALL


@pytest.mark.parametrize("identity", ["noa@example.com", "example.com"])
def test_a_permission_that_is_missing_for_a_recipient_holds_up_nobody_else(client: Any, identity: str) -> None:
    """IAM looks at recipients who are identities of the account while it is in the sandbox."""
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", "AccessDeniedException", f"{MAY_NOT}{IDENTITY}{identity}", 403)
        with pytest.raises(UnverifiedError) as caught:
            mailer(client).send(MAIL, [*ADDRESSEES, Addressee("dan@else.example", {})])
    assert caught.value.places == ({1} if "@" in identity else {0, 1})


@pytest.mark.parametrize("resource", [f"{IDENTITY}news@shop.example", f"{IDENTITY}shop.example", "arn:aws:ses:x:1:y/z"])
def test_a_permission_that_is_missing_for_the_sender_stops_all_mails(client: Any, resource: str) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", "AccessDeniedException", MAY_NOT + resource, 403)
        with pytest.raises(NotSentError) as caught:
            mailer(client).send(MAIL, ADDRESSEES)
    assert (caught.value.delay_seconds, caught.value.ours, caught.value.for_all) == FOR_ALL


@pytest.mark.parametrize(
    ("status", "error", "outcome", "for_all"),
    [
        ("MESSAGE_REJECTED", FAILED_THE_CHECK + "ana@example.com", Outcome.UNVERIFIED, False),
        ("MESSAGE_REJECTED", "Email address is not verified.", Outcome.UNVERIFIED, False),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", FAILED_THE_CHECK + "ana@example.com", Outcome.UNVERIFIED, False),
        ("INVALID_PARAMETER", FAILED_THE_CHECK + "ana@example.com", Outcome.UNVERIFIED, False),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", FAILED_THE_CHECK + "news@shop.example", Outcome.LATER, True),
        ("MAIL_FROM_DOMAIN_NOT_VERIFIED", "Email address is not verified.", Outcome.LATER, True),
        ("MESSAGE_REJECTED", FAILED_THE_CHECK + "news@shop.example", Outcome.LATER, False),
    ],
)
def test_an_entry_that_fails_for_want_of_verification_is_about_whom_it_names(
    client: Any, status: str, error: str, outcome: Outcome, *, for_all: bool
) -> None:
    with Stubber(client) as stub:
        stub.add_response("send_bulk_email", {"BulkEmailEntryResults": [{"Status": status, "Error": error}]})
        (answer,) = mailer(client).send(MAIL, ADDRESSEES[:1])
    assert (answer.outcome, answer.for_all) == (outcome, for_all)
    assert "@" not in answer.error


@pytest.mark.parametrize("text", ["Illegal address", "Template content of ana@example.com is too large"])
def test_a_bad_request_may_be_about_an_address_and_names_none(client: Any, text: str) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("send_bulk_email", "BadRequestException", text, 400)
        with pytest.raises(CallRefusedError) as caught:
            mailer(client).send(MAIL, ADDRESSEES)
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
    rate = ses.SesRate(client, clock.now, lambda _name, _value: None)
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
    rate = ses.SesRate(client, clock.now, lambda _name, _value: None)
    with Stubber(client) as stub:
        stub.add_client_error("get_account", "TooManyRequestsException")
        stub.add_response("get_account", quota(14.0))
        stub.add_client_error("get_account", "TooManyRequestsException")
        assert rate.per_second() == 1.0
        assert rate.per_second() == 14.0
        clock.advance(minutes=6)
        assert rate.per_second() == 14.0


def test_a_rate_that_we_may_not_ask_for_rings_and_one_that_ses_is_too_busy_to_tell_does_not(client: Any) -> None:
    counts: dict[str, int] = {}
    rate = ses.SesRate(client, FakeClock().now, lambda name, value: counts.update({name: value}))
    with Stubber(client) as stub:
        stub.add_client_error("get_account", "TooManyRequestsException", http_status_code=429)
        assert rate.per_second() == 1.0
        assert counts == {}
        stub.add_client_error("get_account", "AccessDeniedException", http_status_code=403)
        assert rate.per_second() == 1.0
    assert counts == {"SesRefusesUs": 1}
