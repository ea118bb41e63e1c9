"""What a complete file of a feed does not name of what the feed brought before: found, listed, and let be decided."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from standby.catalog.absences.model import Absence, Unread, waits
from standby.catalog.absences.service import decision
from standby.catalog.feeds.comparison import SKUS
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.counted import counted
from standby.platform.queue import Outgoing, Queue

if TYPE_CHECKING:
    from standby.imports.passes import Job

INDEX_LAG_SECONDS = 5
"""How long a product may be missing from the index of what a feed brought. So long the file's reading waits, after it
was announced: words of older files that are taken in later know of it, and those taken in before stand in the index."""
LISTED = 25
"""Products in one list, which are taken in by one job: as many as messages in a part."""
KNOWN, ABSENT = "products_known", "products_absent"
"""Totals of the report: products that the feed brought, and those of them that the file does not name."""


class Found(TypedDict):
    """What is decided about."""

    known: int
    absent: int
    doubt: str | None


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

    def enlist(self, absence_id: str, place: str, product_ids: Sequence[str], *, now: datetime) -> None:
        """Write down some products that a file does not name; a list at the same place is replaced."""
        ...


@dataclass
class Completeness:
    """One pass of a complete file, beside what its feed brought before."""

    lists: Lists
    updates: Queue
    job: "Job"
    known: int = 0
    absent: list[str] = field(default_factory=list)
    """Products of this pass's part that the file does not name."""

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

    def look(self, named: Collection[str]) -> dict[str, int]:
        """Compare what the feed brought with what this pass's part of the file names, and return totals."""
        self.known, self.absent = 0, []
        for product_id in self.lists.members(self.job.mapping_name):
            if self.job.owns((product_id,)):
                self.known += 1
                if product_id not in named:
                    self.absent.append(product_id)
        return {KNOWN: self.known, ABSENT: len(self.absent)}

    def send(self, *, lost: int, last: bool, now: datetime) -> None:
        """List what is absent, and after the last pass let it be decided; a repeated pass does the same again."""
        absent = iter(self.absent)
        page = 0
        while product_ids := list(islice(absent, LISTED)):
            self.lists.enlist(self.absence_id, f"{self.job.number:04}-{page:06}", product_ids, now=now)
            page += 1
        if last:
            self.updates.send([Outgoing.of(decision(self.absence_id, **self._found(lost)))])

    def compare(self, differs: Callable[[Mapping[str, Any]], None], *, lost: int) -> dict[str, int]:
        """Report in a dry run what is absent, and return whether a person would have to look."""
        for product_id in self.absent:
            differs({"product_id": product_id, "what": "absent", "fields": [], **dict.fromkeys(SKUS, 0)})
        return {"would_wait": int(waits(**self._found(lost)))}

    def _found(self, lost: int) -> Found:
        """Return what all passes so far found, as it is decided about."""
        return {
            "known": self.job.totals.get(KNOWN, 0) + self.known,
            "absent": self.job.totals.get(ABSENT, 0) + len(self.absent),
            "doubt": f"of {counted(lost, 'line')} of {self.job.key} nobody can tell the product" if lost else None,
        }
