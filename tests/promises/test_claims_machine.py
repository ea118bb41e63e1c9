"""Promises 1 and 5 searched over claims: taken together, given, taken back, ended, in any order, twice, and breaking.

After each step the ledger's numbers are those of plain arithmetic, and what a caller wrote beside is there or not with
the claims.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from standby.ledger import items
from standby.ledger.claims import BesideError, Claim, ClaimBook, EndedError, NothingToGiveError, SoldOutError
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.identifier import joined
from standby.platform.table import Put, Update

from tests.fakes import EPOCH
from tests.promises.claiming import insist
from tests.promises.claims_reference import LIVE, ClaimsPaper, Line, Right
from tests.promises.unruly import BREAKS, BreakOnce, searching
from tests.standby.ledger.kits import CAMP, PEG, POLE, TENT, define, incoming, level, look
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P5")

SKUS, RECIPES = (TENT, POLE, PEG, CAMP), ({TENT: 1, POLE: 2}, {TENT: 1, PEG: 1})
OTHERS = "Waitlist"
"""A table that is not the ledger's."""
COUNTER = {"pk": "CAMPAIGN#c1", "sk": "COUNTER#0"}
CAPACITY = 9

lines = st.builds(
    Line,
    sku=st.sampled_from(SKUS),
    units=st.integers(1, 3),
    counted_as=st.sampled_from(("owed", "owed", "held")),
    promised=st.booleans(),
)
which, units = st.integers(0, 7), st.integers(1, 4)


class Claims(RuleBasedStateMachine):
    """The ERP talks, customers reserve, an allocator gives, and any call may break."""

    def __init__(self, world: World, start: Any) -> None:
        super().__init__()
        world.restore(start)
        self.world, self.table = world, LedgerTable("Stock", world.dynamodb)
        self.others = LedgerTable(OTHERS, world.dynamodb)
        self.paper = ClaimsPaper(CAMP, RECIPES[0], left=CAPACITY)
        self.breaker: BreakOnce | None = None
        self.second, self.edition = 0, 1
        self.calls = 0
        self.last: list[Claim] = []

    @initialize(
        stocked=st.booleans(), first=st.sampled_from((TENT, CAMP)), counted_as=st.sampled_from(("owed", "held"))
    )
    def begin(self, first: str, counted_as: str, *, stocked: bool) -> None:
        self.others.write(Put({**COUNTER, "left": CAPACITY}))
        define(self.table, self.paper.recipe)
        for sku in (TENT, POLE, PEG) if stocked else ():
            self.counts(sku, 8, 0, netted=False)
        self.reserves([Line(first, 3, counted_as, promised=False)])

    # ---- what the ERP and the catalogue say ----

    @rule(sku=st.sampled_from(SKUS[:3]), on_hand=st.integers(0, 8), committed=st.sampled_from((0, 0, 1, 5)),
          netted=st.booleans())  # fmt: skip
    def counts(self, sku: str, on_hand: int, committed: int, *, netted: bool) -> None:
        self.second += 1
        more = {"netted_until": self._at(self.second)} if netted else {}
        at = self.second
        self._insist(lambda book: level(book.table, sku, on_hand, second=at, committed=committed, **more))
        self.paper.counts(sku, on_hand, at)
        self.paper.committed[sku] = committed
        if netted:
            self.paper.netted_until[sku] = self.second
        self.paper.net()

    @rule(sku=st.sampled_from(SKUS[:3]), quantity=st.integers(0, 6))
    def announces(self, sku: str, quantity: int) -> None:
        self.second += 1
        at = self.second
        self._insist(lambda book: incoming(book.table, sku, quantity, "2026-06-01", moment=at))
        self.paper.incoming[sku] = quantity
        self.paper.on_hand.setdefault(sku, 0)

    @rule(recipe=st.sampled_from(RECIPES))
    def makes_the_kit_of_something_else(self, recipe: dict[str, int]) -> None:
        self.edition += 1
        edition = self.edition
        self._insist(lambda book: define(book.table, recipe, edition=edition))
        self.paper.recipe = recipe

    # ---- reservations ----

    @rule(asked=st.lists(lines, min_size=1, max_size=3))
    def reserves(self, asked: list[Line]) -> None:
        self.calls += 1
        claims = [self._claim(f"r{self.calls}-{number}", line) for number, line in enumerate(asked)]
        promised = {claim.claim_id for claim, line in zip(claims, asked, strict=True) if line.promised}
        beside = [self._once(), Update(COUNTER, add={"left": -1}, at_least={"left": 1}, elsewhere=OTHERS)]
        expected = self.paper.left > 0 and not self.paper.sold_out(asked)
        refusal = self._refusal(
            lambda book: book.take_together(claims, now=EPOCH, beside=beside, promised_by_incoming=promised)
        )
        match refusal:
            case SoldOutError():
                assert refusal.sku in {line.sku for line in asked}
            case BesideError():
                assert self.paper.left == 0 or refusal.reasons[0], "no condition of the caller's failed"
        assert self._was_done() == expected, (asked, self.paper)
        if expected:
            self.paper.left -= 1
            self.last = claims
            for claim, line in zip(claims, asked, strict=True):
                recipe = dict(self.paper.recipe) if line.sku == CAMP else {}
                self.paper.rights[claim.claim_id] = Right(claim.claim_id, line.sku, line.units, line.counted_as, recipe)

    @rule()
    def reserves_the_same_again(self) -> None:
        if self.last:
            again = self._insist(lambda book: book.take_together(self.last, now=EPOCH))
            assert [(each.claim_id, each.status) for each in again] == [
                (claim.claim_id, self.paper.rights[claim.claim_id].status) for claim in self.last
            ]

    @rule(which=which, units=units)
    def gives(self, which: int, units: int) -> None:
        right = self._right(which, *LIVE)
        if right is None:
            return
        givable = self.paper.givable(right)
        self._moves(lambda book, **how: book.give(right.sku, right.claim_id, units, **how), units, givable)
        if units <= givable:
            right.given += units

    @rule(which=which, units=units)
    def takes_back(self, which: int, units: int) -> None:
        right = self._right(which, *LIVE)
        if right is None:
            return
        given = right.given
        self._moves(lambda book, **how: book.take_back(right.sku, right.claim_id, units, **how), units, given)
        if units <= given:
            right.given -= units

    @rule(which=which, units=units)
    def gives_to_one_that_ended(self, which: int, units: int) -> None:
        right = self._right(which, "returned", "dropped")
        if right is not None:
            with pytest.raises(EndedError):
                self._insist(lambda book: book.give(right.sku, right.claim_id, units, now=EPOCH))

    @rule(which=which, units=units, twice=st.booleans())
    def gives_some_back(self, which: int, units: int, *, twice: bool) -> None:
        right = self._right(which, *LIVE, least=2)
        if right is None:
            return
        units = min(units, right.units - 1)
        self.calls += 1
        piece = f"piece-{self.calls}"
        for _ in range(1 + twice):
            self._insist(lambda book: book.reduce(right.sku, right.claim_id, units, piece=piece, now=EPOCH))
        self.paper.gives_back(right, units, piece)
        self.paper.net(right.sku)

    @rule(which=which, units=units, late=st.integers(-1, 1), twice=st.booleans())
    def ships_parts(self, which: int, units: int, late: int, *, twice: bool) -> None:
        """Let some units leave, now or at a moment before; the others stay."""
        right = self._right(which, *LIVE, least=2)
        if right is None:
            return
        units = min(units, right.units - 1)
        self.calls += 1
        piece, at = f"piece-{self.calls}", max(0, self.second + late)
        left: dict[str, Any] = {"piece": piece, "now": EPOCH, "shipped_at": self._at(at)}
        for _ in range(1 + twice):
            self._insist(lambda book: book.reduce(right.sku, right.claim_id, units, **left))
        self.paper.leaves(right, units, piece, at)
        self.paper.net(right.sku)

    @rule(first=which, more=st.lists(which, max_size=2), status=st.sampled_from(("returned", "dropped")))
    def end(self, first: int, more: list[int], status: Any) -> None:
        known = [right for each in (first, *more) if (right := self._right(each, *LIVE, "returned", "dropped"))]
        self.calls += 1
        beside, ends = [self._once()], [(right.sku, right.claim_id) for right in known]
        refusal = self._refusal(lambda book: book.end_together(ends, status, now=EPOCH, beside=beside))
        assert refusal is None or (isinstance(refusal, BesideError) and refusal.reasons[0])
        assert self._was_done()
        for right in known:
            right.status = status if right.status in LIVE else right.status

    @rule(which=which, late=st.integers(-3, 2))
    def orders_are_known(self, which: int, late: int) -> None:
        right = self._right(which, "taken")
        if right is None:
            return
        at = max(0, self.second + late)
        self._insist(lambda book: book.settle(right.sku, right.claim_id, settled_at=self._at(at), now=EPOCH))
        right.status, right.settled_at = "settled", at
        self.paper.net()

    @rule(number=st.integers(0, 12), fault=st.sampled_from(sorted(BREAKS)))
    def something_will_break(self, number: int, fault: str) -> None:
        self.breaker = BreakOnce(number, BREAKS[fault])

    # ---- what must hold ----

    @invariant()
    def the_numbers_are_plain_arithmetic(self) -> None:
        for sku in SKUS:
            self._look_at(sku)
        for right in self.paper.rights.values():
            known = ClaimBook(self.table).claim(right.sku, right.claim_id)
            assert known is not None
            assert (known.status, known.given, known.units) == (right.status, right.given, right.units), right
            for part in known.parts():
                lives = self.table.item(items.claim_key(part.sku, part.claim_id)) is not None
                left = self.paper.rights.get(joined(part.claim_id, part.sku))
                assert lives == (part.sku in dict(right.uses()) or (left is not None and left.status in LIVE)), right
        counter = self.others.item(COUNTER)
        assert counter is None or counter["left"] == self.paper.left

    def _look_at(self, sku: str) -> None:
        if self.table.item(items.sku_key(sku)) is None:
            assert not self.paper.known(sku)
            return
        stock = look(self.table) if sku == CAMP else items.stock(self.table.item(items.sku_key(sku)) or {})
        expected = (self.paper.owed(sku), self.paper.held(sku), self.paper.awaited(sku), self.paper.free(sku))
        assert (stock.owed, stock.held, stock.awaited, stock.free) == expected, (sku, self.paper)
        assert stock.on_hand == stock.committed + stock.safety + stock.owed + stock.held + stock.free

    # ---- means ----

    def _insist(self, act: Callable[[ClaimBook], Any]) -> Any:
        done = insist(self.world, act, tap=self.breaker)
        look(self.table)  # as the queue of kits does
        return done

    def _refusal(self, act: Callable[[ClaimBook], Any]) -> Exception | None:
        """Do something, and return why it was refused; ``None`` if it was done."""
        try:
            self._insist(act)
        except (SoldOutError, BesideError, NothingToGiveError) as error:
            return error
        return None

    def _moves(self, act: Callable[..., Any], units: int, most: int) -> None:
        """Move units between owed and held, once, and check that it happens where it may."""
        self.calls += 1
        beside = [self._once()]
        refusal = self._refusal(lambda book: act(book, now=EPOCH, beside=beside))
        match refusal:
            case NothingToGiveError():
                assert refusal.givable == most
            case BesideError():
                assert refusal.reasons[0], "no condition of the caller's failed"
        assert self._was_done() == (units <= most), "units were given that were not there, or not given that were"

    def _once(self) -> Put:
        """Return what a caller writes beside, so that it sees whether an earlier attempt came through."""
        return Put({"pk": f"CALL#{self.calls}", "sk": "CALL"}, absent=("pk",), elsewhere=OTHERS)

    def _was_done(self) -> bool:
        return self.others.item({"pk": f"CALL#{self.calls}", "sk": "CALL"}) is not None

    def _right(self, which: int, *statuses: str, least: int = 1) -> Right | None:
        """Return somebody's right of some status to so many units at least; ``None``: there is none."""
        known = [right for right in self.paper.rights.values() if right.status in statuses and not right.left]
        found = [right for right in known if right.units >= least]
        return found[which % len(found)] if found else None

    def _claim(self, name: str, line: Line) -> Claim:
        counted: Any = line.counted_as
        return Claim(claim_id=name, sku=line.sku, kind="pre-order", units=line.units, counted_as=counted)

    @staticmethod
    def _at(second: int) -> str:
        return to_text(EPOCH + timedelta(seconds=second))


def test_claims_are_what_plain_arithmetic_says_whatever_happens(world: World) -> None:
    start = world.snapshot()
    run_state_machine_as_test(lambda: Claims(world, start), settings=searching(examples=40, steps=25))
