"""What a large shop's product files must do: pass the inbox in bounded memory, and stand in the answers afterwards."""

import gzip
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from infra.local.client import Client, awaited, awaited_calm
from infra.local.emulator import Emulator
from infra.operations.letters import count, work_queues
from tests.load.product_files import CURRENCY, PAGE, SIZES, File, Item, google, google_xml, items, mapping, shopify
from tests.standby.imports.workbooks import xlsx

SKUS, LARGER = 50_000, 200_000
ROWS = 250_000
"""Of the stock file that comes packed."""
MOST_GROWTH = 1.3
"""How much of the reader's memory may grow from ``SKUS`` to ``LARGER``. Passes keep it flat."""
LOOKED_AT = 200
"""Products of which every answer is looked at; of the others the SKUs' badges."""
BADGES = 100
MOST_SECONDS = 7_200
READER = "-ReaderFunction"
WAITING: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
KIB, MEGABYTE = 1024, 1_000_000


@dataclass(frozen=True)
class ProductFiles:
    """Puts product files into one deployment's inbox and checks what came of them."""

    client: Client
    emulator: Emulator
    say: Callable[[str], None]
    _peaks: list[float] = field(default_factory=list)

    def go_through_the_inbox(self) -> None:
        """Import Google's feed, compare RSS and Shopify's export with it, lose half of it, and read a larger one."""
        sold = items(SKUS, of="FEED")
        self._save("google", complete=True)
        self._imported(google(sold), {"products": SKUS // len(SIZES), "skus": SKUS, "products_absent": 0})
        self._shown(sold, gone=())

        self._save("google-xml")
        self._compared(google_xml(sold), {"products_same": SKUS // len(SIZES), "skus_same": SKUS})
        self._save("shopify")
        others = items(SKUS, of="EXPORT")
        self._compared(shopify(others), {"products_new": SKUS // len(SIZES), "skus_new": SKUS})
        few = others[: SKUS // 25]
        self._imported(shopify(few), {"products": len(few) // len(SIZES), "skus": len(few)})
        self._shown(few, gone=())

        self._half_is_lost(sold)
        self._compared(google(items(LARGER, of="LARGER")), {"skus_new": LARGER})
        first, last = self._peaks[0], self._peaks[-1]
        self.say(f"  memory of {LARGER:,} rows beside {SKUS:,}: x {last / first:.2f}")
        assert last <= first * MOST_GROWTH, self._peaks
        letters = {
            queue.name: count(self.client.place.sqs, queue.dead_letters_url) for queue in work_queues(self.client.place)
        }
        assert {name: number for name, number in letters.items() if number} == {}

    def counts_come_packed(self) -> None:
        """Try the same stock file as text, packed and as a workbook: all three say the same, in bounded memory."""
        path, document = "/v1/imports/mappings/counts", {"columns": {"sku": 1, "on_hand": 2}, "location_id": "LOAD"}
        self.client.http.put(path, headers=self.client.key, json=document).raise_for_status()
        rows: list[tuple[str, Any]] = [
            ("Item", "Qty"),
            *((f"COUNT-{number:06}", number % 50) for number in range(ROWS)),
        ]
        text = "".join(f"{sku};{units}\n" for sku, units in rows).encode()
        totals = {"rows": ROWS, "levels": ROWS, "new": ROWS}
        for content in (text, gzip.compress(text), xlsx(rows)):
            self._read(File("counts", content, []), totals, dry_run=True)
        first, most = self._peaks[-3], max(self._peaks[-2:])
        self.say(f"  memory of packed files beside text: x {most / first:.2f}")
        assert most <= first * MOST_GROWTH, self._peaks

    def _half_is_lost(self, sold: Sequence[Item]) -> None:
        """Put a file there that names half of the products: nothing goes before somebody approves."""
        products = SKUS // len(SIZES)
        kept, lost = sold[: len(sold) // 2], sold[len(sold) // 2 :]
        report = self._imported(google(kept), {"products": products // 2, "products_absent": products // 2})
        path = f"/v1/catalog/absences/{report['absence_id']}"
        waits = awaited(lambda: self._state(path, "waiting_for_approval"), what="the brake", seconds=MOST_SECONDS)
        self._shown(sold, gone=())
        self.say(f"  half of the products are missing: {waits['brake']}, and all are there still")
        assert self.client.http.post(f"{path}/approve", headers=self.client.key).json()["state"] == "applying"
        awaited(lambda: self._state(path, "applied"), what="the absence applied", seconds=MOST_SECONDS)
        self._idle("what the absence changed")
        self._shown(kept, gone=lost)

    # ---- doing ----

    def _save(self, name: str, *, complete: bool = False) -> None:
        """Save the mapping of a format, under its name."""
        path = f"/v1/imports/mappings/{name}"
        self.client.http.put(path, headers=self.client.key, json=mapping(name, complete=complete)).raise_for_status()

    def _imported(self, file: File, totals: dict[str, int]) -> dict[str, Any]:
        """Import a file and wait until everybody has heard of it."""
        began = time.monotonic()
        report = self._read(file, totals, dry_run=False)
        self._idle("all that came of it")
        self.say(f"  what came of it was told everywhere after {time.monotonic() - began:.0f} s")
        return report

    def _compared(self, file: File, totals: dict[str, int]) -> None:
        """Read a file without writing anything."""
        self._read(file, totals, dry_run=True)

    def _read(self, file: File, totals: dict[str, int], *, dry_run: bool) -> dict[str, Any]:
        """Upload a file and wait for its report, which has to name such totals and every bad line."""
        http, key = self.client.http, self.client.key
        began, cpu = time.monotonic(), self._cpu_seconds()
        asked = http.post("/v1/imports/uploads", headers=key, json={"mapping": file.format, "dry_run": dry_run})
        leave = asked.raise_for_status().json()
        httpx.post(leave["url"], data=leave["fields"], files={"file": file.content}, timeout=60).raise_for_status()
        path = f"/v1/imports/{leave['import_id']}"
        started: list[float] = [0]

        def done() -> dict[str, Any] | None:
            started.extend(self._started_megabytes())
            return self._state(path, "done", "failed")

        report = awaited(done, what="its report", seconds=MOST_SECONDS, pause=1)
        cpu = self._cpu_seconds() - cpu
        assert report["state"] == "done", report
        rows = report["totals"]["rows"]
        self._peaks.append(max(_peak_megabytes(worker) for worker in self._readers()))
        self.say(
            f"{rows:,} rows of {file.format}, {len(file.content) / MEGABYTE:.1f} MB"
            f"{', a dry run' if dry_run else ''}: {time.monotonic() - began:.0f} s, passes {report['passes']}, "
            f"{rows / cpu:,.0f} rows per CPU second of the reader, its peak so far {self._peaks[-1]:.0f} MB, "
            f"of what it started {max(started):.0f} MB; "
            f"{len(file.bad_lines)} bad lines named"
        )
        assert {name: report["totals"][name] for name in totals} == totals, report["totals"]
        bad = [(line["line"], line["reason"]) for line in self._pages(f"{path}/bad-lines")]
        assert bad == [(number, bad[0][1]) for number in file.bad_lines], bad[:5]
        return report

    def _pages(self, path: str) -> Iterable[dict[str, Any]]:
        after: str | None = ""
        while after is not None:
            asked = {"after": after} if after else {}
            page = self.client.http.get(path, headers=self.client.key, params=asked).raise_for_status().json()
            yield from page["items"]
            after = page["next"]

    def _state(self, path: str, *states: str) -> dict[str, Any] | None:
        """Return what is shown there once its state is one of these."""
        answer = self.client.http.get(path, headers=self.client.key)
        found: dict[str, Any] = answer.json()
        return found if answer.status_code == httpx.codes.OK and found["state"] in states else None

    # ---- seeing ----

    def _shown(self, there: Sequence[Item], *, gone: Sequence[Item]) -> None:
        """Look at every SKU's badge, and at some products whole."""
        known = {item.sku: item.product_id for item in there} | dict.fromkeys(item.sku for item in gone)
        skus = list(known)
        for start in range(0, len(skus), BADGES):
            page = skus[start : start + BADGES]
            badges = {badge["sku"]: badge["product_id"] for badge in self.client.badges(*page)}
            assert badges == {sku: known[sku] for sku in page}, badges
        products = sorted({item.product_id for item in there})
        chosen = set(random.Random(SKUS).sample(products, min(LOOKED_AT, len(products))))
        wanted = {item.sku: item for item in there if item.product_id in chosen}
        for product_id in chosen:
            page = self.client.http.get(f"/v1/products/{product_id}/availability").raise_for_status().json()
            assert page["url"] == f"{PAGE}{product_id}"
            for variant in page["variants"]:
                item = wanted.pop(variant["sku"])
                assert page["title"] == item.title
                assert list(variant["options"].values()) == [item.size]
                assert variant["price"] == {"amount": item.price, "currency": CURRENCY}
        assert not wanted, list(wanted)[:3]
        self.say(f"  {len(known):,} badges and {len(chosen)} products whole are as the file says")

    def _idle(self, what: str) -> None:
        """Wait until nothing is on its way."""
        awaited_calm(self._waiting, calm=timedelta(seconds=3), what=what, seconds=MOST_SECONDS, pause=1)
        awaited(lambda: not self._waiting(), what=what, seconds=MOST_SECONDS)

    def _waiting(self) -> int:
        sqs = self.client.place.sqs
        found = [
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[*WAITING])["Attributes"]
            for name, url in self.client.outputs.items()
            if name.endswith("QueueUrl")
        ]
        return sum(int(attributes[name]) for attributes in found for name in WAITING)

    # ---- measuring ----

    def _readers(self) -> list[Path]:
        """Return the processes of the function that reads files."""
        command = ["ps", "-o", "pid=,args=", "--ppid", str(self.emulator.pid)]
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own words
        lines = (line.strip().partition(" ") for line in shown.splitlines())
        return [Path("/proc", pid) for pid, _, args in lines if READER in args]

    def _started_megabytes(self) -> list[float]:
        """Return the peaks of what these processes started: a workbook is read by a process of its own."""
        found = []
        for worker in self._readers():
            with suppress(OSError, StopIteration):  # either may end meanwhile
                started = (worker / "task" / worker.name / "children").read_text("utf-8").split()
                found.extend(_peak_megabytes(Path("/proc", each)) for each in started)
        return found

    def _cpu_seconds(self) -> float:
        """Return what these processes used so far."""
        return sum(_cpu_seconds(worker) for worker in self._readers())


def _cpu_seconds(process: Path) -> float:
    fields = (process / "stat").read_text("utf-8").rpartition(")")[2].split()
    # utime, stime, and those of the processes that it started and that ended, of proc(5), counted from the third
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _peak_megabytes(process: Path) -> float:
    status = (process / "status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * KIB / MEGABYTE
