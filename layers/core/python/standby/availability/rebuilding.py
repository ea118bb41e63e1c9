"""The shelf built anew beside the running system: every SKU and location of the ledger is looked at, page by page.

A page's SKUs are changed as events change them, on the condition of each row's edition, so a page may come twice, late
or between events. Then the next page is sent; who dies in between does the page again.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from standby.platform.faults import of_aws
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue

REBUILD = "rebuild"
"""The field by which such a message is known: ``skus`` and ``stores`` all of them, ``sku`` and ``store`` one."""


class Skus(Protocol):
    """Where all SKUs are found."""

    @property
    def shards(self) -> tuple[str, ...]:
        """The parts in which they lie."""
        ...

    def page(self, shard: str, cursor: Mapping[str, str] | None) -> tuple[list[str], Mapping[str, str] | None]:
        """Return SKUs of a part, and where the next page begins; ``None`` behind the last."""
        ...


class Looks(Protocol):
    """Who brings rows in line with the ledger."""

    def look(self, skus: Iterable[str]) -> dict[str, Exception]:
        """Bring the rows of SKUs in line with the ledger, and return those that failed."""
        ...


class Stores(Protocol):
    """Who keeps the directory of locations."""

    def look(self, location_id: str) -> None:
        """Bring an entry in line with the ledger."""
        ...

    def page(self, cursor: Mapping[str, str] | None) -> tuple[list[str], Mapping[str, str] | None]:
        """Return ids of described locations, and where the next page begins; ``None`` behind the last."""
        ...


@frozen(kw_only=True)
class Rebuilder:
    """Walks through the ledger."""

    skus: Skus
    looks: Looks
    stores: Stores
    changes: Queue

    def handle(self, job: Mapping[str, Any]) -> None:
        """Do a page, one SKU, or one location. Raises `PoisonError` for a message that asks for none of them.

        One that fails becomes a message of its own, and the walk goes on; where AWS fails at all of a page's, the
        page comes again.
        """
        match job:
            case {"rebuild": "sku", "sku": str(sku)}:
                for error in self.looks.look([sku]).values():
                    raise error
            case {"rebuild": "skus", "shard": str(shard)} if shard in self.skus.shards:
                self._page(shard, _cursor(job.get("cursor")))
            case {"rebuild": "skus"} if "shard" not in job:
                self._send([*({REBUILD: "skus", "shard": shard} for shard in self.skus.shards), {REBUILD: "stores"}])
            case {"rebuild": "store", "location_id": str(location_id)}:
                self.stores.look(location_id)
            case {"rebuild": "stores"}:
                self._stores(_cursor(job.get("cursor")))
            case _:
                raise PoisonError("rebuild: asks neither for a page nor for one SKU or location")

    def _page(self, shard: str, cursor: Mapping[str, str] | None) -> None:
        skus, after = self.skus.page(shard, cursor)
        failed = self.looks.look(skus)
        if len(failed) == len(skus) > 1 and all(map(of_aws, failed.values())):
            raise next(iter(failed.values()))
        self._send({REBUILD: "sku", "sku": sku} for sku in failed)
        if after is not None:
            self._send([{REBUILD: "skus", "shard": shard, "cursor": dict(after)}])

    def _stores(self, cursor: Mapping[str, str] | None) -> None:
        places, after = self.stores.page(cursor)
        failed = one_by_one(places, self.stores.look)
        self._send({REBUILD: "store", "location_id": location_id} for location_id in failed)
        if after is not None:
            self._send([{REBUILD: "stores", "cursor": dict(after)}])

    def _send(self, jobs: Iterable[Mapping[str, Any]]) -> None:
        self.changes.send([Outgoing.of(job) for job in jobs])


def _cursor(said: object) -> Mapping[str, str] | None:
    if said is None or (isinstance(said, dict) and said and all(isinstance(each, str) for each in said.values())):
        return said
    raise PoisonError("cursor: must be an object of texts")
