"""The job that any feature hands to mail (design §7). It is a command, so it does not belong to `standby.events`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

NO_SLOTS: Mapping[str, str] = MappingProxyType({})


def store_offer_named(offer_id: str) -> str:
    """Return what stands for a store offer where a SKU does else; no SKU has a tab in it."""
    return f"\tstore offer {offer_id}"


def store_offer_wave(offer_id: str, edition: int) -> str:
    """Return the `MailJob.wave` of a store offer as it is worded in an edition: a newer word calls such jobs off."""
    return f"{store_offer_named(offer_id)}@{edition}#1"


class Recipient(NamedTuple):
    """One recipient of a job. ``slots`` fill ``{{slot}}`` places and match ``[A-Za-z0-9._~-]*``.

    ``consented_at`` (RFC 3339) is when the customer asked for this mail. The mail is not sent to a customer who left or
    was erased after that. ``time_zone`` is the customer's own (an IANA name), where it is known and the job has none.
    ``tells_of`` are references of what the mail tells besides: it is not sent once any of them was taken back.
    ``near`` is about where the customer is (`standby.platform.point.coarse`), for kinds that name the nearest store.
    """

    reference: str
    email: str
    slots: Mapping[str, str] = NO_SLOTS
    consented_at: str | None = None
    marketing: bool = False
    time_zone: str | None = None
    tells_of: Sequence[str] = ()
    near: str | None = None

    def content(self) -> dict[str, Any]:
        """Return the recipient's part of a job, without a zone or place that is unknown, and what it does not tell of.

        The fields are named one by one, because ``_asdict`` leaves a mapping that JSON cannot write.
        """
        content: dict[str, Any] = {
            "reference": self.reference,
            "email": self.email,
            "slots": dict(self.slots),
            "consented_at": self.consented_at,
            "marketing": self.marketing,
        }
        if self.tells_of:
            content["tells_of"] = list(self.tells_of)
        if self.near is not None:
            content["near"] = self.near
        return content if self.time_zone is None else content | {"time_zone": self.time_zone}


class MailJob(NamedTuple):
    """A mail to at most 50 recipients, rendered once from ``kind``, ``locale`` and ``data``.

    ``job_id`` is the same whenever the same job is made again; mail sends each job once. After ``valid_until``
    (RFC 3339) mail does not send the job any more. ``time_zone`` is the recipients' own (an IANA name), for kinds of
    mail that show times, and for their closed hours.

    A job may have to wait for an hour in which the shop writes to people. One with ``send_by`` (RFC 3339), such as the
    day by which the law wants a notice, goes in a closed hour rather than later than that. Of a ``patient`` job closed
    hours do not shorten the time in which it may be sent: what it says is still true after them. ``about`` names what
    it tells the newest of, such as the day of a reservation: of jobs that wait about the same only the newest is sent,
    by ``consented_at``.
    """

    job_id: str
    kind: str
    locale: str
    data: Mapping[str, Any]
    recipients: Sequence[Recipient]
    valid_until: str
    wave: str | None = None
    time_zone: str | None = None
    send_by: str | None = None
    patient: bool = False
    about: str | None = None

    def content(self) -> dict[str, Any]:
        """Return the body of the queue message, without the job's fields that are ``None``.

        The fields are named one by one, because ``_asdict`` leaves the recipients tuples, which JSON writes as lists.
        """
        content = {
            "job_id": self.job_id,
            "kind": self.kind,
            "locale": self.locale,
            "data": self.data,
            "recipients": [recipient.content() for recipient in self.recipients],
            "valid_until": self.valid_until,
            "wave": self.wave,
            "time_zone": self.time_zone,
            "send_by": self.send_by,
            "patient": self.patient or None,
            "about": self.about,
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
                    time_zone=recipient.get("time_zone"),
                    tells_of=tuple(recipient.get("tells_of", ())),
                    near=recipient.get("near"),
                )
                for recipient in content["recipients"]
            ],
            valid_until=content["valid_until"],
            wave=content.get("wave"),
            time_zone=content.get("time_zone"),
            send_by=content.get("send_by"),
            patient=content.get("patient", False),
            about=content.get("about"),
        )
