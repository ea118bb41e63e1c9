"""The stock feature's own reads and writes of the Stock table: settling, sweeps, and what an operator asks."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from standby.ledger import items
from standby.ledger.model import Level, Owed, PurchaseOrder, SettleState, SkuStock, SkuView, Step
from standby.ledger.numbers import step
from standby.ledger.table import LedgerTable, readable
from standby.platform.clock import to_text
from standby.platform.dynamodb import ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.table import Cursor, Page, Put, Query, Update, Write, key_of

DUE_PAGE = 100
SKUS_PAGE = 50
LEVELS_PAGE = 25


@frozen()
class SettleRepository:
    """Keeps the settle states, each guarded by its edition."""

    table: LedgerTable

    def change(
        self, sku: str, move: Callable[[SettleState], SettleState], *, now: datetime
    ) -> tuple[SettleState, SettleState]:
        """Move a SKU's state and return it before and after; unknown SKUs are out.

        When somebody else wrote meanwhile, ``move`` is called again with the state as it is then. A move that changes
        nothing writes nothing. A change between out, pending, in and silently in leaves a step. Raises `BusyError`.
        """
        return self.table.retried(partial(self._attempt, sku, move, now))

    def put_off(self, sku: str, *, until: datetime, now: datetime) -> None:
        """Let a SKU that is due by now be due at a later time. Nothing of its state is read. Raises `BusyError`."""
        later = {"due_at": to_text(until)}
        with suppress(ConditionFailedError):
            self.table.apply([Update(items.settle_key(sku), assign=later, at_most={"due_at": to_text(now)})])

    def _attempt(
        self, sku: str, move: Callable[[SettleState], SettleState], now: datetime
    ) -> tuple[SettleState, SettleState]:
        item = self.table.item(items.settle_key(sku))
        before = items.settle_state(item) if item else SettleState()
        after = move(before)
        if after != before:
            self._save(sku, before, after, now)
        return before, after

    def _save(self, sku: str, before: SettleState, after: SettleState, now: datetime) -> None:
        due_shard = items.shard(sku) if after.due_at else None
        values = items.settle_values(after) | {"edition": before.edition + 1, "due_shard": due_shard}
        guard = {"equal": {"edition": before.edition}} if before.edition else {"absent": ("pk",)}
        writes: list[Write] = [Update(items.settle_key(sku), assign=values, **guard)]
        if before.state != after.state or before.silent > after.silent:
            writes.append(_settling_step(sku, before, after, now))
        self.table.apply(writes)


@frozen()
class SweepRepository:
    """Finds what the sweeps look for, a page at a time. A page's cursor is ``None`` when it is the last."""

    table: LedgerTable

    def due(self, shard_name: str, cursor: Cursor | None, *, now: datetime) -> tuple[list[str], Cursor | None]:
        """Return SKUs whose crossing is to be decided, or whose restock is to be announced, by now."""
        wanted = Query(shard_name, index=items.DUE, up_to=to_text(now), limit=DUE_PAGE)
        return _skus(self.table.page(wanted, cursor))

    def in_location(self, location_id: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs that have a level at a location."""
        wanted = Query(location_id, index=items.BY_LOCATION, limit=LEVELS_PAGE)
        return _skus(self.table.page(wanted, cursor))

    def of_product(self, product_id: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs that belong to a product."""
        return _skus(self.table.page(Query(product_id, index=items.BY_PRODUCT, limit=SKUS_PAGE), cursor))

    def all_skus(self, shard_name: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return SKUs of a shard of the whole ledger."""
        return _skus(self.table.page(Query(shard_name, index=items.SKUS, limit=SKUS_PAGE), cursor))

    def unheard(
        self, shard_name: str, cursor: Cursor | None
    ) -> tuple[dict[str, tuple[SkuStock, Owed] | None], Cursor | None]:
        """Return SKUs of a shard that changed, and since when nobody noted that their changes were heard.

        ``None`` stands for numbers that cannot be read.
        """
        page = self.table.page(Query(items.unheard(shard_name), index=items.DUE, limit=DUE_PAGE), cursor)
        found = [item for item in self.table.items(map(key_of, page.items)).values() if "due_shard" in item]
        return {items.sku_of(item): readable(_unheard, item) for item in found}, page.cursor

    def unfinished(self, shard_name: str, *, now: datetime) -> list[tuple[str, str]]:
        """Return claims of a shard that should have ended by now, by SKU and id, at most a page of them."""
        wanted = Query(items.unfinished(shard_name), index=items.DUE, up_to=to_text(now), limit=DUE_PAGE)
        return [_claim_key(item) for item in self.table.page(wanted).items]

    def shipped(self, shard_name: str, *, now: datetime) -> tuple[list[tuple[str, str]], bool]:
        """Return a page of a shard's claims that were shipped and should be counted no more; whether there are more."""
        page = self.table.page(Query(items.shipped(shard_name), index=items.DUE, up_to=to_text(now), limit=DUE_PAGE))
        return [_claim_key(item) for item in page.items], page.cursor is not None

    def heard(self, stock: SkuStock, revision: int) -> None:
        """Note that a SKU's changes up to a revision were heard, unless it changed again. Raises `BusyError`.

        Its own revision: it owes nothing. An earlier one: it owes its last change.
        """
        assign: dict[str, str | int | None] = {"due_shard": None, "due_at": None, items.HEARD_BEFORE: None}
        if revision < stock.revision:
            assign = {"due_at": stock.changed_at, items.HEARD_BEFORE: revision}
        with suppress(ConditionFailedError):
            self.table.apply([Update(items.sku_key(stock.sku), assign=assign, equal={"revision": stock.revision})])

    def states(self, skus: list[str]) -> dict[str, SettleState]:
        """Return the settle states of SKUs, without those that cannot be read; SKUs that have none are out."""
        found = self.table.items(items.settle_key(sku) for sku in skus)
        known = {items.sku_of(item): readable(items.settle_state, item) for item in found.values()}
        states = {sku: known.get(sku, SettleState()) for sku in skus}
        return {sku: state for sku, state in states.items() if state is not None}

    def stock(self, sku: str) -> SkuStock | None:
        """Return a SKU's numbers."""
        item = self.table.item(items.sku_key(sku))
        return items.stock(item) if item else None


@frozen()
class StockRepository:
    """Reads what an operator asks."""

    table: LedgerTable

    def view(self, sku: str) -> SkuView | None:
        """Return everything that is known about a SKU now, ``None`` for an unknown one."""
        found = self.table.between(items.partition(sku), items.LEVELS, items.SKU)
        stock: SkuStock | None = None
        state = SettleState()
        levels: list[Level] = []
        purchase_orders: list[PurchaseOrder] = []
        product_id: str | None = None
        for item in found:
            if item["sk"] == items.SKU:
                stock = items.stock(item)
            elif item["sk"] == items.SETTLE:
                state = items.settle_state(item)
            elif item["sk"] == items.PRODUCT:
                product_id = items.membership(item).product_id
            elif item["sk"].startswith(items.LEVELS):
                levels.append(items.level(item))
            elif item["sk"].startswith(items.PURCHASE_ORDERS):
                purchase_orders.append(items.purchase_order(item))
        if stock is None:
            return None
        return SkuView(stock=stock, state=state, product_id=product_id, levels=levels, purchase_orders=purchase_orders)

    def steps(self, sku: str, *, before: str | None, limit: int) -> tuple[list[Step], str | None]:
        """Return a SKU's latest steps before a cursor (``None``: of all), oldest first, and a cursor of older ones."""
        cursor = {"pk": items.partition(sku), "sk": f"{items.STEPS}{before}"} if before else None
        page = self.table.page(
            Query(items.partition(sku), starting=items.STEPS, newest_first=True, limit=limit), cursor
        )
        found = [items.step(item) for item in page.items]
        return found[::-1], page.cursor["sk"].removeprefix(items.STEPS) if page.cursor else None


def _settling_step(sku: str, before: SettleState, after: SettleState, now: datetime) -> Put:
    numbers = {
        "from": before.state,
        "to": after.state,
        "latest_revision": after.latest_revision,
        "latest_free": after.latest_free,
        "crossing_revision": after.crossing_revision,
        "restock_revision": after.restock_revision,
        "due_at": after.due_at,
    }
    rules = {
        "out": "nothing is free, or no longer enough at the end of the settle time",
        "pending": "enough became free; it must still be after the settle time",
        "in": "enough was still free after the settle time",
    }
    if after.silent:
        rules["in"] += ", by netting alone: nobody is told until goods come"
    elif before.silent and after.state == "in":
        rules["in"] = "goods came to units that netting had freed"
    return step(sku, f"settle:{before.edition + 1}", f"settle.{after.state}", rules[after.state], numbers, now=now)


def _unheard(item: Item) -> tuple[SkuStock, Owed]:
    return items.stock(item), items.since(item)


def _skus(page: Page) -> tuple[list[str], Cursor | None]:
    return list(dict.fromkeys(items.sku_of(item) for item in page.items)), page.cursor


def _claim_key(item: Item) -> tuple[str, str]:
    return items.sku_of(item), item["sk"].removeprefix(items.CLAIMS)
