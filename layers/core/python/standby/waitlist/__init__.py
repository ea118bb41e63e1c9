"""Waitlist: whoever waits for a SKU is told, once, in order, when there is stock again.

A guest joins for any of some SKUs (``POST /v1/waitlist``), confirms by a mailed link and is in line from that moment.
A restock starts a chain of waves. Each wave is sized by the units that can be sold. It goes down the line in pages,
skips whoever wants more than is left, and hands jobs of at most 50 recipients to Mail. A customer leaves the line once
SES has accepted the mail, not before, and is back in line if SES did not send it after all. A refused mail closes the
entry; a mail that was called off leaves the customer in line. With the setting ``offer_hours`` a wave's pages go to
pre-orders instead, which hold the units and have the same customers mailed. Who pre-ordered a SKU leaves its line.
Where the shop wants it, those in line are told from which day there is more, and again where that slips (`dating`).
Where the catalogue says that a SKU does
not come back, its sign-up is closed, and once its last units are sold, those who wait are told so, once, and
their entries end.

Who ticked it and agreed to advertising gets a weekly list of what is back in stock in the categories that they follow
(`digest_model`, `digesting`); it outlives what they waited for, and ends by a link of its own (`subscribing`).
Of who agreed to advertising it is remembered whether they still react; who went quiet, came back or may not be written
to any more is told on the bus, for a segment of the shop's own tools (`attention_model`, `attending`, `reacting`).

The shop makes dated offers of its stores (``PUT /v1/store-offers/{offer_id}``). Whoever waits, agreed to advertising
and said about where they are is invited by them to the nearest store that has it while it cannot be bought online
(`store_offer_model`, `store_inviting`). As many are invited as the shop says, each once by an offer.

Functions: ``waitlist_api`` (routes), ``waitlist_planner`` (queue WaitlistPlans: Restocked, SoldOut, UnitsFreed,
ProductDiscontinued, EtaMoved and its own pages), ``waitlist_recorder`` (queue WaitlistRecords: MailAccepted,
MailRefused, SuppressionLifted, CustomerErased, OfferAccepted, OfferExpired, ReservationConfirmed), ``waitlist_sweeper``
(each minute: waves that are due, entries whose time is over, who may have gone quiet; the weekly list and store offers
in their hours).
Events out: CustomersInvited, CustomerLeft, CustomerWentQuiet, CustomerReengaged, CustomerUnreachable, InvitedToStore,
StoreOfferChanged. Jobs out: ``confirm``, ``back_in_stock``, ``last_notice``, ``not_coming_back``, ``restock_date``,
``early_access``, ``digest``, ``store_offer``.

One table, Waitlist. An item per address is the boundary of consistency. Listings per SKU and shard are the line. Beside
them stand the counts and, per SKU, the chain of waves, its pages and the jobs whose outcome is not known yet; and who
gets the weekly list, with its pages; and the store offers, who may be invited by them and who is.
"""
