"""Incidents in the Deliveries table: ``INCIDENTS`` / ``INCIDENTS`` has all of them, so that reading is one request."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from standby.platform.backoff import Backoff
from standby.platform.clock import to_text
from standby.platform.frozen import frozen
from standby.platform.records import Bounds, JsonText, read_record, save_record

KEY = "INCIDENTS"
MOST_INCIDENTS = 100
"""That are kept: where there are more, those that ended first are forgotten."""
MINUTE = timedelta(minutes=1)
Known = dict[str, dict[str, Any]]


class TooManyError(Exception):
    """So many incidents go on that no other can be kept."""


class IncidentsRecord(Model):
    """All incidents: ``INCIDENTS`` / ``INCIDENTS``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default=KEY)
    edition = NumberAttribute()
    said = JsonText()
    """What was declared, by id."""


@cache
def records(table: str) -> type[IncidentsRecord]:
    """Return the record class bound to a table."""

    class Bound(IncidentsRecord):
        class Meta(Bounds):
            table_name = table

    return Bound


@frozen()
class IncidentBook:
    """The incidents, on DynamoDB. All methods raise `BusyError`."""

    table: str
    backoff: Backoff = Backoff()

    def all(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what was declared, by id."""
        known = read_record(records(self.table), KEY, KEY)
        return {} if known is None else known.said

    def declare(self, incident_id: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep an incident, and return it. The same again changes nothing. Raises `TooManyError`."""

        def change(known: Known) -> None:
            known[incident_id] = dict(said)
            ended = sorted((each["ended_at"], name) for name, each in known.items() if each.get("ended_at"))
            for _, name in ended[: max(0, len(known) - MOST_INCIDENTS)]:
                del known[name]
            if len(known) > MOST_INCIDENTS:
                raise TooManyError

        return self._changed(change)[incident_id]

    def end(self, incident_id: str, today: date, now: datetime) -> Mapping[str, Any] | None:
        """Note that an incident is over, and return it; ``None`` where nobody declared it."""

        def change(known: Known) -> None:
            if incident_id in known and not known[incident_id].get("ended_at"):
                said = known[incident_id]
                until = min(said.get("until") or today.isoformat(), today.isoformat())  # it may never have begun
                known[incident_id] = {**said, "until": until, "ended_at": to_text(now)}

        return self._changed(change).get(incident_id)

    def _changed(self, change: Callable[[Known], None]) -> Known:
        kind = records(self.table)
        for _ in self.backoff.tries(KEY):
            known = read_record(kind, KEY, KEY)
            edition = 0 if known is None else int(known.edition)
            before: Known = {} if known is None else known.said
            after = dict(before)
            change(after)
            if after == before:
                break
            record = kind(pk=KEY, edition=edition + 1, said=after)
            if save_record(record, kind.edition == edition if edition else kind.pk.does_not_exist()):
                break
        return after
