"""The writes by which units of a line go back or leave, in the table Preorders."""

from standby.platform.frozen import frozen
from standby.platform.table import Delete, Update, Write
from standby.preorder import items
from standby.preorder.model import Line, Reservation
from standby.preorder.repository import Writes


@frozen()
class PieceWrites:
    """The writes that share a transaction with the ledger's."""

    writes: Writes

    def reduced(self, reservation: Reservation, line: Line, piece: Line) -> list[Write]:
        """Return the writes by which a piece of a line goes, on the condition that the reservation is as read.

        The place of the line stays, with fewer units; where it lacks none any more, it goes.
        """
        back = self.writes.parted(reservation, [piece])
        if line.campaign is None or line.given == line.quantity:
            return back
        fewer = Update(
            items.line_key(line.sku, reservation),
            add={"units": -piece.quantity, **({"given": -piece.given} if piece.given else {})},
            present=("pk",),
            elsewhere=self.writes.table,
        )
        return [fewer if isinstance(write, Delete) else write for write in back]
