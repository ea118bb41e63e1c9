"""Break every AWS call of a scenario in turn, in every way that AWS or a crash can, and check what must still hold.

A scenario is an act on a `World` (messages in, everything run until quiet) and a check of the promises afterwards. The
act runs once unbroken to learn its calls; then once per call and fault, from the same snapshot. After the fault
everything is redelivered, as SQS and the stream do, and runs unbroken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.world import Killed, World

Make = Callable[[], Any]
Fault = Callable[[str, Mapping[str, Any], Make], Any]
"""Answers in a call's place, given the operation, its parameters and the call; ``NotImplemented``: no such fault."""


def _refusal(code: str, operation: str, **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "injected"}, **more}, operation)  # type: ignore[typeddict-item]


def killed_before(_operation: str, _parameters: Mapping[str, Any], _make: Make) -> Any:
    """End the process before the call."""
    raise Killed


def killed_after(_operation: str, _parameters: Mapping[str, Any], make: Make) -> Any:
    """Make the call and end the process before its answer is seen."""
    make()
    raise Killed


def answer_lost(_operation: str, _parameters: Mapping[str, Any], make: Make) -> Any:
    """Make the call; its answer never comes."""
    make()
    raise ReadTimeoutError(endpoint_url="https://aws.example")


def throttled(operation: str, _parameters: Mapping[str, Any], _make: Make) -> Any:
    """Refuse the call for its rate, after the SDK's own retries."""
    code = "TooManyRequestsException" if operation.startswith("SendBulk") else "ThrottlingException"
    raise _refusal(code, operation)


def conflicted(operation: str, parameters: Mapping[str, Any], _make: Make) -> Any:
    """Cancel a transaction because another one touches an item of it."""
    if operation != "TransactWriteItems":
        return NotImplemented
    reasons = [{"Code": "TransactionConflict"}, *({"Code": "None"} for _ in parameters["TransactItems"][1:])]
    raise _refusal("TransactionCanceledException", operation, CancellationReasons=reasons)


def partly_done(operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
    """Do half of a batch and report the other half as not done, without an error."""
    if operation == "BatchGetItem":
        answer = make()
        ((table, items),) = answer["Responses"].items()
        if not items:
            return NotImplemented
        unasked = {**parameters["RequestItems"][table], "Keys": parameters["RequestItems"][table]["Keys"]}
        return {**answer, "Responses": {table: []}, "UnprocessedKeys": {table: unasked}}
    entries = {"SendMessageBatch": "Entries", "PutEvents": "Entries"}.get(operation)
    if entries is None:
        return NotImplemented
    return _half_refused(operation, parameters)


def _half_refused(operation: str, parameters: Mapping[str, Any]) -> Any:
    if operation == "PutEvents":
        refused = [{"ErrorCode": "InternalFailure", "ErrorMessage": "injected"} for _ in parameters["Entries"]]
        return {"FailedEntryCount": len(refused), "Entries": refused}
    failed = [{"Id": entry["Id"], "Code": "InternalError", "SenderFault": False} for entry in parameters["Entries"]]
    return {"Successful": [], "Failed": failed}


FAULTS: Mapping[str, Fault] = {
    "killed before": killed_before,
    "killed after": killed_after,
    "answer lost": answer_lost,
    "throttled": throttled,
    "conflicted": conflicted,
    "partly done": partly_done,
}


@dataclass(frozen=True)
class Point:
    """One call of a scenario, broken in one way."""

    number: int
    function: str
    service: str
    operation: str
    fault: str

    def __str__(self) -> str:
        return f"call {self.number} ({self.function}: {self.service} {self.operation}) {self.fault}"


@dataclass
class Explored:
    """What an exploration did: how many points, and the ones after which the check failed."""

    points: int
    broken: list[tuple[Point, str]]


def explore(
    world: World,
    act: Callable[[World], None],
    check: Callable[[World], None],
    *,
    faults: Mapping[str, Fault] = FAULTS,
    every: int = 1,
) -> Explored:
    """Break each ``every``-th call of ``act`` in each way and ``check`` each time; return what broke."""
    start = world.snapshot()
    first = len(world.calls)
    act(world)
    check(world)
    calls = world.calls[first:]
    points, broken = 0, []
    for number in range(0, len(calls), every):
        for name, fault in faults.items():
            point = Point(number, *calls[number], name)
            world.restore(start)
            breaker = _Breaker(number, fault)
            world.tap = breaker
            try:
                act(world)
                if breaker.done:
                    points += 1
                    check(world)
            except AssertionError as failure:
                broken.append((point, str(failure)))
    world.restore(start)
    return Explored(points, broken)


@dataclass
class _Breaker:
    """Breaks the call with this number; later calls go through."""

    number: int
    fault: Fault
    seen: int = 0
    done: bool = False

    def __call__(self, _service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        turn, self.seen = self.seen, self.seen + 1
        if turn != self.number:
            return make()
        self.done = True
        answer = self.fault(operation, parameters, make)
        if answer is NotImplemented:
            self.done = False
            return make()
        return answer
