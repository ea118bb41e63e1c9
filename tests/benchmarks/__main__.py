"""``make bench``: measure every budget of design §10 that exists so far, and compare with bare boto3.

Figures of one machine mean little, so every one is a count, or a ratio taken inside one run (measured / budget). The
result is written to ``results.json`` and compared with the committed one.
"""

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from infra.local import emulator
from tests.benchmarks import telling
from tests.benchmarks.answering import answering
from tests.benchmarks.badges import badges, weight
from tests.benchmarks.browsing import browsing
from tests.benchmarks.claiming import claiming
from tests.benchmarks.cold_imports import cold_imports
from tests.benchmarks.delaying import delaying
from tests.benchmarks.feeding import feeding
from tests.benchmarks.figure import Figure
from tests.benchmarks.idle import idle
from tests.benchmarks.ordering import ordering
from tests.benchmarks.projecting import projecting
from tests.benchmarks.rehearsing import rehearsing
from tests.benchmarks.replaying import ROUNDS, replaying
from tests.benchmarks.reserving import launching
from tests.benchmarks.rushing import rushing
from tests.benchmarks.sweeping import sweeping
from tests.benchmarks.whole_product import whole_product
from tests.world import World

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
CUSTOMERS = 2_000
SMALL, LARGE = 500, 4_000
LONG_LIST = 100_000
SIGN_UPS = 60
MILLION = 1_000_000
GIGABYTES = 0.25


def tellings(world: World) -> list[Figure]:
    """Tell many customers: requests, write units, memory, the first mail, the cost."""
    told = telling.tell(world, "TELL", CUSTOMERS)
    small, large = (telling.tell(world, f"MEMORY-{count}", count, memory=True) for count in (SMALL, LARGE))
    thousands = told.customers / 1_000
    calls = told.meter.calls
    return [
        Figure("SES calls per 1,000 told", calls["sesv2.SendBulkEmail"] / thousands, 20, "calls"),
        Figure("DynamoDB requests per 1,000 told", calls["dynamodb"] / thousands, 150, "requests"),
        Figure("write units per customer told", told.meter.write_units / told.customers, 3, "units"),
        Figure(f"peak memory of telling {LARGE} beside {SMALL}", large.peak_bytes / small.peak_bytes, 1.3, "x"),
        Figure(
            f"calls before the first mail, {LARGE} waiting beside {SMALL}",
            (large.meter.first_mail_after or 0) / (small.meter.first_mail_after or 1),
            1.1,
            "x",
        ),
        cost(told),
    ]


def beside_fewest_calls(world: World) -> Figure:
    """Compare the CPU of all three functions with that of bare boto3 making the fewest calls, round by round."""
    rounds = [
        (
            sum(telling.tell(world, f"WHOLE-{number}", SMALL).cpu_seconds.values()) / SMALL,
            telling.bare(world, f"BARE-{number}", SMALL),
        )
        for number in range(ROUNDS)
    ]
    whole, bare = (1_000 * statistics.median(each) for each in zip(*rounds, strict=True))
    return Figure(
        "CPU per customer told, all three functions, beside the fewest calls",
        statistics.median(whole / bare for whole, bare in rounds),
        3.0,
        "x",
        f"{whole:.3f} ms, bare boto3 that reads the line, mails it and deletes it {bare:.3f}; "
        f"medians of {ROUNDS} rounds of {SMALL}",
    )


def cost(told: telling.Told) -> Figure:
    """Compute what telling 1,000,000 customers costs in AWS prices, beside SES alone.

    Calls, units and messages are the measured ones. Lambda's time is the measured CPU plus 5 ms a call for waiting; a
    message costs three SQS requests (sent, received, deleted) at worst; events are counted once per 64 KB or less.
    """
    prices: dict[str, float] = json.loads((HERE / "prices.json").read_text("utf-8"))["usd"]
    scale = MILLION / told.customers
    calls = sum(count for name, count in told.meter.calls.items() if "." not in name)
    seconds = sum(told.cpu_seconds.values()) + calls * 0.005
    ses = MILLION / 1_000 * prices["ses_per_thousand_mails"]
    others = {
        "write units": told.meter.write_units * scale / MILLION * prices["dynamodb_per_million_write_units"],
        "read units": told.meter.read_units * scale / MILLION * prices["dynamodb_per_million_read_units"],
        "queues": told.queue_messages * 3 * scale / MILLION * prices["sqs_per_million_requests"],
        "events": told.events * scale / MILLION * prices["eventbridge_per_million_events"],
        "functions": scale
        * (
            seconds * GIGABYTES * prices["lambda_arm_per_gigabyte_second"]
            + told.invocations / MILLION * prices["lambda_per_million_requests"]
        ),
    }
    beside = ", ".join([f"SES {ses:.2f} USD", *(f"{name} {usd:.2f}" for name, usd in others.items())])
    return Figure(
        "AWS cost of telling 1,000,000, beside SES alone", (ses + sum(others.values())) / ses, 1.05, "x", beside
    )


def sign_ups(world: World) -> Figure:
    """Sign up for a SKU with nobody waiting and with many waiting; the cost should not grow."""
    telling.fill(world, "LONG", LONG_LIST, start=MILLION)
    costs: dict[str, list[float]] = {"SHORT": [], "LONG": []}
    for number in range(SIGN_UPS):
        for sku, spent in costs.items():
            consent = {"wording": "1", "marketing": False, "at": "2026-05-03T10:00:00Z", "source": "bench"}
            body = {
                "email": f"{sku}-{number}@example.org",
                "skus": [sku],
                "quantity": 1,
                "locale": "en",
                "consent": consent,
            }
            before = time.perf_counter()
            status, said = world.request("waitlist_api", "POST", "/v1/waitlist/entries", body=body, scopes="storefront")
            spent.append(time.perf_counter() - before)
            assert status == 202, said
    ratio = statistics.median(costs["LONG"]) / statistics.median(costs["SHORT"])
    return Figure(f"sign-up with {LONG_LIST} waiting, beside nobody waiting", ratio, 1.2, "x")


def show(figures: list[Figure], last: dict[str, Any]) -> None:
    """Print every figure with its ratio, and the ratio of the last committed run."""
    for figure in figures:
        before = last.get(figure.name, {}).get("ratio")
        mark = "ok  " if figure.ratio <= 1 else "OVER"
        said = [
            (
                f"{mark} {figure.ratio:5.2f} of budget  {figure.name}: "
                f"{figure.measured:.3f} {figure.unit}, budget {figure.budget}"
            ),
        ]
        if before is not None:
            said.append(f"(last {before:.2f})")
        if figure.beside:
            said.append(f"\n{'':22}{figure.beside}")
        sys.stdout.write(" ".join(said) + "\n")


def main(arguments: list[str]) -> int:
    """Run all, print, write the results; 1 when a budget is missed."""
    parser = argparse.ArgumentParser(description="measure the budgets")
    parser.add_argument("--write", action="store_true", help="write results.json")
    write = parser.parse_args(arguments).write
    figures = [*idle(), *cold_imports(), *sweeping(), badges(), weight(), *whole_product(), *answering(), *feeding()]
    figures += [*claiming(), *launching(), *rushing(), *ordering(), *delaying(), *rehearsing(), *browsing()]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        running = emulator.start(Path(folder) / "run", port=emulator.free_port(), outputs=Path(folder) / "outputs.json")
        try:
            for name, value in running.environment().items():
                monkeypatch.setenv(name, value)
            world = telling.world_on(monkeypatch, running.address)
            telling.tell(world, "WARM-UP", 100)
            gc.collect()  # the first one, after which functions collect as they do while they work
            gc.freeze()  # the templates that the idle figure read are many objects, which no function has around it
            figures += [
                replaying(world),
                beside_fewest_calls(world),
                *tellings(world),
                sign_ups(world),
                projecting(world),
            ]
        finally:
            running.stop()
    last = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    show(figures, last)
    if write or not RESULTS.exists():
        kept = {
            figure.name: {
                "measured": round(figure.measured, 4),
                "budget": figure.budget,
                "ratio": round(figure.ratio, 4),
            }
            for figure in figures
        }
        RESULTS.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    return 0 if all(figure.ratio <= 1 for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
