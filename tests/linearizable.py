"""Whether a history of calls can be explained by their having happened one after the other (Herlihy and Wing, 1990).

Each call seems to happen at one instant between its beginning and its end. The search goes through the orders that
allows (Wing and Gong, 1993), and remembers where it was (Lowe, 2017). A history of several things is linearizable
where that of each thing is, so units are judged by SKU and answers by Idempotency-Key.
"""

import json
import math
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, Protocol

Did = Literal["reserve", "end"]
Said = Literal["made", "sold-out", "limit-reached", "other-request", "ended", "unknown"]
"""``unknown``: an answer that does not say what became of it, such as 503, or none."""
MOST_STATES = 300_000
"""Moments that a search looks at; beyond it is undecided, which fails."""
NEVER = math.inf


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call, when it began and ended (one clock of the machine, seconds), and what was answered."""

    did: Did
    sku: str
    key: str
    """The Idempotency-Key under which the units were reserved."""
    began: float
    ended: float
    said: Said
    units: int = 1
    customer: str = ""
    """Whose limit it counts for; empty: nobody's."""
    text: str = ""
    """The whole answer, which a replay must repeat."""


class Model(Protocol):
    """How a thing behaves that is used by one at a time."""

    def begins(self) -> Hashable:
        """Return the state before the first call."""
        ...

    def follows(self, state: Any, call: Call) -> Hashable | None:
        """Return the state after a call, ``None`` where it could not have been answered so.

        Of an unknown answer: the state after the call took effect, ``None`` where it could not.
        """
        ...


class Taken(NamedTuple):
    """Units that a reservation has."""

    key: str
    units: int
    customer: str


@dataclass(frozen=True)
class Units:
    """A SKU of which there are so many units, and so many for a customer."""

    capacity: int
    limit: int | None = None

    def begins(self) -> Hashable:
        """Return nothing taken, and nothing that ended."""
        return frozenset[Taken](), frozenset[str]()

    def follows(self, state: tuple[frozenset[Taken], frozenset[str]], call: Call) -> Hashable | None:
        """Take units while they are there, give them back once."""
        live, over = state
        mine = next((taken for taken in live if taken.key == call.key), None)
        if call.did == "end":
            if mine is None:
                return state if call.key in over else None
            return live - {mine}, over | {call.key}
        known = mine is not None or call.key in over
        if known or call.said == "other-request":
            return state if known and call.said in {"made", "unknown", "other-request"} else None
        there = sum(taken.units for taken in live) + call.units <= self.capacity
        theirs = sum(taken.units for taken in live if taken.customer == call.customer) + call.units
        allowed = self.limit is None or not call.customer or theirs <= self.limit
        if call.said in {"made", "unknown"}:
            return (live | {Taken(call.key, call.units, call.customer)}, over) if there and allowed else None
        refused = not there if call.said == "sold-out" else not allowed
        return state if refused else None


@dataclass(frozen=True)
class Answers:
    """An Idempotency-Key: once units are reserved under it, the same request is answered the same."""

    def begins(self) -> Hashable:
        """Return that nothing was made."""
        return ()

    def follows(self, state: tuple[Any, ...], call: Call) -> Hashable | None:
        """Repeat what was answered first, and nothing else; a refusal keeps nothing."""
        if call.did == "end":
            return state
        asked = (call.sku, call.units, call.customer)
        if not state:
            if call.said == "other-request":
                return None
            return (asked, None if call.said == "unknown" else call.text) if call.said in {"made", "unknown"} else state
        before, text = state
        if asked != before:
            return state if call.said in {"other-request", "unknown"} else None
        if call.said == "unknown":
            return state
        return (asked, call.text) if call.said == "made" and text in {None, call.text} else None


def fault(calls: Iterable[Call], model: Model) -> str | None:
    """Return what is wrong with the history of one thing, ``None`` if it is linearizable."""
    history = [replace(call, ended=NEVER) if call.said == "unknown" else call for call in calls]
    return _Search(sorted(history, key=lambda call: call.began), model).fault()


def faults(calls: Sequence[Call], units: Mapping[str, Units]) -> list[str]:
    """Return what is wrong with a history, by SKU and by Idempotency-Key."""
    by_sku: dict[str, list[Call]] = {}
    by_key: dict[str, list[Call]] = {}
    for call in calls:
        by_sku.setdefault(call.sku, []).append(call)
        by_key.setdefault(call.key, []).append(call)
    found = [(f"SKU {sku}", fault(each, units[sku])) for sku, each in by_sku.items()]
    found += [(f"key {key}", fault(each, Answers())) for key, each in by_key.items()]
    return [f"{what}: {wrong}" for what, wrong in found if wrong]


@dataclass
class History:
    """Keeps the calls of many who ask at once."""

    calls: list[Call] = field(default_factory=list)
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def reserve(
        self, ask: Callable[[], tuple[int, Any]], sku: str, key: str, *, units: int = 1, customer: str = ""
    ) -> tuple[int, Any]:
        """Ask for a reservation, note the call, and return status and answer."""
        began = time.monotonic()
        status, answer = ask()
        call = Call(
            did="reserve", sku=sku, key=key, began=began, ended=time.monotonic(), said=said(status, answer),
            units=units, customer=customer, text=json.dumps(answer, sort_keys=True),
        )  # fmt: skip
        with self._alone:
            self.calls.append(call)
        return status, answer

    def end(self, sku: str, key: str, *, began: float, ended: float) -> None:
        """Note that units were given back at some instant between two."""
        with self._alone:
            self.calls.append(Call(did="end", sku=sku, key=key, began=began, ended=ended, said="ended"))


def said(status: int, answer: Any) -> Said:
    """Return what an answer to a reservation says."""
    if status == 201:
        return "made"
    slug = str(answer.get("type", "")).rpartition("/")[2] if isinstance(answer, Mapping) else ""
    if status == 422:
        return "other-request"
    if status == 409 and slug in {"sold-out", "limit-reached"}:
        return "sold-out" if slug == "sold-out" else "limit-reached"
    return "unknown"


class _Search:
    """Looks for an order of calls, sorted by their beginnings, that explains all answers."""

    def __init__(self, calls: Sequence[Call], model: Model) -> None:
        self._calls = calls
        self._model = model
        self._all = sum(1 << number for number, call in enumerate(calls) if call.ended != NEVER)
        self._stuck = (-1, 0)
        """The most calls that could be explained, and which."""

    def fault(self) -> str | None:
        ahead: list[tuple[int, Any]] = [(0, self._model.begins())]
        seen: set[tuple[int, Any]] = set()
        while ahead:
            done, next_ones = self._looked_at(*ahead.pop())
            if done & self._all == self._all:
                return None
            if len(seen) > MOST_STATES:
                return f"undecided after {MOST_STATES} moments"
            for moment in next_ones:
                if moment not in seen:
                    seen.add(moment)
                    ahead.append(moment)
        return f"nothing explains {self._first(self._stuck[1])}"

    def _looked_at(self, done: int, state: Any) -> tuple[int, list[tuple[int, Any]]]:
        """Return what is done once all that changes nothing is, and the moments that may come then.

        What may come and changes nothing may come at once: it is in nobody's way.
        """
        while True:
            changing: list[tuple[int, Any]] = []
            read = 0
            for number in self._may_come(done):
                call = self._calls[number]
                after = self._model.follows(state, call)
                if after is None:
                    continue
                if after != state:
                    changing.append((done | 1 << number, after))
                elif call.ended != NEVER:
                    read |= 1 << number
            if not read:
                break
            done |= read
        if done.bit_count() > self._stuck[0]:
            self._stuck = (done.bit_count(), done)
        return done, changing[::-1]  # who began first is tried first

    def _may_come(self, done: int) -> list[int]:
        """Return the calls that began before any other that is not done had ended; the unknown ones last."""
        first_end, open_ones = NEVER, []
        number = (~done & (done + 1)).bit_length() - 1
        while number < len(self._calls) and self._calls[number].began <= first_end:
            if not done >> number & 1:
                open_ones.append(number)
                first_end = min(first_end, self._calls[number].ended)
            number += 1
        may = [each for each in open_ones if self._calls[each].began <= first_end]
        return sorted(may, key=lambda each: self._calls[each].ended == NEVER)

    def _first(self, done: int) -> Call | None:
        """Return the call that had to come next: of those that are not done, the first that ended."""
        left = [call for number, call in enumerate(self._calls) if not done >> number & 1]
        return min(left, key=lambda call: call.ended, default=None)
