"""How long anything that concerns a person is kept, and why: everything about it in this one place.

``infra/RETENTION.md`` is made from this module by ``make wiring``, a line a constant: where, what is kept, and why.
Whoever looks at a table after that time may still find it for some days, because DynamoDB's TTL only cleans up; nothing
is done with it any more. *Key* is the hash that stands for an address (`standby.platform.address`).
"""

from datetime import timedelta

UNCONFIRMED = timedelta(days=7)
"""Waitlist | Address and wish of somebody who never confirmed | The mailed link works so long. Then the minute's
sweep takes both away."""
CONFIRMATIONS = timedelta(days=2)
"""Waitlist | Key of a mailbox, and how many confirmation mails it was sent today | Nobody may send a mailbox more than
five a day, also when its wishes have ended meanwhile. A day is over everywhere after two."""
LAPSED = timedelta(days=60)
"""Waitlist | Address and wish of somebody who waits, after the last day | Only a backstop. The last notice ends the
entry a day after its last day, or 15 days later where Mail never answers."""
SEEN_AGAIN = timedelta(days=30)
"""Waitlist | Address and wish of somebody who was told | Being told takes the place in line away at once. The address
is looked at again so often, and what is over is seen then; a write for each mail would cost more than it is worth."""
FORMER = timedelta(days=15)
"""Waitlist | Address and wish of somebody who was told, once that was seen | Whoever SES did not mail after all is
back in line. SES's word may lie in the dead letters for 14 days. Then only the key stays."""
TOLD = timedelta(days=400)
"""Waitlist | Key, and which restock of which SKU it was told about; ids of the entries that it told | A SKU may
stay in stock for a year. Whoever joins again meanwhile is not told of the same restock twice."""
STOPPED = timedelta(days=760)
"""Waitlist | Key of an address that left, was erased, bounced or complained, and when | A shop may bring a consent that
is 730 days old, and must not bring back anybody who stopped it since. The address itself goes at once."""
DIGESTS = timedelta(days=730)
"""Waitlist | Address, language and last wishes of somebody who gets the weekly list of what is back in stock, after the
last time that they asked for it | It is sent as long as they do not end it, and no longer than that."""
ISSUES = timedelta(days=30)
"""Waitlist | Key of an address that got a weekly list, and what that named | A page that comes again from the dead
letters, where it may lie for 14 days, makes the same mails."""
ATTENTION = timedelta(days=730)
"""Waitlist | Key of an address that agreed to advertising, when and to which words, when its customer last did
something and was told something, and whether they went quiet, after the consent | The shop's tools hear who went quiet
and who came back; a consent older than that counts no more. It goes at once with leaving or an erasure."""
GUESTS = timedelta(days=60)
"""Waitlist | Key of an address that agreed to advertising and gave a place, and since when it wants no store offers;
after the last day of all that it waits for | Who may be invited to a store is looked for there."""
INVITED = timedelta(days=30)
"""Waitlist | Key of an address that is invited by a store offer, where to and for what; after the last day that the
offer can have, however it is changed | Nobody is invited twice by an offer. An outcome may lie in the dead letters for
14 days. An erasure takes it away at once, but for the pages by which mails were made."""
STORE_OFFERS = timedelta(days=30)
"""Waitlist | What the shop said of a store offer, and how many are invited, no person; after the last
day that it can have | Operators look at what became of it."""
REQUESTS = timedelta(days=30)
"""Waitlist | Hash of a shop's request | A sign-up that is made again must not put anybody in line twice."""
SIGN_UPS = timedelta(minutes=10)
"""Waitlist | Hash of an IP, and how often it signed somebody up in a minute | The limit of sign-ups counts by the
minute."""
EXPLANATIONS = timedelta(days=90)
"""Waitlist, Stock | Ids of entries and units, no person | Operators answer why somebody was told. The id leads to an
address only as long as the waitlist keeps that."""
JOBS = timedelta(days=90)
"""Mail | A job's id and results, no person | Each job is sent once, however late it comes again from the dead
letters."""
WAITING = timedelta(days=14)
"""Mail | Job that waits for an open hour: addresses, wish, after that hour | Nights and days of rest. It goes when its
hour has come, within minutes; this is only a backstop for a sweep that stands still. Whoever left or was erased
meanwhile is not mailed."""
ADVERTISED = timedelta(days=61)
"""Mail | Key of an address, when it was last mailed advertising, and by which job | Nobody gets more of it than the
shop's bound, of 60 days at most."""
MARKS = timedelta(days=90)
"""Mail | Key of an address that left, was erased or had a mail fail for now | Mails that were asked for before are
not sent. No job lives so long."""
ORDERS = timedelta(days=400)
"""Delivery | Order with name, address, phone and e-mail of the customer, what was promised and what became of it; the
time begins anew with each word of the ERP about it | Customers come back within a year: late parcels, returns, a right
to withdraw."""

APOLOGIES = timedelta(days=90)
"""Delivery | Key of an address, and in which mails it was told that the shop is sorry | So long the shop's limit of
apologies counts."""
CALLS = timedelta(days=90)
"""Delivery | Which orders wait for a call, and how many calls were opened on a day, no person | People make so many a
day; more wait. This is only a backstop."""
TURNS = timedelta(days=90)
"""Delivery | Key of an address, which of its orders wait to be told late, and which were told by one mail; that mail
with the address, while it is being sent | Where more orders are late than the shop tells of in an hour, some wait. They
go within hours or days; this is only a backstop. A mail that comes back leads to its orders."""
REMEDIES = timedelta(days=400)
"""Vouchers | What was granted for an order and why not more, of what value it was when it was late, its tier, channel
and country; what was granted to all in a month; the key of a mailbox as long as its customer may choose or it waits
for approval, and what the customer says of it; of a code that is bound the shop's own id of its customer, or that key;
who granted by hand, and why; the time begins behind the last day of its vouchers | Somebody asks why; a delay is never
made good twice."""
REHEARSALS = timedelta(days=400)
"""Vouchers | What a policy would have cost, in sums, and who asked; no customer | Whoever set the policy knew that."""
REHEARSING = timedelta(days=2)
"""Vouchers | Key of a mailbox, and the late orders of a rehearsal: how late, their values, no name or address | A
rehearsal takes minutes, and a day at most."""
MONTHS = timedelta(days=62)
"""Vouchers | Key of a mailbox, and how much it was granted in a month | The shop's cap counts by the month."""
GUESSES = timedelta(hours=1)
"""Vouchers | Hash of what stands for a shopper in the storefront, and how many codes they named that there are not |
Who guesses waits for some minutes."""
REDEEM_REQUESTS = timedelta(days=30)
"""Vouchers | Hash of a storefront's request that redeemed a voucher, and of what it asked | The same key must not
redeem another voucher, or for another order."""
VOUCHERS = timedelta(days=400)
"""Vouchers | A voucher by the hash of its code, and the orders for which it was granted and which took it, and where
it is bound the shop's own id of its customer or the key of their mailbox, after its last day; what each change of one
moved in the accounts, with these orders, after that change | The books of the year need it."""
RESERVATIONS = timedelta(days=90)
"""Preorder | Address of who reserved, and what, after the reservation ended | A storefront that asks again gets the
same answer, and somebody can explain why it ended. One that lives is kept. Who is erased is taken off what has ended
within minutes, and off what lives (an order that is still to be fulfilled) once it has ended and its last mail is
on its way."""
OFFERS = timedelta(days=45)
"""Preorder | Key of an address that may accept an offer, and the offer's id | Who stops all mails gives the offer back.
It goes when the offer ends; this is only a backstop. An offer lasts 31 days at most. The address goes with its end,
unless it was accepted."""
EARLY = timedelta(days=1)
"""Preorder | Key of an address that waits and may pre-order before a campaign opens to all | It counts until the
campaign opens to all, from when on everybody may. It goes at once with an erasure."""
LIMITS = timedelta(days=1_200)
"""Preorder | Digest of a mailbox, an account or a card, and how many units it reserved | Nobody reserves more than the
limit of a campaign, one that is set later included. A release lies at most 1,098 days ahead. After an erasure no
reservation names it any more."""
CODES = timedelta(days=2)
"""Preorder | How many codes were made to cancel a reservation, when, and how often the last one was tried; no code | No
more than ten are mailed in a day. A day is over everywhere after two."""


# What AWS keeps, as the stacks set it. A test compares.
MESSAGES = timedelta(days=7)
"""Queues | Mails to be sent: address, wish; orders: name, address, phone; events: keys | A queue that stands still must
not lose a mail over a weekend."""
DEAD_LETTERS = timedelta(days=14)
"""Dead letters | The same, as it came | Somebody mends it and sends it again. After an erasure a letter is not sent
any more (its consent is older), and SQS deletes it in time; nothing can take a single message out of a queue
earlier."""
FILES = timedelta(days=30)
"""Inbox | The ERP's files, no person | A file can be read again. A file that somebody puts there by mistake goes
too."""
LOGS = timedelta(days=90)
"""Logs | Keys and ids, the API's callers by IP, never an address | Somebody finds out why something failed. Keys stay
in logs after an erasure until then."""
BACKUPS = timedelta(days=35)
"""Backups | Everything above, as it was | DynamoDB's point-in-time recovery. Whoever restores a table must repeat the
erasures since."""
