"""SES, as a `standby.mail.service.Mailer`: one call without retries, every answer sorted by what it means (design §7).

The API reference of SES v2 says what each answer means (``SendBulkEmail``, ``BulkEmailEntryResult``). When no answer
came, nobody knows whether the mails went out, so that is an error of its own.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's: no connection was made; the builtin is never raised by it
    HTTPClientError,
    NoCredentialsError,
)
from botocore.parsers import ResponseParserError

from standby.mail.model import Addressee, Answer, CallRefusedError, Mail, NotSentError, Outcome, OutcomeUnknownError
from standby.platform import aws
from standby.platform.address import from_header
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

SOON = 5
OPERATOR = 900
"""Seconds until the next attempt when an operator must act, or the day's quota must come back."""
RATE_KEPT = timedelta(minutes=5)
SLOWEST = 1.0
ACCEPTED = "SUCCESS"
ENTRY_DELAYS = {
    "ACCOUNT_THROTTLED": SOON,
    "TRANSIENT_FAILURE": SOON,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": OPERATOR,
    "ACCOUNT_SUSPENDED": OPERATOR,
    "ACCOUNT_SENDING_PAUSED": OPERATOR,
    "CONFIGURATION_SET_DOES_NOT_EXIST": OPERATOR,  # the reference's name; botocore's model says …_NOT_FOUND
    "CONFIGURATION_SET_NOT_FOUND": OPERATOR,
    "CONFIGURATION_SET_SENDING_PAUSED": OPERATOR,
    "INVALID_SENDING_POOL_NAME": OPERATOR,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": OPERATOR,
    "TEMPLATE_DOES_NOT_EXIST": OPERATOR,
    "TEMPLATE_NOT_FOUND": OPERATOR,
}
"""Statuses of an entry that was not sent, without fault of its recipient; the seconds until the next attempt."""
CALL_DELAYS = {
    "TooManyRequestsException": SOON,
    "Throttling": SOON,
    "ThrottlingException": SOON,
    "RequestLimitExceeded": SOON,
    "LimitExceededException": OPERATOR,
    "AccountSuspendedException": OPERATOR,
    "SendingPausedException": OPERATOR,
    "MailFromDomainNotVerifiedException": OPERATOR,
    "NotFoundException": OPERATOR,
    "AccessDeniedException": OPERATOR,
    "AccessDenied": OPERATOR,
    "ExpiredTokenException": SOON,
    "InvalidClientTokenId": SOON,
}
"""Errors of a whole call that was not sent and says nothing against anybody."""
QUOTA = re.compile(r"daily message quota|daily sending quota", re.IGNORECASE)
ABOUT_THE_ADDRESS = re.compile(
    r"illegal address|invalid (email )?address|address .*(invalid|malformed)|missing final"
    r"|domain (contains|starts|ends|name)|local (part|address)|missing '@'|destination.*(invalid|missing)|non-ascii",
    re.IGNORECASE,
)


def client() -> "SESV2Client":
    """Return a client that asks once: a repeated send is our decision, never the SDK's."""
    made: SESV2Client = aws.client(
        "sesv2", retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=2, read_timeout=10
    )
    return made


@frozen()
class SesMailer:
    """Sends through ``SendBulkEmail`` with an inline template."""

    sender: str
    configuration_set: str
    ses: "SESV2Client"

    def send(self, mail: Mail, addressees: Sequence[Addressee]) -> list[Answer]:
        """Send one mail to at most 50 recipients; the answers are in the order of the addressees.

        Raises `NotSentError`, `CallRefusedError` or `OutcomeUnknownError` for the call as a whole.
        """
        try:
            answer = self.ses.send_bulk_email(**self._request(mail, addressees))
        except ClientError as error:
            raise _call_error(error) from error
        except (ConnectionError, NoCredentialsError) as error:
            raise NotSentError(type(error).__name__, SOON) from error
        except (HTTPClientError, ResponseParserError) as error:
            raise OutcomeUnknownError(type(error).__name__) from error
        results = answer["BulkEmailEntryResults"]
        if len(results) != len(addressees):
            raise OutcomeUnknownError(f"{len(results)} results for {len(addressees)} entries")
        return [_entry_answer(result) for result in results]

    def _request(self, mail: Mail, addressees: Sequence[Addressee]) -> Any:  # noqa: ANN401 - botocore's request
        content = {"Subject": mail.subject, "Html": mail.html, "Text": mail.text}
        request: dict[str, Any] = {
            "FromEmailAddress": from_header(self.sender),
            "DefaultContent": {"Template": {"TemplateContent": content, "TemplateData": "{}"}},
            "BulkEmailEntries": [_entry(addressee) for addressee in addressees],
        }
        if self.configuration_set:
            request["ConfigurationSetName"] = self.configuration_set
        return request


@dataclass
class SesRate:
    """How many mails a second the account may send, asked every five minutes."""

    ses: "SESV2Client"
    now: Callable[[], datetime]
    _kept: tuple[datetime, float] | None = field(default=None, init=False, repr=False)

    def per_second(self) -> float:
        """Return ``MaxSendRate``, at least 1. When SES does not answer, the last known rate, or 1."""
        now = self.now()
        if self._kept is None or now - self._kept[0] > RATE_KEPT:
            try:
                quota = self.ses.get_account().get("SendQuota", {})
            except (ClientError, BotoCoreError):
                return self._kept[1] if self._kept else SLOWEST
            self._kept = (now, max(SLOWEST, quota.get("MaxSendRate", SLOWEST)))
        return self._kept[1]


@frozen()
class FixedRate:
    """A rate that the operator set."""

    rate: float

    def per_second(self) -> float:
        """Return the rate."""
        return self.rate


def _entry(addressee: Addressee) -> dict[str, Any]:
    written: dict[str, Any] = {
        "Destination": {"ToAddresses": [addressee.email]},
        "ReplacementEmailContent": {
            "ReplacementTemplate": {"ReplacementTemplateData": json.dumps(dict(addressee.slots))}
        },
    }
    if addressee.headers:
        written["ReplacementHeaders"] = [{"Name": name, "Value": value} for name, value in addressee.headers.items()]
    return written


def _entry_answer(result: Any) -> Answer:  # noqa: ANN401 - botocore's answer
    status = result.get("Status", "")
    error = _without_addresses(f"{status}: {result.get('Error', '')}").rstrip(": ")
    if status == ACCEPTED:
        return Answer(Outcome.ACCEPTED)
    if status in ENTRY_DELAYS:
        return Answer(Outcome.LATER, error, ENTRY_DELAYS[status])
    return Answer(Outcome.BAD_ADDRESS if ABOUT_THE_ADDRESS.search(error) else Outcome.REFUSED, error)


def _call_error(error: ClientError) -> Exception:
    said: Any = error.response
    code = said.get("Error", {}).get("Code", "")
    text = _without_addresses(f"{code}: {said.get('Error', {}).get('Message', '')}")
    status = said.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in CALL_DELAYS:
        return NotSentError(text, OPERATOR if QUOTA.search(text) else CALL_DELAYS[code])
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotSentError(text, SOON)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return CallRefusedError(text, about_the_address=ABOUT_THE_ADDRESS.search(text) is not None)
    return OutcomeUnknownError(text)


def _without_addresses(text: str) -> str:
    """Take e-mail addresses out of what SES says, because it ends in logs and dead letters."""
    return re.sub(r"[^\s<>,;:'\"]+@[^\s<>,;:'\"]+", "<address>", text)
