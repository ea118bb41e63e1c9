"""A rehearsal of a policy: CPU beside reading the same file, and peak memory beside that of a quarter of it."""

import csv
import json
import tempfile
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path

from standby.compensation.reading import policy_of
from standby.compensation.rehearsing import Rehearsal

from infra.operations.rehearsal.orders import PastOrders
from tests.benchmarks.badges import beside_one_another
from tests.benchmarks.figure import Figure

ROWS = 20_000
MEMORY_ROWS, MEMORY_SMALL = 200_000, 50_000
LATE = 14
"""One in so many is late, as of the 9,206 real orders of `infra.local.replay_orders`."""
CPU_BUDGET = 4.0
MEMORY_BUDGET = 5.0
"""What is kept is of the orders that were given something, and caps hold for each of them: four times at most, and the
tables that grow by doubling."""
FIRST = date(2026, 1, 1)
EXAMPLE = Path(__file__).parents[2] / "infra" / "operations" / "rehearsal" / "example_policy.json"
POLICY = json.loads(EXAMPLE.read_text("utf-8")) | {"monthly_budget": [{"currency": "BRL", "amount": 10**12}]}


def written(path: Path, rows: int) -> Path:
    """Write so many orders, and return their file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("order_id", "promised_until", "delivered_on", "order_value", "currency", "tier", "customer"))
        for number in range(rows):
            promised = FIRST + timedelta(days=number % 700)
            came = promised + timedelta(days=number % 20 + 1 if number % LATE == 0 else -1)
            out.writerow((f"ORDER-{number}", promised, came, "49.90", "BRL", "gold", f"C-{number % 9_000}"))
    return path


def rehearsed(path: Path) -> Rehearsal:
    """Rehearse the example's policy on a file."""
    return Rehearsal(policy_of(POLICY, version=0)).take_all(PastOrders(path=path, zone=UTC).late())


def read(path: Path) -> int:
    """Read a file and the two days of each row, and do nothing with them; return how many rows there are."""
    return sum(1 for _ in _days(path))


def _days(path: Path) -> Iterator[tuple[date, date]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield date.fromisoformat(row["promised_until"]), date.fromisoformat(row["delivered_on"])


def peak(path: Path) -> int:
    """Return the most bytes that a rehearsal takes."""
    tracemalloc.start()
    try:
        rehearsed(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def rehearsing() -> list[Figure]:
    """Rehearse files of several sizes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        file = written(place / "orders.csv", ROWS)
        assert rehearsed(file).late == -(-ROWS // LATE)
        assert read(file) == ROWS
        ratio, took = beside_one_another(lambda: rehearsed(file), lambda: read(file), calls=1)
        small, large = (peak(written(place / f"{rows}.csv", rows)) for rows in (MEMORY_SMALL, MEMORY_ROWS))
    return [
        Figure("a rehearsal", ratio, CPU_BUDGET, "x reading its file", f"{ROWS / took * 1_000:,.0f} rows a CPU second"),
        Figure(
            f"peak memory of rehearsing {MEMORY_ROWS:,} orders beside {MEMORY_SMALL:,}",
            large / small,
            MEMORY_BUDGET,
            "x",
            f"{large / 1e6:.1f} MB, {1e6 / MEMORY_ROWS * large / 1e6:.0f} MB for a million at that rate",
        ),
    ]
