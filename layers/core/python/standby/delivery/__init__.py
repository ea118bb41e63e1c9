"""Delivery: what customers ordered, when it was promised to them, and what became of it (design §5.1).

Promises: the newest word about each order and each shipment wins, whatever is repeated, late or out of order; a word
that comes before its order counts once the order is there; whoever listens hears once of every order and of every line
that left the house or was cancelled, whenever a function dies; poison is set aside alone with its reason. Names,
addresses and phone numbers are kept with the order; they stand in no event and in no log. A customer whose order is
late may cancel it, whatever else is offered, and nothing is taken for their consent outside the rules of their market.

- ``delivery_api``: messages over HTTP; what is known of an order (`showing`), and why (`explaining`).
- ``delivery_ingester``: the order-updates queue into the table, and `OrderPlaced`, `OrderShipped`, `OrderCancelled`.
- ``delivery_worker``: what is late, the mails about it, what silence means, and refunds that are overdue.
- ``delivery_viewer``: what mailed links open to customers: their own orders, and what they may choose.

An order is one item. `model` says what is known after a word and what became of each line, `messages` reads what the
ERP sends, `telling` says what nobody heard of yet, and `service` writes first, then tells, then writes that it was
heard. A message is repeated from the start until that was written. `promises` says what is late, `rights` what the law
of a market gives, `standing` how an order stands for its customer by both, and `choosing` takes what customers say.
`arriving` asks whether what nobody tracks is there, `calling` says about what a person calls. `noticing` tells
customers of delays, `pacing` says how many in an hour, `turns` whose turn it is when more are late, `merging` makes one
mail of what waits for one customer, `deciding` carries out what their silence means, `refunding` says what is owed.
"""
