"""The services of `tests.world` that have something of their own: the mail service, and the bucket for files."""

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
    call: int

    def link(self, action: str) -> str:
        """Return the token of the mail's link to ``/v1/waitlist/<action>``."""
        found = re.search(rf"/v1/waitlist/{action}\?token=([A-Za-z0-9._~-]+)", self.text)
        assert found, self.text
        return found.group(1)


@dataclass
class MailService:
    """Takes mails, but for the addresses that it refuses."""

    mails: list[Mail] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    calls: int = 0

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
        content = parameters["DefaultContent"]["Template"]["TemplateContent"]
        results = []
        for entry in entries:
            (email,) = entry["Destination"]["ToAddresses"]
            if email in self.refused:
                results.append({"Status": "MESSAGE_REJECTED", "Error": "refused"})
                continue
            slots = json.loads(entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"])
            headers = {header["Name"]: header["Value"] for header in entry.get("ReplacementHeaders", ())}
            parts = [_filled(content[part], slots) for part in ("Subject", "Html", "Text")]
            self.mails.append(Mail(email, *parts, headers=headers, call=self.calls))
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
            raise _refusal("AccessDenied", 403)
        etag = _etag(content)
        if parameters.get("IfMatch", etag) != etag:
            raise _refusal("PreconditionFailed", 412)
        body = StreamingBody(io.BytesIO(content), len(content))  # type: ignore[arg-type] # it only reads
        return {"Body": body, "ContentLength": len(content), "ETag": f'"{etag}"'}


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _refusal(code: str, status: int) -> ClientError:
    error = {"Code": code, "Message": code}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetObject")  # type: ignore[typeddict-item]
