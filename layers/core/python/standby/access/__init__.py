"""Access: which of the shop's own systems is calling, and what it may do.

It promises that no server route opens without a key of the right scope (design, promise 11), that a stolen copy of
the table opens none, and that a revoked key is refused a minute later at the latest (the gateway caches a decision
for 60 s).

Functions: ``access_authorizer`` (an HTTP API's REQUEST authorizer). Events: none. An operator issues, lists and
revokes keys by commands; the signed links in mails are `standby.platform.tokens`.
"""
