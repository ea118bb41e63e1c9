"""``make campaign-plan per_second=1667 units=5000``: what a launch asks of AWS, and what that costs.

It is arithmetic, and asks AWS nothing. Limits are DynamoDB's (a partition takes 1,000 write and 3,000 read units a
second, a new on-demand table 4,000 and 12,000 at once: developer guide, "warm throughput"); what a reservation takes is
what `make bench` measures. Prices are those of ``tests/benchmarks/prices.json``; that of warm throughput is taken to be
an hour of the same throughput provisioned, which AWS's price list should confirm before it is ordered.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from standby.platform.counted import counted
from standby.preorder.model import MOST_SHARDS

NEW_TABLE_WRITES, NEW_TABLE_READS = 4_000, 12_000
PARTITION_WRITES, PARTITION_READS = 1_000, 3_000
RESERVATION_WRITES = 8
"""Write units of a reservation on credit: four items, two units each. Two go to the line, which is one partition."""
LINE_WRITES, INDEX_WRITES = 2, 1
LOOK_READS, REFUSAL_READS = 2, 5
"""Read units of a look at 32 counters; of being refused: two looks, and whether it was reserved before."""
PER_COUNTER = 20
"""Reservations a second of a counter where few of those who meet at it have to try again."""
CALL_SECONDS, GIGABYTES = 0.1, 0.25
WRITE_USD, READ_USD = 0.625e-6, 0.125e-6
WARM_WRITE_USD, WARM_READ_USD = 0.00065, 0.00013
CALL_USD = 1.0e-6 + 0.2e-6 + CALL_SECONDS * GIGABYTES * 1.33334e-5
"""API Gateway's, Lambda's for the call, and for its time."""
NEW_ACCOUNT = 1_000
"""Functions that run at once, where the account's quota was not lowered."""


@dataclass(frozen=True)
class Plan:
    """What a launch needs. Its customers come at an even rate for ``seconds``, for ``skus`` alike."""

    per_second: int
    units: int
    seconds: int = 60
    skus: int = 1

    @property
    def reserved_per_second(self) -> int:
        """How many reservations a second there are at most: a SKU's line is one partition."""
        return min(self.per_second, self.skus * PARTITION_WRITES // LINE_WRITES)

    @property
    def shards(self) -> int:
        """How many counters each campaign wants."""
        return max(1, min(MOST_SHARDS, math.ceil(self.reserved_per_second / self.skus / PER_COUNTER)))

    @property
    def sold_out_after(self) -> float:
        """After how many seconds the last unit is reserved."""
        return self.units / self.reserved_per_second

    @property
    def writes_per_second(self) -> int:
        """Write units a second of the table Preorders; its index takes an eighth of that, of its own."""
        return self.reserved_per_second * RESERVATION_WRITES

    @property
    def reads_per_second(self) -> int:
        """Read units a second of the table Preorders, once nothing is left."""
        return self.per_second * REFUSAL_READS

    @property
    def warm(self) -> tuple[int, int]:
        """The warm throughput, writes and reads, that a new table lacks."""
        return max(0, self.writes_per_second - NEW_TABLE_WRITES), max(0, self.reads_per_second - NEW_TABLE_READS)

    @property
    def usd(self) -> dict[str, float]:
        """What it costs, once, in us-east-1."""
        customers = self.per_second * self.seconds
        refused = max(0, customers - self.units)
        writes, reads = self.warm
        return {
            "write units": min(customers, self.units) * (RESERVATION_WRITES + INDEX_WRITES) * WRITE_USD,
            "read units": (min(customers, self.units) * LOOK_READS + refused * REFUSAL_READS) * READ_USD,
            "calls": customers * CALL_USD,
            "warm throughput": writes * WARM_WRITE_USD + reads * WARM_READ_USD,
        }

    def lines(self) -> Iterator[str]:
        """Say it in words."""
        customers = self.per_second * self.seconds
        yield f"{customers:,} customers in {self.seconds} s want {self.units:,} units of {counted(self.skus, 'SKU')}"
        each = math.ceil(self.reserved_per_second / self.skus)
        yield f"campaign: expected_per_second {each}, shards {self.shards}"
        yield (
            f"at most {self.reserved_per_second:,} reservations a second: sold out after {self.sold_out_after:.0f} s"
        )
        if self.reserved_per_second < self.per_second:
            yield (
                f"who comes quicker than that ({PARTITION_WRITES // LINE_WRITES} a second and SKU) is answered 503 "
                "with Retry-After and tries again; nobody is told sold out while a unit is left"
            )
        yield f"table Preorders: {self.writes_per_second:,} write and {self.reads_per_second:,} read units a second"
        writes, reads = self.warm
        if writes or reads:
            yield (
                f"more than a new table takes at once ({NEW_TABLE_WRITES:,} and {NEW_TABLE_READS:,}): order warm "
                f"throughput of {NEW_TABLE_WRITES + writes:,} write and {NEW_TABLE_READS + reads:,} read units the day "
                "before; it stays"
            )
        else:
            yield "a new table takes that at once: no warm throughput is needed"
        if self.reads_per_second > self.skus * PARTITION_READS:
            yield (
                f"a campaign's counters are one partition at first, {PARTITION_READS:,} read units a second: let the "
                "storefront close its button by the badge, and some are answered 503 for a while"
            )
        at_once = math.ceil(self.per_second * CALL_SECONDS)
        quota = f", of {NEW_ACCOUNT:,}" if at_once <= NEW_ACCOUNT else f": ask for more than {NEW_ACCOUNT:,}"
        yield f"functions at once: {at_once:,}{quota} (service quota; a new account may have as few as 10)"
        said = ", ".join(f"{what} {usd:.2f}" for what, usd in self.usd.items())
        yield f"costs {sum(self.usd.values()):.2f} USD: {said}"


def main(arguments: list[str]) -> int:
    """Print the plan."""
    parser = argparse.ArgumentParser(description="plan a launch")
    parser.add_argument("--per-second", type=int, required=True, help="customers a second")
    parser.add_argument("--units", type=int, required=True, help="units of all SKUs together")
    parser.add_argument("--seconds", type=int, default=60, help="how long they keep coming")
    parser.add_argument("--skus", type=int, default=1, help="SKUs among which they choose alike")
    said = parser.parse_args(arguments)
    if min(said.per_second, said.units, said.seconds, said.skus) < 1:
        parser.error("all numbers must be above 0")
    for line in Plan(said.per_second, said.units, said.seconds, said.skus).lines():
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
