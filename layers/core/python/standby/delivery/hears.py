"""What delivery hears from the bus; the stack's rules and the consumer both read it."""

from standby.events.delivery import DelayDetected
from standby.events.preorder import CancellationRequested

RECORDS: tuple[type[DelayDetected | CancellationRequested], ...] = (DelayDetected, CancellationRequested)
"""DeliveryRecords: delays, of which customers are told, and withdrawals, which are acknowledged."""
