"""The keys of signed links: one item in a table of their own, read seldom and kept for a minute."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from standby.platform.dynamodb import BusyError, ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.table import Put, Table
from standby.platform.tokens import TokenKeys, Tokens, first

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_SECONDS = 60.0
"""How long a function goes on with keys that were changed. `make rotate-link-keys` waits for it."""
KEY_BYTES = 48
CHANGES = 5
"""Attempts to change the keys. Only people do."""
KEY = {"pk": "LINK_KEYS", "sk": "LINK_KEYS"}
log = logger("platform")


@frozen()
class KeyStore:
    """Where the keys are, as the JSON text that `standby.platform.tokens` reads and changes."""

    table: Table
    new_key: Callable[[], str] = field(default=partial(token_urlsafe, KEY_BYTES), repr=False)

    def text(self) -> str:
        """Return the keys; where there are none yet, make them. Of several who do so at once, one is first."""
        found = self.table.item(KEY)
        if found is None:
            with contextlib.suppress(ConditionFailedError):
                self.table.write(Put(_item(first(self.new_key())), absent=("pk",)))
                log.warning("a first key of links was made; links that another key signed do not open")
            found = self.table.item(KEY) or {}
        return str(found["keys"])

    def change(self, change: Callable[[str], str]) -> None:
        """Change the keys; where another changed them meanwhile, begin with those.

        What ``change`` raises passes. Raises `BusyError` when others kept changing them.
        """
        for _ in range(CHANGES):
            before = self.text()
            with contextlib.suppress(ConditionFailedError):
                self.table.write(Put(_item(change(before)), equal={"keys": before}))
                return
        raise BusyError("the keys of links were changed by others again and again")


@dataclass
class KeptTokens:
    """Tokens whose keys live in a store; a rotation is seen within a minute."""

    keys: KeyStore
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    _kept: tuple[float, Tokens] | None = field(default=None, init=False, repr=False)

    def tokens(self) -> Tokens:
        """Return the maker and reader of tokens with the keys as they are now."""
        if self._kept is None or self.monotonic() - self._kept[0] > KEPT_SECONDS:
            text = self.keys.text()
            self._kept = (self.monotonic(), Tokens(TokenKeys.from_secret(text)))
        return self._kept[1]


def connect(table: str, client: "DynamoDBClient") -> KeptTokens:
    """Return the tokens whose keys are in this table."""
    return KeptTokens(KeyStore(Table(table, client)))


def _item(keys: str) -> dict[str, str]:
    return {**KEY, "keys": keys}
