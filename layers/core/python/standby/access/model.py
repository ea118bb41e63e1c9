"""What a key is: a secret that one of the shop's own systems shows, and the scopes that it opens.

The secret itself is shown once, when it is made, and stored nowhere: Standby keeps its SHA-256. A key has 256 random
bits, so its plain hash can neither be guessed nor reversed, and looking it up compares nothing byte by byte.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from datetime import datetime

from standby.platform.frozen import frozen

SCOPES = frozenset({"erp", "storefront", "ops"})
"""``erp`` sends messages in, ``storefront`` acts for customers, ``ops`` reads figures and changes settings."""

KEY_BYTES = 32
PREFIX = "sb_"
HINT_LENGTH = 4
KEY_ID_LENGTH = 16
SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)


class UnknownScopeError(ValueError):
    """A scope was asked for that does not exist, or none at all."""


class UnknownKeyError(LookupError):
    """No key has this hint, id or hash."""


@frozen()
class AccessKey:
    """What is known of a key. ``hint`` is its last four characters, for the person who looks for it in a list."""

    digest: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    hint: str
    revoked_at: datetime | None = None

    @property
    def key_id(self) -> str:
        """The key's public name in logs and records: the first 16 hex digits of its hash."""
        return self.digest[:KEY_ID_LENGTH]


def key_text(random: bytes) -> str:
    """Write 32 random bytes as a key: ``sb_`` and 43 characters of ``A-Z a-z 0-9 _ -``."""
    return PREFIX + urlsafe_b64encode(random).decode().rstrip("=")


def digest_of(key: str) -> str:
    """Return the SHA-256 of a key, in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def known_scopes(scopes: frozenset[str]) -> frozenset[str]:
    """Return the scopes when there is at least one and all exist. Raises `UnknownScopeError`."""
    unknown = scopes - SCOPES
    if unknown or not scopes:
        message = f"{', '.join(sorted(unknown)) or 'none'}: a key has scopes among {', '.join(sorted(SCOPES))}"
        raise UnknownScopeError(message)
    return scopes


def key_of(header: str | None) -> str | None:
    """Return the key in an ``Authorization`` header, ``None`` when there is none of our shape (RFC 6750 §2.1)."""
    bearer = BEARER.fullmatch(header or "")
    if bearer is None or SHAPE.fullmatch(bearer[1]) is None:
        return None
    return bearer[1]
