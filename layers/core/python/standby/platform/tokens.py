"""Signed links: each opens one subject for one purpose and expires; the key can be rotated (design, promise 11).

The secret is JSON: ``{"current": "…", "retired": ["…", …]}``. Tokens are signed with ``current`` and read with
any of them, so a rotation (move ``current`` to the front of ``retired``) leaves the links in people's inboxes
working until they expire by themselves.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from standby.platform.clock import from_milliseconds, to_milliseconds


class TokenError(Exception):
    """The token is not one of ours, or was made for another purpose."""


class TokenExpiredError(TokenError):
    """The token was good once."""


@dataclass(frozen=True)
class TokenKeys:
    """The keys that sign and read tokens, the current one first."""

    current: str
    retired: tuple[str, ...] = ()

    @classmethod
    def from_secret(cls, text: str) -> "TokenKeys":
        """Read the secret's JSON text. Raises ``ValueError`` or ``KeyError`` when it is malformed."""
        secret = json.loads(text)
        return cls(current=secret["current"], retired=tuple(secret.get("retired", ())))


@dataclass(frozen=True)
class Tokens:
    """Makes and reads tokens of ``A-Z a-z 0-9 _ - .`` (they fit a mail slot unescaped)."""

    keys: TokenKeys

    def issue(self, purpose: str, subject: dict[str, Any], *, now: datetime, lifetime: timedelta) -> str:
        """Return a token that opens ``subject`` for ``purpose`` until ``now + lifetime``."""
        expires = to_milliseconds(now + lifetime) // 1000
        return self._serializer(purpose).dumps({"x": expires, "s": subject})

    def read(self, purpose: str, token: str, *, now: datetime) -> dict[str, Any]:
        """Return the subject of a token issued for ``purpose``.

        Raises `TokenError` when it was not issued by us for this purpose, `TokenExpiredError` when its time is over.
        """
        try:
            payload = self._serializer(purpose).loads(token)
        except BadData as error:
            message = "the token is not valid"
            raise TokenError(message) from error
        if from_milliseconds(payload["x"] * 1000) <= now:
            message = "the token has expired"
            raise TokenExpiredError(message)
        subject: dict[str, Any] = payload["s"]
        return subject

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        # itsdangerous signs with the last key of the list and reads with any.
        keys = [*reversed(self.keys.retired), self.keys.current]
        return URLSafeSerializer(keys, salt=f"standby.{purpose}", signer_kwargs={"digest_method": hashlib.sha256})
