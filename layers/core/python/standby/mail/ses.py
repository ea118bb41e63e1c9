"""SES, as a `standby.mail.service.Mailer`: one call without retries, every answer sorted by what it means (design §7).

The API reference of SES v2 says what each answer means (``SendBulkEmail``, ``BulkEmailEntryResult``). When no answer
came, nobody knows whether the mails went out, so that is an error of its own.

In its sandbox SES mails verified addresses only. The references do not say whether another address fails its entry or
the whole call, so either is understood. The refusal names the identities that failed ("Amazon SES email sending
errors" in the guide), as one for want of permission names its resource: the sender's identity stops all mails, a
recipient's stops that recipient's.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
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

from standby.mail.model import (
    Addressee,
    Answer,
    CallRefusedError,
    Mail,
    NotSentError,
    Outcome,
    OutcomeUnknownError,
    UnverifiedError,
)
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
OF_THE_ENTRY = "MESSAGE_REJECTED"
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
"""How SES says that it does not know an identity, whatever the error's code."""
NOT_PERMITTED = re.compile(r"not authori[sz]ed to perform.*:identity/", re.IGNORECASE | re.DOTALL)
"""How IAM says that the role may not mail as, or to, an identity of the account."""
BEFORE_AN_IDENTITY, AFTER_AN_IDENTITY = r"(?<![^\s<>,;:'\"`/(])", r"(?=\.*(?:[\s<>,;:'\"`)…]|$))"


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

        Raises `NotSentError`, `UnverifiedError`, `CallRefusedError` or `OutcomeUnknownError` for the call as a whole.
        """
        try:
            answer = self.ses.send_bulk_email(**self._request(mail, addressees))
        except ClientError as error:
            unverified = self._unverified(str(error), addressees)
            if unverified:
                raise UnverifiedError(_without_addresses(str(error)), unverified) from error
            raise _call_error(error) from error
        except (ConnectionError, NoCredentialsError) as error:
            raise NotSentError(type(error).__name__, SOON) from error
        except (HTTPClientError, ResponseParserError) as error:
            raise OutcomeUnknownError(type(error).__name__) from error
        results = answer["BulkEmailEntryResults"]
        if len(results) != len(addressees):
            raise OutcomeUnknownError(f"{len(results)} results for {len(addressees)} entries")
        pairs = zip(results, addressees, strict=True)
        return [_entry_answer(result, unverified=self._unverified_entry(result, each)) for result, each in pairs]

    def _unverified(self, said: str, addressees: Sequence[Addressee]) -> list[int]:
        """Return the places of the recipients whom a refusal is about; nobody where it is about the sender too."""
        if not (NOT_VERIFIED.search(said) or NOT_PERMITTED.search(said)) or self._names_us(said):
            return []
        return [place for place, addressee in enumerate(addressees) if _names(said, addressee.email)]

    def _unverified_entry(self, result: Any, addressee: Addressee) -> bool:  # noqa: ANN401 - botocore's answer
        """Tell whether an entry failed because its recipient is not verified."""
        status, said = result.get("Status"), result.get("Error", "")
        if status == OF_THE_ENTRY and NOT_VERIFIED.search(said):
            return not self._names_us(said)
        return status != ACCEPTED and bool(self._unverified(said, [addressee]))

    def _names_us(self, said: str) -> bool:
        return _names(said, parseaddr(self.sender)[1])

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


def _names(said: str, address: str) -> bool:
    """Tell whether SES speaks of an address, or of the domain that it is verified by."""
    return any(
        re.search(BEFORE_AN_IDENTITY + re.escape(identity) + AFTER_AN_IDENTITY, said, re.IGNORECASE)
        for identity in _identities(address)
    )


def _identities(address: str) -> Iterator[str]:
    """Yield the names by which SES may know an address: itself, its domain, the domain's parents."""
    yield address
    labels = address.rpartition("@")[2].split(".")
    for start in range(max(1, len(labels) - 1)):
        yield ".".join(labels[start:])


def _entry_answer(result: Any, *, unverified: bool = False) -> Answer:  # noqa: ANN401 - botocore's answer
    status = result.get("Status", "")
    if status == ACCEPTED:
        return Answer(Outcome.ACCEPTED)
    error = _without_addresses(f"{status}: {result.get('Error', '')}").rstrip(": ")
    if unverified:
        return Answer(Outcome.UNVERIFIED, error)
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
