"""Promises 1, 3, 4 and 5 searched over a campaign: reserved, held, given, netted, ended, in any order and twice.

And over what is offered meanwhile to who waits: taken, given back, reminded of, left without an answer.

After each step the reservations and offers are those of plain arithmetic, the ledger's numbers add up to them, goods
went to the head of the line, and at no moment of it anybody was shown a unit that somebody else has a right to.
"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from standby.ledger.claim_items import SHIPPED_KEPT
from standby.platform.clock import to_text
from standby.preorder.model import Reservation, offer_status

from tests.fakes import EPOCH
from tests.promises.preorder_checks import adds_up, offers, reservations
from tests.promises.preorder_paper import HOLD, LIVING, Paper, Right, SetAside
from tests.promises.shop import Shop
from tests.promises.unruly import run_unruly, searching
from tests.standby.preorder.line import LINK, WaitingLine
from tests.standby.preorder.sales import LAMP
from tests.world import World

pytestmark = pytest.mark.promise("P1", "P3", "P4", "P5")

CAPACITY, LIMIT = 8, 4
CUSTOMERS = ("ana@example.org", "ben@example.org", "eve@example.org")
which, seeds = st.integers(0, 9), st.one_of(st.none(), st.none(), st.integers(0, 2**16))
orders = st.lists(st.tuples(st.integers(1, 2), st.booleans()), min_size=2, max_size=3)
shown = st.tuples(st.sampled_from((0.0, 0.5, 1.0, 1.0)), st.sampled_from((0, 1, 2, 4, 9)))
"""How much of its open orders a level shows as committed, and what is on hand."""
afterwards = st.sampled_from(("nothing", "nothing", "the others leave", "it leaves all the same"))
answers = st.sampled_from(("accept", "confirm", "cancel", "regret", "decline", "silence"))
MOST_WAITING, MOST_ON_HAND = 5, 20


class Campaigns(RuleBasedStateMachine):
    """Customers reserve, the ERP talks, time passes; messages come in any order and twice."""

    def __init__(self, world: World, start: Any) -> None:
        super().__init__()
        world.restore(start)
        self.world, self.sales = world, WaitingLine(Shop(world))
        self.paper = Paper(CAPACITY, LIMIT)
        self.bodies: dict[str, tuple[Any, ...]] = {}
        self.seen, self.told = self.paper.living(), 0
        self.given: dict[str, int] = {}
        self.hours, self.joined, self.mailed, self.lacked = 0, 0, len(world.mails), False

    @initialize(
        on_hand=st.integers(0, 2),
        hours=st.sampled_from((0, 1, 4, 4)),
        spare=st.integers(0, 2),
        allocation=st.sampled_from(("strict", "strict", "fill")),
    )
    def begin(self, on_hand: int, allocation: str, hours: int, spare: int) -> None:
        self.allocation, self.hours = allocation, hours
        self.sales.opens(capacity=CAPACITY, limit_per_customer=LIMIT, shards=2, allocation=allocation)
        self.counts(on_hand, 0, seed=None, netted=False)
        self.sales.shop.settings(offer_hours=hours)
        for _ in range(2):
            self.somebody_waits(None)
        self.several_order([(2, True), (1, hours > 0), (1, True)], None, known=on_hand == 0)
        if hours and spare:
            self.more_comes_than_is_owed(spare, None)

    # ---- customers ----

    @rule(who=st.integers(0, 2), quantity=st.integers(1, 3), checkout=st.sampled_from((False, False, True)), seed=seeds)
    def reserves(self, who: int, quantity: int, seed: int | None, *, checkout: bool) -> None:
        kind, email, key = "checkout" if checkout else "preorder", CUSTOMERS[who], f"r{len(self.bodies)}"
        free = self.sales.numbers()[2]
        status, answer = self.sales.reserves(key, quantity=quantity, email=email, kind=kind)
        assert (status == 201) == (free >= quantity if checkout else self.paper.sells(email, quantity)), answer
        self.bodies[key] = (quantity, email, kind, answer.get("id"))
        if status == 201:
            right = Right(email, quantity, kind, self.world.clock.now() + HOLD)
            self.paper.rights[answer["id"]] = right
        self._runs(seed)

    @rule(which=which)
    def reserves_the_same_again(self, which: int) -> None:
        if self.bodies:
            key = sorted(self.bodies)[which % len(self.bodies)]
            quantity, email, kind, made = self.bodies[key]
            if made is not None:
                status, answer = self.sales.reserves(key, quantity=quantity, email=email, kind=kind)
                assert (status, answer["id"], answer["status"]) == (201, made, "held")

    @rule(which=which, seed=seeds)
    def confirms(self, which: int, seed: int | None) -> None:
        if name := self._any(which):
            assert (self.sales.does(name, "confirm")[0] == 200) == self.paper.confirm(name)
            self._runs(seed)

    @rule(which=which, seed=seeds)
    def cancels(self, which: int, seed: int | None) -> None:
        if name := self._any(which):
            status, answer = self.sales.does(name, "cancel")
            assert (status == 409) == (self.paper.rights[name].status == "fulfilled"), answer
            self.paper.end(name, "cancelled")
            self._runs(seed)

    # ---- who waits ----

    @precondition(lambda self: self.hours and self.joined < MOST_WAITING)
    @rule(seed=seeds)
    def somebody_waits(self, seed: int | None) -> None:
        if self.hours:
            self.paper.waiting.append(f"w{self.joined}")
            self.sales.waits(f"w{self.joined}")
            self.joined += 1
        self._runs(seed)

    @precondition(lambda self: self.paper.offers)
    @rule(which=which, twice=st.booleans(), seed=seeds)
    def accepts_an_offer(self, which: int, seed: int | None, *, twice: bool) -> None:
        token, offer = self._offer(which)
        for _ in range(1 + twice):
            missing, untaken = self._missing(), sum(each.status == "open" for each in self.paper.offers.values())
            status, answer = self._presses(token, "accept")
            if status == 409:
                assert (missing > 0, offer.status) == (True, "open"), f"refused: {offer}"
                break
            assert offer.status != "open" or missing < untaken, f"promise 1: nothing of it is there: {offer}"
            assert status == (410 if offer.shown() in {"declined", "expired"} else 201), (answer, offer)
            if status == 201:
                self.paper.accept(token, answer["id"], self.world.clock.now())
        self._runs(seed)

    @precondition(lambda self: self.paper.offers)
    @rule(which=which, twice=st.booleans(), seed=seeds)
    def declines_an_offer(self, which: int, seed: int | None, *, twice: bool) -> None:
        token, offer = self._offer(which)
        for _ in range(1 + twice):
            status, answer = self._presses(token, "decline")
            assert status == self.paper.decline(token), (answer, offer)
        self._runs(seed)

    @precondition(lambda self: self.paper.offers)
    @rule(which=which, seed=seeds)
    def wants_no_more_mails(self, which: int, seed: int | None) -> None:
        _, offer = self._offer(which)
        self.paper.leave(offer.customer)
        self.sales.shop.leaves(f"{offer.customer}@example.org")
        self._runs(seed)

    @precondition(lambda self: self.hours)
    @rule(units=st.integers(1, 3), seed=seeds)
    def more_comes_than_is_owed(self, units: int, seed: int | None) -> None:
        """Let so much come that some is left for who waits."""
        lacking = max(0, -self.sales.numbers()[2])
        self.counts(min(self.paper.on_hand + lacking + units, MOST_ON_HAND), self.paper.committed, seed, netted=False)

    @precondition(lambda self: self.paper.offers)
    @rule(
        answers=st.lists(answers, min_size=1, max_size=3),
        minutes=st.sampled_from((0, 16, 190)),
        fewer=st.sampled_from((0, 0, 1, 2)),
        seed=seeds,
    )
    def several_answer_and_time_passes(self, answers: list[str], minutes: int, fewer: int, seed: int | None) -> None:
        """Let those who have an offer take it, order, cancel, give it back at once or later, or say nothing; then wait.

        Before that the ERP may count fewer units than before.
        """
        if fewer:
            self.counts(max(0, self.paper.on_hand - fewer), self.paper.committed, None, netted=False)
        for number, (_, offer) in enumerate(list(self.paper.offers.items())):
            answer = answers[number % len(answers)] if offer.status == "open" else "silence"
            if answer == "decline":
                self.declines_an_offer(number, seed, twice=False)
            elif answer != "silence":
                self.accepts_an_offer(number, None, twice=False)
                name = next((name for name, right in self.paper.rights.items() if right is offer.right), None)
                if answer == "regret":
                    self.declines_an_offer(number, seed, twice=False)
                elif name is not None and answer != "accept":
                    at = list(self.paper.rights).index(name)
                    (self.confirms if answer == "confirm" else self.cancels)(at, seed)
        self.time_passes(minutes)

    # ---- the ERP ----

    @rule(on_hand=st.integers(0, 9), committed=st.sampled_from((0, 0, 1, 3)), netted=st.booleans(), seed=seeds)
    def counts(self, on_hand: int, committed: int, seed: int | None, *, netted: bool) -> None:
        more = {"netted_until": to_text(self.world.clock.now())} if netted else {}
        self.world.send("StockUpdates", self.sales.shop.level(LAMP, on_hand, committed=committed, **more))
        self.paper.on_hand, self.paper.committed, self.paper.left = on_hand, committed, set()
        self._runs(seed)

    @rule(on_hand=st.integers(0, 9), seed=seeds)
    def says_late_what_it_counted_before(self, on_hand: int, seed: int | None) -> None:
        before = to_text(EPOCH - timedelta(hours=1))
        self.world.send("StockUpdates", {**self.sales.shop.level(LAMP, on_hand), "as_of": before})
        self._runs(seed)

    @rule(units=st.sampled_from((0, 3, 9)), eta=st.sampled_from((None, "2026-06-01", "2026-08-01")), seed=seeds)
    def buys(self, units: int, eta: str | None, seed: int | None) -> None:
        bought = {"type": "stock.incoming", "purchase_order_id": "po-1", "sku": LAMP, "quantity": units, "eta": eta}
        self.world.send("StockUpdates", {**bought, "as_of": to_text(self.world.clock.now())})
        self._runs(seed)

    @rule(which=which, done=st.sampled_from(("listed", "taken out", "all anew")), seed=seeds)
    def knows_an_order(self, which: int, done: str, seed: int | None) -> None:
        """Let the ERP send an order (again); it may take lines out that are done, or have others in their place."""
        if name := self._any(which):
            right = self.paper.rights[name]
            whole = done == "all anew" or not (right.lost or right.gone)
            anew = {"line_id": "1", "sku": LAMP, "quantity": 1}
            lines = [anew] if whole else _lines(right, done=done == "listed")
            self._order(name, "placed", reservation_ids=[name], lines=lines)
            self.paper.confirm(name)
            self.paper.rights[name].placed = True
            self._runs(seed)

    @rule(which=which, shipped=st.booleans(), twice=st.booleans(), seed=seeds)
    def finishes_an_order(self, which: int, seed: int | None, *, shipped: bool, twice: bool) -> None:
        placed = [name for name, right in self.paper.rights.items() if right.placed]
        if placed:
            name = placed[which % len(placed)]
            for _ in range(1 + twice):
                self._order(name, "shipped" if shipped else "cancelled", occurred_at=to_text(self.world.clock.now()))
            self.paper.ships(name) if shipped else self.paper.cancel_order(name)
            self._runs(seed)

    @rule(which=which, units=st.integers(1, 2), twice=st.booleans(), after=afterwards, seed=seeds)
    def cancels_some_of_an_order(self, which: int, units: int, after: str, seed: int | None, *, twice: bool) -> None:
        """Cancel some units of an order's SKU. Then the others may leave, or all the same those that were cancelled."""
        several = [name for name, each in self.paper.rights.items() if each.quantity > 1 and each.status in LIVING]
        several = [name for name in several if not (self.paper.rights[name].left or self.paper.rights[name].gone)]
        if not several:
            return
        name = several[which % len(several)]
        right = self.paper.rights[name]
        units, number = min(units, right.quantity - 1), len(right.lost)
        right.quantity -= units
        right.lost.append(units)
        lines = _lines(right)
        at = to_text(self.world.clock.now())
        for _ in range(1 + twice):
            self._order(name, "placed", reservation_ids=[name], lines=lines)
            self._order(name, "cancelled", occurred_at=at, line_ids=[f"lost-{number}"])
        self.paper.confirm(name)
        right.placed = True
        self._runs(seed)
        if after != "nothing":
            lines_left = ["kept"] if after == "the others leave" else [f"lost-{number}"]
            for _ in range(1 + twice):
                self._order(name, "shipped", occurred_at=to_text(self.world.clock.now()), line_ids=lines_left)
            if after == "the others leave":
                self.paper.ships(name)
            else:
                right.left = units
            self._runs(seed)

    @rule(which=which, twice=st.booleans(), seed=seeds)
    def one_unit_of_an_order_leaves(self, which: int, seed: int | None, *, twice: bool) -> None:
        several = [name for name, each in self.paper.rights.items() if each.quantity > 1 and each.status in LIVING]
        several = [name for name in several if not (self.paper.rights[name].lost or self.paper.rights[name].gone)]
        if not several:
            return
        name = several[which % len(several)]
        units = {"gone": 1, "kept": self.paper.rights[name].quantity - 1}
        lines = [{"line_id": line, "sku": LAMP, "quantity": quantity} for line, quantity in units.items()]
        for _ in range(1 + twice):
            self._order(name, "placed", reservation_ids=[name], lines=lines)
            self._order(name, "shipped", occurred_at=to_text(self.world.clock.now()), line_ids=["gone"])
        self.paper.confirm(name)
        self.paper.rights[name].placed = True
        self.paper.ships_one(name)
        self._runs(seed)

    @rule(which=which, on_hand=st.integers(0, 9), seed=seeds)
    def goods_leave_before_the_level_comes_that_shows_them(self, which: int, on_hand: int, seed: int | None) -> None:
        placed = [name for name, right in self.paper.rights.items() if right.placed]
        if placed:
            late = self.sales.shop.level(LAMP, on_hand)
            self.world.clock.advance(seconds=1)
            self.paper.left = set()
            self.finishes_an_order(which, seed, shipped=True, twice=False)
            self.world.send("StockUpdates", late)
            self.paper.on_hand, self.paper.committed = on_hand, 0
            self._runs(seed)

    @rule(orders=orders, known=st.booleans(), seed=seeds)
    def several_order(self, orders: list[tuple[int, bool]], seed: int | None, *, known: bool) -> None:
        """Let the customers order one after another, so that there is a line; some only hold. The ERP may know them."""
        for who, (quantity, confirmed) in enumerate(orders):
            before = set(self.paper.rights)
            self.reserves(who, quantity, None, checkout=False)
            for name in (self.paper.rights.keys() - before) if confirmed else ():
                self.confirms(list(self.paper.rights).index(name), None)
                if known:
                    self.knows_an_order(list(self.paper.rights).index(name), "listed", None)
        self._runs(seed)

    @rule(said=st.lists(shown, min_size=2, max_size=3), seed=seeds)
    def shows_the_orders_it_knows(self, said: list[tuple[float, int]], seed: int | None) -> None:
        """Let the ERP's levels show some of the orders ahead as committed, perhaps together with goods that came."""
        for part, come in said:
            ahead = [right for right in self.paper.rights.values() if right.placed and right.status in LIVING]
            committed = int(part * sum(right.quantity for right in ahead if right.kind == "preorder"))
            self.counts(come, committed, seed, netted=True)
            self.nobody_was_shown_what_others_have_a_right_to()
            self.goods_go_to_the_head_of_the_line()

    @rule(minutes=st.sampled_from((1, 11, 16, 70, 190, 1_500)))
    def time_passes(self, minutes: int) -> None:
        self.world.wait(minutes=minutes)
        self.world.send("StockSweeps", {"sweep": "claims"})
        if minutes > SHIPPED_KEPT.total_seconds() // 60:
            self.paper.left = set()
        self.paper.time_passes(self.world.clock.now())
        self._settles()
        unasked = [
            each for each in self.paper.offers.values() if each.due(self.world.clock.now()) and not each.reminded
        ]
        assert unasked == [], "nobody reminded them"

    # ---- what must hold ----

    @invariant()
    def the_reservations_are_plain_arithmetic(self) -> None:
        known = {each.reservation_id: each for each in self._ordered()}
        shown = {name: "confirmed" if each.status == "allocated" else each.status for name, each in known.items()}
        assert shown == {name: right.status for name, right in self.paper.rights.items()}
        campaign = self.sales.campaign()
        sold = self.paper.sold()
        assert (campaign["reserved"], campaign["remaining"]) == (sold, CAPACITY - sold), "promise 1"

    @invariant()
    def the_ledger_is_plain_arithmetic(self) -> None:
        adds_up(self.world)
        stock = self.sales.shop.stock(LAMP)
        assert (stock["on_hand"], stock["committed"]) == (self.paper.on_hand, self.paper.committed), "promise 4"
        held = stock["committed"] + stock["safety"] + stock["owed"] + stock["held"] + stock["free"]
        assert stock["on_hand"] == held, "promise 1"

    @invariant()
    def nobody_was_shown_what_others_have_a_right_to(self) -> None:
        before, after = self.seen, self.paper.living()
        kept = sum(min(units, after[name]) for name, units in before.items() if name in after)
        for name, told in self.world.events[self.told :]:
            if name == "StockChanged":
                assert told["sellable"] <= max(0, told["on_hand"] - kept), f"promise 1: {told}, {kept} ordered ahead"
        self.seen, self.told = after, len(self.world.events)

    @invariant()
    def offers_are_plain_arithmetic(self) -> None:
        shown = {token: offer_status(each, self.world.clock.now()) for token, each in self._offers().items()}
        assert shown == {token: each.shown() for token, each in self.paper.offers.items()}
        assert self.sales.shop.figures(LAMP)["waiting"] == len(self.paper.waiting), "promise 2"

    @invariant()
    def goods_go_to_the_head_of_the_line(self) -> None:
        line = [each for each in self._ordered() if each.kind == "preorder" and each.status in {"held", "confirmed"}]
        stock = self.sales.shop.stock(LAMP)
        lacking = stock["owed"] + stock["awaited"]
        left = min(lacking, max(0, stock["free"] + lacking))
        for each in line:
            lacks = each.lines[0].quantity - each.lines[0].given
            assert each.status == "held" or not lacks or left <= 0, "promise 5: units lie about that somebody lacks"
            left -= min(left, lacks)
        served = {
            each.reservation_id: sum(line.given for line in each.lines)
            for each in self._ordered()
            if each.kind == "preorder"
        }
        for each in self._ordered():
            if served.get(each.reservation_id, 0) > self.given.get(each.reservation_id, 0):
                assert each.status in {"confirmed", "allocated", "fulfilled", "cancelled"}
                ahead = [other for other in line if other.place < each.place]
                lacks = {status: _lacks(ahead, status) for status in ("held", "confirmed")}
                kept = lacks["held"] <= max(0, stock["free"] + lacking)
                assert (not lacks["confirmed"] and kept) or self.allocation == "fill", "promise 5: somebody was passed"
        self.given = served

    @invariant()
    def nobody_hears_twice_that_theirs_is_here(self) -> None:
        told = {detail["id"] for name, detail in self.world.events if name == "ReservationAllocated"}
        mailed = sum(mail.email in CUSTOMERS and "here" in mail.subject for mail in self.world.mails)
        assert mailed <= len(told), "promise 3"

    # ---- means ----

    def _ordered(self) -> list[Reservation]:
        """Return the reservations in the order of their places; an offer is one once it was accepted."""
        return sorted((each for each in reservations(self.world) if not each.unaccepted), key=lambda each: each.place)

    def _offers(self) -> dict[str, Reservation]:
        """Return the offers that were made, by the token of the link."""
        made = [(each.offer, each) for each in offers(self.world) if each.offer and each.offer.over != "unmade"]
        return {offer.slots["offer"]: each for offer, each in made}

    def _offer(self, which: int) -> tuple[str, SetAside]:
        return list(self.paper.offers.items())[which % len(self.paper.offers)]

    def _presses(self, token: str, what: str) -> tuple[int, Any]:
        return self.world.request("preorder_viewer", "POST", f"/v1/offers/{token}/{what}")

    def _lacks(self) -> bool:
        """Tell whether less is there than was set aside for somebody."""
        stock = self.sales.shop.stock(LAMP)
        return bool(stock["held"] + stock["allotted"] - stock["shipped"] > stock["on_hand"])

    def _missing(self) -> int:
        """Return how many units are missing that were set aside, if none left with an order that the ERP knows."""
        living = [each for each in self._ordered() if self.paper.rights[each.reservation_id].status in LIVING]
        bought = [each for each in living if not self.paper.rights[each.reservation_id].placed]
        aside = sum(each.lines[0].quantity for each in bought if each.kind == "checkout")
        aside += sum(each.lines[0].given for each in living if each.kind == "preorder")
        aside += sum(each.status == "open" for each in self.paper.offers.values())
        return max(0, aside - self.paper.on_hand) if self._lacks() else 0

    def _reads_the_mails(self) -> None:
        """Write down who was reminded now, whose offered unit is gone, and who was offered something."""
        now = self.world.clock.now()
        mails = [(mail, LINK.search(mail.text)) for mail in self.world.mails[self.mailed :]]
        new = [(mail, link[1]) for mail, link in mails if link]
        for token in (token for mail, token in new if mail.subject.startswith("Still")):
            offer = self.paper.offers[token]
            assert (offer.due(now), offer.reminded) == (True, False), f"promise 3: reminded too early or again: {offer}"
            offer.reminded = True
        over = [token for token, each in self._offers().items() if each.offer and each.offer.over == "vanished"]
        gone = [token for token in over if self.paper.offers[token].status == "open"]
        assert self.lacked or not gone, "an offer ended whose unit is there"
        for token in gone:
            self.paper.vanish(token)
        line, offered = list(self.paper.waiting), []
        for mail, token in new:
            if not mail.subject.startswith("Still"):
                offered.append(mail.email.partition("@")[0])
                assert offered[-1] in self.paper.waiting, f"promise 3: {offered[-1]} has an offer, or had one"
                self.paper.offer(token, offered[-1], now, self.hours)
        ahead = set(line[: len(offered)]) - set(offered)
        assert gone or not ahead, f"promise 5: {ahead} were passed"
        self.mailed, self.lacked = len(self.world.mails), self._lacks()

    def _any(self, which: int) -> str | None:
        names = list(self.paper.rights)
        return names[which % len(names)] if names else None

    def _order(self, name: str, what: str, **more: Any) -> None:
        at = to_text(self.world.clock.now())
        self.world.send("OrderUpdates", {"type": f"order.{what}", "order_id": f"O-{name[:8]}", "as_of": at, **more})

    def _runs(self, seed: int | None) -> None:
        if seed is not None:
            run_unruly(self.world, seed)
            self.world.clock.advance(seconds=1)  # whose turn had not come looks again
        self._settles()

    def _settles(self) -> None:
        self.world.settle()
        self._reads_the_mails()
        self.world.clock.advance(seconds=1)
        self.paper.time_passes(self.world.clock.now())


def _lines(right: Right, *, done: bool = True) -> list[dict[str, Any]]:
    """Return the lines of an order of which some were cancelled, or one left; ``done``: those, too."""
    counted = {"kept": right.quantity - right.gone}
    over = {f"lost-{each}": lost for each, lost in enumerate(right.lost)} | ({"gone": right.gone} if right.gone else {})
    return [
        {"line_id": line, "sku": LAMP, "quantity": quantity}
        for line, quantity in (counted | (over if done else {})).items()
    ]


def _lacks(line: list[Reservation], status: str) -> int:
    return sum(each.lines[0].quantity - each.lines[0].given for each in line if each.status == status)


def test_a_campaign_is_what_plain_arithmetic_says_whatever_happens(world: World) -> None:
    start = world.snapshot()
    run_state_machine_as_test(lambda: Campaigns(world, start), settings=searching(examples=15, steps=12))
