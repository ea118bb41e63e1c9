"""What delivery hears from the bus; the stack's rules and the consumer both read it."""

from standby.events.delivery import DelayDetected

RECORDS: tuple[type[DelayDetected], ...] = (DelayDetected,)
"""DeliveryRecords: delays, of which customers are told."""
