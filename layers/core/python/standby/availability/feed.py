"""The feed for shopping platforms: whether every SKU can be had, in Google's words, and from when if it is sold ahead.

It is made while it is asked for, so it says what the ERP said seconds before, and nothing is kept that could be half
written: who asks is answered all of it, or an error, and keeps what was fetched last. It is read from an index and
packed page by page, so memory holds one page and what is packed so far. What one answer has no room for is asked for
in parts.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json
from standby.shelf.items import FEED_SHARDS
from standby.shelf.model import Listed
from standby.shelf.terms import OUT_OF_STOCK, TERMS

COLUMNS = ("id", "availability", "availability_date")
"""Attributes of Google's product data; `standby.shelf.terms` names the sources."""
PARTS = (1, 2, 4, 8)
"""Into how many parts a feed can be divided: a part is some of the shards."""
MOST_BYTES = 4_400_000
"""Of an answer. Lambda takes 6 MB, in base64."""
MOST_PAGES = 16
"""Of a shard, a megabyte each."""
LINES_A_PIECE = 500
"""Lines that are packed together."""
MOST_DAYS = 1_000
"""Days whose beginnings are kept."""
GZIP = 31
"""zlib's window that makes gzip, with no time in it: the same feed is the same bytes."""
QUOTE = '"'
Offer = tuple[str, str, str]
"""A line's `COLUMNS`."""
Write = Callable[[Offer], str]


class TooLongError(Exception):
    """An answer has no room for it."""


class Shelf(Protocol):
    """Where all rows are found."""

    def listed(self, shard: str, cursor: Mapping[str, str] | None) -> tuple[list[Listed], Mapping[str, str] | None]:
        """Return rows of a shard in the order of their SKUs, and where the next page begins."""
        ...


def tsv(offer: Offer) -> str:
    """Write a line of tab-separated values. No part has a tab or an end of line; quotation marks are quoted."""
    return "\t".join(map(_quoted, offer)) + "\n"


def _quoted(part: str) -> str:
    if QUOTE not in part:
        return part
    return QUOTE + part.replace(QUOTE, QUOTE * 2) + QUOTE


def jsonl(offer: Offer) -> str:
    """Write a line of JSON Lines, in which an unknown date is left out."""
    return to_json({name: value for name, value in zip(COLUMNS, offer, strict=True) if value}) + "\n"


@frozen(kw_only=True)
class Feed:
    """Tells shopping platforms what can be had."""

    shelf: Shelf
    clock: Clock
    zone: ZoneInfo
    """The shop's, in which a day on which more is expected begins."""

    def written(self, write: Write, *, heading: str = "", part: int, parts: int, packed: bool) -> bytes:
        """Return the feed, or one of its parts, as a file. Raises `TooLongError`, `BusyError`."""
        packer = zlib.compressobj(wbits=GZIP) if packed else None
        pieces, size = [], 0
        for text in self._pieces(write, heading, FEED_SHARDS[part - 1 :: parts]):
            piece = packer.compress(text.encode()) if packer else text.encode()
            size += len(piece)
            if size > MOST_BYTES:
                raise TooLongError
            pieces.append(piece)
        return b"".join([*pieces, packer.flush() if packer else b""])

    def _pieces(self, write: Write, heading: str, shards: tuple[str, ...]) -> Iterator[str]:
        """Yield some lines at a time."""
        yield heading
        now = self.clock.now()
        today, at = now.astimezone(self.zone).date().isoformat(), to_text(now)
        lines: list[str] = []
        for shard in shards:
            for listed in self._listed(shard):
                lines.append(write(self._offer(listed, today, at)))
                if len(lines) == LINES_A_PIECE:
                    yield "".join(lines)
                    lines.clear()
        yield "".join(lines)

    def _listed(self, shard: str) -> Iterator[Listed]:
        """Yield each row of a shard once, as it was when it was first seen."""
        cursor, last = None, None
        for _ in range(MOST_PAGES):
            page, cursor = self.shelf.listed(shard, cursor)
            for listed in page:
                if listed.sku != last and listed.status in TERMS and listed.sku.isprintable():
                    yield listed
                last = listed.sku
            if cursor is None:
                return
        raise TooLongError

    def _offer(self, listed: Listed, today: str, at: str) -> Offer:
        """Return what a platform is told.

        A date belongs to `preorder` and `backorder` alone: beside another availability Google takes it for a mistake.
        Without one, or with one that is more than a year away, it refuses them, so they are out of stock to it.
        """
        called = TERMS[listed.status_at(at)]
        if not called.dated:
            return listed.sku, called.google, ""
        day = listed.back_on(today, at)
        begins = _begins(day, self.zone) if day and day <= _in_a_year(today) else ""
        return listed.sku, called.google if begins else OUT_OF_STOCK, begins


def _in_a_year(today: str) -> str:
    """Return the last day that Google takes for a date of availability."""
    return f"{int(today[:4]) + 1}{today[4:]}"


@lru_cache(maxsize=MOST_DAYS)
def _begins(day: str, zone: ZoneInfo) -> str:
    """Return when a day begins, as ISO 8601 with the offset, ``2026-06-01T00:00+0300``; nothing for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(day), time.min, zone).strftime("%Y-%m-%dT%H:%M%z")
    except ValueError:
        return ""
