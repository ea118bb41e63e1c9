"""What happens with the products that a complete file does not name, and who decides when they are too many.

Each job does one page and sends itself the cursor; two chains of jobs do the same work twice, and no harm: a word is
taken in once, whoever says it again.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from standby.catalog.absences.model import ABSENCE, DECIDED, UNDECIDED, UNFINISHED, Absence, State, waits
from standby.catalog.model import ProductAbsent, ProductSaid
from standby.platform.batch import parts
from standby.platform.brake import BRAKE_PERCENT
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue

if TYPE_CHECKING:
    from standby.catalog.absences.answers import AbsenceBrake, AbsenceShown

MOST_NAMED = 100
"""Absent products that whoever decides is shown by name."""
FOUND = ("known", "absent", "held", "skus_known", "skus_absent")
"""What all passes over a file found together: numbers of `Absence`."""
Cursor = Mapping[str, str]
log = logger("catalog")


class Absences(Protocol):
    """Where absences are kept."""

    def get(self, absence_id: str) -> Absence | None:
        """Return an absence."""
        ...

    def of_feed(self, feed: str, *, newer_than: int | None = None) -> list[Absence]:
        """Return a feed's newest complete files, newest first: all, or those put later than a moment."""
        ...

    def latest(self) -> list[Absence]:
        """Return the latest absences, newest first."""
        ...

    def move(self, absence: Absence, state: State, *, now: datetime, **more: str | int | None) -> Absence | None:
        """Bring an absence to another state; ``None`` when somebody else moved it meanwhile."""
        ...

    def absent(
        self, absence: Absence, cursor: Cursor | None
    ) -> tuple[list[str], Sequence[Mapping[str, Any]], Cursor | None]:
        """Return a page of the products that a file does not name, and of words that waited, and where to go on."""
        ...

    def losing(self, absence: Absence) -> Mapping[str, Sequence[str]]:
        """Return the first products whose words wait, with the first of the SKUs that they would lose."""
        ...

    def hold(self, absence: Absence, product_id: str, *, now: datetime) -> None:
        """Write down a product that came after the file's products had been listed."""
        ...


class Taker(Protocol):
    """Who takes in what is said of products."""

    def take(self, word: ProductAbsent) -> None:
        """Take one word in; idempotent."""
        ...


def decision(absence_id: str, found: Mapping[str, int], *, doubt: str | None) -> dict[str, Any]:
    """Return the job that decides about an absence, once the whole file was read; ``found`` has the `FOUND`."""
    return {ABSENCE: "decide", "absence_id": absence_id, **{name: found[name] for name in FOUND}, "doubt": doubt}


def application(absence: Absence, **more: object) -> dict[str, Any]:
    """Return the job that takes a page of the absent products."""
    return {ABSENCE: "apply", "absence_id": absence.absence_id, **more}


@frozen(kw_only=True)
class AbsenceWorker:
    """Decides about absences, and takes the absent products, page by page."""

    absences: Absences
    catalogue: Taker
    updates: Queue
    clock: Clock
    count: Callable[[str, int], None]
    """Counts a metric."""

    def handle(self, job: Mapping[str, Any]) -> None:
        """Do one job. Raises `PoisonError` for one that is none."""
        absence_id = job.get("absence_id")
        absence = self.absences.get(absence_id) if isinstance(absence_id, str) and absence_id else None
        if absence is None:
            raise PoisonError("absence_id: there is no such absence")
        match job:
            case {"absence": "decide", "doubt": str() | None as doubt} if _complete(job):
                self._decide(absence, {name: job[name] for name in FOUND}, doubt)
            case {"absence": "apply"}:
                self._apply(absence, _cursor(job.get("cursor")))
            case {"absence": "one", "product_id": str(product_id)} if absence.state in DECIDED:
                self.catalogue.take(absence.of(product_id))
            case {"absence": "one", "product_id": str()}:
                pass
            case _:
                raise PoisonError("absence: asks neither for a decision, nor for a page, nor for a product")

    def _decide(self, absence: Absence, found: Mapping[str, int], doubt: str | None) -> None:
        now = self.clock.now()
        if absence.state in UNFINISHED:
            stops = found["held"] or waits(known=found["known"], absent=found["absent"], doubt=doubt)
            to: State = "waiting_for_approval" if stops else "applying"
            moved = self.absences.move(absence, to, now=now, **found, doubt=doubt)
            if moved is None:
                raise RuntimeError(f"absence {absence.absence_id} was moved meanwhile")  # SQS tries again
            absence = moved
        # A job that died may have come so far. Two files that are decided at once see each other after they moved.
        absence = self._make_way(absence)
        if absence.state == "waiting_for_approval":
            self.count("FeedsWaiting", 1)
            log.warning("a feed's absent products wait for approval", extra={"absence": show(absence)})
        elif absence.state == "applying":
            self._send(application(absence))

    def _make_way(self, absence: Absence) -> Absence:
        """Let the newest of the feed's files that wait be the only one. What is decided is carried out."""
        now = self.clock.now()
        for other in self.absences.of_feed(absence.feed):
            newer, older = max(absence, other, key=_age), min(absence, other, key=_age)
            if newer is older or newer.state not in (*DECIDED, "waiting_for_approval"):
                continue
            if older.state == "waiting_for_approval":
                moved = self.absences.move(older, "superseded", now=now, superseded_by=newer.absence_id)
                if older is absence:
                    return moved or absence
        return absence

    def _apply(self, absence: Absence, cursor: Cursor | None) -> None:
        if absence.state != "applying":
            return
        product_ids, words, following = self.absences.absent(absence, cursor)
        self.updates.send(parts(words, received_at=absence.moment // 1000))
        for product_id in one_by_one(product_ids, lambda each: self.catalogue.take(absence.of(each))):
            self._send({ABSENCE: "one", "absence_id": absence.absence_id, "product_id": product_id})
        if following:
            self._send(application(absence, cursor=dict(following)))
        else:
            self.absences.move(absence, "applied", now=self.clock.now())

    def _send(self, job: Mapping[str, Any]) -> None:
        self.updates.send([Outgoing.of(job)])


@frozen(kw_only=True)
class LateWords:
    """Tells a word that comes late what newer files of its feed do not name."""

    absences: Absences
    clock: Clock

    def absent_since(self, said: ProductSaid) -> ProductAbsent | None:
        """Return that a newer complete file, which counts already, says nothing of a product; ``None`` without one."""
        if said.feed is None:
            return None
        found = None
        for newer in reversed(self.absences.of_feed(said.feed, newer_than=said.version[0])):
            absence = newer
            if absence.state in UNDECIDED:
                self.absences.hold(absence, said.product_id, now=self.clock.now())
                absence = self.absences.get(absence.absence_id) or absence  # it may have been decided meanwhile
            if absence.state in DECIDED:
                found = absence.of(said.product_id)
        return found


class UndecidableError(Exception):
    """The absence is not in a state in which that can be decided; the text says in which it is."""


@frozen(kw_only=True)
class Approvals:
    """Shows absences to an operator, and takes the decision that the brake asks for."""

    absences: Absences
    updates: Queue
    clock: Clock

    def latest(self) -> "list[AbsenceShown]":
        """Return the latest absences, newest first."""
        return [show(absence) for absence in self.absences.latest()]

    def view(self, absence_id: str) -> "AbsenceShown | None":
        """Return an absence, ``None`` for an unknown one."""
        absence = self.absences.get(absence_id)
        if absence is None:
            return None
        product_ids, *_ = self.absences.absent(absence, None)
        return show(absence, product_ids[:MOST_NAMED], self.absences.losing(absence) if absence.held else {})

    def approve(self, absence_id: str, *, by: str) -> "AbsenceShown | None":
        """Let what is absent from a file lose its SKUs. Repeating it is harmless. Raises `UndecidableError`."""
        absence = self.absences.get(absence_id)
        if absence is None:
            return None
        if absence.state == "waiting_for_approval":
            absence = self.absences.move(absence, "applying", now=self.clock.now(), decided_by=by)
        if absence is not None and absence.state == "applied" and absence.decided_by is not None:
            return show(absence)
        if absence is None or absence.state != "applying":
            raise UndecidableError(absence.state if absence else "being decided by somebody else")
        self.updates.send([Outgoing.of(application(absence))])
        return show(absence)

    def reject(self, absence_id: str, *, by: str) -> "AbsenceShown | None":
        """Let nothing be taken away for a file. Repeating it is harmless. Raises `UndecidableError`."""
        absence = self.absences.get(absence_id)
        if absence is None:
            return None
        if absence.state in UNDECIDED:
            absence = self.absences.move(absence, "rejected", now=self.clock.now(), decided_by=by)
        if absence is None or absence.state != "rejected":
            raise UndecidableError(absence.state if absence else "being decided by somebody else")
        return show(absence)


def show(
    absence: Absence, product_ids: Sequence[str] = (), losing: Mapping[str, Sequence[str]] | None = None
) -> "AbsenceShown":
    """Return what an operator is shown of an absence."""
    decided = absence.known is not None and absence.absent is not None
    return {
        "absence_id": absence.absence_id,
        "mapping": absence.feed,
        "key": absence.key,
        "as_of": absence.as_of,
        "state": absence.state,
        "doubt": absence.doubt,
        "brake": _brake(absence.absent or 0, absence.known or 0) if decided else None,
        "sku_brake": _brake(absence.skus_absent, absence.skus_known) if decided else None,
        "products_held": absence.held,
        "product_ids": list(product_ids),
        "losing": [{"product_id": each, "skus": list(skus)} for each, skus in (losing or {}).items()],
        "started_at": absence.started_at,
        "changed_at": absence.changed_at,
        "decided_by": absence.decided_by,
        "superseded_by": absence.superseded_by,
    }


def _brake(absent: int, known: int) -> "AbsenceBrake":
    percent = round(100 * absent / known, 1) if known else 0.0
    return {"absent": absent, "known": known, "percent": percent, "limit_percent": BRAKE_PERCENT}


def _age(absence: Absence) -> tuple[int, str]:
    """Order a feed's files by their times; two of one moment by their names."""
    return absence.moment, absence.absence_id


def _complete(job: Mapping[str, Any]) -> bool:
    return all(type(job.get(name)) is int for name in FOUND)


def _cursor(said: object) -> Cursor | None:
    if said is None or (isinstance(said, dict) and said and all(isinstance(each, str) for each in said.values())):
        return said
    raise PoisonError("cursor: must be an object of texts")
