"""Break every AWS call of a scenario in turn, in every way that AWS or a crash can, and check what must still hold.

A scenario is an act on a `World` (messages in, everything run until quiet) and a check of the promises afterwards. The
act runs once unbroken, to learn its calls. Then it runs once per call and fault, each time from the same snapshot.
After the fault everything is delivered again, as SQS and the stream do, and runs unbroken. The order is the plain one
and, where asked, a disorder. The disorder's seed is the call's number, so that it can be repeated.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from zlib import crc32

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.world import Killed, World

Make = Callable[..., Any]
"""Makes the call, as it is or with other parameters."""
Fault = Callable[[str, Mapping[str, Any], Make], Any]
"""Answers in a call's place, from operation, parameters and the call; ``NotImplemented`` where it cannot break so."""
Turn = Callable[[World], bool]
"""A round of `World.settle`."""
Call = tuple[str, str, str]
"""Function, service and operation."""
Choice = Callable[[Sequence[Call]], Iterable[int]]
"""Chooses the numbers of the calls to break."""
LISTS: Mapping[str, str] = {
    "SendMessageBatch": "Entries",
    "PutEvents": "Entries",
    "SendBulkEmail": "BulkEmailEntries",
}
"""Calls that AWS takes apart, and the parameter that lists what they are about."""
READS = frozenset({"GetItem", "Query", "Scan", "GetObject", "GetAccount"})
"""Calls that change nothing, and are done whole or not at all."""
_BROKEN_SO: dict[Fault, frozenset[str]] = {}


def operations(*names: str) -> Callable[[Fault], Fault]:
    """Mark a fault that only these operations can have."""

    def mark(fault: Fault) -> Fault:
        _BROKEN_SO[fault] = frozenset(names)
        return fault

    return mark


def _refusal(code: str, operation: str, **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "injected"}, **more}, operation)  # type: ignore[typeddict-item]


def killed_before(_operation: str, _parameters: Mapping[str, Any], _make: Make) -> Any:
    """End the process before the call."""
    raise Killed


def killed_after(_operation: str, _parameters: Mapping[str, Any], make: Make) -> Any:
    """Make the call and end the process before its answer is seen."""
    make()
    raise Killed


@operations(*LISTS)
def killed_halfway(operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
    """Let AWS do the second half of a batch, and end the process before it does the rest."""
    if len(_listed(operation, parameters)) < 2:
        return NotImplemented
    make(_only(operation, parameters, _halves(_listed(operation, parameters))[1]))
    raise Killed


def answer_lost(_operation: str, _parameters: Mapping[str, Any], make: Make) -> Any:
    """Make the call; its answer never comes."""
    make()
    raise ReadTimeoutError(endpoint_url="https://aws.example")


def throttled(operation: str, _parameters: Mapping[str, Any], _make: Make) -> Any:
    """Refuse the call for its rate, after the SDK's own retries."""
    code = "TooManyRequestsException" if operation.startswith("SendBulk") else "ThrottlingException"
    raise _refusal(code, operation)


@operations("TransactWriteItems")
def conflicted(operation: str, parameters: Mapping[str, Any], _make: Make) -> Any:
    """Cancel a transaction because another one touches the item in its middle."""
    return _cancelled(operation, parameters, "TransactionConflict")


@operations("TransactWriteItems")
def item_throttled(operation: str, parameters: Mapping[str, Any], _make: Make) -> Any:
    """Cancel a transaction because the partition of the item in its middle has no capacity."""
    return _cancelled(operation, parameters, "ThrottlingError")


@operations("BatchGetItem", *LISTS)
def partly_done(operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
    """Do the second half of a batch, and report the first as not done, without an error."""
    entries = _listed(operation, parameters)
    undone, done = _halves(entries)
    answer = make(_only(operation, parameters, done)) if done else _nothing(operation, parameters)
    if operation == "BatchGetItem":
        ((table, asked),) = parameters["RequestItems"].items()
        return {**answer, "UnprocessedKeys": {table: {**asked, "Keys": undone}}}
    if operation == "PutEvents":
        refused = [{"ErrorCode": "InternalFailure", "ErrorMessage": "injected"} for _ in undone]
        return {"FailedEntryCount": len(refused), "Entries": [*refused, *answer["Entries"]]}
    if operation == "SendBulkEmail":
        reasons = ("TRANSIENT_FAILURE", "ACCOUNT_THROTTLED")
        later = [{"Status": reasons[index % 2], "Error": "injected"} for index, _ in enumerate(undone)]
        return {"BulkEmailEntryResults": [*later, *answer["BulkEmailEntryResults"]]}
    failed = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in undone]
    return {**answer, "Failed": failed}


@operations("SendBulkEmail")
def results_missing(_operation: str, _parameters: Mapping[str, Any], make: Make) -> Any:
    """Answer with one result too few, so that nobody can tell whose is missing."""
    return {"BulkEmailEntryResults": make()["BulkEmailEntryResults"][:-1]}


@operations("Query", "Scan")
def page_cut_short(_operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
    """Return one item, and where the next page starts, as DynamoDB does after 1 MB.

    This is none of `FAULTS`: most queries can never come to so much.
    """
    return make({**parameters, "Limit": 1})


FAULTS: Mapping[str, Fault] = {
    "killed before": killed_before,
    "killed after": killed_after,
    "killed halfway": killed_halfway,
    "answer lost": answer_lost,
    "throttled": throttled,
    "conflicted": conflicted,
    "item throttled": item_throttled,
    "partly done": partly_done,
    "results missing": results_missing,
}
DEADLY: Mapping[str, Fault] = {name: FAULTS[name] for name in ("killed before", "killed after", "answer lost")}


def at_once(world: World, other: Callable[[World], None], *, again: bool = False) -> Mapping[str, Fault]:
    """Return two faults in which every call succeeds: another container runs before the call, or after it.

    With ``again``, that container also gets the messages that the function is at work on.
    """

    def overtaken(_operation: str, _parameters: Mapping[str, Any], make: Make) -> Any:
        world.meanwhile(other, again=again)
        return make()

    def followed(_operation: str, _parameters: Mapping[str, Any], make: Make) -> Any:
        answer = make()
        world.meanwhile(other, again=again)
        return answer

    return {"overtaken": overtaken, "followed": followed}


@dataclass(frozen=True)
class Point:
    """One call of a scenario, broken in one way; ``disorder`` says that everything was delivered unruly afterwards."""

    number: int
    function: str
    service: str
    operation: str
    fault: str
    disorder: bool = False

    def __str__(self) -> str:
        after = ", then disorder" if self.disorder else ""
        return f"call {self.number} ({self.function}: {self.service} {self.operation}) {self.fault}{after}"


@dataclass
class Explored:
    """What an exploration did: how many points, and the ones after which the check failed."""

    points: int
    broken: list[tuple[Point, str]]
    kinds: set[Call] = field(default_factory=set)
    """Of the calls that were broken."""


def sample(every: int) -> Choice:
    """Choose each ``every``-th call, and the first of each kind that changes something or can be half done."""

    def choose(calls: Sequence[Call]) -> Iterable[int]:
        firsts = {call: number for number, call in reversed(list(enumerate(calls))) if call[2] not in READS}
        return sorted({*firsts.values(), *range(0, len(calls), every)})

    return choose


def made(operation: str) -> Choice:
    """Choose the calls of an operation."""
    return lambda calls: [number for number, call in enumerate(calls) if call[2] == operation]


def explore(
    world: World,
    act: Callable[[World], None],
    check: Callable[[World], None],
    *,
    faults: Mapping[str, Fault] = FAULTS,
    every: int = 1,
    times: int = 1,
    disorder: Callable[[int], Turn] | None = None,
    alternate: bool = False,
    rotate: bool = False,
    chosen: Choice | None = None,
) -> Explored:
    """Break each ``every``-th call of ``act``, or the ``chosen`` ones, in each way, and ``check`` each time.

    ``times`` is how many calls of the same operation break, one after the other. ``disorder`` makes, from a seed, the
    rounds in which everything is delivered after a fault. Each point is tried in the plain order and in disorder; with
    ``alternate``, in one of them by turns. With ``rotate``, the first call of each kind is broken in half of the
    ways, the others of its kind in one way each, by turns; other scenarios begin with other ways.
    """
    start = world.snapshot()
    world.restore(start)
    first = len(world.calls)
    act(world)
    calls = world.calls[first:]
    check(world)
    found = Explored(0, [])
    numbers = range(0, len(calls), every) if chosen is None else chosen(calls)
    for place, (number, name) in enumerate(_ways(calls, numbers, faults, rotate=rotate)):
        for unruly in _deliveries(place, disorder, alternate=alternate):
            point = Point(number, *calls[number], name, disorder=unruly)
            world.restore(start)
            turn = disorder(number) if disorder is not None and unruly else None
            world.tap = breaker = _Breaker(world, number, faults[name], turn, left=times)
            try:
                act(world)
                if breaker.done:
                    found.points += 1
                    found.kinds.add(calls[number])
                    check(world)
            except _NoSuchFault:
                continue
            except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001 - whatever came of it is what broke
                found.broken.append((point, str(failure) or repr(failure)))
    world.restore(start)
    return found


def _ways(
    calls: Sequence[Call], numbers: Iterable[int], faults: Mapping[str, Fault], *, rotate: bool
) -> Iterator[tuple[int, str]]:
    """Yield each number with the name of each fault that its operation can have, or with ``rotate`` of some."""
    before: Counter[Call] = Counter()
    for number in numbers:
        call = calls[number]
        names = [name for name, fault in faults.items() if can_break(call[2], fault)]
        if rotate and names:
            turn, before[call] = before[call], before[call] + 1
            first = (crc32(f"{len(calls)} {call}".encode()) + turn) % len(names)
            names = (names[first:] + names[:first])[: 1 if turn else ceil(len(names) / 2)]
        for name in names:
            yield number, name


def can_break(operation: str, fault: Fault) -> bool:
    """Tell whether an operation can have a fault."""
    return operation in _BROKEN_SO.get(fault, {operation})


def _deliveries(place: int, disorder: Callable[[int], Turn] | None, *, alternate: bool) -> tuple[bool, ...]:
    """Return for each delivery after a fault whether it is unruly."""
    if disorder is None:
        return (False,)
    return (place % 2 == 1,) if alternate else (False, True)


class _NoSuchFault(BaseException):
    """The call cannot break in this way. This ends the act, whatever is running."""


@dataclass
class _Breaker:
    """Breaks the call with this number, and the next of its operation while any is ``left``; others go through."""

    world: World
    number: int
    fault: Fault
    turn: Turn | None
    left: int
    seen: int = 0
    done: bool = False
    operation: str = ""

    def __call__(self, _service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        turn, self.seen = self.seen, self.seen + 1
        again = self.done and self.left and operation == self.operation
        if turn != self.number and not again:
            return make()
        self.operation, self.left, self.done = operation, self.left - 1, True
        if self.turn is not None:
            self.world.turn = self.turn
        answer = self.fault(operation, parameters, make)
        if answer is not NotImplemented:
            return answer
        if not again:
            raise _NoSuchFault
        return make()


def _cancelled(operation: str, parameters: Mapping[str, Any], code: str) -> Any:
    reasons = [{"Code": "None"} for _ in parameters["TransactItems"]]
    reasons[len(reasons) // 2] = {"Code": code}
    raise _refusal("TransactionCanceledException", operation, CancellationReasons=reasons)


def _listed(operation: str, parameters: Mapping[str, Any]) -> Sequence[Any]:
    """Return what a call that AWS takes apart is about."""
    if operation == "BatchGetItem":
        ((_, asked),) = parameters["RequestItems"].items()
        keys: Sequence[Any] = asked["Keys"]
        return keys
    listed: Sequence[Any] = parameters[LISTS[operation]]
    return listed


def _only(operation: str, parameters: Mapping[str, Any], entries: Sequence[Any]) -> Mapping[str, Any]:
    """Return the parameters of the same call about some of its entries."""
    if operation == "BatchGetItem":
        ((table, asked),) = parameters["RequestItems"].items()
        return {**parameters, "RequestItems": {table: {**asked, "Keys": entries}}}
    return {**parameters, LISTS[operation]: entries}


def _nothing(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to a call of which nothing was done."""
    if operation == "BatchGetItem":
        return {"Responses": {table: [] for table in parameters["RequestItems"]}}
    if operation == "SendMessageBatch":
        return {"Successful": []}
    return {"Entries": [], "BulkEmailEntryResults": []}


def _halves(entries: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Cut in two, the first not shorter."""
    middle = (len(entries) + 1) // 2
    return entries[:middle], entries[middle:]
