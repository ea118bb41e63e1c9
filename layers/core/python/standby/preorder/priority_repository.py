"""Places in front of lines, in the table Preorders."""

from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.table import Delete, Put, Table, Write
from standby.preorder import items
from standby.preorder.model import Reservation
from standby.preorder.repository import ChangedMeanwhileError, changed


@frozen()
class PriorityRepository:
    """Moves the places of reservations."""

    table: Table

    def put_in_front(self, known: Reservation, made: Reservation) -> bool:
        """Move the places of a reservation, and tell whether it has any. Raises `ChangedMeanwhileError`.

        Whoever changes a place changes its reservation, too, so what is read here is what stands there then.
        """
        writes: list[Write] = []
        for line in known.lines:
            key = items.line_key(line.sku, known)
            if place := self.table.item(key):
                writes += [Delete(key), Put({**place, **items.line_key(line.sku, made)})]
        if not writes:
            return False
        try:
            self.table.transact([changed(made), *writes])
        except ConditionFailedError as error:
            raise ChangedMeanwhileError from error
        return True
