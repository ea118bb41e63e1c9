"""The Mail table: jobs, marked addresses, waves called off, the pace (design §7).

==================  =========  ==========================================================================
pk                  sk         holds
==================  =========  ==========================================================================
``JOB#<job_id>``    ``JOB``    lease and results per recipient; ``ttl`` 90 days after the last write
``JOB#<job_id>``    ``WAITING``  the job while it waits for an open hour (`waiting_repository`)
``ADDRESS#<key>``   ``ADDRESS``  marks of an address that has any
``WAVE#<sku>``      ``WAVE``   the newest revision at which the SKU sold out
``RATE``            ``RATE``   when the next mail may go
``ADVERTISED#<key>``  ``ADVERTISED``  when an address was last mailed advertising (`advertising_repository`)
==================  =========  ==========================================================================
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from standby.mail.model import (
    NO_MARKS,
    AddressMarks,
    JobRecord,
    LeaseLostError,
    Lift,
    Reading,
    State,
    Stops,
)
from standby.platform.clock import from_milliseconds, from_text, to_milliseconds, to_text
from standby.platform.dynamodb import BusyError, ConditionFailedError, Item, write
from standby.platform.frozen import frozen
from standby.platform.kept import JOBS, MARKS
from standby.platform.table import Key, Put, Table, Update

RATE_KEY = {"pk": "RATE", "sk": "RATE"}
MARK_ATTEMPTS = 10
RATE_ATTEMPTS = 6
Change = Callable[[AddressMarks], AddressMarks]


@frozen()
class MailRepository:
    """Everything mail remembers, in one table."""

    table: Table

    def read(self, job_id: str, recipients: int, addresses: Sequence[str], sku: str | None) -> Reading:
        """Read a job and what stops its mails in one consistent request (≤ 50 addresses)."""
        items = self.table.batch([_job_key(job_id), *_stop_keys(addresses, sku)])
        record = next((_record(item) for item in items if item["sk"] == "JOB"), JobRecord.fresh(recipients))
        return Reading(record, _stops(items))

    def stops(self, addresses: Sequence[str], sku: str | None) -> Stops:
        """Read the marks of these address keys and when the SKU sold out, in one consistent request (≤ 50)."""
        return _stops(self.table.batch(_stop_keys(addresses, sku)))

    def save(self, job_id: str, record: JobRecord, *, now: datetime) -> JobRecord:
        """Write a job whose version is still ``record.version`` and return it with the next version.

        Raises `LeaseLostError` when somebody else wrote it meanwhile. When the SDK repeats a write whose answer was
        lost, the stored item is recognised as our own.
        """
        values = _job_values(record) | {"ttl": int((now + JOBS).timestamp())}
        key = _job_key(job_id)
        if record.version:
            update = Update(key, assign=values, equal={"version": record.version})
        else:
            update = Update(key, assign=values, absent=("version",))
        try:
            self.table.write(update)
        except ConditionFailedError as error:
            found = error.reasons[0] or {}
            if any(found.get(name) != value for name, value in values.items() if name != "ttl"):
                raise LeaseLostError(job_id) from error
        return replace(record, version=record.version + 1)

    def take(
        self, milliseconds: int, *, now: datetime, patience: timedelta, busy: bool
    ) -> tuple[datetime | None, datetime]:
        """Reserve the next ``milliseconds`` of the account's sending time, in the order of asking.

        Return when the reserved time starts and until when time is taken. When the wait would be longer than
        ``patience``, nothing is reserved and the first is ``None``. ``busy`` is the caller's guess whether time is
        taken now: a right guess costs one request, a wrong one two. Raises `BusyError` when others keep taking some.
        """
        at = to_milliseconds(now)
        latest = to_milliseconds(now + patience)
        for _ in range(RATE_ATTEMPTS):
            try:
                end = self._take_next(milliseconds, at, latest) if busy else self._take_now(milliseconds, at)
            except ConditionFailedError as error:
                end = (error.reasons[0] or {}).get("next_at", 0)
                if end > latest:
                    return None, from_milliseconds(end)
                busy = end > at
            else:
                return from_milliseconds(end - milliseconds), from_milliseconds(end)
        message = f"{self.table.name}: the pace changed {RATE_ATTEMPTS} times meanwhile"
        raise BusyError(message)

    def hold(self, until: datetime) -> None:
        """Let no time be reserved before ``until``."""
        end = to_milliseconds(until)
        with suppress(ConditionFailedError):
            self.table.write(Update(RATE_KEY, assign={"next_at": end}, at_most={"next_at": end}, or_absent="next_at"))

    def address_marks(self, address: str) -> AddressMarks:
        """Read the marks of an address key."""
        return self._read_marks(address)[0]

    def mark(self, address: str, change: Change, *, now: datetime) -> AddressMarks:
        """Apply ``change`` to the marks of an address key and return them.

        Marks without a suppression are cleaned up 90 days after the last change: no job lives as long. Raises
        `BusyError` when others keep changing them.
        """
        for attempt in range(MARK_ATTEMPTS):
            marks, version = self._read_marks(address)
            changed = change(marks)
            if changed == marks:
                return marks
            item = _address_item(address, changed) | {"version": version + 1}
            if changed.suppressed is None:
                item["ttl"] = int((now + MARKS).timestamp())
            with suppress(ConditionFailedError):
                self.table.write(Put(item, equal={"version": version}, or_absent="version"))
                return changed
            self.table.backoff.pause(attempt)
        message = f"{address}: changed {MARK_ATTEMPTS} times meanwhile"
        raise BusyError(message)

    def call_off(self, sku: str, revision: int, *, now: datetime) -> None:
        """Remember that the SKU sold out at this revision. A revision older than the known one changes nothing."""
        called_off = Update(
            _wave_key(sku),
            assign={"sold_out_revision": revision, "ttl": int((now + JOBS).timestamp())},
            at_most={"sold_out_revision": revision - 1},
            or_absent="sold_out_revision",
        )
        with suppress(ConditionFailedError):
            self.table.write(called_off)

    def _read_marks(self, address: str) -> tuple[AddressMarks, int]:
        item = write(lambda: self.table.item(_address_key(address)), backoff=self.table.backoff)
        return (_marks(item), item["version"]) if item else (NO_MARKS, 0)

    def _take_now(self, cost: int, now: int) -> int:
        end = now + cost
        self.table.write(Update(RATE_KEY, assign={"next_at": end}, at_most={"next_at": now}, or_absent="next_at"))
        return end

    def _take_next(self, cost: int, now: int, latest: int) -> int:
        joined = Update(RATE_KEY, add={"next_at": cost}, at_least={"next_at": now + 1}, at_most={"next_at": latest})
        end: int = self.table.change(joined)["next_at"]
        return end


def _job_key(job_id: str) -> Key:
    return {"pk": f"JOB#{job_id}", "sk": "JOB"}


def _address_key(address: str) -> Key:
    return {"pk": f"ADDRESS#{address}", "sk": "ADDRESS"}


def _stop_keys(addresses: Sequence[str], sku: str | None) -> list[Key]:
    keys = [_address_key(address) for address in dict.fromkeys(addresses)]
    return keys if sku is None else [*keys, _wave_key(sku)]


def _stops(items: Sequence[Item]) -> Stops:
    marks = {item["pk"].partition("#")[2]: _marks(item) for item in items if item["sk"] == "ADDRESS"}
    return Stops(marks, next((item["sold_out_revision"] for item in items if item["sk"] == "WAVE"), None))


def _wave_key(sku: str) -> Key:
    return {"pk": f"WAVE#{sku}", "sk": "WAVE"}


def _job_values(record: JobRecord) -> Item:
    """Write a record's next version; an empty text stands for "nobody" so that one SET says everything."""
    return {
        "states": "".join(record.states),
        "steps": _numbers_text(record.steps),
        "unknown": _numbers_text(record.unknown),
        "people": record.people,
        "taken": record.taken,
        "told": record.published,
        "version": record.version + 1,
        "holder": record.holder or "",
        "held_until": to_text(record.held_until) if record.held_until else "",
        "leases": _runs_text([to_milliseconds(at) if at else 0 for at in record.leases]),
    }


def _numbers_text(numbers: Sequence[int]) -> str:
    """Write numbers as one text: fifty attribute values cost the SDK more than everything else in the item."""
    return " ".join(map(str, numbers))


def _runs_text(numbers: Sequence[int]) -> str:
    """Write numbers that are mostly equal to their neighbours: ``1777802400000*50``."""
    return " ".join(f"{number}*{len(list(run))}" for number, run in groupby(numbers))


def _runs(text: str) -> list[int]:
    parts = (part.split("*") for part in text.split())
    return [int(number) for number, count in parts for _ in range(int(count))]


def _record(item: Item) -> JobRecord:
    return JobRecord(
        states=tuple(State(letter) for letter in item["states"]),
        steps=tuple(map(int, item["steps"].split())),
        unknown=tuple(map(int, item["unknown"].split())),
        version=item["version"],
        people=item["people"],
        taken=item.get("taken", ""),
        published=item["told"],
        holder=item["holder"] or None,
        held_until=from_text(item["held_until"]) if item["held_until"] else None,
        leases=tuple(from_milliseconds(at) if at else None for at in _runs(item["leases"])),
    )


def _address_item(address: str, marks: AddressMarks) -> Item:
    return {
        **_address_key(address),
        "suppressed": marks.suppressed,
        "suppressed_at": _text(marks.suppressed_at),
        "suppressed_for": marks.suppressed_for,
        "lifts": [
            {
                "reason": lift.reason,
                "suppressed_at": to_text(lift.suppressed_at),
                "at": to_text(lift.at),
                "by": lift.by,
            }
            for lift in marks.lifts
        ],
        "left_at": _text(marks.left_at),
        "erased_at": _text(marks.erased_at),
        "cancelled": {reference: to_text(at) for reference, at in marks.cancelled.items()},
        "soft": {feedback_id: to_text(at) for feedback_id, at in marks.soft.items()},
    }


def _marks(item: Item) -> AddressMarks:
    return AddressMarks(
        suppressed=item.get("suppressed"),
        suppressed_at=_instant(item.get("suppressed_at")),
        suppressed_for=item.get("suppressed_for", ""),
        lifts=tuple(
            Lift(lift["reason"], from_text(lift["suppressed_at"]), from_text(lift["at"]), lift["by"])
            for lift in item.get("lifts", ())
        ),
        left_at=_instant(item.get("left_at")),
        erased_at=_instant(item.get("erased_at")),
        cancelled={reference: from_text(at) for reference, at in item.get("cancelled", {}).items()},
        soft={feedback_id: from_text(at) for feedback_id, at in item.get("soft", {}).items()},
    )


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)
