"""The shelf's writes: rows on the condition that nobody else wrote them, and their products' counts with them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from standby.platform.clock import Clock, to_text
from standby.platform.dynamodb import BusyError, ConditionFailedError, Item
from standby.platform.faults import of_aws
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.table import ConditionCheck, Put, Table, Update, Write
from standby.shelf import items
from standby.shelf.ahead_model import Window
from standby.shelf.model import AWAITED, Counted, Head, Row, Store, moves

ROWS_PER_WRITE = 40
"""Rows in one transaction; DynamoDB takes 100 writes, and each row may move the counts of two products."""
Change = Callable[[Row], Row]
Pair = tuple[Row, Row]
log = logger("availability")


@frozen(kw_only=True)
class ShelfRepository:
    """Writes the shelf."""

    table: Table
    clock: Clock

    def change(self, changes: Mapping[str, Change]) -> dict[str, Exception]:
        """Change rows, each by what its function makes of the row as it is; return those that failed, with the error.

        A function may be called several times: again whenever somebody else wrote the row meanwhile. It is called after
        the row was read. What it leaves alone is not written. A row that fails costs no other its change.
        """
        failed: dict[str, Exception] = {}
        pending = list(changes)
        for attempt in range(self.table.backoff.attempts):
            if attempt:
                self.table.backoff.pause(attempt - 1)
            groups = [pending[start : start + ROWS_PER_WRITE] for start in range(0, len(pending), ROWS_PER_WRITE)]
            pending = [sku for group in groups for sku in self._once(group, changes, failed)]
            if not pending:
                return failed
        busy = BusyError(f"{self.table.name}: somebody else was quicker {self.table.backoff.attempts} times")
        return failed | dict.fromkeys(pending, busy)

    def describe(self, product_id: str, head: Head) -> None:
        """Take in what the catalogue says of a product; older words change nothing. Raises `BusyError`."""
        older = {items.EDITION: head.edition - 1}
        with suppress(ConditionFailedError):
            self.table.write(Put(items.head_values(product_id, head), at_most=older, or_absent=items.EDITION))

    def place(self, store: Store) -> None:
        """Take in how a location is described; older descriptions change nothing. Raises `BusyError`."""
        older = {items.EDITION: store.edition - 1}
        with suppress(ConditionFailedError):
            self.table.write(Put(items.store_values(store), at_most=older, or_absent=items.EDITION))

    def _once(self, skus: Sequence[str], changes: Mapping[str, Change], failed: dict[str, Exception]) -> list[str]:
        """Try once to change rows. Return those that somebody else wrote meanwhile."""
        try:
            found = {item["pk"]: item for item in self.table.batch(map(items.row_key, skus))}
        except Exception as error:
            log.exception("rows cannot be read")
            failed.update(dict.fromkeys(skus, error))
            return []
        loud: list[Pair] = []
        quiet: list[Pair] = []
        for sku in skus:
            try:
                before = _row(sku, found)
                after = changes[sku](before)
            except Exception as error:
                log.exception("a row cannot be made", extra={"sku": sku})
                failed[sku] = error
                continue
            if after != before or before.stale:
                (loud if moves([(before, after)]) else quiet).append((before, after))
        late = self._save(loud, failed) if loud else []
        return late + [sku for pair in quiet for sku in self._save([pair], failed)]

    def _save(self, pairs: Sequence[Pair], failed: dict[str, Exception]) -> list[str]:
        """Write rows and what they move. Return the SKUs of all where somebody else wrote one of them meanwhile."""
        skus = [after.sku for _, after in pairs]
        try:
            self._apply(self._writes(pairs))
        except ConditionFailedError:
            return skus
        except Exception as error:
            if len(pairs) > 1 and not of_aws(error):
                return [sku for pair in pairs for sku in self._save([pair], failed)]
            log.exception("rows cannot be written", extra={"skus": skus})
            failed.update(dict.fromkeys(skus, error))
        return []

    def _writes(self, pairs: Iterable[Pair]) -> list[Write]:
        pairs = list(pairs)
        now = to_text(self.clock.now())
        counted = [_counting(product_id, counts, now) for product_id, counts in moves(pairs).items()]
        return [*(_put(before, after) for before, after in pairs), *counted]

    def _apply(self, writes: Sequence[Write | ConditionCheck]) -> None:
        match writes:
            case [Put() as alone]:
                self.table.write(alone)
            case _:
                self.table.transact(writes)


def _counting(product_id: str, counts: Mapping[Counted, int], now: str) -> Update:
    """Move a product's counts. What counts for a campaign that is over counts for nothing any more, and goes."""
    over = {each for each in counts if isinstance(each, Window) and each.is_over(now)}
    # A count of none says that somebody counted.
    moved = {each: by for each, by in {AWAITED: 0, **counts}.items() if each not in over}
    return Update(
        items.product_key(product_id),
        assign={items.AS_OF: now, **{items.count_attribute(each): None for each in over}},
        add={items.count_attribute(each): by for each, by in moved.items()},
    )


def _row(sku: str, found: Mapping[str, Item]) -> Row:
    item = found.get(items.row_key(sku)["pk"])
    return items.row(item) if item else Row(sku=sku)


def _put(before: Row, after: Row) -> Put:
    values = items.row_values(replace(after, edition=before.edition + 1))
    if before.edition == 0:
        return Put(values, absent=("pk",))
    return Put(values, equal={items.EDITION: before.edition})
