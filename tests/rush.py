"""A rush: many who want the same units at once, each asking as a storefront does, and what must hold afterwards."""

import json
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from standby.ledger.reader import LedgerReader
from standby.platform.backoff import BusyError
from standby.platform.clock import Clock, to_text
from standby.preorder.assembly.api import assemble
from standby.preorder.campaigns import terms_of
from standby.preorder.counter_model import CounterName
from standby.preorder.items import DUE_SHARDS, sku_due
from standby.preorder.model import Customer, RefusedError
from standby.preorder.routes import Desk
from standby.preorder.service import OtherBodyError, Request, Wish
from standby.preorder.settings import ApiSettings

from tests.linearizable import Call, History, Units, faults

MOST_TRIES = 50
HOLD_MINUTES = 15
LATER = timedelta(minutes=HOLD_MINUTES + 1)
"""After so long no hold of a rush lasts."""
Asked = tuple[int, Any]


@dataclass(frozen=True, kw_only=True)
class Rush:
    """Units of a SKU that many want."""

    sku: str
    kind: Literal["preorder", "checkout"]
    units: int
    limit: int | None = None
    shards: int = 8
    expected_per_second: int | None = None

    def terms(self, today: datetime) -> dict[str, Any]:
        """Return the campaign as its shop puts it."""
        release = (today + timedelta(days=60)).date().isoformat()
        terms = {"kind": "preorder", "capacity": self.units, "release_on": release, "shards": self.shards}
        limited: dict[str, Any] = {} if self.limit is None else {"limit_per_customer": self.limit}
        if self.expected_per_second is not None:
            limited["expected_per_second"] = self.expected_per_second
        return terms | limited | {"price": {"amount": 5_900, "currency": "EUR"}, "hold_minutes": HOLD_MINUTES}

    def faults(self, calls: Sequence[Call]) -> list[str]:
        """Return what is wrong with a history of it."""
        return faults(calls, {self.sku: Units(self.units, self.limit)})


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a customer wants. ``again``: asks a second time, as after a lost answer. ``leaves``: cancels at once."""

    key: str
    units: int = 1
    customer: str
    again: bool = False
    leaves: bool = False


def attempts(count: int, *, seed: int = 0, customers: int | None = None, most_units: int = 1) -> list[Attempt]:
    """Return attempts; a tenth ask again, a tenth leave. ``customers``: so few people make them all."""
    chance = random.Random(seed)
    return [
        Attempt(
            key=f"k{number:05}",
            units=chance.randint(1, most_units),
            customer=f"c{number % (customers or count):05}",
            again=chance.random() < 0.1,
            leaves=chance.random() < 0.1,
        )
        for number in range(count)
    ]


@dataclass(frozen=True)
class Storefront:
    """Asks the service itself. Its routes would not do: they answer one request of a process at a time."""

    desk: Desk

    def opens(self, rush: Rush) -> None:
        """Open the campaign of a rush."""
        now = self.desk.clock.now()
        self.desk.campaigns.put(rush.sku, terms_of(rush.terms(now)))

    def reserve(self, rush: Rush, attempt: Attempt) -> Asked:
        """Ask for units; return status and answer as the route does."""
        customer = Customer(email=f"{attempt.customer}@example.org", locale="en")
        wish = Wish(kind=rush.kind, lines=((rush.sku, attempt.units),), customer=customer)
        request = Request.of("rush", attempt.key, {"quantity": attempt.units})
        try:
            made = self.desk.reserving.reserve(wish, request)
        except RefusedError as error:
            return 409, {"type": error.slug, "detail": str(error)}
        except OtherBodyError:
            return 422, {}
        except BusyError:
            return 503, {}
        return 201, dict(self.desk.shower.begun(made, [rush.sku]))

    def takes_part(self, rush: Rush, wanted: Iterable[Attempt], history: History) -> None:
        """Make attempts one after the other, as one process of many."""
        for attempt in wanted:
            self._try(rush, attempt, history)

    def _try(self, rush: Rush, attempt: Attempt, history: History) -> None:
        def ask() -> Asked:
            return history.reserve(
                lambda: self.reserve(rush, attempt),
                rush.sku, attempt.key, units=attempt.units, customer=attempt.customer,
            )  # fmt: skip

        made = ask()
        for _ in range(MOST_TRIES):
            if made[0] != 503:
                break
            made = ask()
        if made[0] == 201 and attempt.leaves:
            began = time.monotonic()
            assert self.desk.ending.cancel(made[1]["id"])
            history.end(rush.sku, attempt.key, began=began, ended=time.monotonic())
        if attempt.again:
            ask()

    def taken(self, rush: Rush) -> int:
        """Return how many units the ledger says are somebody's. A campaign's counters must say the same."""
        ledger: Any = self.desk.campaigns.ledger
        assert isinstance(ledger, LedgerReader)
        stock = ledger.stock(rush.sku)
        units = stock.owed + stock.held if stock else 0
        _, counters = self.desk.campaigns.campaigns.campaign(rush.sku)
        units -= sum(counter.credit for counter in counters)
        if rush.kind == "preorder":
            shown = self.desk.campaigns.show(rush.sku)
            assert shown is not None
            assert (shown["reserved"], shown["remaining"]) == (units, rush.units - units), (shown, units)
        return units

    def sweeps(self, rush: Rush, history: History) -> None:
        """End every hold that is over, as the sweep of each minute does, and note it."""
        desk, began = self.desk, time.monotonic()
        over: list[str] = []
        for shard in DUE_SHARDS:
            cursor = None
            while True:
                found, cursor = desk.ending.preorders.due(shard, to_text(desk.clock.now()), cursor)
                ids = [each for each in found if isinstance(each, str) and sku_due(each) is None]
                over += [each for each in ids if (ended := desk.ending.expire(each)) and ended.status == "expired"]
                for counter in found:
                    if isinstance(counter, CounterName):
                        desk.campaigns.credits.end_idle(counter)
                if cursor is None:
                    break
        by_id = {json.loads(call.text)["id"]: call.key for call in history.calls if call.said == "made"}
        for reservation_id in over:
            if reservation_id in by_id:
                history.end(rush.sku, by_id[reservation_id], began=began, ended=time.monotonic())


@dataclass(frozen=True)
class Later:
    """A clock that is ahead of another."""

    clock: Clock
    ahead: timedelta

    def now(self) -> datetime:
        """Return the instant."""
        return self.clock.now() + self.ahead


class Nobody:
    """Takes the place of messages and events, which a rush is not about."""

    def end(self, _reservation_id: str, **_when: Any) -> None:
        """Leave the hold to the sweep."""

    def tell(self, _reservation: Any) -> None:
        """Tell nobody."""

    def send(self, _messages: Any) -> None:
        """Send nothing."""


def service(*, ahead: timedelta = timedelta()) -> Storefront:
    """Return the service on the tables of the current AWS, its clock ahead; it tells nobody."""
    unread = {each.name: each.name for each in fields(ApiSettings)}
    known = {"preorders_table": "Preorder", "stock_table": "Stock", "id_case": "exact"}
    settings = ApiSettings(**{**unread, **known})
    desk, nobody = assemble(settings), Nobody()
    clock: Any = Later(desk.clock, ahead)
    quiet: Any = nobody
    return Storefront(
        replace(
            desk,
            campaigns=replace(desk.campaigns, records=quiet, clock=clock),
            reserving=replace(desk.reserving, expiries=quiet, announcer=quiet, clock=clock),
            ending=replace(desk.ending, announcer=quiet, clock=clock),
            shower=replace(desk.shower, clock=clock),
            clock=clock,
        )
    )
