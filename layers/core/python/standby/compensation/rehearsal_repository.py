"""Rehearsals in the Vouchers table, beside what was granted; what one works with goes within days.

==========================================  ===================================================================
``REHEARSALS`` / ``RUNNING``                which rehearsal ran last, and how many began on its day
``REHEARSAL#<id>`` / ``REHEARSAL``          what is rehearsed, how far it came, what would have been granted
``REHEARSAL#<id>`` / ``ORDER#<turn>``       a late order, at the moment of what is to be decided next of it
``REHEARSAL#<id>`` / ``SPENT#<…>``          what a customer was granted in a month, on paper
``REHEARSED#<policy>`` / ``REHEARSED``      the last finished rehearsal of what a policy says (`keep`)
==========================================  ===================================================================

A page is worked off from what the page before left, and writes the same however often it is worked off: late orders
lie behind where it ends, and what customers were granted is written with what it was before the page. That the page is
done is written last, on the condition that it was not: so a duplicate counts nothing twice.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from standby.compensation.reading import UnsoundError
from standby.compensation.rehearsed import (
    FINISHED,
    Rehearsed,
    order_kept,
    order_of,
    tally_kept,
    tally_of,
)
from standby.compensation.replaying import PastOrder, Spender
from standby.compensation.voucher_repository import kept_until
from standby.platform.clock import from_text
from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.json_text import from_json, to_json
from standby.platform.kept import REHEARSALS, REHEARSING
from standby.platform.table import Key, Put, Query, Table, Update

RUNNING_KEY: Key = {"pk": "REHEARSALS", "sk": "RUNNING"}
ORDER, SPENT = "ORDER#", "SPENT#"
MOST_BYTES = 200_000
"""Of both policies: an item of DynamoDB takes 400 KB, and has room for what they come to."""
LAST = "~"
"""Behind every moment."""
PLAIN = (
    "rehearsal_id",
    "by",
    "started_at",
    "first",
    "until",
    "asked",
    "current_version",
    "status",
    "phase",
    "page",
    "moved_at",
)
COUNTED = ("looked_at", "late", "shipments")


@frozen()
class RehearsalBook:
    """All of it, on DynamoDB. Every method raises `BusyError`."""

    table: Table

    def rehearsal(self, rehearsal_id: str) -> Rehearsed | None:
        """Return a rehearsal; ``None``: there is none, or it is kept no more."""
        item = self.table.item(_key(rehearsal_id))
        return None if item is None else _rehearsed(item)

    def running(self) -> Mapping[str, Any]:
        """Return which rehearsal ran last (``last``), and how many (``count``) began on its ``day``."""
        return self.table.item(RUNNING_KEY) or {}

    def begin(self, rehearsal: Rehearsed, *, before: Mapping[str, Any], day: str, count: int) -> bool:
        """Write a rehearsal that begins, if none did since ``before``; tell whether it is written.

        Raises `UnsoundError` for policies that have no room.
        """
        now, item = from_text(rehearsal.started_at), _item(rehearsal)
        if len(item["packed"]) > MOST_BYTES:
            raise UnsoundError([f"the policy and the one in force have more than {MOST_BYTES:,} bytes, compressed"])
        turn = {**RUNNING_KEY, "last": rehearsal.rehearsal_id, "day": day, "count": count}
        same: dict[str, Any] = {"equal": {"last": before["last"]}} if before else {"absent": ("pk",)}
        try:
            self.table.transact([Put(item, absent=("pk",)), Put({**turn, "ttl": kept_until(now, REHEARSALS)}, **same)])
        except ConditionFailedError:
            return False
        return True

    def add_orders(self, rehearsal: Rehearsed, orders: Iterable[PastOrder]) -> None:
        """Keep late orders, each at the moment of what is to be decided next of it; the same again changes nothing."""
        ttl = kept_until(from_text(rehearsal.started_at), REHEARSING)
        for order in orders:
            key = {**_key(rehearsal.rehearsal_id), "sk": f"{ORDER}{order.turn}"}
            text = _packed(order_kept(order))
            self.table.write(Put({**key, "order_id": order.order_id, "packed": text, "ttl": ttl}))

    def orders(self, rehearsal: Rehearsed, *, limit: int) -> tuple[list[PastOrder], str | None]:
        """Return the next page of late orders, and where it ends; ``None``: it is the last."""
        after = (rehearsal.cursor or {}).get("sk", ORDER)
        pk = _key(rehearsal.rehearsal_id)["pk"]
        found = self.table.page(Query(pk, between=(f"{after}\0", f"{ORDER}{LAST}"), limit=limit, consistent=True))
        orders = [order_of(item["order_id"], _unpacked(item["packed"])) for item in found.items]
        return orders, None if found.cursor is None else found.cursor["sk"]

    def spent(self, rehearsal: Rehearsed, name: str, spender: Spender) -> int:
        """Return what a customer was granted in a month, on paper, before this page."""
        item = self.table.item(_spent(rehearsal, name, spender))
        if item is None:
            return 0
        return int(item["before"] if item["page"] == rehearsal.page else item["amount"])

    def keep_spent(self, rehearsal: Rehearsed, name: str, spent: Mapping[Spender, tuple[int, int]]) -> bool:
        """Write what customers were granted before this page and are now; ``False``: a later page wrote already."""
        ttl = kept_until(from_text(rehearsal.started_at), REHEARSING)
        for spender, (before, amount) in spent.items():
            said = {"page": rehearsal.page, "before": before, "amount": amount, "ttl": ttl}
            same = {"at_most": {"page": rehearsal.page}, "or_absent": "pk"}
            try:
                self.table.write(Update(_spent(rehearsal, name, spender), assign=said, **same))  # type: ignore[arg-type]
            except ConditionFailedError:
                return False
        return True

    def keep(self, rehearsal: Rehearsed, *, policy: str) -> bool:
        """Write a rehearsal after a page, if that page was not written before; tell whether it was written.

        ``policy`` names what the policy says: once it is finished, it is found by that, unless it met no late order
        and an earlier one did.
        """
        writes = [Put(_item(rehearsal), equal={"page": rehearsal.page - 1})]
        if rehearsal.status == FINISHED and (rehearsal.late or not (self.rehearsed(policy) or {}).get("late_orders")):
            summary = to_json(rehearsal.summary)
            key = _rehearsed_key(policy)
            writes.append(
                Put({**key, "summary": summary, "ttl": kept_until(from_text(rehearsal.moved_at), REHEARSALS)})
            )
        try:
            if len(writes) == 1:
                self.table.write(writes[0])
            else:
                self.table.transact(writes)
        except ConditionFailedError:
            return False
        return True

    def rehearsed(self, policy: str) -> Mapping[str, Any] | None:
        """Return what the last finished rehearsal of a policy in which orders were late came to, or else the last."""
        item = self.table.item(_rehearsed_key(policy))
        found: Mapping[str, Any] | None = None if item is None else from_json(item["summary"])
        return found


def _key(rehearsal_id: str) -> Key:
    return {"pk": f"REHEARSAL#{rehearsal_id}", "sk": "REHEARSAL"}


def _rehearsed_key(policy: str) -> Key:
    return {"pk": f"REHEARSED#{policy}", "sk": "REHEARSED"}


def _spent(rehearsal: Rehearsed, name: str, spender: Spender) -> Key:
    return {**_key(rehearsal.rehearsal_id), "sk": f"{SPENT}{name}#{'#'.join(spender)}"}


def _item(rehearsal: Rehearsed) -> dict[str, Any]:
    content = {
        **{name: getattr(rehearsal, name) for name in COUNTED},
        "policy": rehearsal.policy,
        "current": rehearsal.current,
        "cursor": rehearsal.cursor,
        "undecided": rehearsal.undecided,
        "tallies": {name: tally_kept(tally) for name, tally in rehearsal.tallies.items()},
    }
    said = {name: value for name in PLAIN if (value := getattr(rehearsal, name)) is not None}
    ttl = kept_until(from_text(rehearsal.started_at), REHEARSALS)
    return {**_key(rehearsal.rehearsal_id), **said, "packed": _packed(content), "ttl": ttl}


def _rehearsed(item: Mapping[str, Any]) -> Rehearsed:
    content = _unpacked(item["packed"])
    counted = {name: content[name] for name in (*COUNTED, "policy", "current", "cursor")}
    tallies = {name: tally_of(kept) for name, kept in content["tallies"].items()}
    said = {name: item.get(name) for name in PLAIN}
    made = Rehearsed(**said, **counted, tallies=tallies)  # type: ignore[arg-type]
    made.undecided.update(content["undecided"])
    return made


def _packed(content: object) -> str:
    """Write something as compressed JSON that is text: nobody looks into it."""
    return b64encode(zlib.compress(to_json(content).encode())).decode()


def _unpacked(text: str) -> Any:  # noqa: ANN401 - JSON
    return from_json(zlib.decompress(b64decode(text)).decode())
