"""The ERP's words, short."""

from datetime import UTC, datetime, timedelta
from typing import Any

from standby.ledger.model import Location, Reading, SkuStock
from standby.ledger.reader import LedgerReader
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text

from tests.fakes import EPOCH

DAWN = datetime(1970, 1, 1, tzinfo=UTC)


def reading(sku: str, location_id: str, on_hand: int, *, second: int = 0, **more: Any) -> Reading:
    """Return a level observed so many seconds after the epoch of the tests."""
    moment = EPOCH + timedelta(seconds=second)
    sequence, arrival = more.pop("sequence", 0), more.pop("arrival", 0)
    return Reading(
        sku=sku,
        location_id=location_id,
        on_hand=on_hand,
        committed=more.pop("committed", 0),
        version=((moment - DAWN) // timedelta(microseconds=1), sequence, arrival),
        as_of=to_text(moment),
        cause=f"m-{second}-{location_id}",
        **more,
    )


def location(location_id: str, *, second: int = 0, **more: Any) -> Location:
    """Return a location's description as of so many seconds after the epoch of the tests."""
    moment = EPOCH + timedelta(seconds=second)
    version = ((moment - DAWN) // timedelta(microseconds=1), 0, 0)
    return Location(location_id=location_id, version=version, as_of=to_text(moment), **more)


def stock(table: LedgerTable, sku: str) -> SkuStock:
    """Return the SKU's numbers, which are there."""
    found = LedgerReader(table).stock(sku)
    assert found is not None
    return found
