"""The job that any feature hands to mail (design §7). It is a command, so it does not belong to `standby.events`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

NO_SLOTS: Mapping[str, str] = MappingProxyType({})


class Recipient(NamedTuple):
    """One recipient of a job. ``slots`` fill ``{{slot}}`` places and match ``[A-Za-z0-9._~-]*``.

    ``consented_at`` (RFC 3339) is when the customer asked for this mail. The mail is not sent to a customer who left or
    was erased after that.
    """

    reference: str
    email: str
    slots: Mapping[str, str] = NO_SLOTS
    consented_at: str | None = None
    marketing: bool = False


class MailJob(NamedTuple):
    """A mail to at most 50 recipients, rendered once from ``kind``, ``locale`` and ``data``.

    ``job_id`` is the same whenever the same job is made again; mail sends each job once. After ``valid_until``
    (RFC 3339) mail does not send the job any more. ``time_zone`` is the recipients' own (an IANA name), for kinds of
    mail that show times.
    """

    job_id: str
    kind: str
    locale: str
    data: Mapping[str, Any]
    recipients: Sequence[Recipient]
    valid_until: str
    wave: str | None = None
    time_zone: str | None = None

    def content(self) -> dict[str, Any]:
        """Return the body of the queue message, without the job's fields that are ``None``.

        The fields are named one by one, because ``_asdict`` leaves the recipients tuples, which JSON writes as lists.
        """
        recipients = [
            {
                "reference": recipient.reference,
                "email": recipient.email,
                "slots": dict(recipient.slots),
                "consented_at": recipient.consented_at,
                "marketing": recipient.marketing,
            }
            for recipient in self.recipients
        ]
        content = {
            "job_id": self.job_id,
            "kind": self.kind,
            "locale": self.locale,
            "data": self.data,
            "recipients": recipients,
            "valid_until": self.valid_until,
            "wave": self.wave,
            "time_zone": self.time_zone,
        }
        return {name: value for name, value in content.items() if value is not None}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "MailJob":
        """Read the body of a queue message, ignoring unknown fields. Raises ``KeyError`` when a field is missing."""
        return cls(
            job_id=content["job_id"],
            kind=content["kind"],
            locale=content["locale"],
            data=content["data"],
            recipients=[
                Recipient(
                    reference=recipient["reference"],
                    email=recipient["email"],
                    slots=recipient.get("slots", NO_SLOTS),
                    consented_at=recipient.get("consented_at"),
                    marketing=recipient.get("marketing", False),
                )
                for recipient in content["recipients"]
            ],
            valid_until=content["valid_until"],
            wave=content.get("wave"),
            time_zone=content.get("time_zone"),
        )
