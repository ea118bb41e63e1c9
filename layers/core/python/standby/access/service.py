"""Issue, list and revoke keys for the shop's operators; tell the authorizer who shows a key."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from standby.access.model import (
    HINT_LENGTH,
    KEY_BYTES,
    AccessKey,
    UnknownKeyError,
    digest_of,
    key_of,
    key_text,
    known_scopes,
)
from standby.platform.clock import Clock
from standby.platform.frozen import frozen


class AmbiguousKeyError(LookupError):
    """Several keys have this hint; their ids tell them apart."""


class KeyStore(Protocol):
    """Where keys are kept, by the hash of the secret."""

    def add(self, key: AccessKey) -> None:
        """Keep a new key."""
        ...

    def get(self, digest: str) -> AccessKey | None:
        """Return the key as the last finished write left it, ``None`` when there is none."""
        ...

    def all(self) -> Iterable[AccessKey]:
        """Yield every key, revoked ones too, in no order."""
        ...

    def revoke(self, digest: str, at: datetime) -> AccessKey:
        """Mark a key as revoked and return it; one revoked before keeps its time. Raises `UnknownKeyError`."""
        ...


@frozen()
class Keys:
    """The keys of the shop's own systems. ``random_bytes`` is a cryptographic source, ``secrets.token_bytes``."""

    store: KeyStore
    clock: Clock
    random_bytes: Callable[[int], bytes]

    def issue(self, name: str, scopes: Iterable[str]) -> str:
        """Make a key for the system called ``name`` and return it. Nobody can read it again later.

        Raises `UnknownScopeError`.
        """
        granted = known_scopes(frozenset(scopes))
        key = key_text(self.random_bytes(KEY_BYTES))
        self.store.add(
            AccessKey(
                digest=digest_of(key),
                name=name,
                scopes=granted,
                created_at=self.clock.now(),
                hint=key[-HINT_LENGTH:],
            )
        )
        return key

    def list(self) -> list[AccessKey]:
        """Return every key, the oldest first, revoked ones too."""
        return sorted(self.store.all(), key=lambda key: (key.created_at, key.digest))

    def revoke(self, reference: str) -> AccessKey:
        """Revoke the key with this hint (its last four characters), id or hash.

        The gateway may let the key in for up to 60 s more, from its cache. Raises `UnknownKeyError`, and
        `AmbiguousKeyError` when several keys in use have the hint.
        """
        found = [key for key in self.list() if _names(reference, key)]
        in_use = [key for key in found if key.revoked_at is None]
        if len(in_use) > 1:
            message = f"{reference}: {', '.join(key.key_id for key in in_use)}"
            raise AmbiguousKeyError(message)
        if not found:
            message = f"{reference}: no key has this hint or id"
            raise UnknownKeyError(message)
        return self.store.revoke((in_use or found)[0].digest, self.clock.now())


@frozen()
class Decision:
    """Who is calling and what they may do; a refusal names nobody."""

    is_authorized: bool
    key_id: str = ""
    name: str = ""
    scopes: frozenset[str] = frozenset()

    def response(self) -> dict[str, Any]:
        """Write the simple response of an HTTP API's authorizer (payload 2.0); context values are texts."""
        if not self.is_authorized:
            return {"isAuthorized": False}
        context = {"key_id": self.key_id, "name": self.name, "scopes": " ".join(sorted(self.scopes))}
        return {"isAuthorized": True, "context": context}


REFUSED = Decision(is_authorized=False)


@frozen()
class Authorizer:
    """Finds out who shows a key."""

    store: KeyStore

    def authorize(self, header: str | None) -> Decision:
        """Decide about an ``Authorization`` header; a malformed one is refused without asking the store."""
        shown = key_of(header)
        key = None if shown is None else self.store.get(digest_of(shown))
        if key is None or key.revoked_at is not None:
            return REFUSED
        return Decision(is_authorized=True, key_id=key.key_id, name=key.name, scopes=key.scopes)


def _names(reference: str, key: AccessKey) -> bool:
    return reference in {key.hint, key.key_id, key.digest}
