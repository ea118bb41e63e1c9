"""What is told about a customer as a whole. Nobody publishes it yet; mail and the waitlist listen already."""

from typing import NamedTuple

from standby.events.fields import Address, EventId, Instant


class CustomerErased(NamedTuple):
    """Somebody was erased: nothing that they asked for before ``at`` may be mailed or kept."""

    id: EventId
    at: Instant
    address: Address
