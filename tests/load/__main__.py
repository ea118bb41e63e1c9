"""``make load``: many people, many SKUs, many clients and dying workers on a local AWS of its own; figures printed.

The promises are checked after every part: nobody lost, nobody told twice beyond what promise 3 allows, nothing in the
dead letters. A broken one makes the command fail. ``only=told,batch`` chooses parts.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from infra.local import emulator
from infra.local.client import Client
from infra.local.deployment import Deployment
from infra.local.emulator import Emulator
from tests.benchmarks import telling
from tests.load.bookshops import bookshops
from tests.load.crowds import Crowds
from tests.load.feeds import ProductFiles
from tests.load.guesses import guesses
from tests.load.rushes import in_processes

SMALL, LARGE = 10_000, 100_000
MOST_GROWTH = 1.3
"""How much memory, and CPU per customer, may grow from ``SMALL`` to ``LARGE``. Paging keeps both flat."""
OTHERS = ("process", "preorder")
"""The parts that need no deployment."""
ASKED_FOR = ("oscar",)
"""The parts that need an environment of their own: `make oscar-load`."""
KIB, MEGABYTE = 1024, 1_000_000
PARALLEL_FUNCTIONS = 64
"""Enough for 16 clients and every queue's functions together. A new AWS account has fewer, others 1,000."""


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def crowds(running: Emulator, outputs: Path) -> Crowds:
    """Deploy the product and return the crowds that will use it."""
    deployment = Deployment(running, outputs)
    return Crowds(Client(deployment.place, deployment.deploy()), running, say, outputs)


def in_process(running: Emulator) -> None:
    """Tell 10,000 and 100,000 in this process, DynamoDB and SES on the emulator: CPU a customer, peak memory.

    The process's peak only ever grows, so the small run comes first.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Standby")
        world = telling.world_on(monkeypatch, running.address)
        telling.tell(world, "WARM-UP", 100)
        cpu: dict[int, float] = {}
        peak: dict[int, float] = {}
        for customers in (SMALL, LARGE):
            began = time.monotonic()
            with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):  # the metrics
                told = telling.tell(world, f"LINE-{customers}", customers)
            cpu[customers] = sum(told.cpu_seconds.values()) / customers * 1_000
            peak[customers] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB / MEGABYTE
            shares = ", ".join(f"{name} {spent / customers * 1_000:.3f}" for name, spent in told.cpu_seconds.items())
            say(f"{customers:,} told in this process, {time.monotonic() - began:.0f} s with putting them in line:")
            say(f"  {cpu[customers]:.3f} ms CPU a customer ({shares}), {told.invocations:,} invocations")
            say(f"  {peak[customers]:.1f} MB at the process's peak so far")
    growth = {name: figures[LARGE] / figures[SMALL] for name, figures in {"CPU": cpu, "memory": peak}.items()}
    say(f"  {LARGE:,} beside {SMALL:,}: CPU a customer x {growth['CPU']:.2f}, peak memory x {growth['memory']:.2f}")
    assert max(growth.values()) <= MOST_GROWTH, growth


def a_large_file() -> None:
    """Read a full count of 250,000 rows into a ledger, in a process of its own, whose peak of memory is printed."""
    ended = subprocess.run([sys.executable, "-m", "tests.benchmarks.importing"], check=False)
    assert ended.returncode == 0, "the levels are not those of the independent calculation"


def product_files(shop: Crowds) -> None:
    """Put product files of 50,000 SKUs into the inbox."""
    ProductFiles(shop.client, shop.emulator, say).go_through_the_inbox()


def packed_files(shop: Crowds) -> None:
    """Put a stock file of 250,000 rows into the inbox: as text, packed by gzip, and as a workbook."""
    ProductFiles(shop.client, shop.emulator, say).counts_come_packed()


def guessed_codes(shop: Crowds) -> None:
    """Guess codes of vouchers."""
    guesses(shop.client, say)


def real_shop(shop: Crowds) -> None:
    """Let customers come to a shop on django-oscar, with Standby and without."""
    bookshops(shop.client, shop.outputs, say)


def main(arguments: list[str]) -> int:
    """Run the parts; 1 when a promise was broken."""
    parts: Mapping[str, Callable[[Crowds], None]] = {
        "signups": Crowds.two_thousand_sign_up,
        "told": Crowds.ten_thousand_are_told,
        "batch": Crowds.a_thousand_skus_come_back,
        "files": product_files,
        "packed": packed_files,
        "guesses": guessed_codes,
        "oscar": real_shop,
        "killed": Crowds.workers_die,  # last, because it lets messages come back sooner than a file is read
    }
    parser = argparse.ArgumentParser(description="load the local AWS")
    parser.add_argument(
        "--only",
        default=",".join(name for name in (*parts, *OTHERS) if name not in ASKED_FOR),
        help="parts, separated by commas",
    )
    chosen = parser.parse_args(arguments).only.split(",")
    unknown = set(chosen) - {*parts, *OTHERS}
    if unknown:
        parser.error(f"there are no parts {', '.join(sorted(unknown))}")
    broken = _kept(a_large_file, "files") if "files" in chosen else 0
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder) / "outputs.json"
        running = emulator.start(
            Path(folder) / "run",
            port=emulator.free_port(0),
            outputs=outputs,
            parallel_functions=PARALLEL_FUNCTIONS,
        )
        try:
            shop = crowds(running, outputs) if set(chosen) & set(parts) else None
            for name, part in parts.items():
                if shop is not None and name in chosen:
                    broken += _kept(lambda part=part: part(shop), name)  # type: ignore[misc]
            if "preorder" in chosen:
                broken += _kept(lambda: in_processes(running, say), "preorder")
            if "process" in chosen:
                broken += _kept(lambda: in_process(running), "process")
        finally:
            running.stop()
    say("every promise was kept" if not broken else f"{broken} parts broke a promise")
    return 1 if broken else 0


def _kept(part: Callable[[], None], name: str) -> int:
    """Run a part; return 1 when one of its promises was broken."""
    try:
        part()
    except AssertionError as broken:
        say(f"BROKEN in {name}: {broken}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
