"""What features tell one another: the events on the bus, and the job that any feature hands to mail (design §5.3, §7).

Every event is a named tuple: a dataclass takes ten times as long to make, and a function loads all of them. Its class
name is the ``detail-type``, its fields are the ``detail`` (`standby.platform.bus`). ``id`` is the same when the same
thing is told again; ``at`` is RFC 3339 UTC; ``revision`` is the SKU's, and a consumer ignores lower ones than it has
seen. Consumers read a detail as a plain mapping and ignore fields that they do not know.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

NO_SLOTS: Mapping[str, str] = MappingProxyType({})


class StockChanged(NamedTuple):
    """The SKU's numbers changed. ``free`` may be negative, ``sellable`` = max(0, free)."""

    id: str
    at: str
    sku: str
    revision: int
    on_hand: int
    committed: int
    safety: int
    owed: int
    held: int
    free: int
    sellable: int
    incoming: int


class SoldOut(NamedTuple):
    """Sellable went from some to none."""

    id: str
    at: str
    sku: str
    revision: int


class LowStock(NamedTuple):
    """Sellable fell to the shop's ``low_stock`` or under it, and is not 0."""

    id: str
    at: str
    sku: str
    revision: int
    sellable: int


class IncomingChanged(NamedTuple):
    """Units on purchase orders changed."""

    id: str
    at: str
    sku: str
    revision: int
    incoming: int


class EtaMoved(NamedTuple):
    """A purchase order line is expected on another day (calendar dates; ``None`` where none was told)."""

    id: str
    at: str
    sku: str
    purchase_order_id: str
    eta: str | None
    previous_eta: str | None
    quantity: int
    supplier_id: str | None = None


class StoreChanged(NamedTuple):
    """A location was described or described anew."""

    id: str
    at: str
    location_id: str


class Restocked(NamedTuple):
    """Free went from nothing to enough and stayed; ``sku@revision`` names the restock, by the crossing's revision."""

    id: str
    at: str
    sku: str
    revision: int
    free: int
    minimum: int


class CustomersInvited(NamedTuple):
    """One page of a wave was handed to mail."""

    id: str
    at: str
    sku: str
    revision: int
    wave: str
    customers: int
    units: int


class CustomerLeft(NamedTuple):
    """Somebody left: nothing that they asked for before ``at`` may be mailed. ``address`` is an address key."""

    id: str
    at: str
    address: str
    references: Sequence[str] = ()
    """Empty: everything the address asked for; else only these references."""


class CustomerErased(NamedTuple):
    """Somebody was erased: nothing that they asked for before ``at`` may be mailed or kept."""

    id: str
    at: str
    address: str


class MailAccepted(NamedTuple):
    """SES accepted mails: one event per SES call, with the references of its job's recipients (at most 50).

    ``leased_at`` is the instant from which a deadline in these mails counts, where their kind has one ``at_lease``.
    """

    id: str
    at: str
    job_id: str
    kind: str
    references: Sequence[str]
    wave: str | None = None
    leased_at: str | None = None


class MailRefused(NamedTuple):
    """Mails were not sent, or came back.

    ``reason``: ``rejected`` (SES refused the address or message for good), ``suppressed`` (bounced or complained
    before), ``left``, ``erased``, ``cancelled`` (the wave was called off), ``expired`` (too late to send),
    ``unconsented`` (advertising without marketing consent), and, when
    feedback arrives after acceptance, ``bounced`` or ``complained`` (these name an ``address`` and no references).
    """

    id: str
    at: str
    reason: str
    references: Sequence[str] = ()
    job_id: str | None = None
    kind: str | None = None
    wave: str | None = None
    address: str | None = None


class Recipient(NamedTuple):
    """One recipient of a job. ``slots`` fill ``{{slot}}`` places and match ``[A-Za-z0-9._~-]*``.

    ``consented_at`` (RFC 3339) is when the customer asked for this mail: leaving or erasure after it stops the mail.
    """

    reference: str
    email: str
    slots: Mapping[str, str] = NO_SLOTS
    consented_at: str | None = None
    marketing: bool = False


class MailJob(NamedTuple):
    """A mail to at most 50 recipients, rendered once from ``kind``, ``locale`` and ``data``.

    ``job_id`` is the same whenever the same job is made again, and mail sends it once. After ``valid_until``
    (RFC 3339) it is not sent any more. ``time_zone`` is the recipients' own (IANA name), where the kind shows times.
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
        """The body of the queue message (written out: `asdict` copies deeply and costs a fifth of planning a wave)."""
        recipients = [
            {
                "reference": recipient.reference,
                "email": recipient.email,
                "slots": recipient.slots,
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
        """Read the body of a queue message; unknown fields are ignored. Raises ``KeyError`` when one is missing."""
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
