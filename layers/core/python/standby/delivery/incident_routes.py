"""The routes by which operators declare incidents, and end them."""

import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from standby.delivery.incident_repository import IncidentBook, TooManyError
from standby.delivery.incident_rules import incident
from standby.delivery.incidents import shown
from standby.delivery.promises import today
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.http import Problem, Resolver, checked_body, malformed

if TYPE_CHECKING:
    from standby.delivery.answers import IncidentList, IncidentShown

FEATURE = "standby.delivery"
OPS = "ops"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
BY_ID = {"incident_id": "a-z 0-9 _ -, at most 64 of them; it begins with a letter or a digit"}
NO_INCIDENT = {404: "nobody declared this incident"}


@frozen(kw_only=True)
class IncidentDesk:
    """Where incidents are declared."""

    book: IncidentBook
    clock: Clock
    zone: tzinfo


def add_incident_routes(app: Resolver, desk: Callable[[], IncidentDesk]) -> None:
    """Add the routes; ``desk`` is called when a request needs it."""

    @app.operation(
        "PUT /v1/incidents/<incident_id>",
        "Declare why shipments are late that a carrier brings to a region in some days; this replaces the whole of it",
        {200: "the incident", 400: "malformed, or days in no order", 409: "too many go on"},
        body="incident",
        parameters=BY_ID,
        scope=OPS,
    )
    def declare_incident(incident_id: str) -> "IncidentShown":
        said = {name: value for name, value in checked_body(app, FEATURE, "incident").items() if value is not None}
        try:
            incident(_named(incident_id), said)
        except ValueError as error:
            raise malformed(str(error)) from error
        try:
            return shown(incident_id, desk().book.declare(incident_id, said))
        except TooManyError as error:
            raise Problem(409, "too-many-incidents", "end one of those that go on") from error

    @app.operation(
        "GET /v1/incidents",
        "List the incidents that were declared",
        {200: "all that are kept, those that began last first"},
        scope=OPS,
    )
    def list_incidents() -> "IncidentList":
        found = sorted(desk().book.all().items(), key=lambda each: (each[1]["since"], each[0]), reverse=True)
        return {"items": [shown(name, said) for name, said in found], "next": None}

    @app.operation(
        "GET /v1/incidents/<incident_id>",
        "Show an incident",
        {200: "as it was declared", **NO_INCIDENT},
        parameters=BY_ID,
        scope=OPS,
    )
    def show_incident(incident_id: str) -> "IncidentShown":
        return _known(incident_id, desk().book.all().get(incident_id))

    @app.operation(
        "POST /v1/incidents/<incident_id>/end",
        "End an incident: it explains no shipment that is promised for a later day; the same again changes nothing",
        {200: "the incident as it ended", **NO_INCIDENT},
        parameters=BY_ID,
        scope=OPS,
    )
    def end_incident(incident_id: str) -> "IncidentShown":
        at = desk()
        now = at.clock.now()
        return _known(incident_id, at.book.end(incident_id, today(now, at.zone), now))


def _named(incident_id: str) -> str:
    if not NAME.fullmatch(incident_id):
        raise malformed(f"incident_id: {BY_ID['incident_id']}")
    return incident_id


def _known(incident_id: str, said: Mapping[str, Any] | None) -> "IncidentShown":
    if said is None:
        raise Problem(404, "unknown-incident", f"nobody declared the incident {incident_id}")
    return shown(incident_id, said)
