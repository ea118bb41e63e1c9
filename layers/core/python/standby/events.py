"""What features tell one another: the events on the bus, and the job that any feature hands to mail (design §5.3, §7).

Every event is a frozen dataclass; its class name is the ``detail-type``, `Event.detail` the ``detail``. Consumers
read a detail as a plain mapping and ignore fields that they do not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. ``id`` is the same when the same thing is told again; ``at`` is RFC 3339 UTC."""

    id: str
    at: str

    @property
    def name(self) -> str:
        """The detail-type."""
        return type(self).__name__

    def detail(self) -> dict[str, Any]:
        """The detail: all fields that are set, and the contract's version."""
        return {"version": VERSION} | {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class SkuEvent(Event):
    """Base of events about one SKU; ``revision`` is the SKU's, a consumer ignores lower ones than it has seen."""

    sku: str
    revision: int


@dataclass(frozen=True, kw_only=True)
class StockChanged(SkuEvent):
    """The SKU's numbers changed. ``free`` may be negative, ``sellable`` = max(0, free)."""

    on_hand: int
    committed: int
    safety: int
    owed: int
    held: int
    free: int
    sellable: int
    incoming: int


class SoldOut(SkuEvent):
    """Sellable went from some to none."""


@dataclass(frozen=True, kw_only=True)
class LowStock(SkuEvent):
    """Sellable fell to the shop's ``low_stock`` or under it, and is not 0."""

    sellable: int


@dataclass(frozen=True, kw_only=True)
class IncomingChanged(SkuEvent):
    """Units on purchase orders changed."""

    incoming: int


@dataclass(frozen=True, kw_only=True)
class EtaMoved(Event):
    """A purchase order line is expected on another day (calendar dates; ``None`` where none was told)."""

    sku: str
    purchase_order_id: str
    eta: str | None
    previous_eta: str | None
    quantity: int
    supplier_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoreChanged(Event):
    """A location was described or described anew."""

    location_id: str


@dataclass(frozen=True, kw_only=True)
class Restocked(SkuEvent):
    """Free went from nothing to enough and stayed; ``sku@revision`` names the restock, by the crossing's revision."""

    free: int
    minimum: int


@dataclass(frozen=True, kw_only=True)
class CustomersInvited(SkuEvent):
    """One page of a wave was handed to mail."""

    wave: str
    customers: int
    units: int


@dataclass(frozen=True, kw_only=True)
class CustomerLeft(Event):
    """Somebody left: nothing that they asked for before ``at`` may be mailed. ``address`` is an address key."""

    address: str
    references: Sequence[str] = ()
    """Empty: everything the address asked for; else only these references."""


@dataclass(frozen=True, kw_only=True)
class CustomerErased(Event):
    """Somebody was erased: nothing that they asked for before ``at`` may be mailed or kept."""

    address: str


@dataclass(frozen=True, kw_only=True)
class MailAccepted(Event):
    """SES accepted mails: one event per SES call, with the references of its job's recipients (at most 50)."""

    job_id: str
    kind: str
    references: Sequence[str]
    wave: str | None = None


@dataclass(frozen=True, kw_only=True)
class MailRefused(Event):
    """Mails were not sent, or came back.

    ``reason``: ``rejected`` (SES refused the address or message for good), ``suppressed`` (bounced or complained
    before), ``left``, ``erased``, ``cancelled`` (the wave was called off), ``expired`` (too late to send),
    ``unconsented`` (advertising without marketing consent), and, when
    feedback arrives after acceptance, ``bounced`` or ``complained`` (these name an ``address`` and no references).
    """

    reason: str
    references: Sequence[str] = ()
    job_id: str | None = None
    kind: str | None = None
    wave: str | None = None
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One recipient of a job. ``slots`` fill ``{{slot}}`` places and match ``[A-Za-z0-9._~-]*``.

    ``consented_at`` (RFC 3339) is when the customer asked for this mail: leaving or erasure after it stops the mail.
    """

    reference: str
    email: str
    slots: Mapping[str, str] = field(default_factory=dict)
    consented_at: str | None = None
    marketing: bool = False


@dataclass(frozen=True, kw_only=True)
class MailJob:
    """A mail to at most 50 recipients, rendered once from ``kind``, ``locale`` and ``data``.

    ``job_id`` is the same whenever the same job is made again, and mail sends it once. After ``valid_until``
    (RFC 3339) it is not sent any more.
    """

    job_id: str
    kind: str
    locale: str
    data: Mapping[str, Any]
    recipients: Sequence[Recipient]
    valid_until: str
    wave: str | None = None

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
                    slots=recipient.get("slots", {}),
                    consented_at=recipient.get("consented_at"),
                    marketing=recipient.get("marketing", False),
                )
                for recipient in content["recipients"]
            ],
            valid_until=content["valid_until"],
            wave=content.get("wave"),
        )
