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
PERHAPS_THE_ADDRESS = frozenset({"INVALID_PARAMETER", "INVALID_PARAMETER_VALUE"})
"""Statuses of an entry that may be about its recipient; the reference's name is the longer one."""
TEMPORARY = frozenset({"ACCOUNT_THROTTLED", "TRANSIENT_FAILURE", "FAILED"})
"""Statuses of an entry that pass by themselves. The developer guide calls ``FAILED`` an internal error of SES."""
OF_THE_ACCOUNT = frozenset(
    {
        "ACCOUNT_DAILY_QUOTA_EXCEEDED",
        "ACCOUNT_SUSPENDED",
        "ACCOUNT_SENDING_PAUSED",
        "CONFIGURATION_SET_DOES_NOT_EXIST",  # the reference's name; botocore's model says …_NOT_FOUND
        "CONFIGURATION_SET_NOT_FOUND",
        "CONFIGURATION_SET_SENDING_PAUSED",
        "INVALID_SENDING_POOL_NAME",
        "MAIL_FROM_DOMAIN_NOT_VERIFIED",
    }
)
"""Statuses that every mail would get. Any other (``MESSAGE_REJECTED``, one of tomorrow) is about this mail, not about
its recipient, and ours to mend too."""
TEMPORARY_CODES = frozenset(
    {
        "TooManyRequestsException",
        "Throttling",
        "ThrottlingException",
        "RequestLimitExceeded",
        "ExpiredTokenException",
        "InvalidClientTokenId",
    }
)
"""Errors of a whole call that pass by themselves."""
PERHAPS_THE_ADDRESS_CODES = frozenset({"BadRequestException", "InvalidParameterValue"})
"""Errors of a whole call that may be about a recipient."""
OF_THE_ACCOUNT_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccountSuspendedException",
        "LimitExceededException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "SendingPausedException",
    }
)
"""Errors that every call would get, as all with status 401 or 403. Any other is about this mail (``MessageRejected``),
and ours to mend too."""
QUOTA = re.compile(r"daily message quota|daily sending quota", re.IGNORECASE)
NOT_VERIFIED = re.compile(r"not verified", re.IGNORECASE)
"""How SES says that it does not know the sender's identity, whatever the error's code."""


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
    count: Callable[[str, int], None]
    """Counts a metric."""
    _kept: tuple[datetime, float] | None = field(default=None, init=False, repr=False)

    def per_second(self) -> float:
        """Return ``MaxSendRate``, at least 1. When SES does not answer, the last known rate, or 1."""
        now = self.now()
        if self._kept is None or now - self._kept[0] > RATE_KEPT:
            try:
                quota = self.ses.get_account().get("SendQuota", {})
            except (ClientError, BotoCoreError) as error:
                if isinstance(error, ClientError) and getattr(_call_error(error), "ours", False):
                    self.count("SesRefusesUs", 1)  # or mail would go at the slowest pace without anybody's knowing
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
    if addressee.tags:
        written["ReplacementTags"] = [{"Name": name, "Value": value} for name, value in addressee.tags.items()]
    if addressee.headers:
        written["ReplacementHeaders"] = [{"Name": name, "Value": value} for name, value in addressee.headers.items()]
    return written


def _entry_answer(result: Any) -> Answer:  # noqa: ANN401 - botocore's answer
    status = result.get("Status", "")
    if status == ACCEPTED:
        return Answer(Outcome.ACCEPTED)
    error = _without_addresses(f"{status}: {result.get('Error', '')}").rstrip(": ")
    if status in PERHAPS_THE_ADDRESS:
        return Answer(Outcome.REFUSED, error)
    if status in TEMPORARY:
        return Answer(Outcome.LATER, error, SOON)
    return Answer(Outcome.LATER, error, OPERATOR, ours=True, for_all=status in OF_THE_ACCOUNT)


def _call_error(error: ClientError) -> Exception:
    said: Any = error.response
    code = said.get("Error", {}).get("Code", "")
    text = _without_addresses(f"{code}: {said.get('Error', {}).get('Message', '')}")
    status = said.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in OF_THE_ACCOUNT_CODES or QUOTA.search(text):
        return NotSentError(text, OPERATOR, ours=True, for_all=True)
    if code in TEMPORARY_CODES or status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotSentError(text, SOON)
    if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return OutcomeUnknownError(text)
    if code in PERHAPS_THE_ADDRESS_CODES and not NOT_VERIFIED.search(text):
        return CallRefusedError(text)
    barred = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or NOT_VERIFIED.search(text) is not None
    return NotSentError(text, OPERATOR, ours=True, for_all=barred)


def _without_addresses(text: str) -> str:
    """Take e-mail addresses out of what SES says, because it ends in logs and dead letters."""
    return re.sub(r"[^\s<>,;:'\"]+@[^\s<>,;:'\"]+", "<address>", text)
