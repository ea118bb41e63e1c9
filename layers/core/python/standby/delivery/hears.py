"""What delivery hears from the bus; the stack's rules and the consumer both read it."""

from typing import get_args

from standby.events.delay import DelayDetected
from standby.events.mail import MailRefused
from standby.events.preorder import CancellationRequested

Record = DelayDetected | CancellationRequested | MailRefused
RECORDS: tuple[type[Record], ...] = get_args(Record)
"""DeliveryRecords: delays, of which customers are told, withdrawals, which are acknowledged, and mails about delays
that did not go."""
KINDS = ("delayed", "overdue", "arrived_late", "unshipped")
"""The kinds of mail of whose refusals it hears."""
