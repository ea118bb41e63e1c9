"""That something was granted for a late order, so that its page leads to it: ``ORDER#<id>`` / ``REMEDIED``.

What it is, compensation alone knows: its page opens with the same link.
"""

from datetime import datetime

from standby.platform.frozen import frozen
from standby.platform.kept import ORDERS
from standby.platform.table import Key, Put, Table


@frozen()
class RemedyMarks:
    """Orders for which something was granted, on DynamoDB. Every method raises `BusyError`."""

    table: Table

    def mark(self, order_id: str, now: datetime) -> None:
        """Note that something was granted for an order."""
        self.table.write(Put({**_key(order_id), "ttl": int((now + ORDERS).timestamp())}))

    def marked(self, order_id: str) -> bool:
        """Tell whether anything was granted for an order."""
        return self.table.item(_key(order_id)) is not None


def _key(order_id: str) -> Key:
    return {"pk": f"ORDER#{order_id}", "sk": "REMEDIED"}
