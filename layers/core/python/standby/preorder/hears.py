"""What pre-orders hear from the bus, per queue; the stack's rules and the consumers both read it."""

from typing import get_args

from standby.events.catalog import ProductDiscontinued
from standby.events.customer import CustomerErased
from standby.events.delivery import OrderCancelled, OrderPlaced, OrderShipped
from standby.events.mail import MailAccepted, MailFailed, MailRefused
from standby.events.preorder import AllocationTakenBack, ReservationConfirmed
from standby.events.stock import EtaMoved, IncomingChanged, StockChanged
from standby.events.waitlist import CustomerLeft

Allocation = StockChanged | ReservationConfirmed
ALLOCATIONS: tuple[type[Allocation], ...] = get_args(Allocation)
"""PreorderAllocations: units that came or were given back, and reservations that may be given some."""

OfOrder = OrderPlaced | OrderShipped | OrderCancelled
OfMail = MailAccepted | MailRefused | MailFailed
OfOffer = CustomerLeft | CustomerErased
OfGoods = EtaMoved | IncomingChanged
OfCatalogue = ProductDiscontinued
OfLine = AllocationTakenBack
Record = OfOrder | OfMail | OfOffer | OfGoods | OfCatalogue | OfLine
RECORDS: tuple[type[Record], ...] = get_args(Record)
"""PreorderRecords: what became of the orders that name reservations, of the mails and the customers of offers, of
mails that tell of a day, and of the goods that were promised, what does not come back, and who lost units that were set
aside."""
SLIPS = ("postponed", "undated")
"""The kinds of mail that tell of a day, of which it hears whom they did not reach."""
KINDS = ("offer", "preorder", *SLIPS)
"""The kinds of mail of whose outcomes it hears, where bounces and complaints name none, and of reservations that lose
units."""
