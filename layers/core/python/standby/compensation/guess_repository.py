"""Guesses of voucher codes in the Vouchers table: ``GUESSES#<shopper>`` / ``<start of the window>`` has ``wrong``."""

from standby.platform.frozen import frozen
from standby.platform.table import Key, Table, Update


@frozen()
class GuessBook:
    """All of it, on DynamoDB. Every method raises `BusyError`."""

    table: Table

    def wrong(self, shopper: str, window: str) -> int:
        """Return how many codes a shopper named in a window that there are not."""
        item = self.table.item(_key(shopper, window))
        return 0 if item is None else int(item["wrong"])

    def add_wrong(self, shopper: str, window: str, expires: int) -> None:
        """Count one more; it may be forgotten at ``expires`` (a Unix time)."""
        self.table.write(Update(_key(shopper, window), assign={"ttl": expires}, add={"wrong": 1}))


def _key(shopper: str, window: str) -> Key:
    return {"pk": f"GUESSES#{shopper}", "sk": window}
