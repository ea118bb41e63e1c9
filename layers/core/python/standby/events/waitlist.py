"""What the waitlist tells: who is going to be told of a restock or invited to a store, who left, and who went quiet.

A marketing tool keeps a segment of customers who went quiet from three events. `CustomerWentQuiet` puts somebody in;
`CustomerReengaged` and `CustomerUnreachable` take them out. Of all three about one ``address`` the highest ``edition``
says what is so, so repeats and disorder do no harm. Somebody may be taken out of whom no event said that they are in.

``address`` is made from the e-mail address, which no event has. The shop makes the same key for each of its own
customers and so finds whom it means: the address without spaces around it, in Unicode NFC and lower case; the first 16
bytes of the SHA-256 of its UTF-8; these in base64url without padding. That of ``ana@example.org`` is
``hrkmChFc6sialzivI2ls4w``.

Somebody goes quiet who agreed to advertising, was told something (that something is back, an offer, that waiting ends,
a weekly list) and did nothing for the shop's ``quiet_days`` after that. Standby sees what they do with Standby: they
confirm a sign-up, change or end one, end the list, accept or decline an offer, place an order for a reservation that
names them. Opening a mail or a page is no sign, because mail scanners open them, too. Of what somebody buys or reads in
the shop otherwise Standby knows nothing: leave out of a campaign who did. Being told is seen up to a week late, so
``quiet_days`` may last that much longer, never less; where they are made fewer, that counts within 30 days for who was
told before. In the segment stands who agreed, by Standby, to ``wording`` at ``agreed_at``; a consent that the shop took
back by itself it knows best.
"""

from typing import NamedTuple

from standby.events.fields import Address, Edition, EventId, Instant, Number, OtherId, References, Revision, Sku, Units


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


class CustomerWentQuiet(NamedTuple):
    """Somebody who agreed to advertising did nothing for the shop's ``quiet_days`` after they were told something.

    It comes once until they are heard of again. ``told_at`` is when they were told first since ``sign_at``, when they
    did something last. ``agreed_at`` and ``wording`` are their newest consent to advertising.
    """

    id: EventId
    at: Instant
    address: Address
    edition: Edition
    told_at: Instant
    sign_at: Instant
    agreed_at: Instant
    wording: str


class CustomerReengaged(NamedTuple):
    """Somebody who had gone quiet did something again.

    ``sign``: ``confirmed`` a sign-up, or a shop told of one; ``changed`` or ``ended_one`` of their own entries;
    ``ended_list``, the weekly one; ``accepted`` or ``declined`` an offer; ``ordered`` what they had reserved.
    """

    id: EventId
    at: Instant
    address: Address
    edition: Edition
    sign: str


class CustomerUnreachable(NamedTuple):
    """Somebody who had gone quiet may not be sent advertising any more.

    ``reason``: ``left``, ``erased``, ``bounced``, ``complained``, or ``outdated``, the consent is too old to count.
    """

    id: EventId
    at: Instant
    address: Address
    edition: Edition
    reason: str


class InvitedToStore(NamedTuple):
    """Customers who wait were invited to a store by one of the shop's offers: one event per job handed to mail.

    A mail may still be held back: by the shop's limit of advertising, or because the store has no units any more.
    """

    id: EventId
    at: Instant
    offer_id: OtherId
    kind: str
    location_id: OtherId
    customers: Units


class StoreOfferChanged(NamedTuple):
    """The shop said something new of a store offer, or ended it. Mails of older ``edition``s are not sent any more."""

    id: EventId
    at: Instant
    offer_id: OtherId
    edition: Number
    ended: bool = False
