"""Saved mappings, and what became of the files (90 days)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from standby.ledger.table import LedgerTable
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.frozen import frozen
from standby.platform.json_text import to_json
from standby.platform.table import Key, Put, Query, Update

if TYPE_CHECKING:
    from standby.imports.answers import ImportListed

KEPT = timedelta(days=90)
LISTED = 50
IMPORTS = "IMPORTS"
HIDDEN = frozenset({"pk", "sk", "ttl", "sequencer", "run"})
TEXTS = frozenset({"totals"})
"""Fields that are stored as JSON text."""


@frozen()
class ImportRepository:
    """Keeps mappings and reports, in the ledger's table."""

    table: LedgerTable

    # ---- mappings ----

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Return a saved mapping with its version, ``None`` where there is none."""
        item = self.table.item(_mapping_key(name))
        if item is None:
            return None
        document: dict[str, Any] = json.loads(item["document"])
        return document | {"version": item["version"]}

    def save_mapping(self, name: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Replace a mapping, and return it with its version, which rises by one."""
        update = Update(_mapping_key(name), assign={"document": to_json(dict(document))}, add={"version": 1})
        item = self.table.change(update)
        return dict(document) | {"version": item["version"]}

    # ---- reports ----

    def state(self, import_id: str) -> tuple[str, str, str] | None:
        """Return an import's state, the sequencer of the S3 event that it belongs to, and the key of its file."""
        item = self.table.item(_report_key(import_id))
        return (item["state"], item.get("sequencer", ""), item.get("key", "")) if item else None

    def begin(self, import_id: str, *, now: datetime) -> None:
        """Add an import to the list, under the time ``now``."""
        self.table.apply([Put({"pk": IMPORTS, "sk": f"{to_text(now)}#{import_id}", "ttl": _ttl(now)})])

    def write(self, import_id: str, values: Mapping[str, Any], *, now: datetime) -> None:
        """Write a report's fields."""
        stored = {
            name: to_json(value) if name in TEXTS and value is not None else value for name, value in values.items()
        }
        self.table.apply([Update(_report_key(import_id), assign={**stored, "ttl": _ttl(now)})])

    def find(self, import_id: str, kind: str, place: str, found: Sequence[Any], *, now: datetime) -> None:
        """Write a page of findings, and replace one that has the same place."""
        key = {"pk": _report_key(import_id)["pk"], "sk": f"{kind.upper()}#{place}"}
        self.table.apply([Put({**key, "found": to_json(list(found)), "ttl": _ttl(now)})])

    def report(self, import_id: str) -> dict[str, Any] | None:
        """Return a report."""
        item = self.table.item(_report_key(import_id))
        if item is None:
            return None
        shown = {name: json.loads(value) if name in TEXTS else value for name, value in item.items()}
        return {name: value for name, value in shown.items() if name not in HIDDEN}

    def findings(self, import_id: str, kind: str, after: str | None) -> tuple[list[Any], str | None]:
        """Return a page of findings and the cursor of the next, ``None`` at the end."""
        report = self.table.item(_report_key(import_id)) or {}
        pk, prefix = _report_key(import_id)["pk"], f"{kind.upper()}#{report.get('run', '')}#"
        wanted = Query(pk, starting=prefix, limit=2)  # the second one tells that there is more
        found = self.table.page(wanted, {"pk": pk, "sk": f"{prefix}{after}"} if after else None).items
        if not found:
            return [], None
        first, *more = found
        return json.loads(first["found"]), first["sk"].removeprefix(prefix) if more else None

    def latest(self) -> "list[ImportListed]":
        """Return the latest imports, newest first."""
        page = self.table.page(Query(IMPORTS, newest_first=True, limit=LISTED))
        listed = dict.fromkeys(item["sk"].rpartition("#")[2] for item in page.items)
        found = self.table.items(_report_key(import_id) for import_id in listed)
        known = {item["pk"]: item for item in found.values()}
        return [
            {
                "import_id": import_id,
                "state": known[key]["state"],
                "key": known[key].get("key"),
                "mapping": known[key].get("mapping"),
                "dry_run": known[key].get("dry_run"),
                "put_at": known[key].get("put_at"),
                "finished_at": known[key].get("finished_at"),
                "reason": known[key].get("reason"),
            }
            for import_id in listed
            if (key := _report_key(import_id)["pk"]) in known
        ]


def _mapping_key(name: str) -> Key:
    return {"pk": f"MAPPING#{name}", "sk": "MAPPING"}


def _report_key(import_id: str) -> Key:
    return {"pk": f"IMPORT#{import_id}", "sk": "IMPORT"}


def _ttl(now: datetime) -> int:
    return to_milliseconds(now + KEPT) // 1000
