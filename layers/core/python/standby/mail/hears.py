"""What mail hears from the bus and from SES; the stack's rules and the consumer both read it."""

from typing import get_args

from standby.events.customer import CustomerErased
from standby.events.remedy import VoucherRevoked
from standby.events.stock import SoldOut
from standby.events.waitlist import CustomerLeft, StoreOfferChanged

Stop = CustomerLeft | CustomerErased | SoldOut | VoucherRevoked | StoreOfferChanged
FEEDBACK: tuple[type[Stop], ...] = get_args(Stop)
"""MailFeedback: what stops mails that are under way."""

BOUNCED = "Email Bounced"
COMPLAINED = "Email Complaint Received"
REJECTED = "Email Rejected"
NOT_RENDERED = "Email Rendering Failed"
SES = (BOUNCED, COMPLAINED, REJECTED, NOT_RENDERED)
"""MailFeedback too: what SES says of mails that it accepted (its guide, "Contents of event data")."""

DISABLED = "Sending Status Disabled"
SES_ITSELF = (DISABLED,)
"""MailFeedback too: what SES says of itself (its guide, "Monitoring SES events using EventBridge")."""
