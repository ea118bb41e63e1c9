"""What the waitlist tells: who is going to be told of a restock, and who left."""

from typing import NamedTuple

from standby.events.fields import Address, EventId, Instant, References, Revision, Sku, Units


class CustomersInvited(NamedTuple):
    """One page of a wave was handed to mail."""

    id: EventId
    at: Instant
    sku: Sku
    revision: Revision
    wave: str
    customers: Units
    units: Units


class CustomerLeft(NamedTuple):
    """Somebody left: nothing that they asked for before ``at`` may be mailed.

    Without ``references`` this holds for everything that the address asked for, else only for these.
    """

    id: EventId
    at: Instant
    address: Address
    references: References = ()
