"""Waitlist: whoever waits for a SKU is told, once, in order, when there is stock again.

A guest joins for any of some SKUs (``POST /v1/waitlist``), confirms by a mailed link and is in line from that moment.
A restock starts a chain of waves: each wave is sized by the units that can be sold, goes down the line in pages, skips
who wants more than is left, and hands jobs of 50 to Mail. Who was mailed leaves the line when SES accepted the mail,
not before; who could not be mailed is closed with the reason, or stays where the mail was called off.

Functions: ``waitlist_api`` (routes), ``waitlist_planner`` (queue WaitlistPlans: Restocked, SoldOut, UnitsFreed and its
own pages), ``waitlist_recorder`` (queue WaitlistRecords: MailAccepted, MailRefused, CustomerErased),
``waitlist_sweeper`` (each minute: waves that are due, entries whose time is over). Events out: CustomersInvited,
CustomerLeft. Jobs out: ``confirm``, ``back_in_stock``, ``last_notice``.

One table, Waitlist: an item per address (the boundary of consistency), listings per SKU and shard (that somebody
waits), counts, and per SKU the chain, its pages and the jobs whose outcome is not known.
"""
