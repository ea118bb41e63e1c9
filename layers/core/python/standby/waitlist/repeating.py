"""Requests that a shop makes again because it never got the answer: the same request is the same wish."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from standby.platform.frozen import frozen

MADE_AGAIN_WITHIN = timedelta(hours=1)
"""How soon whoever got no answer asks again; a wave may tell the customer before."""


class OtherBodyError(Exception):
    """The key of the request was used for another request before."""


@frozen()
class Request:
    """What makes a request the same as another. Neither text shows what was asked or about whom."""

    request_id: str
    body: str
    keyed: bool = True
    entry_ids: frozenset[str] = frozenset()
    """The entries that waited for what it asked, once it was answered."""
    answered_at: datetime | None = None

    @classmethod
    def of(cls, caller: str, key: str | None, body: Mapping[str, Any]) -> "Request":
        """Name a request by the caller's API key and its own key; without one, what it asks is its key.

        A consent is given once, at its instant. So whoever brings the same wish with the same consent says it again, at
        once, or as long as it is being waited for (`lasts`).
        """
        said = json.dumps(body, sort_keys=True)
        own = f"body#{said}" if key is None else f"key#{key}"
        request_id = _digest(f"{caller}#{own}")
        return cls(request_id, _digest(f"{request_id}#{said}"), keyed=key is not None)

    def lasts(self, waiting: Iterable[str]) -> bool:
        """Tell whether this answered request, made again, changes nothing: ``waiting`` are the entries now in line.

        A key says so whatever became of the wish. Without one, whoever was told or left may wish the same again.
        """
        return self.keyed or not self.entry_ids.isdisjoint(waiting)

    def soon(self, now: datetime) -> bool:
        """Tell whether it is made again in the time in which whoever got no answer asks again."""
        return self.answered_at is not None and now - self.answered_at < MADE_AGAIN_WITHIN


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
