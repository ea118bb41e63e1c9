"""Mail sends everything that leaves for a customer, and remembers who must not be written to.

It promises that nobody is mailed without consent, nor after leaving, erasure, a permanent bounce or a complaint; the
sender looks this up right before each send. Nobody gets a job's mail twice, except after an SES call whose answer was
lost. One refused address costs nobody else the mail, and what may be our fault costs nobody a place. Waiting for SES
is never a failure (design §2 and §7). What nobody waits for leaves in the shop's open hours only, where the shop has
closed ones: by the clock of each customer, unless the law dates it (`waiting`). Nobody gets more than one advertising
mail in some days (`advertising_repository`). A kind that lists what can be bought now (``there``), online
or in a ``store``, is looked at again right before it is sent.

Functions: ``mail_sender`` (queues MailUrgent and MailBulk; jobs are `standby.mail_job.MailJob`) and ``mail_feedback``
(queue MailFeedback: ``CustomerLeft``, ``CustomerErased``, ``SoldOut``, ``VoucherRevoked``, ``StoreOfferChanged`` from
the bus; bounces, complaints, rejects, rendering failures from SES; every five minutes, the jobs whose hour has come).
Out: ``MailAccepted``, ``MailRefused``, ``SuppressionLifted``.

Operators look at suppressions and lift them by ``mail_api``. Lifting lets mails go that are
asked for afterwards; what the waitlist ended stays ended, so the customer signs up again. SES has a list of its own for
the whole account, which is the operator's to change (``aws sesv2 delete-suppressed-destination``); as long as the
address stands there, the next mail suppresses it again, and ``said`` names the list.

Mails are data. Each kind is a folder of ``kinds``, made of ``blocks`` inside one ``frame`` (MJML, compiled ahead of
time). ``locales/<language>.json`` and ``markets/<market>.json`` hold the words that all kinds share.
"""
