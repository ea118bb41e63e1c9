"""Promises 1, 4 and 9 and the restocks, searched by a state machine: whatever the ERP says, in any order or twice."""

import random
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from standby.ledger import claims as ledger
from standby.ledger.claim_items import LIVE
from standby.platform.clock import to_milliseconds, to_text

from tests.fakes import EPOCH, FakeClock
from tests.promises.ledger_checks import LedgerChecks, moment
from tests.promises.ledger_messages import (
    SHELF,
    SKUS,
    changes,
    full_counts,
    levels,
    messages,
    pages,
    places,
    seeds,
    skus,
    ticks,
    unsteady,
)
from tests.promises.reference import Claim
from tests.promises.shop import OPS
from tests.promises.unruly import BREAKS, BreakOnce, searching
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P4", "P9")

which = st.integers(0, 7)


class Ledger(LedgerChecks):
    """The ERP talks, customers take units, the operator decides; after each step the ledger agrees with the paper."""

    # ---- what the ERP says ----

    @initialize(seconds=st.sampled_from((0, 0, 60)), unsteady=unsteady)
    def begin(self, seconds: int, unsteady: int | None) -> None:
        if unsteady is not None:
            self.world.unsteady(unsteady)
        self.missing: list[dict[str, Any]] = []
        self.begun = 0
        self.world.clock.advance(seconds=60)
        if seconds:
            self.change("shop", {"settle_seconds": seconds}, 0)

    @rule(said=st.lists(messages, min_size=1, max_size=6), seed=seeds)
    def talks(self, said: list[dict[str, Any]], seed: int) -> None:
        for message in said:
            self._send(self._dated(message))
        self.run(seed)

    @rule(level=levels, seed=seeds)
    def counts(self, level: dict[str, Any], seed: int) -> None:
        self._send({**self._dated(level), "as_of": self._instant("now")})
        self.run(seed)

    @rule(sku=skus, place=places, units=st.lists(st.sampled_from((0, 0, 5)), min_size=2, max_size=5), seed=seeds)
    def flaps_while_the_settler_lags(self, sku: str, place: str, units: list[int], seed: int) -> None:
        for on_hand in units:
            level = {"type": "stock.level", "sku": sku, "location_id": place, "on_hand": on_hand, "as_of": "now"}
            self._send(self._dated(level))
            self.run(seed, held=("StockSettle",))
        self.run(seed)

    @rule(said=st.lists(messages, min_size=2, max_size=30), seed=seeds, over_http=st.booleans())
    def talks_in_a_batch(self, said: list[dict[str, Any]], seed: int, *, over_http: bool) -> None:
        self.world.clock.advance(milliseconds=2)
        dated = [self._dated(message) for message in said]
        body = {"type": "batch", "messages": dated}
        received_at = to_milliseconds(self.world.clock.now())
        if over_http:
            waiting = len(self.world.queues["StockUpdates"])
            status, answer = self.world.request("stock_api", "POST", "/v1/messages/stock", body=body, scopes="erp")
            assert (status, answer["accepted"], answer["rejected"]) == (202, len(said), [])
            # The receipt is by the clock of the function, which may be wrong.
            received_at = int(self.world.queues["StockUpdates"][waiting].attributes["received_at"])
        else:
            self.world.send("StockUpdates", body)
        for index, message in enumerate(dated):
            self.paper.hear(message, received_at=received_at, index=index)
        self.run(seed)

    @rule(seed=seeds, bad=st.sampled_from(('{"type": "stock.level"}', "{", '{"type": "batch", "messages": {}}')))
    def talks_nonsense(self, seed: int, bad: str) -> None:
        self.poison.add(bad)
        self.world.send("StockUpdates", bad)
        self.run(seed)

    # ---- full counts ----

    @rule(
        count=full_counts,
        besides=st.lists(messages, max_size=3),
        afterwards=st.lists(levels, min_size=1, max_size=4),
        claimed=st.booleans(),
        seed=seeds,
    )
    def counts_a_location(
        self,
        count: dict[str, Any],
        besides: list[dict[str, Any]],
        afterwards: list[dict[str, Any]],
        seed: int,
        *,
        claimed: bool,
    ) -> None:
        """Count everything at a location, perhaps one where somebody has a claim. Then older words may come late."""
        claim = self._claim(0, "taken", "settled")
        if claimed and claim and claim.location_id:
            count = {**count, "location_id": claim.location_id}
        at = self._instant(count["as_of"])
        self.begun += 1
        snapshot_id = f"COUNT-{self.begun}"
        sent = [{**page, "as_of": at} for page in pages(count, snapshot_id)]
        random.Random(seed).shuffle(sent)
        if count["missing"]:
            self.missing.append(sent.pop())
        named = {level["sku"]: int(level.get("on_hand", 1)) for page in sent for level in page["levels"]}
        if sent and not besides and not count["missing"]:
            stored = self.stored_levels(count["location_id"])
            older = [sku for sku, item in stored.items() if item["on_hand"] > 0 and moment(item["as_of"]) < moment(at)]
            self.falling[snapshot_id, count["location_id"]] = sum(named.get(sku, 0) <= 0 for sku in older)
        for message in [*map(self._dated, besides), *sent]:
            self._send(message)
        for _ in range(2):
            self.run(seed)
            self.every_promise_holds()
            self.world.clock.advance(seconds=6)
        for level in afterwards:
            self._send({**self._dated(level), "location_id": count["location_id"]})
        self.run(seed)

    @rule(which=which, seed=seeds)
    def a_missing_page_comes(self, which: int, seed: int) -> None:
        if self.missing:
            self._send(self.missing.pop(which % len(self.missing)))
            self.run(seed)

    @rule(which=which, how=st.sampled_from(("approve", "reject")), seed=seeds)
    def decides_about_a_count(self, which: int, how: str, seed: int) -> None:
        if not self.paper.counts:
            return
        snapshot_id, place = list(self.paper.counts)[which % len(self.paper.counts)]
        path = f"/v1/stock/snapshots/{snapshot_id}"
        query = {"location_id": place}
        _, before = self.world.request("stock_api", "GET", path, query=query, scopes=OPS)
        status, answer = self.world.request("stock_api", "POST", f"{path}/{how}", query=query, scopes=OPS)
        undecided = {"waiting_for_approval"} if how == "approve" else {"waiting_for_approval", "receiving"}
        again = {"applying"} if how == "approve" else {"rejected"}
        assert (status == 200) == (before["state"] in undecided | again), (before, answer)
        self.run(seed)

    # ---- customers ----

    @rule(
        sku=skus,
        units=st.integers(1, 4),
        counted_as=st.sampled_from(("owed", "held")),
        place=st.one_of(st.none(), places),
        again=st.booleans(),
    )
    def takes_units(self, sku: str, units: int, counted_as: Any, place: str | None, *, again: bool) -> None:
        claim = Claim(f"claim-{len(self.paper.claims)}", sku, units, counted_as, place)
        known = list(self.paper.claims.values())
        if again and known:
            claim = known[-1]
        view = self.view(claim.sku)
        taken = ledger.Claim(
            claim_id=claim.claim_id,
            sku=claim.sku,
            kind="offer",
            units=claim.units,
            counted_as=counted_as if claim not in known else claim.counted_as,  # type: ignore[arg-type]
            location_id=claim.location_id,
        )
        try:
            got = self.with_claims(lambda book: book.take(taken, now=self.world.clock.now()))
        except ledger.SoldOutError:
            assert claim not in known
            assert claim.counted_as == "held", "what is owed need not be there"
            assert view is None or view["free"] < claim.units, "sold out, and it was not"
            return
        if claim in known:
            assert ("left" if got.shipped_at and got.status in LIVE else got.status) == claim.status
        else:
            assert claim.counted_as == "owed" or view["free"] >= claim.units, "oversold"
            self.paper.claims[claim.claim_id] = claim
        self.run(0)

    @rule(which=which, shipped=st.booleans(), seed=seeds)
    def a_claim_ends(self, which: int, seed: int, *, shipped: bool) -> None:
        claim = self._claim(which, "taken", "settled", "netted")
        if claim is None:
            return
        now = self.world.clock.now()
        self.with_claims(lambda book: (book.shipped if shipped else book.give_back)(claim.sku, claim.claim_id, now=now))
        self._catch_up()
        if shipped:
            self.note_leaving(claim)
        else:
            self.paper.claim(claim.claim_id, status="returned")
        self.run(seed)

    @rule(which=which, tick=ticks, seed=seeds)
    def a_claims_order_is_known(self, which: int, tick: int | str | None, seed: int) -> None:
        claim = self._claim(which, "taken")
        if claim is None:
            return
        at = self._instant(tick) or self._instant("now") or ""
        now = self.world.clock.now()
        self.with_claims(lambda book: book.settle(claim.sku, claim.claim_id, settled_at=at, now=now))
        self.paper.claim(claim.claim_id, status="settled", settled_at=at)
        self.run(seed)

    @rule(
        sku=skus,
        place=places,
        counted_as=st.sampled_from(("owed", "held")),
        short=st.booleans(),
        goods=st.sampled_from((0, 0, 1, 3)),
        shipped=st.booleans(),
        seed=seeds,
    )
    def an_order_takes_all_and_is_netted(
        self, sku: str, place: str, counted_as: Any, goods: int, seed: int, *, short: bool, shipped: bool
    ) -> None:
        """Sell everything, and let the ERP's level contain the order, perhaps together with goods that came."""
        self._counts_now(sku, place, 9, seed)
        view = self.view(sku)
        if view["free"] < 1:
            return
        self.takes_units(sku, view["free"], counted_as, place, again=False)
        self.every_promise_holds()
        claim = list(self.paper.claims.values())[-1]
        if shipped:
            self.a_claim_ends(self._which(claim, "taken", "settled"), seed, shipped=True)
            return
        there = 0 if short else 9
        if short:
            self._counts_now(sku, place, there, seed)
        self.a_claims_order_is_known(self._which(claim, "taken"), "now", seed)
        self.every_promise_holds()
        self._counts_now(sku, place, there + goods, seed, netted_until=self._instant("now"))

    # ---- the operator, time and crashes ----

    @rule(scope=st.sampled_from(("shop", *(f"sku:{sku}" for sku in SKUS))), change=changes, seed=seeds)
    def change(self, scope: str, change: dict[str, int | None], seed: int) -> None:
        self.paper.adjust(scope, change)
        self.quick = self.quick and not change.get("settle_seconds")
        self.shop.settings(scope, **change)
        self.run(seed)

    @rule(seconds=st.sampled_from((1, 20, 45, 130)), seed=seeds)
    def waits(self, seconds: int, seed: int) -> None:
        self.world.clock.advance(seconds=seconds)
        self.world.send("StockSweeps", {"sweep": "due"})
        self.run(seed)

    @rule(job=st.sampled_from(({"sweep": "unannounced"}, {"sweep": "sku", "sku": "MUG"})), seed=seeds)
    def looks_for_what_was_not_told(self, job: dict[str, str], seed: int) -> None:
        self.world.send("StockSweeps", job)
        self.run(seed)

    @rule(number=st.integers(0, 60), fault=st.sampled_from(sorted(BREAKS)))
    def something_will_break(self, number: int, fault: str) -> None:
        if self.breaker is None or self.breaker.done:
            self.broken = True
            self.breaker = BreakOnce(number, BREAKS[fault])

    def teardown(self) -> None:
        if not self.world.events:
            return
        self.breaker = None
        for _ in range(3):
            self.world.wait(minutes=3)
            self.every_promise_holds()
        assert all((self.view(sku) or {"state": "out"})["state"] != "pending" for sku in SKUS)
        doing = [key for key, state in self.paper.emptied.items() if state == "doing"]
        assert not doing, f"never finished: {doing}"
        assert all(self.paper.level(sku, place) for sku in SHELF for place in {key[1] for key in self.paper.counts})

    # ---- means ----

    def _claim(self, which: int, *statuses: str) -> Claim | None:
        found = [claim for claim in self.paper.claims.values() if claim.status in statuses]
        return found[which % len(found)] if found else None

    def _which(self, claim: Claim, *statuses: str) -> int:
        return [each for each in self.paper.claims.values() if each.status in statuses].index(claim)

    def _counts_now(self, sku: str, place: str, on_hand: int, seed: int, **more: Any) -> None:
        """Let the ERP count a SKU somewhere, and run everything that follows from it."""
        level = {"type": "stock.level", "sku": sku, "location_id": place, "on_hand": on_hand, **more}
        self._send({**level, "as_of": self._instant("now")})
        self.run(seed)
        self.every_promise_holds()

    def _send(self, message: dict[str, Any]) -> None:
        self.world.clock.advance(milliseconds=2)
        self.paper.hear(message, received_at=to_milliseconds(self.world.clock.now()), index=0)
        self.world.send("StockUpdates", message)

    def _dated(self, message: dict[str, Any]) -> dict[str, Any]:
        names = {"occurred_at", "as_of", "netted_until"} & message.keys()
        return {**message, **{name: self._instant(message[name]) for name in names}}

    def _instant(self, tick: int | str | None) -> str | None:
        if tick is None:
            return None
        if tick == "now":
            return to_text(self.world.clock.now())
        clock = FakeClock(EPOCH)
        clock.advance(seconds=10 * int(tick))
        return to_text(clock.now())


def test_the_ledger_agrees_with_paper_whatever_arrives(world: World) -> None:
    start = world.snapshot()
    run_state_machine_as_test(lambda: Ledger(world, start), settings=searching(examples=60, steps=25))
