"""Promises 6, 7, 8 and 10 searched over late orders, whatever the shop, its ERP, its people and its customers do.

Policies change, delays grow and are corrected, people grant, approve and deny, customers choose, agree to wait and
cancel, vouchers are taken, given back and revoked, and time ends choices and grace. What compensation hears comes one
by one, in any order, late and twice. After each step everything that was given, refused, mailed and taken is what
plain arithmetic says (`remedies_paper`, `vouchers_paper`), and all sums are those of the grants.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
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
from standby.platform.clock import to_text

from tests.promises.remedies_noted import ELSEWHERE, FEE, Order, Terms
from tests.promises.remedies_policies import EUR, ILS, as_set, money, policies
from tests.promises.remedies_view import Remedial
from tests.promises.unruly import searching
from tests.promises.vouchers_paper import TOTAL, redeem, release, revoke
from tests.standby.compensation.chooser import VIEWER
from tests.standby.delivery.parcels import LOOK
from tests.world import World

pytestmark = pytest.mark.promise("P6", "P7", "P8", "P10")

MOST_ORDERS = 4
OWNER = "owner"
"""Stands for the customer of the late order for which a code was given."""
PROMISED = 2
"""Days within which each order is promised."""
which, seeds = st.integers(0, 9), st.one_of(st.none(), st.none(), st.integers(0, 2**16))
numbered = st.sampled_from(("N1", "N1", "N2", "N3"))
fees, prices = st.sampled_from((490, 490, 0)), st.sampled_from((2_000, 2_000, 2_000, 300))
countries, currencies = st.sampled_from(("DE", "DE", "IL")), st.sampled_from((EUR, EUR, EUR, ILS))
ended = st.sampled_from(
    ((), ("paid",), ("failed", "paid"), ("paid", "shipped"), ("paid", "cancelled"), ("failed", "paid", "cancelled"))
)
worse = st.sampled_from((-1, 0, 1, 2, 3, 3, 4, 5, 6, 9))
causes = st.sampled_from((*["carrier"] * 5, "supplier", "customer"))
kinds = st.sampled_from(("voucher", "percent_off", "free_shipping", FEE))


class Remedying(Remedial, RuleBasedStateMachine):
    """A shop whose orders are late, and what it gives for that."""

    @initialize(
        terms=policies,
        others=st.tuples(countries, st.tuples(currencies, prices, fees)),
        days=st.tuples(worse, worse),
    )
    def begin(self, terms: Terms, others: tuple[str, tuple[str, int, int]], days: tuple[int, int]) -> None:
        self.sets(terms)
        self.places("ana@example.org", "DE", (EUR, 2_000, 490), 1, "ordinary")
        self.places("bo@example.org", *others, 2, "ordinary")
        for order, late in enumerate(days):
            self.is_late(order, 0, late, "carrier", None, old=False)

    # ---- the shop ----

    @rule(terms=policies)
    def sets(self, terms: Terms) -> None:
        status, answer = self.shop.asks("PUT /v1/policy", scopes="ops", body=as_set(terms))
        assert status == 200, answer
        self.paper.sets(terms)

    @precondition(lambda self: self.paper.terms)
    @rule(change=st.sampled_from(("budget", "advertising", "approval", "grace_hours", "per_order")), terms=policies)
    def changes_one_thing(self, change: str, terms: Terms) -> None:
        assert self.paper.terms is not None
        self.sets(replace(self.paper.terms, **{change: getattr(terms, change)}))

    # ---- the ERP ----

    @precondition(lambda self: len(self.paper.orders) < MOST_ORDERS)
    @rule(
        owner=st.sampled_from(("ana@example.org", "ana@example.org", "bo@example.org", None)),
        country=countries,
        goods=st.tuples(currencies, prices, fees),
        shipments=st.integers(1, 2),
        who=st.sampled_from(("ordinary",) * 8 + ("staff", "unpaid")),
    )
    def places(self, owner: str | None, country: str, goods: tuple[str, int, int], shipments: int, who: str) -> None:
        """Place an order; ``goods`` are its currency, the price of a unit, and its delivery fee."""
        currency, price, fee = goods
        name, places = f"L{len(self.paper.orders) + 1}", range(1, shipments + 1)
        names = tuple("AB"[:shipments])
        customer: dict[str, Any] = {"locale": "en", **({"type": "staff"} if who == "staff" else {})}
        said: dict[str, Any] = {
            "order_number": name,
            "customer": customer | ({} if owner is None else {"email": owner}),
            "ship_to": {"country": country},
            "lines": [
                {"line_id": str(place), "sku": f"SKU-{place}", "quantity": 2, "unit_price": money(price, currency)}
                for place in places
            ],
            "shipments": [
                {"shipment_id": names[place - 1], "promised_until": self.shop.day(PROMISED), "line_ids": [str(place)]}
                for place in places
            ],
            "payment_status": "pending" if who == "unpaid" else "paid",
            **({"delivery_fee": money(fee, currency)} if fee else {}),
        }
        first = date.fromisoformat(self.shop.day(PROMISED))
        self.paper.orders[name] = Order(
            name, owner, country, currency, price, fee, names, first, staff=who == "staff", unpaid=who == "unpaid"
        )
        self.shop.tells("placed", name, **said)
        self._hears(None)

    @rule(
        order=which,
        shipment=which,
        days=worse,
        cause=causes,
        seed=seeds,
        old=st.sampled_from((False, False, False, True)),
    )
    def is_late(self, order: int, shipment: int, days: int, cause: str, seed: int | None, *, old: bool) -> None:
        """Let a day be told, or one that was true before the last one and comes late."""
        of, name = self._shipment(order, shipment)
        before, _ = of.expected.get(name, ("", None))
        at = to_text(self.world.clock.now() - timedelta(hours=1)) if old else self.shop.now()
        day = of.first + timedelta(days=days)
        if at >= before:
            of.expected[name] = (at, day)
        self.shop.tells("eta", of.name, shipment_id=name, eta=day.isoformat(), cause=cause, as_of=at)
        self._hears(seed)

    @rule(order=which, shipment=which, what=st.sampled_from(("delivered", "returned", "cancelled")), seed=seeds)
    def ends(self, order: int, shipment: int, what: str, seed: int | None) -> None:
        of, name = self._shipment(order, shipment)
        if name in of.gone or (name in of.came and what != "returned") or (name not in of.came and what == "returned"):
            return
        undecided = [each for each in self.paper.of(of.name) if each.shipment == name and (each.open or each.waits)]
        if undecided and what != "delivered":
            return  # paper does not know what an order that is cancelled ends (tests.standby.compensation does)
        if what == "delivered":
            of.came[name] = self.shop.shop.today()
        else:
            of.gone.add(name)
        self.shop.tells(what, of.name, shipment_id=name, occurred_at=self.shop.now())
        self._hears(seed)

    # ---- customers ----

    @rule(order=which)
    def agrees_to_wait(self, order: int) -> None:
        of, token = self._linked(order)
        shown = self.customers.sees(token)
        for shipment in shown["shipments"]:
            if shipment["may_wait"] and shipment["expected"]:
                named = {"token": token, "shipment_id": shipment["shipment_id"]}
                assert self.customers.waits(shipment["expected"], **named)[0] == 200
        self._may_cancel(of)

    @rule(order=which)
    def cancels(self, order: int) -> None:
        of, token = self._linked(order)
        shown = self.customers.sees(token)
        if of.owner is None or not shown["cancel"]["open"]:
            return
        assert self.customers.does("cancel", token=token)[0] == 202
        code = self.customers.codes(of.owner)[-1]
        assert self.customers.does("cancel", {"code": code}, token=token)[0] == 200
        self.asked.add(of.name)

    @precondition(lambda self: any(each.options for each in self.paper.given))
    @rule(of=which, kind=kinds, twice=st.booleans())
    def chooses(self, of: int, kind: str, *, twice: bool) -> None:
        choices = [each for each in self.paper.given if each.options]
        given = choices[of % len(choices)]
        kind = kind if kind in given.options or of == 0 else sorted(given.options)[of % len(given.options)]
        for _ in range(1 + twice):
            body = {"remedy_id": self._grant(given).grant_id, "kind": kind}
            path = f"/v1/remedies/{self._token(given.order.name)}/choose"
            status, answer = self.world.request(VIEWER, "POST", path, body=body)
            assert status == self.paper.chooses(given, kind, self.world.clock.now()), answer
            self.world.settle()

    # ---- people ----

    @rule(
        order=which,
        shipment=which,
        kind=st.sampled_from(("voucher", "voucher", ELSEWHERE, FEE)),
        amount=st.sampled_from((200, 700, 1_600)),
        again=st.booleans(),
    )
    def is_given_by_hand(self, order: int, shipment: int, kind: str, amount: int, *, again: bool) -> None:
        of, name = self._shipment(order, shipment)
        self.gifts += 1
        worth = money(amount, of.currency)
        what = {"elsewhere": worth} if kind == ELSEWHERE else {"remedy": {"kind": kind, "amount": worth}}
        what = {"remedy": {"kind": FEE}} if kind == FEE else what
        for _ in range(1 + again):
            key, now = f"gift-{self.gifts}", self.world.clock.now()
            status, answer = self.shop.gives(of.name, key=key, shipment_id=name, **what)
            expected, why = self.paper.gives_by_hand(of, name, (kind, amount), key, now)
            assert (status, "" if status == 201 else answer["type"].rpartition("/")[2]) == (expected, why), answer

    @precondition(lambda self: any(each.approval for each in self.paper.given))
    @rule(of=which, decision=st.sampled_from((("approve", "approved"), ("approve", "approved"), ("deny", "denied"))))
    def is_decided(self, of: int, decision: tuple[str, str]) -> None:
        given = [each for each in self.paper.given if each.approval]
        each = given[of % len(given)]
        grant, now = self._grant(each), self.world.clock.now()
        status, answer = self.shop.decides(decision[0], each.order.name, remedy_id=grant.grant_id)
        assert status == self.paper.decides_by_hand(each, decision[1], now), answer

    @precondition(lambda self: any(each.options for each in self.paper.given))
    @rule(of=which)
    def has_its_choice_taken_back(self, of: int) -> None:
        choices = [each for each in self.paper.given if each.options]
        given = choices[of % len(choices)]
        body = {"remedy_id": self._grant(given).grant_id}
        path = f"POST /v1/deliveries/{given.order.name}/remedies/revoke"
        status, answer = self.shop.asks(path, scopes="ops", body=body)
        taken_back = given.open and given.revocable
        assert status == (200 if taken_back or given.outcome == "revoked" else 409), answer
        if taken_back:
            self.paper.settles(given, "revoked", None, self.world.clock.now())

    # ---- the checkout ----

    @precondition(lambda self: self.codes)
    @rule(
        code=which,
        order=numbered,
        key=st.integers(0, 1),
        total=st.sampled_from((TOTAL, TOTAL, 3_000)),
        who=st.sampled_from((OWNER, OWNER, None, "dan@example.org")),
    )
    def redeems(self, code: int, order: str, key: int, total: int, who: str | None = OWNER) -> None:
        """Let the customer of the late order use a code, or a stranger, or somebody of whom nothing is said."""
        typed, coupon = self._code(code)
        who = self.paper.orders[self.codes[typed][0]].owner if who == OWNER else who
        request = f"{order}-{typed}-{total}-{key}-{who}"
        said: dict[str, Any] = {"order_total": money(total, self.nexts[order].currency)}
        said |= {"customer": {"email": f" {who.upper()}"}} if who else {}
        status, answer = self.shop.redeems(typed, order, key=request, **said)
        beside = [each for each in self._coupons().values() if each.holder == order and each is not coupon]
        others, now = sum(each.takes for each in beside), self.world.clock.now()
        self._is_answered(status, answer, redeem(coupon, self.nexts[order], request, (total, others, who), now))
        if status == 200:
            assert answer["redeemed_for"] == order

    @precondition(lambda self: self.codes)
    @rule(code=which, order=numbered)
    def gives_a_voucher_back(self, code: int, order: str) -> None:
        typed, coupon = self._code(code)
        status, answer = self.shop.asks(f"POST /v1/vouchers/{typed}/release", body={"order_id": order})
        self._is_answered(status, answer, release(coupon, self.nexts[order]))

    @precondition(lambda self: self.codes)
    @rule(code=which)
    def takes_a_voucher_back(self, code: int) -> None:
        typed, coupon = self._code(code)
        status, answer = self.shop.revokes(typed)
        self._is_answered(status, answer, revoke(coupon))

    @precondition(lambda self: self.codes)
    @rule(
        order=numbered,
        code=st.one_of(st.none(), which),
        payment=st.sampled_from((None, "paid", "failed")),
        seed=seeds,
    )
    def places_the_next_order(self, order: str, code: int | None, payment: str | None, seed: int | None) -> None:
        currency = self.nexts[order].currency
        said = self.shop.order(0)
        said["shipments"] = [{**each, "promised_until": "2050-01-01"} for each in said["shipments"]]
        said["lines"] = [{**line, "unit_price": money(2_000, currency)} for line in said["lines"]]
        said |= {} if payment is None else {"payment_status": payment}
        said |= {} if code is None else {"discount_codes": [list(self.codes)[code % len(self.codes)]]}
        self.nexts[order].known, self.nexts[order].payment = True, payment
        self.shop.tells("placed", order, **said, customer={"locale": "en", "email": "cleo@example.org"})
        self._hears(seed)

    @precondition(lambda self: any(each.known for each in self.nexts.values()))
    @rule(of=which, what=st.sampled_from(("cancelled", "cancelled", "shipped")), seed=seeds)
    def ends_the_next_order(self, of: int, what: str, seed: int | None) -> None:
        known = [name for name, each in self.nexts.items() if each.known]
        self.shop.tells(what, known[of % len(known)], occurred_at=self.shop.now())
        self._hears(seed)

    @precondition(lambda self: self.codes)
    @rule(codes=st.lists(which, min_size=1, max_size=2), order=numbered, ends=ended, seed=seeds, back=st.booleans())
    def is_paid_with_vouchers(
        self, codes: list[int], order: str, ends: tuple[str, ...], seed: int | None, *, back: bool
    ) -> None:
        """Let an order take vouchers, and go on: placed, paid or not, left, cancelled; or give them back before."""
        for code in codes:
            self.redeems(code, order, 0, TOTAL)
        if back:
            self.gives_a_voucher_back(codes[0], order)
        for what in ends:
            if what in ("paid", "failed"):
                self.places_the_next_order(order, codes[0], what, seed)
            elif self.nexts[order].known:
                self.shop.tells(what, order, occurred_at=self.shop.now())
                self._hears(seed)

    # ---- time ----

    @rule(days=st.sampled_from((0, 1, 1, 2, 3, 16, 31)), seed=seeds)
    def days_pass(self, days: int, seed: int | None) -> None:
        self.world.clock.advance(days=days, hours=2)
        self.world.send("DeliveryRecords", LOOK)
        self.world.settle()
        self._hears(seed)
        self._looks()

    @rule()
    def all_is_heard(self) -> None:
        self._hears(None)

    # ---- what holds ----

    @invariant()
    def every_promise_holds(self) -> None:
        self.everything_is_what_paper_says()
        self.all_sums_are_those_of_what_was_given()
        self.a_delay_that_nothing_limits_is_given_what_its_longest_level_is_worth()
        self.no_code_is_mailed_where_that_is_advertising()

    def teardown(self) -> None:
        """Look at the end that each change of a voucher was heard once, and that cancelling is open."""
        try:
            for order in self.paper.orders.values():
                self._may_cancel(order)
                _, answer = self.shop.asks(f"GET /v1/deliveries/{order.name}/remedies", scopes="ops")
                assert all(each["why"] for each in answer["refused"]), "promise 10"
            self._each_was_heard_once()
        finally:
            self.world.held = frozenset()

    def _each_was_heard_once(self) -> None:
        taken = Counter(event["grant_id"] for event in self.shop.heard("VoucherRedeemed"))
        freed = Counter(event["grant_id"] for event in self.shop.heard("VoucherFreed"))
        for given in self.paper.given:
            if given.coupon is not None:
                name = self._grant(given).grant_id
                assert (taken[name], freed[name]) == (given.coupon.taken, given.coupon.freed), "promise 10"


def test_remedies_are_what_plain_arithmetic_says_whatever_happens(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here each remedy is a mail of its own, so that mails can be counted; the storms gather them."""
    monkeypatch.setattr("standby.compensation.gathering_model.is_gathered", lambda *_: False)
    start = world.snapshot()
    run_state_machine_as_test(lambda: Remedying(world, start), settings=searching(examples=10, steps=12))
