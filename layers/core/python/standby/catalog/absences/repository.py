"""Where absences lie, in the Catalog table: what a complete file does not name, and what was decided.

The items, all gone after 90 days:

- ``ABSENCE#<id>`` / ``ABSENCE``: the absence itself; ``LIST#<pass>-<page>``, products that the file does not name;
  ``LATE#<product>``, one that an older file brought only after they had been listed; ``SKUS#<pass>-<number>``, the word
  about a product that it names without some of its SKUs, packed.
- ``FEED#<feed>`` / ``FILE#<moment>#<id>``: the feed's complete files in the order of their times.
- ``ABSENCES`` / ``<time>#<id>``: all of them, in the order in which they began.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zlib import compress, decompress

from standby.catalog.absences.model import UNFINISHED, Absence, Losing, State, Unread
from standby.catalog.keys import PRODUCT, SHARDS, feed_shard, product_key, product_of
from standby.platform import dynamodb
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.dynamodb import ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json
from standby.platform.observability import logger
from standby.platform.table import Index, Key, Put, Query, Table, Update

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=90)
LISTED = 50
"""Absences that an operator is shown at once."""
NEAR = 20
"""Files of one feed that are looked at, beside a word or another file: the newest."""
BY_FEED = Index("feeds", "feed_shard", "pk")
"""What each feed brought."""
MEMBERS = 2_000
"""Products of a feed that are found at once: 200 KB of keys and more are half a second's work for nobody."""
ABSENCE, LIST, LATE, SKUS, ALL = "ABSENCE", "LIST", "LATE", "SKUS", "ABSENCES"
READ = 25
"""Products whose SKUs are read at once: an item may have 400 KB."""
MOST_PACKED = 350_000
NAMED = 100
"""Products, and SKUs of one, that whoever decides is shown by name."""
Word = Mapping[str, Any]
Cursor = Mapping[str, str]
log = logger("catalog")


@frozen()
class AbsenceRepository:
    """Keeps absences. Its client is made on first use: few calls need it."""

    table: str
    client: "DynamoDBClient | None" = None

    @cached_property
    def _table(self) -> Table:
        return Table(self.table, self.client or dynamodb.client())

    # ---- who is absent ----

    def members(self, feed: str) -> Iterator[str]:
        """Yield the products that a feed brought, page by page. The index follows late."""
        for shard in SHARDS:
            cursor: Cursor | None = None
            while True:
                page = self._table.page(Query(feed_shard(feed, shard), index=BY_FEED, limit=MEMBERS), cursor)
                yield from (product_of(stored["pk"]["S"]) for stored in page.stored)
                cursor = page.cursor
                if cursor is None:
                    break

    def skus(self, product_ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the SKUs of some products that are known; at most `READ` are asked for at once. Raises `BusyError`."""
        found: dict[str, list[str]] = {}
        for start in range(0, len(product_ids), READ):
            keys = [{"pk": product_key(each), "sk": PRODUCT} for each in product_ids[start : start + READ]]
            found |= {product_of(item["pk"]): json.loads(item["skus"]) for item in self._table.batch(keys)}
        return found

    def keep(self, absence_id: str, place: str, losing: Losing, *, now: datetime) -> bool:
        """Write down a product's word until somebody decides; ``False`` for one that no item has room for."""
        packed = b64encode(compress(to_json(losing.word).encode())).decode()
        if len(packed) > MOST_PACKED:
            return False
        said = {"product_id": losing.product_id, "skus": to_json(list(losing.skus)[:NAMED]), "word": packed}
        self._table.write(Put({"pk": _partition(absence_id), "sk": f"{SKUS}#{place}", **said, "ttl": _ttl(now)}))
        return True

    def losing(self, absence: Absence) -> dict[str, list[str]]:
        """Return the first products whose words wait, with the first of the SKUs that they would lose."""
        wanted = Query(_partition(absence.absence_id), starting=f"{SKUS}#", consistent=True, limit=NAMED)
        return {item["product_id"]: json.loads(item["skus"]) for item in self._table.page(wanted).items}

    def enlist(self, absence_id: str, place: str, product_ids: Sequence[str], *, now: datetime) -> None:
        """Write down some products that a file does not name; a list at the same place is replaced."""
        key = {"pk": _partition(absence_id), "sk": f"{LIST}#{place}"}
        self._table.write(Put({**key, "product_ids": to_json(list(product_ids)), "ttl": _ttl(now)}))

    def hold(self, absence: Absence, product_id: str, *, now: datetime) -> None:
        """Write down a product that came after the file's products had been listed."""
        key = {"pk": _partition(absence.absence_id), "sk": f"{LATE}#{product_id}"}
        self._table.write(Put({**key, "product_ids": to_json([product_id]), "ttl": _ttl(now)}))

    def absent(self, absence: Absence, cursor: Cursor | None) -> tuple[list[str], list[Word], Cursor | None]:
        """Return a page of the products that a file does not name, and of words that waited, and where to go on."""
        wanted = Query(_partition(absence.absence_id), after=ABSENCE, consistent=True, limit=1)
        page = self._table.page(wanted, cursor)
        product_ids = [each for item in page.items for each in json.loads(item.get("product_ids", "[]"))]
        words = [json.loads(decompress(b64decode(item["word"]))) for item in page.items if "word" in item]
        return product_ids, words, page.cursor

    # ---- absences ----

    def announce(self, absence: Absence, *, now: datetime) -> None:
        """Write down that a file is going to be read; idempotent."""
        first = {
            name: value for name in Absence.__dataclass_fields__ if (value := getattr(absence, name)) is not None
        } | {"started_at": to_text(now), "changed_at": to_text(now), "ttl": _ttl(now)}
        key = _key(absence.absence_id)
        self._table.change(Update(key, first={name: value for name, value in first.items() if name != "absence_id"}))
        kept = {"absence_id": absence.absence_id, "ttl": _ttl(now)}
        self._table.write(Put({"pk": _feed(absence.feed), "sk": _file(absence.moment, absence.absence_id), **kept}))
        self._table.write(Put({"pk": ALL, "sk": f"{absence.as_of}#{absence.absence_id}", **kept}))

    def end(self, absence_id: str, state: Unread, reason: str, *, now: datetime) -> None:
        """Note that a file was not read to its end; idempotent. What was decided or never announced stays so."""
        values = {"state": state, "doubt": reason, "changed_at": to_text(now)}
        for before in UNFINISHED:
            try:
                self._table.change(Update(_key(absence_id), assign=values, equal={"state": before}))
            except ConditionFailedError:
                continue
            return

    def get(self, absence_id: str) -> Absence | None:
        """Return an absence."""
        item = self._table.item(_key(absence_id))
        return _absence(item) if item else None

    def latest(self) -> list[Absence]:
        """Return the latest absences, newest first."""
        return self._found(Query(ALL, newest_first=True, limit=LISTED))

    def of_feed(self, feed: str, *, newer_than: int | None = None) -> list[Absence]:
        """Return a feed's newest complete files, newest first: all, or those put later than a moment."""
        after = None if newer_than is None else _file(newer_than, "~")
        return self._found(Query(_feed(feed), after=after, newest_first=True, consistent=True, limit=NEAR))

    def move(self, absence: Absence, state: State, *, now: datetime, **more: str | int | None) -> Absence | None:
        """Bring an absence from the state it was read in to another; ``None`` when somebody else moved it."""
        values = {"state": state, "changed_at": to_text(now), **more}
        try:
            return _absence(
                self._table.change(Update(_key(absence.absence_id), assign=values, equal={"state": absence.state}))
            )
        except ConditionFailedError:
            return None

    def _found(self, wanted: Query) -> list[Absence]:
        named = [item["absence_id"] for item in self._table.page(wanted).items]
        items = self._table.batch(_key(absence_id) for absence_id in named) if named else []
        known = {absence.absence_id: absence for absence in map(_readable, items) if absence}
        return [known[absence_id] for absence_id in named if absence_id in known]


def _absence(item: Item) -> Absence:
    names = Absence.__dataclass_fields__.keys() - {"absence_id"}
    values = {name: value for name, value in item.items() if name in names}
    return Absence(absence_id=item["pk"].removeprefix(f"{ABSENCE}#"), **values)


def _readable(item: Item) -> Absence | None:
    """Read an absence that is read along with others. One that cannot be read costs these nothing."""
    try:
        return _absence(item)
    except Exception:
        log.exception("an absence cannot be read", extra={"pk": item.get("pk")})
        return None


def _partition(absence_id: str) -> str:
    return f"{ABSENCE}#{absence_id}"


def _key(absence_id: str) -> Key:
    return {"pk": _partition(absence_id), "sk": ABSENCE}


def _feed(feed: str) -> str:
    return f"FEED#{feed}"


def _file(moment: int, absence_id: str) -> str:
    return f"FILE#{moment:020}#{absence_id}"


def _ttl(now: datetime) -> int:
    return to_milliseconds(now + KEPT) // 1000
