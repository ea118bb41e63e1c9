"""The Stock table as the ledger uses it: ranges read whole, and attempts that start again from a fresh read."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

from standby.platform.dynamodb import BusyError, ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.table import TRANSACTION_ITEMS, ConditionCheck, Key, Query, Table, Update, Write

Result = TypeVar("Result")
log = logger("stock")


class BesideError(Exception):
    """A condition of what a caller wrote beside the ledger's own writes did not hold; nothing was written.

    ``reasons`` has one entry per write of the caller's: ``None`` where its condition held, else the item as it was
    (``{}`` when there was none).
    """

    def __init__(self, reasons: Sequence[Item | None]) -> None:
        super().__init__(f"{sum(reason is not None for reason in reasons)} of {len(reasons)} conditions failed")
        self.reasons = tuple(reasons)


class TooManyError(ValueError):
    """What must be written together is more than one transaction of DynamoDB takes; nothing was written."""


def readable(read: Callable[[Item], Result], item: Item) -> Result | None:
    """Read an item, ``None`` for one that cannot be read: so it costs nobody else of its page their turn."""
    try:
        return read(item)
    except Exception:
        log.exception("an item cannot be read", extra={"item": [item["pk"], item["sk"]]})
        return None


@frozen()
class LedgerTable(Table):
    """The Stock table."""

    def items(self, keys: Iterable[Key]) -> dict[tuple[str, str], Item]:
        """Read many items, consistently, by ``(pk, sk)``; those that are not there are left out."""
        return {(item["pk"], item["sk"]): item for item in self.batch(keys)}

    def between(self, partition: str, first: str, last: str) -> list[Item]:
        """Read all items of a partition whose sort keys lie between two texts, both included, consistently."""
        wanted = Query(partition, between=(first, last), consistent=True)
        page = self.page(wanted)
        found = page.items
        while page.cursor:
            page = self.page(wanted, page.cursor)
            found += page.items
        return found

    def starting(self, partition: str, prefix: str) -> list[Item]:
        """Read all items of a partition whose sort keys start with ``prefix`` (which ends in ``#``)."""
        return self.between(partition, prefix, f"{prefix}\U0010ffff")

    def apply(self, writes: Sequence[Write]) -> None:
        """Do all of the writes or none; one alone costs half of what it costs in a transaction.

        Raises `ConditionFailedError` with one reason per write, `BusyError` when DynamoDB stayed busy.
        """
        if len(writes) == 1:
            self.write(writes[0])
        else:
            self.transact(writes)

    def beside(
        self, writes: Sequence[Write | ConditionCheck], others: Sequence[Write | ConditionCheck], *, room: int = 0
    ) -> None:
        """Do the ledger's writes and those of a caller, in whichever table, all or none.

        ``room`` is how many more writes what follows may need, such as giving all of it back together.

        Raises `BesideError` where a condition of the caller's did not hold, whatever else did not; otherwise
        `ConditionFailedError` with one reason per write of the ledger. Raises `TooManyError`, `BusyError`.
        """
        most = TRANSACTION_ITEMS - room
        if len(writes) + len(others) > most:
            message = f"{len(writes)} writes of the ledger and {len(others)} beside: at most {most} at once"
            raise TooManyError(message)
        try:
            self.transact([*writes, *others])
        except ConditionFailedError as error:
            theirs = error.reasons[len(writes) :]
            if any(reason is not None for reason in theirs):
                raise BesideError(theirs) from error
            raise ConditionFailedError(error.reasons[: len(writes)]) from error

    def nothing_beside(self, others: Sequence[Write | ConditionCheck]) -> None:
        """Write nothing, and raise `BesideError` where a condition of a caller's writes does not hold.

        So a caller who repeats itself is told so, and not what came of its first call.
        """
        if others:
            # Updating needs no permission that its caller does not have; checking conditions alone might.
            never = Update({"pk": "NEVER", "sk": "NEVER"}, add={"never": 1}, present=("pk",))
            with suppress(ConditionFailedError):
                self.beside([never], others)

    def retried(self, attempt: Callable[[], Result]) -> Result:
        """Run an attempt (read, compute, guarded write) again while its guards find something changed meanwhile.

        Raises `BusyError` when it never came through.
        """
        for number in range(self.backoff.attempts):
            try:
                return attempt()
            except ConditionFailedError:
                self.backoff.pause(number)
        message = f"{self.name}: somebody else was quicker {self.backoff.attempts} times"
        raise BusyError(message)
