"""That something was granted for a late order, so that its page leads to it: ``ORDER#<id>`` / ``REMEDIED``.

What it is, compensation alone knows: its page opens with the same link.
"""

from datetime import datetime

from standby.platform.frozen import frozen
from standby.platform.kept import ORDERS
from standby.platform.table import Key, Table, Update

GRANTED, ASKED = "granted", "asked"
"""Its page leads to what was granted; or only to the question whether the shop made it right (`RemedyWithheld`)."""


@frozen()
class RemedyMarks:
    """Orders for which something was granted, on DynamoDB. Every method raises `BusyError`."""

    table: Table

    def mark(self, order_id: str, now: datetime, *, granted: bool) -> None:
        """Note that something was granted for an order, or that its customer is asked without that."""
        said = {"ttl": int((now + ORDERS).timestamp())}
        self.table.write(Update(_key(order_id), assign={**said, **({"granted": True} if granted else {})}))

    def marked(self, order_id: str) -> str | None:
        """Return `GRANTED` or `ASKED`; ``None``: neither."""
        item = self.table.item(_key(order_id))
        return None if item is None else GRANTED if item.get("granted") else ASKED


def _key(order_id: str) -> Key:
    return {"pk": f"ORDER#{order_id}", "sk": "REMEDIED"}
