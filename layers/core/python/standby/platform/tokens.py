"""Signed links: each opens one subject for one purpose and expires; the key can be rotated (design, promise 11).

The secret is JSON: ``{"current": "…", "next": "…", "retired": [{"key": "…", "until": "…"}, …]}``. Tokens are signed
with ``current`` and read with any of them, a retired one only until its time, when the last link under it has expired
by itself. So a rotation leaves the links in people's inboxes working. It has two steps, because every function keeps
the keys for a while (`standby.platform.secrets`): `staged` lets all of them read the next key, `promoted` lets them
sign with it. After a leak the steps are `replaced`, `leaked` and, once every function signs with the new key,
`dropped`: every link that was mailed before is dead then.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from standby.platform.clock import from_milliseconds, from_text, to_milliseconds, to_text
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.platform.token_serializer import SmallSerializer

A_YEAR = timedelta(days=365)
"""So long a link lives that has no other end: people find an old mail again."""
LONGEST_LIFE = timedelta(days=4 * 366)
"""No link lives longer, so that a retired key needs to read no longer either: that of a pre-order lives a year behind
its release, which lies three years ahead at most."""
ISSUED = re.compile(r"\s*([\w-]+\.[\w-]{43})[_-]*(?:[^\w-].*)?", re.ASCII | re.DOTALL)
"""A payload, a dot and a signature; behind it, whatever was copied along with a link, or a mail program took for a part
of it: a full stop, a bracket, a space, ``%20``. A signature ends in a letter or a digit, never in ``_`` or ``-``."""
CODE_DIGITS = 6


class TokenError(Exception):
    """The token is not one of ours, or was made for another purpose."""


class TokenExpiredError(TokenError):
    """The token is one of ours, but its time is over."""


@frozen()
class RetiredKey:
    """A key that signs no more, and reads tokens until its time."""

    key: str = field(repr=False)
    until: datetime


@frozen()
class TokenKeys:
    """The keys that read tokens; ``current`` signs them. ``retired`` has the youngest first. None is shown in a log."""

    current: str = field(repr=False)
    retired: tuple[RetiredKey, ...] = ()
    next: str | None = field(default=None, repr=False)

    @classmethod
    def from_secret(cls, text: str) -> "TokenKeys":
        """Read the secret's JSON text. Raises ``ValueError`` or ``KeyError`` when it is malformed.

        A retired key without a time is left out: nothing would ever end it.
        """
        secret = json.loads(text)
        retired = tuple(RetiredKey(entry["key"], from_text(entry["until"])) for entry in _retired(secret))
        return cls(current=secret["current"], retired=retired, next=secret.get("next"))

    def at(self, now: datetime) -> "tuple[TokenKeys, TokenKeys | None]":
        """Return the keys that read tokens now, and, to tell the expired from the forged, those whose time is over."""
        over = tuple(retired for retired in self.retired if retired.until <= now)
        if not over:
            return self, None
        reading = replace(self, retired=tuple(retired for retired in self.retired if retired.until > now))
        return reading, TokenKeys(over[0].key, over)


def first(new_key: str) -> str:
    """Return the JSON of a secret with this key alone."""
    return json.dumps({"current": new_key, "retired": []})


def staged(secret: str, new_key: str) -> str:
    """Return the secret's JSON with a next key, which reads tokens and signs none yet. One that is there stays."""
    keys = json.loads(secret)
    return json.dumps({**keys, "next": keys.get("next") or new_key})


def replaced(secret: str, new_key: str) -> str:
    """Return the secret's JSON with this next key, instead of one that is there: whoever read the secret knows it."""
    return json.dumps({**json.loads(secret), "next": new_key})


def promoted(secret: str, *, now: datetime, keep: timedelta) -> str:
    """Return the secret's JSON with the staged key as the current one.

    The key that was current reads tokens for ``keep`` longer; ``keep`` must be at least the lifetime of the
    longest-lived token. Retired keys whose time is over are dropped. Raises ``KeyError`` when no key is staged.
    """
    keys = json.loads(secret)
    retired = [{"key": keys["current"], "until": to_text(now + keep)}, *_reading(keys, now)]
    return json.dumps({"current": keys["next"], "retired": retired})


def leaked(secret: str, new_key: str, *, now: datetime, keep: timedelta) -> str:
    """Return the secret's JSON with this staged key as the current one, and an early end for every other key.

    ``keep`` must be the time after which every function signs with the new key. Raises ``KeyError`` when the new key is
    neither staged nor, because another rotation was quicker, the current one.
    """
    keys = json.loads(secret)
    end = now + keep
    old = [
        {"key": entry["key"], "until": to_text(min(from_text(entry["until"]), end))} for entry in _reading(keys, now)
    ]
    if keys["current"] == new_key:
        return json.dumps({**keys, "retired": old})
    if keys.get("next") != new_key:
        raise KeyError("next")
    return json.dumps({"current": new_key, "retired": [{"key": keys["current"], "until": to_text(end)}, *old]})


def dropped(secret: str, *, now: datetime) -> str:
    """Return the secret's JSON without the keys whose time is over: a token that they signed is a stranger's now."""
    keys = json.loads(secret)
    return json.dumps({**keys, "retired": _reading(keys, now)})


@frozen()
class Tokens:
    """Makes and reads tokens of ``A-Z a-z 0-9 _ - .`` (they fit a mail slot unescaped)."""

    keys: TokenKeys

    def issue(self, purpose: str, subject: dict[str, Any], *, now: datetime, lifetime: timedelta) -> str:
        """Return a token that opens ``subject`` for ``purpose`` until ``now + lifetime``.

        Raises ``ValueError`` for a lifetime that outlives a retired key (`LONGEST_LIFE`).
        """
        if lifetime > LONGEST_LIFE:
            message = f"a link lives {LONGEST_LIFE.days} days at most"
            raise ValueError(message)
        expires = to_milliseconds(now + lifetime) // 1000
        return _serializer(self.keys, purpose).dumps({"x": expires, "s": subject})

    def read(self, purpose: str, token: str, *, now: datetime) -> dict[str, Any]:
        """Return the subject of a token issued for ``purpose``; what was copied along behind the token is left out.

        Raises `TokenError` when it was not issued by us for this purpose, `TokenExpiredError` when its time is over, or
        that of the key that signed it.
        """
        reading, over = self.keys.at(now)
        issued = ISSUED.fullmatch(token)
        payload = issued and _payload(reading, purpose, issued[1])
        if not payload:
            if over and issued and _payload(over, purpose, issued[1]):
                message = "the time of the token's key is over"
                raise TokenExpiredError(message)
            message = "the token is not valid"
            raise TokenError(message)
        if from_milliseconds(payload["x"] * 1000) <= now:
            message = "the token has expired"
            raise TokenExpiredError(message)
        subject: dict[str, Any] = payload["s"]
        return subject

    def code(self, purpose: str, subject: str) -> str:
        """Return the code of six digits that stands for a subject (RFC 4226 §5.3, with SHA-256 and a text)."""
        return _digits(self.keys.current, purpose, subject)

    def has_code(self, purpose: str, subject: str, said: str) -> bool:
        """Tell whether somebody said the code of a subject, in a time that does not tell how much of it is right."""
        keys = [self.keys.current, self.keys.next, *(retired.key for retired in self.keys.retired)]
        found = [hmac.compare_digest(_digits(key, purpose, subject), said) for key in keys if key]
        return any(found)


@lru_cache(maxsize=32)
def _serializer(keys: TokenKeys, purpose: str) -> "SmallSerializer":
    """Return the serializer of a purpose; made once, because a wave signs two tokens per customer."""
    from standby.platform.token_serializer import SmallSerializer  # noqa: PLC0415 - many starts sign nothing

    # itsdangerous signs with the last key of the list and reads with any, the last one first.
    coming = [keys.next] if keys.next else []
    signing = [*(retired.key for retired in reversed(keys.retired)), *coming, keys.current]
    return SmallSerializer(signing, salt=f"standby.{purpose}", signer_kwargs={"digest_method": hashlib.sha256})


def _payload(keys: TokenKeys, purpose: str, token: str) -> dict[str, Any] | None:
    """Return what a token says, ``None`` where none of these keys signed it."""
    from itsdangerous import BadData  # noqa: PLC0415 - as above

    try:
        payload: dict[str, Any] = _serializer(keys, purpose).loads(token)
    except BadData:
        return None
    return payload


def _digits(key: str, purpose: str, subject: str) -> str:
    made = hmac.digest(key.encode(), f"standby.code.{purpose}\0{subject}".encode(), "sha256")
    offset = made[-1] & 0x0F
    number = int.from_bytes(made[offset : offset + 4]) & 0x7FFF_FFFF
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def _retired(secret: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the retired keys that have a time."""
    return [entry for entry in secret.get("retired", ()) if isinstance(entry, dict) and "until" in entry]


def _reading(secret: Mapping[str, Any], now: datetime) -> list[dict[str, str]]:
    """Return the retired keys whose time is not over."""
    return [entry for entry in _retired(secret) if from_text(entry["until"]) > now]
