"""Cancellations of campaigns in the table Preorders: one item a SKU, ``CANCELLATION#<sku>``, and those that wait."""

from dataclasses import fields

from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.table import ConditionCheck, Delete, Key, Put, Query, Table
from standby.preorder import items
from standby.preorder.cancellation_model import Cancellation
from standby.preorder.model import AHEAD_MOST
from standby.preorder.repository import ChangedMeanwhileError

CANCELLATION = "CANCELLATION"
WAITING = "CANCELLATIONS"
"""The partition of the SKUs about which somebody must decide."""
WAITING_PAGE = 25
"""Each takes two reads to show."""
NAMES = tuple(each.name for each in fields(Cancellation))


@frozen()
class CancellationRepository:
    """Keeps the newest cancellation of each SKU."""

    table: Table

    def cancellation(self, sku: str) -> Cancellation | None:
        """Return a SKU's newest cancellation."""
        item = self.table.item(_key(sku))
        return Cancellation(**{name: item[name] for name in NAMES if name in item}) if item else None

    def write(self, made: Cancellation) -> None:
        """Write a new cancellation, or what changed of one. Raises `ChangedMeanwhileError`."""
        said = {name: value for name in NAMES if (value := getattr(made, name)) is not None}
        values = {**_key(made.sku), **said}
        new = made.version == 1
        register = {"pk": WAITING, "sk": made.sku}
        try:
            self.table.transact(
                [
                    Put(values, absent=("pk",)) if new else Put(values, equal={"version": made.version - 1}),
                    Put(register) if made.status == "waiting" else Delete(register),
                ]
            )
        except ConditionFailedError as error:
            raise ChangedMeanwhileError from error

    def waiting(self, after: str | None) -> tuple[list[str], bool]:
        """Return a page of the SKUs about which somebody must decide, and whether more follow."""
        page = self.table.page(Query(WAITING, after=after, limit=WAITING_PAGE))
        return [item["sk"] for item in page.items], page.cursor is not None

    def in_line(self, sku: str, up_to: int | None) -> tuple[int, int, bool]:
        """Return how many stand in line for a SKU, the units that they lack, and whether there are more than 1,000.

        Of campaigns ``up_to`` a number; ``None``: of all.
        """
        page = self.table.page(Query(items.line_partition(sku), consistent=True, limit=AHEAD_MOST))
        line = map(items.place, page.items)
        places = [place for place in line if up_to is None or (place.campaign or 0) <= up_to]
        return len(places), sum(place.lacks for place in places), page.cursor is not None


def cancellation_as_read(sku: str, version: int) -> ConditionCheck:
    """Return the condition that a SKU's cancellation has a version; 0: that nobody ever asked for one."""
    return ConditionCheck(_key(sku), **({"equal": {"version": version}} if version else {"absent": ("pk",)}))


def _key(sku: str) -> Key:
    return {"pk": f"{CANCELLATION}#{sku}", "sk": CANCELLATION}
