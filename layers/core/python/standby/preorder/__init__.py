"""Pre-orders: units that are not there yet are sold, and those that are there are held at checkout (design §2).

Promises: nobody is promised a unit that neither campaign nor stock has; no customer reserves more than the limit,
whatever is repeated or runs at once; units of a hold that ended are sold again at once; the price that was reserved
never rises.

- ``preorder_api``: campaigns for operators, reservations for the storefront.
- ``preorder_viewer``: what mailed links open to customers: their own reservations, and what is set aside for them.
- ``preorder_allocator``: goods that come, for who pre-ordered, in the order in which they came; offers to who waits.
- ``preorder_recorder``: holds and offers that expire, what still has to be told, also of campaigns, the ERP's orders
  that name reservations, what became of the mails and customers of offers, and whom no mail told of a later day.

A *campaign* opens a SKU for pre-order or back-order. A *reservation* has one or several lines, all or none. It is held
for checkout, confirmed once its order is placed, and ends cancelled or expired. One transaction writes it together with
the ledger's claims, the campaign's counters and the customer's limits; one transaction ends it (`service`).

An *offer* is such a reservation that somebody in line has not accepted yet. The waitlist hands over a page of a wave;
units are held for each customer before the mail says so, and an offer's time begins with its mail. Accepted, it is a
reservation to check out with; declined or silent, its units are free for the next in line (``UnitsFreed``).

`model` has the rules, `campaigns` what operators do, `ending` what gives units back, `allocating` what gives units to
the line, `offering` makes offers and `offers` follows them, `telling` the events and mails, `announcing` what others
hear of campaigns, `untelling` what reached nobody, `erasing` forgets who is erased. `early_links` lets in who brings a
link, `ordering` follows the ERP's orders, `named` and `sharing` have what they say of a reservation, `pieces` what is
cancelled of lines that go on.

The table Preorders: ``CAMPAIGN#<sku>`` with ``CAMPAIGN``, what was told of it, and its ``COUNTER#<number>#<shard>``
(the numbers count down, so the newest are read first, and no others); ``CAMPAIGNS`` with the SKUs of all of them;
``LINE#<sku>`` with the reservations that have units to get, in the order in which they came; ``LIMIT#<name>``, what a
customer has reserved; ``RESERVATION#<id>``; ``OFFERED#<key>``, what an address may accept. The index ``due`` has the
holds by their end, and what must still be told.
"""
