"""Vouchers, and the orders that took them, in the Vouchers table (`standby.compensation.repository`).

An order takes a voucher in one transaction: only if it did not come to nothing before. Whoever hears that later finds
what it took. What an order took last is written in that transaction, too: of two vouchers that do not go together it
takes one, though both come at once, and all that it takes comes to no more than the order does.

``VOUCHER#<hash of its code>`` / ``VOUCHER``   a voucher; in the index ``due`` while somebody must look at it
``REQUEST#<hash>`` / ``REQUEST``               what a request asked that redeemed one
``MOVED#<month>#<shard>`` / ``<at>#<id>``      what a change of one moved in the accounts; months are of UTC
``USED#<order_id>``                            what an order took (`standby.compensation.repository`)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from standby.compensation.model import CHANGED, WRITTEN
from standby.compensation.movement_model import Movement, moved
from standby.compensation.order_fate import Fate
from standby.compensation.validity_model import with_last_day
from standby.compensation.voucher_model import ORDER_OVER, Asks, Basket, Voucher
from standby.platform.clock import from_text, to_text
from standby.platform.dynamodb import ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.json_text import from_json, to_json
from standby.platform.kept import REDEEM_REQUESTS, REMEDIES, VOUCHERS
from standby.platform.table import ConditionCheck, Cursor, Delete, Index, Key, Put, Query, Table, Write

VOUCHER, USED, FATE, TAKEN = "VOUCHER", "VOUCHER#", "FATE", "TAKEN"
DUE = Index("due", "due_shard", "due_at")
HELD_PARTS = 4
HELD_SHARDS = tuple(f"HELD#{number}" for number in range(HELD_PARTS))
"""Vouchers at which somebody must look."""
PAGE = 25
"""Of them, looked at in one message."""
MOVED_SHARDS, MOVED_PAGE = 8, 200
"""In how many partitions a month's movements are, and how many of them are read at once."""


@frozen()
class VoucherBook:
    """All of them, on DynamoDB. Every method raises `BusyError`."""

    table: Table

    def add_voucher(self, voucher: Voucher, code: str) -> None:
        """Keep a voucher that no order brought. Raises `ConditionFailedError` where there is one of that code."""
        self.table.write(Put(voucher_item(voucher, code), absent=("pk",)))

    def voucher(self, code: str) -> Voucher | None:
        """Return the voucher with a code, by the code's hash."""
        item = self.table.item(_voucher_key(code))
        return None if item is None else _voucher_kept(item)

    def take(
        self,
        voucher: Voucher,
        code: str,
        basket: Basket,
        *,
        before: Voucher,
        asks: Asks | None = None,
        now: datetime,
    ) -> str:
        """Write a voucher that an order takes; return `WRITTEN`, `CHANGED`, or `ORDER_OVER`: it came to nothing.

        ``basket`` is what the order had taken: if it took another one since, nothing is written.
        """
        assert voucher.redeemed_for is not None, "nobody takes it"  # noqa: S101 - as callers see to
        used = {"pk": f"USED#{voucher.redeemed_for}"}
        kept = voucher_item(voucher, code)
        last = {**used, "sk": TAKEN, "last": f"{code}#{voucher.edition}", "ttl": kept["ttl"]}
        same: dict[str, Any] = {"absent": ("pk",)} if basket.last is None else {"equal": {"last": basket.last}}
        try:
            self.table.transact(
                [
                    Put(kept, equal={"edition": voucher.edition - 1}),
                    ConditionCheck({**used, "sk": FATE}, absent=("over",)),
                    Put(last, **same),
                    Put({**used, "sk": f"{USED}{code}", "ttl": kept["ttl"]}),
                    *_asked(asks, now),
                    *_moved(before, voucher, now),
                ]
            )
        except ConditionFailedError as failed:
            voucher_too, over, *others = failed.reasons
            alone = voucher_too is None and not any(others)
            return ORDER_OVER if over is not None and alone else CHANGED
        return WRITTEN

    def asked(self, request: str) -> str | None:
        """Return what a request asked; ``None``: nothing that was done."""
        item = self.table.item(_request_key(request))
        return None if item is None else str(item["asked"])

    def basket(self, order_id: str) -> Basket:
        """Return what an order has taken."""
        rows = self._used(order_id)
        last = next((row["last"] for row in rows if row["sk"] == TAKEN), None)
        return Basket(last, [row["sk"].removeprefix(USED) for row in rows if row["sk"].startswith(USED)])

    def used(self, order_id: str) -> tuple[Fate, list[str]]:
        """Return what became of an order, as far as that is kept, and the hashes of the codes that it took."""
        fate, codes = Fate(order_id=order_id), []
        for item in self._used(order_id):
            if item["sk"] == FATE:
                fate = Fate(order_id=order_id, edition=item["edition"], **from_json(item["text"]))
            elif item["sk"] != TAKEN:
                codes.append(item["sk"].removeprefix(USED))
        return fate, codes

    def _used(self, order_id: str) -> list[Item]:
        """Return all that is kept of vouchers that an order took."""
        wanted, cursor = Query(f"USED#{order_id}", consistent=True), None
        rows: list[Item] = []
        while True:
            page = self.table.page(wanted, cursor)
            rows += page.items
            cursor = page.cursor
            if cursor is None:
                return rows

    def keep_fate(self, fate: Fate, *, now: datetime) -> bool:
        """Write what became of an order if its edition is still the one before; tell whether it was."""
        said = {name: getattr(fate, name) for name in ("cancelled", "shipped", "failed", "paying")}
        item = {"pk": f"USED#{fate.order_id}", "sk": FATE, "edition": fate.edition, "text": to_json(said)}
        before = {"equal": {"edition": fate.edition - 1}} if fate.edition > 1 else {"absent": ("pk",)}
        try:
            over = {"over": True} if fate.over else {}
            self.table.write(Put({**item, **over, "ttl": kept_until(now, REMEDIES)}, **before))
        except ConditionFailedError:
            return False
        return True

    def vouchers(self, codes: Sequence[str]) -> dict[str, Voucher]:
        """Return vouchers by the hashes of their codes; those that are kept no more are left out."""
        items = self.table.batch(_voucher_key(code) for code in codes)
        return {item["pk"].partition("#")[2]: _voucher_kept(item) for item in items}

    def keep_voucher(
        self,
        voucher: Voucher,
        code: str,
        *,
        before: Voucher | None = None,
        forget: str | None = None,
        asks: Asks | None = None,
        now: datetime,
    ) -> bool:
        """Write a voucher if its edition is still the one before; tell whether it was.

        ``before`` is what it was, where its change may be one of the accounts.
        That the order ``forget`` took it is known no more then. Nothing is written where the request asked something
        else before.
        """
        written = Put(voucher_item(voucher, code), equal={"edition": voucher.edition - 1})
        more: list[Write] = [*_asked(asks, now), *([] if before is None else _moved(before, voucher, now))]
        if forget is not None:
            more.append(Delete({"pk": f"USED#{forget}", "sk": f"{USED}{code}"}))
        try:
            if more:
                self.table.transact([written, *more])
            else:
                self.table.write(written)
        except ConditionFailedError:
            return False
        return True

    def held(self, shard: str, until: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of vouchers, by the hashes of their codes, at which somebody must look."""
        found = self.table.page(Query(shard, DUE, up_to=until, limit=PAGE), cursor)
        return [item["pk"].partition("#")[2] for item in found.items], found.cursor

    def movements(self, start: datetime, end: datetime, after: str | None) -> tuple[list[Movement], str | None]:
        """Return a page of what vouchers moved from one instant until another, and where the next one starts.

        ``after`` is where the page before ended. The two lie in at most two months (UTC).
        """
        first, _, place = (after or "0:").partition(":")
        bounds = to_text(start), to_text(end)
        months = sorted({bound[:7] for bound in bounds})
        parts = [f"MOVED#{month}#{shard}" for month in months for shard in range(MOVED_SHARDS)]
        found: list[Movement] = []
        for part in range(int(first), len(parts)):
            begins = f"{place}\0" if place else bounds[0]
            wanted = Query(parts[part], between=(begins, bounds[1]), limit=MOVED_PAGE - len(found))
            page = self.table.page(wanted).items
            found += [Movement(**from_json(item["text"])) for item in page]
            if len(found) == MOVED_PAGE:
                return found, f"{part}:{page[-1]['sk']}"
            place = ""
        return found, None


def new_voucher(voucher: Voucher, code: str, now: datetime) -> list[Put]:
    """Return what keeps a voucher that is granted, in whatever transaction."""
    return [Put(voucher_item(voucher, code), absent=("pk",)), *_moved(None, voucher, now)]


def voucher_item(voucher: Voucher, code: str) -> dict[str, Any]:
    """Return a voucher as the table has it, by the hash of its code."""
    ttl = kept_until(from_text(voucher.expires_at), VOUCHERS)
    item = {**_voucher_key(code), "edition": voucher.edition, "text": to_json(asdict(voucher)), "ttl": ttl}
    due = voucher.due_at
    return item if due is None else {**item, "due_at": due, "due_shard": HELD_SHARDS[crc32(code.encode()) % HELD_PARTS]}


def kept_until(moment: datetime, kept: timedelta) -> int:
    """Return until when (a Unix time) something is kept that counts from a moment."""
    return int((moment + kept).timestamp())


def _voucher_key(code: str) -> Key:
    return {"pk": f"VOUCHER#{code}", "sk": VOUCHER}


def _request_key(request: str) -> Key:
    return {"pk": f"REQUEST#{request}", "sk": "REQUEST"}


def _asked(asks: Asks | None, now: datetime) -> Iterable[Put]:
    """Yield what keeps a request: what it asks must be what it asked before."""
    if asks is not None:
        item = {**_request_key(asks.request), "asked": asks.asked, "ttl": kept_until(now, REDEEM_REQUESTS)}
        yield Put(item, equal={"asked": asks.asked}, or_absent="asked")


def _moved(before: Voucher | None, after: Voucher, now: datetime) -> Iterable[Put]:
    """Yield the line of the accounts that a change makes, if it does."""
    made = moved(before, after, to_text(now))
    if made is not None:
        name = f"{made.at}#{made.grant_id}#{made.edition}"
        shard = crc32(made.grant_id.encode()) % MOVED_SHARDS
        key = {"pk": f"MOVED#{made.at[:7]}#{shard}", "sk": name}
        yield Put({**key, "text": to_json(made._asdict()), "ttl": kept_until(now, VOUCHERS)})


def _voucher_kept(item: Mapping[str, Any]) -> Voucher:
    said = with_last_day(from_json(item["text"]))
    return Voucher(**{**said, "spent": tuple(said.get("spent", ()))})
