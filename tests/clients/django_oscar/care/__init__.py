"""What a django-oscar shop adds to leave its sold-out, pre-ordered and late goods to Standby.

- ``api`` asks Standby's HTTP API, with the shop's key.
- ``holding`` sets a basket's units aside while its customer pays; ``vouchers`` takes the codes that Standby gave.
- ``telling`` writes into the outbox (``models``) what happened, in the transaction in which it happens; ``messages``
  has its words, and ``relay`` puts them on Standby's queues.
- ``context`` and ``static`` bring Standby's elements into the pages (``templates``).
"""
