"""The services of `tests.world` that have something of their own: the mail service, the bucket for files, the web."""

import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from standby.availability.pictures.model import UnseenError
from standby.platform.clock import to_text

MOST_ENTRIES = 50


@dataclass(frozen=True)
class Mail:
    """A mail that the mail service took."""

    email: str
    subject: str
    html: str
    text: str
    headers: Mapping[str, str]
    tags: Mapping[str, str]
    call: int

    @property
    def not_sent(self) -> dict[str, Any]:
        """What SES tells of a mail that it accepted and then took for a virus."""
        tags = {name: [value] for name, value in self.tags.items()}
        about = {"destination": [self.email], "messageId": f"{self.call}-{self.email}", "tags": tags}
        return {
            "source": "aws.ses",
            "detail-type": "Email Rejected",
            "detail": {"reject": {"reason": "Bad content"}, "mail": about},
        }

    def link(self, action: str) -> str:
        """Return the token of the mail's link to ``/v1/waitlist/<action>``."""
        found = re.search(rf"/v1/waitlist/{action}\?token=([A-Za-z0-9._~-]+)", self.text)
        assert found, self.text
        return found.group(1)


@dataclass(frozen=True)
class Outage:
    """What the mail service answers instead of taking mails: to whole calls, or to single entries.

    Without a ``status`` of HTTP it is an entry's. ``every`` says which entries get it: all, or one of so many.
    """

    code: str
    status: int = 0
    every: int = 1


@dataclass
class MailService:
    """Takes mails, but for the addresses that it refuses and while it has no outage."""

    mails: list[Mail] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    calls: int = 0
    outage: Outage | None = None

    def quota(self) -> Any:
        """Answer ``GetAccount``."""
        return {
            "SendQuota": {"MaxSendRate": 50.0, "Max24HourSend": 1e6, "SentLast24Hours": 0.0},
            "SendingEnabled": True,
        }

    def send(self, parameters: Mapping[str, Any]) -> Any:
        """Answer ``SendBulkEmail``."""
        entries = parameters["BulkEmailEntries"]
        assert len(entries) <= MOST_ENTRIES
        self.calls += 1
        if self.outage is not None and self.outage.status:
            raise refusal(self.outage.code, self.outage.status, "SendBulkEmail")
        content = parameters["DefaultContent"]["Template"]["TemplateContent"]
        results = []
        for number, entry in enumerate(entries):
            if self.outage is not None and number % self.outage.every == 0:
                results.append({"Status": self.outage.code, "Error": "Illegal address"})
                continue
            (email,) = entry["Destination"]["ToAddresses"]
            if email in self.refused:
                results.append({"Status": "INVALID_PARAMETER", "Error": "Illegal address"})
                continue
            slots = json.loads(entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"])
            headers = {header["Name"]: header["Value"] for header in entry.get("ReplacementHeaders", ())}
            tags = {tag["Name"]: tag["Value"] for tag in entry.get("ReplacementTags", ())}
            parts = [_filled(content[part], slots) for part in ("Subject", "Html", "Text")]
            self.mails.append(Mail(email, *parts, headers=headers, tags=tags, call=self.calls))
            results.append({"Status": "SUCCESS", "MessageId": f"ses-{len(self.mails)}"})
        return {"BulkEmailEntryResults": results}


def _filled(template: str, slots: Mapping[str, str]) -> str:
    filled = re.sub(r"\{\{(\w+)\}\}", lambda found: slots[found.group(1)], template)
    assert "{{" not in filled
    return filled


@dataclass
class Bucket:
    """Files by their keys, without versions."""

    name: str
    objects: dict[str, bytes] = field(default_factory=dict)
    puts: int = 0

    def put(self, key: str, content: bytes, *, at: datetime) -> dict[str, Any]:
        """Keep a file, and return the record by which S3 tells of it."""
        self.puts += 1
        self.objects[key] = content
        thing = {
            "key": quote_plus(key, safe="/"),
            "size": len(content),
            "eTag": _etag(content),
            "sequencer": f"{self.puts:016X}",
        }
        return {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventTime": to_text(at),
            "eventName": "ObjectCreated:Put",
            "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": self.name}, "object": thing},
        }

    def get(self, parameters: Mapping[str, Any]) -> Any:
        """Answer ``GetObject``. S3 does not tell that a file is missing to a caller who may not list the bucket."""
        content = self.objects.get(parameters["Key"])
        if content is None:
            raise refusal("AccessDenied", 403, "GetObject")
        etag = _etag(content)
        if parameters.get("IfMatch", etag) != etag:
            raise refusal("PreconditionFailed", 412, "GetObject")
        body = StreamingBody(io.BytesIO(content), len(content))  # type: ignore[arg-type] # it only reads
        return {"Body": body, "ContentLength": len(content), "ETag": f'"{etag}"'}


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def refusal(code: str, status: int, operation: str) -> ClientError:
    """Return the error by which AWS refuses a call."""
    error = {"Code": code, "Message": code}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)  # type: ignore[typeddict-item]


@dataclass
class Web:
    """The shop's own site, as far as pictures are asked for."""

    pictures: dict[str, bytes] = field(default_factory=dict)
    """What stands at an address."""
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def fetch(self, address: str) -> bytes:
        """Return a picture, as `standby.availability.pictures.fetching` does."""
        self.asked.append(address)
        if self.down:
            raise UnseenError("the shop's site answered 503", again=True)
        if address not in self.pictures:
            raise UnseenError("the shop's site answered 403")
        return self.pictures[address]
