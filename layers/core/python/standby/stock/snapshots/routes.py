"""Snapshots over HTTP: what became of them, and the decision that the brake asks for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.platform.http import MALFORMED, Problem, Resolver, identifier, key_holder, query_value
from standby.stock.snapshots.service import AmbiguousError, Approvals, UndecidableError

if TYPE_CHECKING:
    from standby.stock.snapshots.answers import SnapshotList, SnapshotShown

BY_ID = {"snapshot_id": "the id that the sender gave"}
LOCATION = {"location_id": "which location, where snapshots of several have this id"}
UNKNOWN = "there is no such snapshot"
AMBIGUOUS = "snapshots of several locations have this id: say location_id"


def add_snapshot_routes(app: Resolver, approvals: Approvals) -> None:
    """Add the routes below ``/v1/stock/snapshots``."""

    @app.operation(
        "GET /v1/stock/snapshots",
        "List the snapshots that are not finished: they miss pages, wait for approval or are being applied",
        {200: "at most 100, or all with the id that is asked for, finished ones too", 400: MALFORMED},
        scope="ops",
        parameters={"snapshot_id": "an id; it may have slashes here"},
    )
    def list_snapshots() -> "SnapshotList":
        asked = query_value(app, "snapshot_id")
        if asked is None:
            return {"items": approvals.unfinished(), "next": None}
        return {"items": approvals.called(identifier(app, "snapshot_id", asked)), "next": None}

    @app.operation(
        "GET /v1/stock/snapshots/<snapshot_id>",
        "Show a snapshot: which pages came, what it would empty, what became of it",
        {200: "the snapshot", 404: UNKNOWN, 409: AMBIGUOUS},
        scope="ops",
        parameters={**BY_ID, **LOCATION},
        twin=False,
    )
    def show_snapshot(snapshot_id: str) -> "SnapshotShown":
        return _found(lambda: approvals.view(snapshot_id, _location(app)))

    @app.operation(
        "POST /v1/stock/snapshots/<snapshot_id>/approve",
        "Approve a snapshot that waits, so that it empties what it says; repeating is harmless",
        {200: "it is being applied", 404: UNKNOWN, 409: f"it does not wait, or {AMBIGUOUS}"},
        scope="ops",
        parameters={**BY_ID, **LOCATION},
    )
    def approve_snapshot(snapshot_id: str) -> "SnapshotShown":
        return _found(lambda: approvals.approve(snapshot_id, _location(app), by=key_holder(app)))

    @app.operation(
        "POST /v1/stock/snapshots/<snapshot_id>/reject",
        "Reject a snapshot that is not applied yet, so that it empties nothing; its units stay",
        {200: "it is rejected", 404: UNKNOWN, 409: f"it is decided, or {AMBIGUOUS}"},
        scope="ops",
        parameters={**BY_ID, **LOCATION},
    )
    def reject_snapshot(snapshot_id: str) -> "SnapshotShown":
        return _found(lambda: approvals.reject(snapshot_id, _location(app), by=key_holder(app)))


def _found(ask: "Callable[[], SnapshotShown | None]") -> "SnapshotShown":
    """Return the answer to a question about a snapshot. Raises `Problem` 404 or 409."""
    try:
        found = ask()
    except AmbiguousError as error:
        more = {"locations": error.locations}
        raise Problem(409, "ambiguous-snapshot", f"say location_id, one of: {error}", more=more) from error
    except UndecidableError as error:
        raise Problem(409, "snapshot-decided", f"the snapshot is {error}") from error
    if found is None:
        raise Problem(404, "unknown-snapshot", UNKNOWN)
    return found


def _location(app: Resolver) -> str | None:
    said = query_value(app, "location_id")
    return None if said is None else identifier(app, "location_id", said)
