"""What compensation hears from the bus; the stack's rules and the consumer both read it."""

from typing import get_args

from standby.events.delay import ArrivalAnswered, DelayDetected
from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.events.mail import MailRefused

Record = DelayDetected | ArrivalAnswered | OrderPlaced | OrderShipped | OrderCancelled | MailRefused
RECORDS: tuple[type[Record], ...] = get_args(Record)
"""CompensationRecords: delays, what customers say of shipments of which nobody knows whether they are there, and what
becomes of orders, which may have taken vouchers; and mails that were not sent, because a voucher was taken back."""
