"""What a complete file of a feed does not name of what the feed brought before: found, listed, and let be decided."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from standby.catalog.absences.model import Absence, Losing, Unread, waits
from standby.catalog.absences.service import decision
from standby.catalog.feeds.comparison import SKUS
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.counted import counted
from standby.platform.observability import logger
from standby.platform.queue import Outgoing, Queue

if TYPE_CHECKING:
    from standby.imports.passes import Job

INDEX_LAG_SECONDS = 5
"""How long a product may be missing from the index of what a feed brought. So long the file's reading waits, after it
was announced: words of older files that are taken in later know of it, and those taken in before stand in the index."""
LISTED = 25
"""Products in one list, which are taken in by one job: as many as messages in a part."""
log = logger("catalog")
TOTALS = {
    "known": "products_known",
    "absent": "products_absent",
    "held": "products_held",
    "skus_known": "skus_known",
    "skus_absent": "skus_absent",
}
"""How the report calls what is decided about (`standby.catalog.absences.service.FOUND`)."""


class Lists(Protocol):
    """Where absences are written down."""

    def members(self, feed: str) -> Iterator[str]:
        """Yield the products that a feed brought, page by page. The index follows late."""
        ...

    def announce(self, absence: Absence, *, now: datetime) -> None:
        """Write down that a file is going to be read; idempotent."""
        ...

    def end(self, absence_id: str, state: Unread, reason: str, *, now: datetime) -> None:
        """Note that a file was not read to its end; idempotent."""
        ...

    def skus(self, product_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return the SKUs of some products that are known."""
        ...

    def keep(self, absence_id: str, place: str, losing: Losing, *, now: datetime) -> bool:
        """Write down a product's word until somebody decides; ``False`` for one that no item has room for."""
        ...

    def enlist(self, absence_id: str, place: str, product_ids: Sequence[str], *, now: datetime) -> None:
        """Write down some products that a file does not name; a list at the same place is replaced."""
        ...


@dataclass
class Completeness:
    """One pass of a complete file, beside what its feed brought before."""

    lists: Lists
    updates: Queue
    job: "Job"
    found: dict[str, int] = field(default_factory=dict)
    """What this pass found, by the names of `TOTALS`."""
    absent: list[str] = field(default_factory=list)
    """Products of this pass's part that the file does not name."""
    losing: dict[str, list[str]] = field(default_factory=dict)
    """Products of it whose words wait, with the SKUs that they would lose."""

    @property
    def absence_id(self) -> str:
        """Return the absence's id. It names the mapping's version: a file read by a changed mapping is another one."""
        version = (self.job.mapping or {}).get("version") or 0
        return f"{self.job.import_id}-{to_milliseconds(self.job.put_at)}-{version}"

    def announce(self, *, now: datetime) -> None:
        """Write down that the file is going to be read."""
        put_at = self.job.put_at
        absence = Absence(
            absence_id=self.absence_id,
            feed=self.job.mapping_name,
            key=self.job.key,
            as_of=to_text(put_at),
            moment=to_milliseconds(put_at) * 1000,
        )
        self.lists.announce(absence, now=now)

    def look(
        self, named: Mapping[str, Collection[str]], elsewhere: Collection[str], left_out: Collection[str], *, lost: int
    ) -> dict[str, int]:
        """Compare what the feed brought with what this pass's part of the file names, and return totals.

        ``named`` has the SKUs of each product that the file names; what is ``left_out`` of them is not sent, and loses
        nothing. SKUs that stand ``elsewhere`` in the file have moved. Where too many of the others vanish, or nobody
        can tell whether they do, the words by which they would wait for a person, as the absent products do.
        """
        known, self.absent, staying = 0, [], []
        for product_id in self.lists.members(self.job.mapping_name):
            if self.job.owns((product_id,)):
                known += 1
                if product_id in left_out:
                    continue
                if named.get(product_id):
                    staying.append(product_id)
                elif product_id not in named:
                    self.absent.append(product_id)
        before = self.lists.skus(staying)
        gone = {
            product_id: [sku for sku in skus if sku not in named[product_id] and sku not in elsewhere]
            for product_id, skus in before.items()
        }
        skus_known, skus_absent = (sum(map(len, each.values())) for each in (before, gone))
        stops = waits(known=skus_known, absent=skus_absent, doubt=_doubt(lost, self.job.key))
        self.losing = {product_id: skus for product_id, skus in gone.items() if skus} if stops else {}
        self.found = {
            "known": known,
            "absent": len(self.absent),
            "held": len(self.losing),
            "skus_known": skus_known,
            "skus_absent": skus_absent,
        }
        return {TOTALS[name]: number for name, number in self.found.items()}

    def hold(self, words: Mapping[str, Mapping[str, Any]], *, now: datetime) -> None:
        """Write down the words about products that would lose SKUs. One that no item has room for is not taken."""
        for number, product_id in enumerate(words):
            losing = Losing(product_id, self.losing[product_id], words[product_id])
            if not self.lists.keep(self.absence_id, f"{self.job.number:04}-{number:06}", losing, now=now):
                log.error("a product's word is too long to wait", extra={"product_id": product_id})

    def send(self, *, lost: int, last: bool, now: datetime) -> None:
        """List what is absent, and after the last pass let it be decided; a repeated pass does the same again."""
        absent = iter(self.absent)
        page = 0
        while product_ids := list(islice(absent, LISTED)):
            self.lists.enlist(self.absence_id, f"{self.job.number:04}-{page:06}", product_ids, now=now)
            page += 1
        if last:
            doubt = _doubt(lost, self.job.key)
            self.updates.send([Outgoing.of(decision(self.absence_id, self._all(), doubt=doubt))])

    def compare(self, differs: Callable[[Mapping[str, Any]], None], *, lost: int) -> dict[str, int]:
        """Report in a dry run what is absent, and return whether a person would have to look."""
        for product_id in self.absent:
            differs({"product_id": product_id, "what": "absent", "fields": [], **dict.fromkeys(SKUS, 0)})
        found = self._all()
        stops = found["held"] or waits(known=found["known"], absent=found["absent"], doubt=_doubt(lost, self.job.key))
        return {"would_wait": int(bool(stops))}

    def _all(self) -> dict[str, int]:
        """Return what all passes so far found, as it is decided about."""
        return {name: self.job.totals.get(TOTALS[name], 0) + number for name, number in self.found.items()}


def _doubt(lost: int, key: str) -> str | None:
    return f"of {counted(lost, 'line')} of {key} nobody can tell the product" if lost else None
