"""Signed links: each opens one subject for one purpose and expires; the key can be rotated (design, promise 11).

The secret is JSON: ``{"current": "…", "next": "…", "retired": ["…", {"key": "…", "until": "…"}, …]}``. Tokens are
signed with ``current`` and read with any of them, so a rotation leaves the links in people's inboxes working until
they expire by themselves. It has two steps, because every function keeps the keys for some minutes
(`standby.platform.secrets`): `staged` lets all of them read the next key, `promoted` lets them sign with it.
"""

import hashlib
import json
from dataclasses import field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_encode

from standby.platform.clock import from_milliseconds, from_text, to_milliseconds, to_text
from standby.platform.frozen import frozen

_compact = json.JSONEncoder(separators=(",", ":")).encode


class TokenError(Exception):
    """The token is not one of ours, or was made for another purpose."""


class TokenExpiredError(TokenError):
    """The token is one of ours, but its time is over."""


@frozen()
class TokenKeys:
    """The keys that read tokens; ``current`` signs them. ``retired`` has the youngest first. None is shown in a log."""

    current: str = field(repr=False)
    retired: tuple[str, ...] = field(default=(), repr=False)
    next: str | None = field(default=None, repr=False)

    @classmethod
    def from_secret(cls, text: str) -> "TokenKeys":
        """Read the secret's JSON text. Raises ``ValueError`` or ``KeyError`` when it is malformed."""
        secret = json.loads(text)
        retired = tuple(_retired(entry)["key"] for entry in secret.get("retired", ()))
        return cls(current=secret["current"], retired=retired, next=secret.get("next"))


def staged(secret: str, new_key: str) -> str:
    """Return the secret's JSON with a next key, which reads tokens and signs none yet. One that is there stays."""
    keys = json.loads(secret)
    return json.dumps({**keys, "next": keys.get("next") or new_key})


def promoted(secret: str, *, now: datetime, keep: timedelta) -> str:
    """Return the secret's JSON with the staged key as the current one.

    The key that was current reads tokens for ``keep`` longer; ``keep`` must be at least the lifetime of the
    longest-lived token. Retired keys whose time is over are dropped. Raises ``KeyError`` when no key is staged.
    """
    keys = json.loads(secret)
    entries = [_retired(entry) for entry in keys.get("retired", ())]
    kept = [entry for entry in entries if "until" not in entry or from_text(entry["until"]) > now]
    retired = [{"key": keys["current"], "until": to_text(now + keep)}, *kept]
    return json.dumps({"current": keys["next"], "retired": retired})


@frozen()
class Tokens:
    """Makes and reads tokens of ``A-Z a-z 0-9 _ - .`` (they fit a mail slot unescaped)."""

    keys: TokenKeys

    def issue(self, purpose: str, subject: dict[str, Any], *, now: datetime, lifetime: timedelta) -> str:
        """Return a token that opens ``subject`` for ``purpose`` until ``now + lifetime``."""
        expires = to_milliseconds(now + lifetime) // 1000
        return _serializer(self.keys, purpose).dumps({"x": expires, "s": subject})

    def read(self, purpose: str, token: str, *, now: datetime) -> dict[str, Any]:
        """Return the subject of a token issued for ``purpose``.

        Raises `TokenError` when it was not issued by us for this purpose, `TokenExpiredError` when its time is over.
        """
        try:
            payload = _serializer(self.keys, purpose).loads(token)
        except (BadData, UnicodeEncodeError) as error:  # a lone surrogate is no token either
            message = "the token is not valid"
            raise TokenError(message) from error
        if from_milliseconds(payload["x"] * 1000) <= now:
            message = "the token has expired"
            raise TokenExpiredError(message)
        subject: dict[str, Any] = payload["s"]
        return subject


class _SmallSerializer(URLSafeSerializer):
    """Makes its signer once, and does not try to compress, because compression shortens no subject of ours.

    Two tokens per customer took a fifth of the CPU of planning a wave; this serializer halves that.
    """

    @cached_property
    def _signer(self) -> Signer:
        return super().make_signer()

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        return super().make_signer(salt) if salt else self._signer

    def dump_payload(self, obj: Any, *_args: Any, **_kwargs: Any) -> bytes:  # noqa: ANN401 - the base's signature
        return base64_encode(_compact(obj))


@lru_cache(maxsize=32)
def _serializer(keys: TokenKeys, purpose: str) -> URLSafeSerializer:
    """Return the serializer of a purpose; made once, because a wave signs two tokens per customer."""
    # itsdangerous signs with the last key of the list and reads with any, the last one first.
    coming = [keys.next] if keys.next else []
    signing = [*reversed(keys.retired), *coming, keys.current]
    return _SmallSerializer(signing, salt=f"standby.{purpose}", signer_kwargs={"digest_method": hashlib.sha256})


def _retired(entry: str | dict[str, str]) -> dict[str, str]:
    """Read a retired key; a plain text is one that is kept for good."""
    return {"key": entry} if isinstance(entry, str) else entry
