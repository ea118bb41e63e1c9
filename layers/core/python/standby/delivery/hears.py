"""What delivery hears from the bus; the stack's rules and the consumer both read it."""

from typing import get_args

from standby.events.delay import DelayDetected
from standby.events.fee import DeliveryFeeGiven
from standby.events.grant import RemedyCallWanted, RemedyGranted, RemedyWithheld
from standby.events.mail import MailAccepted, MailFailed, MailRefused
from standby.events.preorder import CancellationRequested, PromiseMoved, RefundDue

Record = (
    DelayDetected
    | CancellationRequested
    | MailAccepted
    | MailRefused
    | MailFailed
    | PromiseMoved
    | RefundDue
    | DeliveryFeeGiven
    | RemedyGranted
    | RemedyWithheld
    | RemedyCallWanted
)
RECORDS: tuple[type[Record], ...] = get_args(Record)
"""DeliveryRecords: delays, of which customers are told, withdrawals, which are acknowledged, mails about delays that
went, did not go or came back, and the days of what was pre-ordered, of which the order tells that has it, the money
that pre-orders owe of it, the delivery fees that are given back for delays, that something was given for one, and
that the policy of remedies wants a call."""
KINDS = ("delayed", "overdue", "arrived_late", "unshipped", "late_orders", "silence_reminder")
"""The kinds of mail of which it hears whether they went."""
REMEDIES = ("percent_off", "voucher", "free_shipping", "delivery_fee_back", "choice")
"""The kinds of remedies: all of them."""
