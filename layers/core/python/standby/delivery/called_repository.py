"""What came of calls, in the Deliveries table: ``ORDER#<order_id>`` / ``CALLED`` has it of all calls of an order.

It stands beside the order and not in it: nothing that is decided of an order hangs on what people said on the phone.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from standby.platform.backoff import Backoff
from standby.platform.frozen import frozen
from standby.platform.kept import ORDERS
from standby.platform.records import Bounds, JsonText, read_record, save_record

CALLED = "CALLED"
MOST_OUTCOMES = 200
"""Of an order that are kept: the newest."""


class CalledRecord(Model):
    """What came of an order's calls: ``ORDER#<order_id>`` / ``CALLED``."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default=CALLED)
    edition = NumberAttribute()
    said = JsonText()
    """What was recorded, by the call's reason and the instant at which it was opened."""
    ttl = NumberAttribute()


@cache
def records(table: str) -> type[CalledRecord]:
    """Return the record class bound to a table."""

    class Bound(CalledRecord):
        class Meta(Bounds):
            table_name = table

    return Bound


@frozen()
class CallOutcomes:
    """What came of calls, on DynamoDB. All methods raise `BusyError`."""

    table: str
    backoff: Backoff = Backoff()

    def of(self, order_id: str) -> Mapping[str, Mapping[str, Any]]:
        """Return what came of an order's calls, by their names."""
        known = read_record(records(self.table), f"ORDER#{order_id}", CALLED)
        return {} if known is None else known.said

    def record(self, order_id: str, call: str, said: Mapping[str, Any], now: datetime) -> None:
        """Keep what came of a call; the newest word counts, and the same again changes nothing."""
        kind, pk = records(self.table), f"ORDER#{order_id}"
        for _ in self.backoff.tries(order_id):
            known = read_record(kind, pk, CALLED)
            edition = 0 if known is None else int(known.edition)
            before: dict[str, Any] = {} if known is None else known.said
            if {**before.get(call, {}), "at": ""} == {**said, "at": ""}:
                return
            others = {name: each for name, each in before.items() if name != call}
            after = dict([*others.items(), (call, dict(said))][-MOST_OUTCOMES:])
            record = kind(pk=pk, edition=edition + 1, said=after, ttl=int((now + ORDERS).timestamp()))
            if save_record(record, kind.edition == edition if edition else kind.pk.does_not_exist()):
                return
