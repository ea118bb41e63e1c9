"""Crossings into restocks: each is decided once, and announced until that is noted (design §3, Settling)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from standby.events.stock import Restocked
from standby.ledger.model import SettleState, SkuSettings, SkuStock
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text
from standby.platform.faults import of_aws
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import LONGEST_DELAY_SECONDS, Message, Outgoing, PoisonError, Queue
from standby.stock.settling import Observation, announced, is_due, observed, settled

PUT_OFF = timedelta(hours=1)
"""So long the minute sweep leaves a SKU alone that cannot be decided."""
log = logger("stock")


class Ledger(Protocol):
    """What the settler must know about a SKU."""

    def stock(self, sku: str) -> SkuStock | None:
        """Return the numbers as they are now."""
        ...

    def settings(self, sku: str) -> SkuSettings:
        """Return the settings, merged."""
        ...


class SettleStates(Protocol):
    """Where the states are kept."""

    def change(
        self, sku: str, move: Callable[[SettleState], SettleState], *, now: datetime
    ) -> tuple[SettleState, SettleState]:
        """Move a SKU's state and return it before and after; ``move`` is called again when somebody else wrote."""
        ...

    def put_off(self, sku: str, *, until: datetime, now: datetime) -> None:
        """Let a SKU that is due by now be due at a later time."""
        ...


@frozen(kw_only=True)
class Settler:
    """Decides which crossings are restocks."""

    ledger: Ledger
    states: SettleStates
    bus: Bus
    settles: Queue
    clock: Clock

    def handle(self, message: Message) -> None:
        """Take one settle message: what is free at a revision, or that a crossing may be due. Raises `PoisonError`.

        What is due and cannot be decided is found every minute. It is put off, so that it is a dead letter an hour.
        """
        content = message.json()
        sku, seen = _read(content)
        try:
            self._take(sku, seen, seen.revision if seen else content.get("crossing"))
        except Exception as error:
            if seen or of_aws(error):
                raise
            log.exception("what is due for a SKU cannot be decided", extra={"sku": sku})
            now = self.clock.now()
            self.states.put_off(sku, until=now + PUT_OFF, now=now)
            raise PoisonError(f"{sku}: cannot be decided: {error!r}") from error

    def _take(self, sku: str, seen: Observation | None, crossing: object) -> None:
        before, after = self.states.change(sku, partial(self._decided, sku, seen), now=self.clock.now())
        if after.state == "pending" and after.crossing_revision in {crossing, *_new_crossing(before, after)}:
            self._look_again(sku, after)
        if not after.announced:
            self._announce(sku, after)

    def _decided(self, sku: str, seen: Observation | None, state: SettleState) -> SettleState:
        """Apply an observation; when a crossing is due, decide it by what is free now."""
        now = self.clock.now()
        if seen is None and not is_due(state, now=now):
            return state
        settings = self.ledger.settings(sku)
        after = observed(state, seen, settings, now=now) if seen else state
        if after.state == "pending" and is_due(after, now=now):
            stock = self.ledger.stock(sku)
            after = settled(after, stock.free if stock else 0, settings, now=now)
        return after

    def _look_again(self, sku: str, state: SettleState) -> None:
        """Send a message that arrives when the crossing is due.

        The minute sweep finds a crossing whose time is further away than a message can be delayed.
        """
        wait = (from_text(state.due_at or "") - self.clock.now()).total_seconds()
        if wait <= LONGEST_DELAY_SECONDS:
            content = {"sku": sku, "crossing": state.crossing_revision}
            self.settles.send([Outgoing.of(content, delay_seconds=max(1, int(wait) + 1))])

    def _announce(self, sku: str, state: SettleState) -> None:
        """Publish a restock, then note that. After a crash in between, it is published again with the same id."""
        revision = state.restock_revision or 0
        self.bus.publish(
            [
                Restocked(
                    id=f"{sku}@{revision}:Restocked",
                    at=state.restocked_at or "",
                    sku=sku,
                    revision=revision,
                    free=state.restock_free,
                    minimum=state.restock_minimum,
                )
            ]
        )
        self.states.change(sku, partial(_announced, revision), now=self.clock.now())


def _read(content: object) -> tuple[str, Observation | None]:
    """Return the SKU of a settle message and what was seen of it, if anything. Raises `PoisonError`."""
    if not isinstance(content, dict):
        raise PoisonError("message: must be object")
    sku: Any = content.get("sku")
    if not isinstance(sku, str) or not sku:
        raise PoisonError("sku: missing")
    if "free" not in content:
        return sku, None
    numbers = {"goods": 0} | content
    for name in ("revision", "free", "goods"):
        if type(numbers.get(name)) is not int:
            raise PoisonError(f"{name}: must be integer")
    return sku, Observation(
        revision=numbers["revision"],
        free=numbers["free"],
        netted=bool(content.get("netted")),
        goods=numbers["goods"],
    )


def _announced(revision: int, state: SettleState) -> SettleState:
    """Note that a restock was published, unless another one is awaited by now."""
    return state if state.announced or state.restock_revision != revision else announced(state)


def _new_crossing(before: SettleState, after: SettleState) -> tuple[int | None, ...]:
    return () if before.crossing_revision == after.crossing_revision else (after.crossing_revision,)
