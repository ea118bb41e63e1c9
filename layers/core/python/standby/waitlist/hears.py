"""What the waitlist hears from the bus, per queue; the stack's rules and the consumers both read it."""

from typing import get_args

from standby.events.catalog import ProductDiscontinued
from standby.events.customer import CustomerErased
from standby.events.mail import MailAccepted, MailRefused, SuppressionLifted
from standby.events.preorder import CampaignChanged, OfferAccepted, OfferExpired, ReservationConfirmed, UnitsFreed
from standby.events.stock import EtaMoved, Restocked, SoldOut

Plan = Restocked | SoldOut | UnitsFreed | ProductDiscontinued | EtaMoved | CampaignChanged
PLANS: tuple[type[Plan], ...] = get_args(Plan)
"""WaitlistPlans: what begins, feeds and ends waves, what ends entries because it does not come back, and days that
move."""

Record = (
    MailAccepted
    | MailRefused
    | SuppressionLifted
    | CustomerErased
    | OfferAccepted
    | OfferExpired
    | ReservationConfirmed
)
RECORDS: tuple[type[Record], ...] = get_args(Record)
"""WaitlistRecords: what became of mails, of customers and of offers, who pre-ordered, and who ordered."""
