"""Places in front of lines, in the table Preorders."""

from collections.abc import Mapping

from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.table import Delete, Put, Table, Write
from standby.preorder import items
from standby.preorder.cancellation_repository import cancellation_as_read
from standby.preorder.model import Reservation
from standby.preorder.repository import ChangedMeanwhileError, changed


@frozen()
class PriorityRepository:
    """Moves the places of reservations."""

    table: Table

    def put_in_front(self, known: Reservation, made: Reservation, cancellations: Mapping[str, int]) -> bool:
        """Move the places of a reservation, and tell whether it has any. Raises `ChangedMeanwhileError`.

        ``cancellations`` are the versions of those of its SKUs; 0: nobody ever asked for one. Whoever changes a place
        changes its reservation, too, so what is read here is what stands there then.
        """
        writes: list[Write] = []
        for line in known.lines:
            key = items.line_key(line.sku, known)
            if place := self.table.item(key):
                writes += [Delete(key), Put({**place, **items.line_key(line.sku, made)})]
        if not writes:
            return False
        try:
            as_read = (cancellation_as_read(sku, version) for sku, version in cancellations.items())
            self.table.transact([changed(made), *writes, *as_read])
        except ConditionFailedError as error:
            raise ChangedMeanwhileError from error
        return True
