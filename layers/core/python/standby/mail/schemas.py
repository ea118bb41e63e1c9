"""The job that mail takes, as JSON Schema; unknown fields are ignored.

What other features send is `standby.mail_job.MailJob`; here stands what mail insists on.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from standby.platform.frozen import frozen

INSTANT = {
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
    "errorMessage": "must be an instant, such as 2026-12-31T10:00:00Z",
}
SLOTS = {
    "propertyNames": {"pattern": "^[a-z][a-z_]*$", "errorMessage": "must be of a to z and _"},
    "additionalProperties": {
        "type": "string",
        "pattern": "^[A-Za-z0-9._~-]*$",
        "errorMessage": "must be of letters, digits and . _ ~ - alone",
    },
}


@frozen()
class RecipientBody:
    """One recipient of a mail job."""

    reference: str = field(metadata={"json_schema": {"minLength": 1, "maxLength": 300}})
    email: str = field(metadata={"json_schema": {"minLength": 1, "maxLength": 1000}})
    """Not judged here: one bad address must cost nobody else the mail."""
    slots: Mapping[str, str] = field(default_factory=dict, metadata={"json_schema": SLOTS})
    consented_at: str | None = field(default=None, metadata={"json_schema": INSTANT})
    marketing: bool = False
    time_zone: str | None = field(default=None, metadata={"json_schema": {"maxLength": 64}})
    """The customer's own (IANA name), for closed hours, where the job has none."""
    tells_of: list[str] = field(default_factory=list)
    """References of what the mail tells besides: it is not sent once any of them was taken back."""
    near: str | None = field(default=None, metadata={"json_schema": {"maxLength": 64}})
    """About where the customer is, such as ``32.08,34.78``. What is no place is none."""


@frozen()
class JobBody:
    """A mail to at most 50 recipients."""

    job_id: str = field(metadata={"json_schema": {"minLength": 1, "maxLength": 400}})
    kind: str = field(metadata={"json_schema": {"pattern": "^[a-z_]+$", "errorMessage": "must be of a to z and _"}})
    locale: str = field(metadata={"json_schema": {"maxLength": 35}})
    data: Mapping[str, Any]
    recipients: list[RecipientBody] = field(metadata={"json_schema": {"minItems": 1, "maxItems": 50}})
    valid_until: str = field(metadata={"json_schema": INSTANT})
    wave: str | None = field(default=None, metadata={"json_schema": {"maxLength": 200}})
    time_zone: str | None = field(default=None, metadata={"json_schema": {"maxLength": 64}})
    """The recipients' own time zone (IANA name). Where there is none, mails give times in the shop's and say so."""
    send_by: str | None = field(default=None, metadata={"json_schema": INSTANT})
    """It goes by then, closed hours or not, such as by the day by which the law wants a notice."""
    patient: bool = False
    """Closed hours do not count against ``valid_until``."""
    about: str | None = field(default=None, metadata={"json_schema": {"minLength": 1, "maxLength": 400}})
    """What it tells the newest of: of the jobs that wait for an open hour about the same, only the newest is sent."""


@frozen()
class AddressBody:
    """``POST /v1/mail/suppressions/…``: an address, which never stands in a path."""

    email: str = field(metadata={"json_schema": {"minLength": 3, "maxLength": 254}})


MESSAGES: dict[str, type] = {"mail.job": JobBody, "mail.address": AddressBody}
