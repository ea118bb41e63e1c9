"""Eight clients at once: each public route of the shelf beside an empty function that reads the same.

A client is a process with a function of its own, since Lambda gives a function one request at a time. DynamoDB's
answers are those that the routes got in a shop in memory, and come at once; the SDK reads them, in the empty function,
too. So this compares the work of our Python, on cores that all clients share. A function that does not even read is
done in 0.05 ms here and is named beside. On the local AWS it takes 22 ms and a route 20 to 50 times that (measured,
eight clients on two busy cores), most of it the emulator's DynamoDB, which answers one call at a time.
"""

import contextlib
import functools
import json
import multiprocessing
import os
import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore import xform_name
from standby.platform import dynamodb
from standby.platform.http import PUBLIC, resolver
from standby.platform.observability import logger, metrics

from tests.benchmarks.badges import answering as at_once
from tests.benchmarks.badges import function
from tests.benchmarks.figure import Figure
from tests.gateway import http_event
from tests.standby.availability.storefront import QUEUE, Storefront, product_changed, variant
from tests.world import Context, furnish

OPENAPI = Path(__file__).parents[2] / "openapi.json"
FUNCTION = "availability_api"
CLIENTS = 8
WARM_UPS, ROUNDS, EACH = 2, 8, 5
"""Rounds that are not counted and that are, and requests of a client in one."""
CPU_BUDGET, TAIL_BUDGET = 2.5, 4.0
"""The tail is mostly who waited for a core. So is the median time of who needs more than one turn at a core: a route of
twice the work took 2 to 5 times as long from run to run. Its work is measured instead."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
NOTHING = "GET /v1/nothing"
READS = "the same reads"
SHELF = "Availability"
PRODUCT = "bench"
SKUS = [f"BENCH-{number}" for number in range(100)]
CATEGORY, OTHERS = "benches", [f"other-{number}" for number in range(40)]
"""Products that may be bought instead."""
STORES, HOURS = 12, {"sun": ["09:00", "17:30"], "mon": [["09:00", "13:00"], ["16:00", "19:30"]]}
SAID = {"product_id": PRODUCT, "sku": SKUS[0], "near": "32.08,34.78"}
"""What stands for the parameters that a route must have."""


class Read(NamedTuple):
    """A call of DynamoDB: its operation, its parameters, and the answer's body."""

    operation: str
    parameters: Mapping[str, Any]
    answer: str


class Took(NamedTuple):
    """What a request took, in milliseconds."""

    cpu: float
    wall: float


class Recorded(NamedTuple):
    """What a route read when it was asked for the first time, and what it reads from then on; its answer's length."""

    first: list[Read]
    again: list[Read]
    length: int


class Asking(NamedTuple):
    """A request of a route."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None


LARGE = {
    "GET /v1/availability": Asking("GET", "/v1/availability", tuple(("sku", sku) for sku in SKUS)),
    "POST /v1/availability/check": Asking(
        "POST", "/v1/availability/check", body={"lines": [{"sku": sku, "quantity": 2} for sku in SKUS]}
    ),
    "POST /v1/listings/rank": Asking("POST", "/v1/listings/rank", body={"skus": SKUS}),
}
"""What is asked at most, where a body or a list says how much; other routes are asked for the product of these SKUs."""


def askings() -> dict[str, Asking]:
    """Return a request for each public route of the function."""
    made = {}
    for path, operations in json.loads(OPENAPI.read_text("utf-8"))["paths"].items():
        for method, operation in operations.items():
            if operation["x-function"] == FUNCTION and not operation["security"]:
                name = f"{method.upper()} {path}"
                made[name] = LARGE.get(name) or _asking(method.upper(), path, operation.get("parameters", ()))
    return made


def _asking(method: str, path: str, parameters: Iterable[Mapping[str, Any]]) -> Asking:
    needed = [each["name"] for each in parameters if each.get("required") and each["in"] == "query"]
    return Asking(method, path.format_map(SAID), tuple((name, SAID[name]) for name in needed))


def recorded() -> dict[str, Recorded]:
    """Ask for each route in a shop in memory, and return what was read."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        world = furnish(monkeypatch)
        front = Storefront(world)
        said = (variant(sku, 1, position=place, options={"Size": str(place)}) for place, sku in enumerate(SKUS))
        world.send(QUEUE, product_changed(PRODUCT, 1, *said, options=["Size"], category=CATEGORY))
        for name in OTHERS:
            world.send(QUEUE, product_changed(name, 1, variant(f"{name}-1", 1), category=CATEGORY))
        world.settle()
        for place, sku in enumerate((*SKUS, *(f"{name}-1" for name in OTHERS))):
            front.counts(sku, place % 5)
        for number in range(STORES):
            name = f"store-{number}"
            front.describes(name, name=name, latitude=32 + number / 100, longitude=34.8, hours=HOURS)
            store = Storefront(world, location=name)
            for sku in SKUS[number::STORES]:
                store.counts(sku, 1 + number % 4)
        found = {}
        for name, asking in askings().items():
            first: list[Read] = []
            again: list[Read] = []
            for kept in (first, again):
                world.tap = functools.partial(_keep, kept)
                answer = world.run(FUNCTION, event(asking))
                assert answer["statusCode"] == 200, f"{name}: {answer}"
            found[name] = Recorded(first, again, len(answer["body"]))
    return found


def _keep(kept: list[Read], service: str, operation: str, parameters: Any, make: Callable[[], Any]) -> Any:
    answer = make()
    if service == "dynamodb":
        kept.append(Read(operation, parameters, json.dumps(answer)))
    return answer


def event(asking: Asking) -> dict[str, Any]:
    """Return a request as the gateway hands it on."""
    return http_event(asking.method, asking.path, query=list(asking.query), body=asking.body)  # type: ignore[arg-type] # pairs


def answering() -> list[Figure]:
    """Measure the median work and the slowest hundredth of each route, as multiples of the empty function's."""
    read = recorded()
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(CLIENTS)
    pipes, clients = [], []
    for _ in range(CLIENTS):
        ours, theirs = context.Pipe()
        pipes.append(ours)
        clients.append(context.Process(target=_client, args=(read, together, theirs), daemon=True))
        clients[-1].start()
    took: dict[str, list[Took]] = {}
    for pipe in pipes:
        for name, spent in pipe.recv().items():
            took.setdefault(name, []).extend(spent)
    for client in clients:
        client.join()
    return figures(took)


def _client(read: Mapping[str, Recorded], together: Any, pipe: Any) -> None:
    """Tell what `rounds` took."""
    pipe.send(rounds(read, together))


def rounds(read: Mapping[str, Recorded], together: Any) -> dict[str, list[Took]]:
    """Send requests in rounds. All clients ask for the same route at the same time. Return what they took."""
    reads = [one for route in read.values() for one in (*route.first, *route.again)]
    known = {_written(one.parameters): one.answer.encode() for one in reads}
    empty_event = http_event("GET", NOTHING.partition(" ")[2])
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
    ):
        ours = function(monkeypatch, functools.partial(at_once, answer=lambda body: known[_written(json.loads(body))]))
        monkeypatch.setenv("SHELF_TABLE", SHELF)  # where the shop in memory has it
        asked = {NOTHING: (_empty([]), empty_event, 0)}
        for name, asking in askings().items():
            asked[name] = (ours, event(asking), read[name].length)
            asked[f"{name}, {READS}"] = (_empty(read[name].again), empty_event, 0)
        took: dict[str, list[Took]] = {name: [] for name in asked}
        for number in range(WARM_UPS + ROUNDS):
            for name, (handler, request, length) in asked.items():
                together.wait()
                for _ in range(EACH):
                    begun, worked = time.perf_counter(), time.thread_time()
                    answer = handler(request)
                    worked = time.thread_time() - worked
                    spent = Took(worked * 1_000, (time.perf_counter() - begun) * 1_000)
                    assert answer["statusCode"] == 200, f"{name}: {answer}"
                    # An answer that says what is open now has other words at another hour.
                    assert len(answer["body"]) >= length * 0.9, f"{name}: less than in the shop in memory"
                    if number >= WARM_UPS:
                        took[name].append(spent)
    return took


def _written(parameters: Any) -> str:
    """Return a request by which its answer is found again: what is asked of an instant is asked of now each time."""
    return INSTANT.sub("now", json.dumps(parameters, sort_keys=True))


def _empty(reads: Iterable[Read]) -> Callable[..., Any]:
    """Return the handler of a function that has all that ours have, reads the same, and makes nothing of it."""
    app, log, counts = resolver(), logger("availability"), metrics("availability")
    client = dynamodb.client()
    calls = [functools.partial(getattr(client, xform_name(read.operation)), **read.parameters) for read in reads]

    @app.operation(NOTHING, "Do nothing", {200: "nothing"}, scope=PUBLIC)
    def nothing() -> dict[str, str]:
        for call in calls:
            call()
        return {}

    @log.inject_lambda_context
    @counts.log_metrics
    def handler(event: dict[str, Any], context: Any) -> Any:
        return app.resolve(event, context)

    return lambda event: handler(event, Context())


def figures(took: Mapping[str, list[Took]]) -> list[Figure]:
    """Return two figures a route."""
    bare = _spread(took[NOTHING])
    made = []
    for name in askings():
        ours, empty = (_spread(took[each]) for each in (name, f"{name}, {READS}"))
        for place, (part, budget) in enumerate((("CPU", CPU_BUDGET), ("p99", TAIL_BUDGET))):
            beside = (
                f"{ours[place]:.1f} ms, the empty function {empty[place]:.1f}, without reading {bare[place]:.2f}, "
                f"of {len(took[name])} requests each"
            )
            title = f"{part} of {name}, {CLIENTS} clients at once"
            made.append(Figure(title, ours[place] / empty[place], budget, "x an empty function's same reads", beside))
    return made


def _spread(spent: list[Took]) -> tuple[float, float]:
    """Return the median of the work, and the 99th percentile of the time."""
    wall = [each.wall for each in spent]
    return statistics.median(each.cpu for each in spent), statistics.quantiles(wall, n=100, method="inclusive")[98]
