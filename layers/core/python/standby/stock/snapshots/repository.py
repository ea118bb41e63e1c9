"""Where snapshots lie, in the ledger's table: which pages came, what is held back, what was decided.

The items, all gone after 90 days:

- ``SNAPSHOT#<id>`` / ``SNAPSHOT#<location>``: the snapshot itself; in the index ``due`` while nobody is done with it.
- ``PAGES#<id>/<location>``: ``PAGE#<page>``, which parts of which form of a page came;
  ``HELD#<page>#<part>#<named>``, readings held back (a part's bad levels come later, mended, as the same part;
  ``named`` tells the two apart).
- ``LOCATION#<location>``: ``NEWEST_SNAPSHOT``, which supersedes the others; ``COUNTED``, before which words are old.
- ``SKU#<sku>`` / ``UNCOUNTED#<location>/<id>``: that a snapshot names the SKU and does not count it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zlib import crc32

from standby.ledger import items
from standby.ledger.model import Level, Reading
from standby.ledger.table import LedgerTable, readable
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.dynamodb import ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.identifier import joined
from standby.platform.json_text import to_json
from standby.platform.table import Key, Put, Query, Update, key_of
from standby.stock.snapshots.model import (
    FINAL,
    UNDECIDED,
    Cursor,
    Snapshot,
    SnapshotMismatchError,
    SnapshotPart,
    SnapshotState,
)

KEPT = timedelta(days=90)
OVERDUE = timedelta(hours=6)
"""After this time, a snapshot whose pages did not all come is an alarm."""
SHARD = "snapshots"
"""Partition of the due index in which unfinished snapshots stand."""
LAST = "~"
MOST_SPARING = 10
"""Counts of a location of which it is remembered that they did not count every SKU that they name."""
LEVELS_PAGE = 100
HELD_PAGE = 4


@frozen()
class SnapshotRepository:
    """Keeps the snapshots."""

    table: LedgerTable

    # ---- pages ----

    def begin(self, part: SnapshotPart, *, now: datetime) -> Snapshot:
        """Note that a snapshot is coming, and that it supersedes the location's older ones, or is superseded.

        Idempotent. Raises `SnapshotMismatchError`, `BusyError`.
        """
        return self.table.retried(partial(self._begin, part, now))

    def spare(self, part: SnapshotPart, *, now: datetime) -> None:
        """Note which SKUs a part names and does not count. Idempotent."""
        if part.uncounted:
            keys = [items.uncounted_key(sku, part.location_id, part.snapshot_id) for sku in part.uncounted]
            self.table.apply([Put({**key, "ttl": _ttl(now)}) for key in keys])

    def hold_back(self, part: SnapshotPart, *, now: datetime) -> list[Reading]:
        """Put aside the readings that would empty something, and return the others. Idempotent."""
        empty = [reading for reading in part.readings if reading.on_hand == 0]
        found = self.table.items(items.level_key(reading.sku, reading.location_id) for reading in empty)
        held = [reading for reading in empty if _empties(found, reading)]
        if held:
            place = f"HELD#{part.page:06}#{part.part:06}#{_named(part):08x}"
            key = {"pk": _pages(part.snapshot_id, part.location_id), "sk": place}
            kept = to_json([_values(reading) for reading in held])
            self.table.apply([Put({**key, "held": kept, "ttl": _ttl(now)})])
        skus = {reading.sku for reading in held}
        return [reading for reading in part.readings if reading.sku not in skus]

    def came(self, part: SnapshotPart, *, now: datetime) -> Snapshot:
        """Note that a part's levels are written, and return the snapshot as it is then. Idempotent."""
        key = _key(part.snapshot_id, part.location_id)
        page = {"pk": _pages(part.snapshot_id, part.location_id), "sk": f"PAGE#{part.page:06}"}
        done = f"of_{part.parts}_{part.mark}"
        item = self.table.change(Update(page, assign={"ttl": _ttl(now)}, add={done: frozenset({part.part})}))
        if len(item[done]) < part.parts:
            return _snapshot(self.table.item(key) or {})
        came = {"pages_received": frozenset({part.page})}
        doubt = {}
        if len(_whole(item)) > 1:
            doubt = {"doubt": f"page {part.page} came twice and named other SKUs: they may have moved to other pages"}
        assign = {"changed_at": to_text(now)}
        return _snapshot(self.table.change(Update(key, assign=assign, first=doubt, add=came)))

    # ---- reading ----

    def find(self, snapshot_id: str) -> list[Snapshot]:
        """Return the snapshots with an id, of each location one."""
        found = self.table.starting(f"SNAPSHOT#{snapshot_id}", "SNAPSHOT#")
        return [_snapshot(item) for item in found]

    def get(self, snapshot_id: str, location_id: str) -> Snapshot | None:
        """Return a snapshot."""
        item = self.table.item(_key(snapshot_id, location_id))
        return _snapshot(item) if item else None

    def unfinished(self, *, due_by: datetime | None = None, limit: int = 100) -> tuple[list[Snapshot], list[str]]:
        """Return snapshots that nobody is done with, those first whose alarm rings first (all, or due by a time).

        Beside them stand the ids of those that cannot be read.
        """
        wanted = Query(SHARD, index=items.DUE, up_to=to_text(due_by) if due_by else None, limit=limit)
        keys = map(key_of, self.table.page(wanted).items)
        read = {key: readable(_snapshot, item) for key, item in self.table.items(keys).items()}
        found = [snapshot for snapshot in read.values() if snapshot]
        unreadable = [pk.removeprefix("SNAPSHOT#") for (pk, _), snapshot in read.items() if snapshot is None]
        until = to_text(due_by) if due_by else LAST
        # The index may still show what was finished, or put off, a moment ago.
        standing = [snapshot for snapshot in found if snapshot.due_at is not None and snapshot.due_at <= until]
        return sorted(standing, key=lambda snapshot: snapshot.due_at or ""), unreadable

    def levels(self, location_id: str, cursor: Cursor | None) -> tuple[list[tuple[str, Level | None]], Cursor | None]:
        """Return a page of the SKUs that have a level at a location, and where to go on.

        ``None`` stands for a level that cannot be read.
        """
        wanted = Query(location_id, index=items.BY_LOCATION, starting=f"{items.SKU}#", limit=LEVELS_PAGE)
        page = self.table.page(wanted, cursor)
        found = self.table.items(map(key_of, page.items))
        return [(items.sku_of(item), readable(items.level, item)) for item in found.values()], page.cursor

    def held(self, snapshot: Snapshot, cursor: Cursor | None) -> tuple[list[Reading], Cursor | None]:
        """Return a page of the readings that were held back, and where to go on.

        Those that cannot be read are left out. Their SKUs are emptied like those that no page names: a reading is held
        back only where it empties something.
        """
        partition = _pages(snapshot.snapshot_id, snapshot.location_id)
        page = self.table.page(Query(partition, starting="HELD#", consistent=True, limit=HELD_PAGE), cursor)
        found = [reading for item in page.items for reading in readable(_held, item) or ()]
        return found, page.cursor

    def spared(self, snapshot: Snapshot, skus: Iterable[str]) -> frozenset[str]:
        """Return those of the SKUs that a snapshot names and does not count."""
        if not snapshot.spares:
            return frozenset()
        keys = {sku: items.uncounted_key(sku, snapshot.location_id, snapshot.snapshot_id) for sku in skus}
        found = self.table.items(keys.values())
        return frozenset(sku for sku, key in keys.items() if (key["pk"], key["sk"]) in found)

    # ---- deciding ----

    def move(self, snapshot: Snapshot, state: SnapshotState, *, now: datetime, **more: str | int) -> Snapshot | None:
        """Bring a snapshot from the state it was read in to another; ``None`` when somebody else moved it."""
        at = to_text(now)
        values: dict[str, Any] = {"state": state, "changed_at": at, **more}
        if state in FINAL:
            values |= {"due_shard": None, "due_at": None}
        elif state == "waiting_for_approval":
            values |= {"due_at": at}
        update = Update(
            _key(snapshot.snapshot_id, snapshot.location_id), assign=values, equal={"state": snapshot.state}
        )
        try:
            return _snapshot(self.table.change(update))
        except ConditionFailedError:
            return None

    def outdate(self, snapshot: Snapshot) -> None:
        """Let no level of the location that is older than the snapshot count any more. Raises `BusyError`."""
        self.table.retried(partial(self._outdate, snapshot))

    def _outdate(self, snapshot: Snapshot) -> None:
        key = items.counted_key(snapshot.location_id)
        item = self.table.item(key) or {}
        values = _outdated(item, snapshot)
        was = {name: item.get(name) for name in values}
        if values == was:
            return
        there = {name: value for name, value in was.items() if value is not None}
        gone = [name for name, value in was.items() if value is None]
        self.table.apply([Update(key, assign=values, equal=there, absent=gone)])

    def _begin(self, part: SnapshotPart, now: datetime) -> Snapshot:
        key = _key(part.snapshot_id, part.location_id)
        item = self.table.item(key)
        if item is None:
            item = self.table.change(Update(key, assign=_first(part, now), absent=("pk",)))
        known = _snapshot(item)
        if part.as_of != known.as_of:
            raise SnapshotMismatchError(f"as_of: the snapshot's other pages say {known.as_of}")
        if part.pages is not None and known.pages is not None and part.pages != known.pages:
            raise SnapshotMismatchError(f"pages: the snapshot's other pages say {known.pages}")
        pages = part.pages or known.pages
        last = max({part.page, *(known.pages_received if known.pages is None else ())})
        if pages is not None and last > pages:
            raise SnapshotMismatchError(f"pages: there is a page {last}, but the snapshot has {pages}")
        said = {"pages": pages, "doubt": part.doubt or known.doubt}
        # What it does not name was netted until the earliest time that its pages say, or not if one says none.
        said["netted_until"] = min(known.netted_until or "", part.netted_until or "") or None
        said["spares"] = known.spares or bool(part.uncounted) or None
        was = {name: getattr(known, name) for name in said}
        changed = {name: value for name, value in said.items() if value != was[name]}
        if changed:
            there = {name: value for name, value in was.items() if value is not None}
            gone = [name for name, value in was.items() if value is None]
            guard = Update(key, assign=changed, equal={"as_of": known.as_of, **there}, absent=gone)
            known = _snapshot(self.table.change(guard))
        return known if known.placed else self._place(known, now)

    def _place(self, snapshot: Snapshot, now: datetime) -> Snapshot:
        """Compare a snapshot with the location's newest. Raises `ConditionFailedError` when others do so too."""
        key = {"pk": items.location_key(snapshot.location_id)["pk"], "sk": "NEWEST_SNAPSHOT"}
        newest = self.table.item(key)
        own = {"snapshot_id": snapshot.snapshot_id, "moment": snapshot.moment, "arrival": snapshot.arrival}
        if newest is None:
            self.table.apply([Update(key, assign=own, absent=("pk",))])
        elif (newest["moment"], newest["arrival"]) > (snapshot.moment, snapshot.arrival):
            self._supersede(snapshot, newest["snapshot_id"], now)
        elif newest["snapshot_id"] != snapshot.snapshot_id:
            found = self.table.item(_key(newest["snapshot_id"], snapshot.location_id))
            older = readable(_snapshot, found) if found else None
            if older:
                self._supersede(older, snapshot.snapshot_id, now)
            self.table.apply([Update(key, assign=own, equal={"snapshot_id": newest["snapshot_id"]})])
        own_key = _key(snapshot.snapshot_id, snapshot.location_id)
        return _snapshot(self.table.change(Update(own_key, assign={"placed": True}, present=("pk",))))

    def _supersede(self, snapshot: Snapshot, by: str, now: datetime) -> None:
        """End a snapshot that nobody decided on; what is decided is carried out."""
        if snapshot.state in UNDECIDED and self.move(snapshot, "superseded", now=now, superseded_by=by) is None:
            raise ConditionFailedError([{}])


def _outdated(item: Item, snapshot: Snapshot) -> Item:
    """Return which words about a location are old once a snapshot is applied, too.

    All are that are older than ``whole`` (or than ``moment``, where it is missing), and those older than ``moment``
    about SKUs that the counts since, in ``sparing`` by their ids, did not leave out.
    """
    moment: int = item.get("moment", 0)
    whole: int = item.get("whole", moment)
    sparing: dict[str, int] = dict(item.get("sparing", {}))
    if snapshot.spares:
        sparing[snapshot.snapshot_id] = snapshot.moment
    else:
        whole = max(whole, snapshot.moment)
    newest = sorted(sparing, key=lambda each: (sparing[each], each), reverse=True)
    whole = max([whole, *(sparing[each] for each in newest[MOST_SPARING:])])
    kept = {each: sparing[each] for each in newest[:MOST_SPARING] if sparing[each] > whole}
    known = (item.get("moment", 0), item.get("snapshot_id", ""))
    moment, snapshot_id = max(known, (snapshot.moment, snapshot.snapshot_id))
    return {"moment": moment, "snapshot_id": snapshot_id, "whole": whole if kept else None, "sparing": kept or None}


def _first(part: SnapshotPart, now: datetime) -> Item:
    return {
        "snapshot_id": part.snapshot_id,
        "at_location": part.location_id,  # not location_id, which would put it into the index of levels
        "as_of": part.as_of,
        "moment": part.moment,
        "arrival": part.arrival,
        "state": "receiving",
        "pages": part.pages,
        "doubt": part.doubt,
        "netted_until": part.netted_until,
        "spares": bool(part.uncounted) or None,
        "started_at": to_text(now),
        "changed_at": to_text(now),
        "due_shard": SHARD,
        "due_at": to_text(now + OVERDUE),
        "placed": False,
        "ttl": _ttl(now),
    }


def _snapshot(item: Item) -> Snapshot:
    names = Snapshot.__dataclass_fields__.keys() - {"location_id"}
    values = {name: value for name, value in item.items() if name in names}
    return Snapshot(location_id=item["at_location"], **values)


def _reading(values: Mapping[str, Any]) -> Reading:
    known = {name: value for name, value in values.items() if name not in {"told", "version"}}
    return Reading(**known, said=values["told"], version=items.version(values["version"]))


def _held(item: Item) -> list[Reading]:
    return [_reading(each) for each in json.loads(item["held"])]


def _values(reading: Reading) -> dict[str, Any]:
    """Write a reading. What it said is stored as ``told``, like a level's."""
    values = asdict(reading)
    values["told"] = values.pop("said")
    return values


def _empties(found: Mapping[tuple[str, str], Item], reading: Reading) -> bool:
    key = items.level_key(reading.sku, reading.location_id)
    item = found.get((key["pk"], key["sk"]))
    if item is None:
        return False
    level = readable(items.level, item)
    # One that cannot be read may have units. Once the count is applied, its SKU fails alone.
    return level is None or (level.on_hand > 0 and reading.version > level.version)


def _key(snapshot_id: str, location_id: str) -> Key:
    return {"pk": f"SNAPSHOT#{snapshot_id}", "sk": f"SNAPSHOT#{location_id}"}


def _whole(page: Item) -> list[str]:
    """Return which forms of a page came as a whole: it may be sent again in another form."""
    forms = [(name, members) for name, members in page.items() if name.startswith("of_")]
    return [name for name, members in forms if len(members) >= int(name.split("_")[1])]


def _named(part: SnapshotPart) -> int:
    """Return a number made of the SKUs that a part names."""
    return crc32("\n".join(reading.sku for reading in part.readings).encode())


def _pages(snapshot_id: str, location_id: str) -> str:
    return f"PAGES#{joined(snapshot_id, location_id)}"


def _ttl(now: datetime) -> int:
    return to_milliseconds(now + KEPT) // 1000
