"""Mail sends everything that leaves for a customer, and remembers who must not be written to.

It promises: nobody is mailed without consent or after leaving, erasure, a bounce for good or a complaint, looked up
right before each send; nobody gets a job's mail twice, but for the one SES call whose answer was lost; one refused
address costs nobody else the mail; waiting for SES is never a failure (design §2 and §7).

Functions: ``mail_sender`` (queues MailUrgent and MailBulk; jobs are `standby.mail_job.MailJob`) and ``mail_feedback``
(queue MailFeedback: ``CustomerLeft``, ``CustomerErased``, ``SoldOut`` from the bus; bounces, complaints, rejects and
rendering failures from SES). Out: ``MailAccepted`` and ``MailRefused``.

Mails are data: a folder of ``kinds`` for each kind, made of ``blocks`` inside one ``frame`` (MJML, compiled ahead of
time); ``locales/<language>.json`` and ``markets/<market>.json`` say what all of them say.
"""
