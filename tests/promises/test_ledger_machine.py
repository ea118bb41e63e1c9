"""Promise 4 and the restocks, searched by a state machine: whatever the ERP says in whatever order, twice or late."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.dynamodb import from_item

from tests.fakes import EPOCH, FakeClock
from tests.promises.reference import Paper
from tests.promises.shop import Shop
from tests.promises.unruly import BREAKS, BreakOnce, run_unruly, searching
from tests.world import World

SKUS = ("MUG", "TEE")
PLACES = ("north", "south", "shop-1")
LINES = ("PO-1", "PO-2")
KINDS = ("warehouse", "store", "quarantine", "returns", "transit")

seeds = st.integers(0, 2**16)
skus = st.sampled_from(SKUS)
ticks = st.one_of(st.none(), st.just("now"), st.integers(0, 5))
"""When it was observed: not told, now, or one of a few instants, so that many are equal."""
quantities = st.one_of(st.integers(-2, 6), st.sampled_from((0, 0, 0.9, 2.5, -0.5)))
levels = st.fixed_dictionaries(
    {"type": st.just("stock.level"), "sku": skus, "location_id": st.sampled_from(PLACES), "as_of": ticks},
    optional={"sequence": st.integers(0, 3)},
).flatmap(
    lambda level: st.one_of(
        st.fixed_dictionaries({"on_hand": quantities}, optional={"committed": st.sampled_from((0, 1, 2, 1.5, -1))}),
        st.fixed_dictionaries({"available": quantities}),
    ).map(lambda numbers: {**level, **numbers})
)
incoming = st.fixed_dictionaries(
    {
        "type": st.just("stock.incoming"),
        "sku": skus,
        "purchase_order_id": st.sampled_from(LINES),
        "quantity": st.sampled_from((0, 3, 10, 4.5)),
        "eta": st.sampled_from((None, "2026-06-01", "2026-06-09")),
        "as_of": ticks,
    }
)
received = st.fixed_dictionaries(
    {
        "type": st.just("stock.received"),
        "sku": skus,
        "purchase_order_id": st.sampled_from(LINES),
        "quantity": st.sampled_from((0, 2, 10, 12)),
        "occurred_at": ticks,
    }
)
locations = st.fixed_dictionaries(
    {
        "type": st.just("location.upserted"),
        "location_id": st.sampled_from(PLACES),
        "kind": st.sampled_from(KINDS),
        "as_of": ticks,
    },
    optional={"sells_online": st.booleans(), "ships_orders": st.booleans()},
)
messages = st.one_of(levels, levels, levels, incoming, received, locations)
changes = st.fixed_dictionaries(
    {},
    optional={
        "safety_stock": st.sampled_from((None, 0, 1, 3)),
        "minimum_restock": st.sampled_from((None, 1, 2, 4)),
        "settle_seconds": st.sampled_from((None, 0, 30, 90)),
    },
).filter(bool)


class Ledger(RuleBasedStateMachine):
    """The ERP talks, the operator changes settings, time passes; after each step the ledger agrees with the paper."""

    def __init__(self, world: World, start: Any) -> None:
        super().__init__()
        world.restore(start)
        self.world, self.shop, self.paper = world, Shop(world), Paper()
        self.poison: set[str] = set()
        self.broken = False
        self.quick = True
        self.seen = dict.fromkeys(SKUS, 0)
        self.exact = dict.fromkeys(SKUS, True)
        self.state = dict.fromkeys(SKUS, "out")
        self.restocks = dict.fromkeys(SKUS, 0)

    # ---- what happens ----

    @initialize(seconds=st.sampled_from((0, 60)))
    def begin(self, seconds: int) -> None:
        self.world.clock.advance(seconds=60)
        if seconds:
            self.change("shop", {"settle_seconds": seconds}, 0)

    @rule(said=st.lists(messages, min_size=1, max_size=6), seed=seeds)
    def talks(self, said: list[dict[str, Any]], seed: int) -> None:
        for message in said:
            self._send(self._dated(message))
        run_unruly(self.world, seed)

    @rule(level=levels, seed=seeds)
    def counts(self, level: dict[str, Any], seed: int) -> None:
        self._send({**self._dated(level), "as_of": self._instant("now")})
        run_unruly(self.world, seed)

    @rule(
        sku=skus,
        place=st.sampled_from(PLACES),
        units=st.lists(st.sampled_from((0, 0, 5)), min_size=2, max_size=5),
        seed=seeds,
    )
    def flaps_while_the_settler_lags(self, sku: str, place: str, units: list[int], seed: int) -> None:
        for on_hand in units:
            level = {"type": "stock.level", "sku": sku, "location_id": place, "on_hand": on_hand, "as_of": "now"}
            self._send(self._dated(level))
            run_unruly(self.world, seed, held=("StockSettle",))
        run_unruly(self.world, seed)

    @rule(said=st.lists(messages, min_size=2, max_size=30), seed=seeds, over_http=st.booleans())
    def talks_in_a_batch(self, said: list[dict[str, Any]], seed: int, *, over_http: bool) -> None:
        self.world.clock.advance(milliseconds=2)
        dated = [self._dated(message) for message in said]
        body = {"type": "batch", "messages": dated}
        for index, message in enumerate(dated):
            self.paper.hear(message, received_at=to_milliseconds(self.world.clock.now()), index=index)
        if over_http:
            status, answer = self.world.request("stock_api", "POST", "/v1/messages/stock", body=body, scopes="erp")
            assert (status, answer["accepted"], answer["rejected"]) == (202, len(said), [])
        else:
            self.world.send("StockUpdates", body)
        run_unruly(self.world, seed)

    @rule(seed=seeds, bad=st.sampled_from(('{"type": "stock.level"}', "{", '{"type": "batch", "messages": {}}')))
    def talks_nonsense(self, seed: int, bad: str) -> None:
        self.poison.add(bad)
        self.world.send("StockUpdates", bad)
        run_unruly(self.world, seed)

    @rule(scope=st.sampled_from(("shop", *(f"sku:{sku}" for sku in SKUS))), change=changes, seed=seeds)
    def change(self, scope: str, change: dict[str, int | None], seed: int) -> None:
        self.paper.set(scope, change)
        self.quick = self.quick and not change.get("settle_seconds")
        self.shop.settings(scope, **change)
        run_unruly(self.world, seed)

    @rule(seconds=st.sampled_from((1, 20, 45, 130)), seed=seeds)
    def waits(self, seconds: int, seed: int) -> None:
        self.world.clock.advance(seconds=seconds)
        self.world.send("StockSweeps", {"sweep": "due"})
        run_unruly(self.world, seed)

    @rule(job=st.sampled_from(({"sweep": "unannounced"}, {"sweep": "sku", "sku": "MUG"})), seed=seeds)
    def looks_for_what_was_not_told(self, job: dict[str, str], seed: int) -> None:
        self.world.send("StockSweeps", job)
        run_unruly(self.world, seed)

    @rule(number=st.integers(0, 40), fault=st.sampled_from(sorted(BREAKS)), said=levels, seed=seeds)
    def something_breaks(self, number: int, fault: str, said: dict[str, Any], seed: int) -> None:
        self.broken = True
        self.world.tap = BreakOnce(number, BREAKS[fault])
        self._send(self._dated(said))
        run_unruly(self.world, seed)
        self.world.tap = lambda _service, _operation, _parameters, make: make()

    # ---- what must hold ----

    @invariant()
    def the_numbers_are_the_papers(self) -> None:
        for sku in SKUS:
            view = self._view(sku)
            expected = self.paper.numbers(sku)
            if view is None:
                assert not self.paper.levels(sku)
                assert expected["incoming"] == 0
            else:
                assert expected == {name: view[name] for name in expected}, sku

    @invariant()
    def poison_lies_where_it_belongs(self) -> None:
        letters = {name: list(queue) for name, queue in self.world.queues.items() if "DeadLetters" in name and queue}
        assert set(letters) <= {"StockUpdatesDeadLetters"}
        assert self.poison == {letter.body for letter in letters.get("StockUpdatesDeadLetters", ())}

    @invariant()
    def restocks_are_crossings(self) -> None:
        for sku in SKUS:
            history = self._history(sku)
            assert list(range(1, len(history) + 1)) == list(history), "revisions follow one another"
            told: dict[int, dict[str, Any]] = {}
            for name, detail in self.world.events:
                if name == "Restocked" and detail["sku"] == sku:
                    revision = detail["revision"]
                    assert self.broken or revision not in told, "one restock, told twice"
                    assert told.get(revision, detail) == detail, "one identity, two meanings"
                    told[revision] = detail
            previous = 0
            for revision in sorted(told):
                assert history[revision] >= 1, "a restock of nothing"
                between = [history[each] for each in range(previous + 1, revision)]
                assert not previous or min(between) <= 0, f"restocked at {previous} and {revision}, never out between"
                previous = revision
            self._complete(sku, history, told)

    def _complete(self, sku: str, history: dict[int, int], told: dict[int, dict[str, Any]]) -> None:
        view = self._view(sku)
        if view is None:
            return
        zeros = [revision for revision, free in history.items() if free <= 0]
        match view["state"]:
            case "in":
                assert view["free"] > 0
                assert view["settling"]["restock_revision"] in told, "a restock was not told"
                assert view["settling"]["restock_revision"] > max(zeros, default=0), "in since before it was out"
            case "out":
                assert view["free"] < self.paper.setting(sku, "minimum_restock"), "a crossing was lost"
            case "pending":
                assert not self.quick, "pending without a settle time"
        self._count(sku, history, told)

    def _count(self, sku: str, history: dict[int, int], told: dict[int, dict[str, Any]]) -> None:
        """Count the crossings as long as each step brought one revision at most, so that their order is known."""
        fresh, self.seen[sku] = len(history) - self.seen[sku], len(history)
        if fresh > 1 or not self.quick:
            self.exact[sku] = False
        free = history[len(history)] if history else 0
        if free <= 0:
            self.state[sku] = "out"
        elif self.state[sku] == "out" and free >= self.paper.setting(sku, "minimum_restock"):
            self.state[sku] = "in"
            self.restocks[sku] += 1
        if self.exact[sku]:
            assert self.restocks[sku] == len(told), "as many restocks as crossings"

    def teardown(self) -> None:
        if not self.world.events:
            return
        for _ in range(3):
            self.world.wait(minutes=3)
        self.the_numbers_are_the_papers()
        self.restocks_are_crossings()
        assert all((self._view(sku) or {"state": "out"})["state"] != "pending" for sku in SKUS)

    # ---- means ----

    def _send(self, message: dict[str, Any]) -> None:
        self.world.clock.advance(milliseconds=2)
        self.paper.hear(message, received_at=to_milliseconds(self.world.clock.now()), index=0)
        self.world.send("StockUpdates", message)

    def _dated(self, message: dict[str, Any]) -> dict[str, Any]:
        name = "occurred_at" if message["type"] == "stock.received" else "as_of"
        return {**message, name: self._instant(message[name])}

    def _instant(self, tick: int | str | None) -> str | None:
        if tick is None:
            return None
        if tick == "now":
            return to_text(self.world.clock.now())
        clock = FakeClock(EPOCH)
        clock.advance(seconds=10 * int(tick))
        return to_text(clock.now())

    def _view(self, sku: str) -> Any:
        status, body = self.world.request("stock_api", "GET", f"/v1/stock/{sku}", scopes="ops")
        return body if status == 200 else None

    def _history(self, sku: str) -> dict[int, int]:
        """Return what was free at each revision."""
        images = [
            from_item(record["dynamodb"]["NewImage"])
            for record in self.world.memory.tables["Stock"].stream
            if record["dynamodb"]["Keys"] == {"pk": {"S": f"SKU#{sku}"}, "sk": {"S": "SKU"}}
        ]
        return {image["revision"]: image["free_units"] for image in images}


def test_the_ledger_agrees_with_paper_whatever_arrives(world: World) -> None:
    start = world.snapshot()
    run_state_machine_as_test(lambda: Ledger(world, start), settings=searching(examples=25, steps=25))
