"""A shop whose orders are late, beside what plain arithmetic says of it: what it hears, and what must hold then."""

import json
import random
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

from standby.compensation.codes import codes_of, digest, read
from standby.compensation.links import Links
from standby.compensation.model import Grant, Refusal
from standby.compensation.voucher_model import Voucher
from standby.delivery.repository import OrderRepository
from standby.platform.address import mailbox_key
from standby.platform.clock import from_text

from tests.deliveries import Delivery
from tests.promises.remedies_noted import Given, Order, Why
from tests.promises.remedies_paper import Paper
from tests.promises.remedies_policies import EUR, ILS
from tests.promises.shop import TOKENS, Shop
from tests.promises.vouchers_paper import Coupon, Next, hear, own
from tests.standby.compensation.agent import Agent
from tests.standby.delivery.parcels import LOOK
from tests.standby.delivery.track import Customer
from tests.world import World

QUEUE = "CompensationRecords"
MOST_HEARD = 60


class Remedial:
    """The shop, and what is expected of it."""

    def __init__(self, world: World, start: Any) -> None:
        super().__init__()  # Hypothesis's, beside this
        world.restore(start)
        self.world, self.shop = world, Agent(Shop(world))
        self.customers = Customer(self.shop.shop)
        world.held = frozenset({QUEUE})
        self.paper = Paper()
        self.nexts = {name: Next(name, currency) for name, currency in (("N1", EUR), ("N2", EUR), ("N3", ILS))}
        self.codes: dict[str, tuple[str, int]] = {}
        """Of each code its order, and the place of what was given there."""
        self.found: set[str] = set()
        """What was given by these codes."""
        self.asked: set[str] = set()
        """Orders that their customers cancelled."""
        self.gifts = 0
        self.budgets: dict[tuple[str, str], int] = {}

    # ---- what holds ----

    def everything_is_what_paper_says(self) -> None:
        wrong = self._differences(self.paper)
        assert not wrong, wrong
        self._finds_codes()
        for code, (name, place) in self.codes.items():
            voucher, coupon = self._voucher(code), self.paper.of(name)[place].coupon
            assert coupon is not None
            assert (voucher.state, voucher.redeemed_for) == (coupon.state, coupon.holder), "promise 6"

    def all_sums_are_those_of_what_was_given(self) -> None:
        for currency, month in {(each.order.currency, each.month) for each in self.paper.given}:
            item = self.shop.book.table.item({"pk": "BUDGET", "sk": f"MONTH#{month}#{currency}"}) or {}
            spent = item.get("granted", 0)
            assert spent == self.paper.spent(currency, month), "promise 6"
            assert self.paper.terms is not None
            most = max(self.budgets.get((currency, month), 0), self.paper.terms.budget)
            elsewhere = self.paper.elsewhere(currency, month)
            assert spent - elsewhere <= most, "promise 6: beyond the budget"
            self.budgets[currency, month] = spent - elsewhere
            for owner in {each.owner for each in self.paper.orders.values() if each.owner is not None}:
                key = {"pk": f"CUSTOMER#{mailbox_key(owner)}", "sk": f"MONTH#{month}"}
                theirs = (self.shop.book.table.item(key) or {}).get(f"spent_{currency}", 0)
                assert theirs == self.paper.spent(currency, month, owner), "promise 6"

    def a_delay_that_nothing_limits_is_given_what_its_longest_level_is_worth(self) -> None:
        for (name, shipment), worth in self.paper.worth.items():
            if (name, shipment) not in self.paper.limited:
                grants = [grant for grant in self.shop.of(name).grants if grant.shipment_id == shipment]
                assert sum(grant.amount for grant in grants) == worth, "promise 6"

    def no_code_is_mailed_where_that_is_advertising(self) -> None:
        """Each mail brings what paper says was mailed; an order to Israel brings no code ever."""
        mailed = {self._digest(code) for code in self.shop.brought()}
        theirs = {grant.code: order for order in self.paper.orders.values() for grant in self._grants(order.name)}
        assert mailed <= theirs.keys()
        assert not any(theirs[code].country == "IL" for code in mailed), "promise 8"
        assert len(self.shop.mailed()) <= len(self.paper.mailed), "promise 3"

    # ---- means ----

    def _hears(self, seed: int | None) -> None:
        """Let compensation hear what waits: in order, or as ``seed`` draws it, some twice and some not yet."""
        chance = random.Random(seed)
        for _ in range(MOST_HEARD):
            now = self.world.clock.now()
            waiting = [message for message in self.world.queues[QUEUE] if message.visible_at <= now]
            if not waiting or (seed is not None and chance.random() < 0.2):
                return
            heard = waiting[0 if seed is None else chance.randrange(len(waiting))]
            self.world.queues[QUEUE].remove(heard)
            for _ in range(2 if seed is not None and chance.random() < 0.3 else 1):
                self._hears_one(heard)
                self._notes(heard, now)
        raise AssertionError("there is no end of what compensation hears")

    def _hears_one(self, message: Delivery) -> None:
        waiting = self.world.queues[QUEUE]
        others = list(waiting)
        waiting.clear()
        waiting.append(replace(message, receives=0))
        self.world.held = frozenset()
        self.world.deliver(QUEUE, most=1)
        self.world.held = frozenset({QUEUE})
        assert message.message_id not in {each.message_id for each in waiting}, self.world.failures
        waiting.extendleft(reversed(others))
        self.world.settle()

    def _notes(self, message: Delivery, now: datetime) -> None:
        """Write down what a message means."""
        event, told = _event(message.body)
        if event is None:
            return  # what it tells itself: to write a mail
        if event == "DelayDetected":
            self.paper.hears_of_delay(told, now)
        elif event == "ArrivalAnswered":
            self.paper.hears_an_answer(told, now)
        elif told["order_id"] in self.nexts:
            order = self.nexts[told["order_id"]]
            kept = OrderRepository("Delivery").order(order.name)
            since = kept.edition > (told.get("edition") or 0) and order.payment != "failed"
            told = {**told, "payment_failed": told.get("payment_failed", False) and not since}
            hear(self.nexts, event, told, self._coupons(), now)

    def _looks(self) -> None:
        """Let it be looked what is due. In which order orders are looked at, nobody says."""
        now, names = self.world.clock.now(), self.paper.due(self.world.clock.now())
        editions = {name: OrderRepository("Delivery").order(name).edition for name in names}
        self.world.send(QUEUE, LOOK)
        self._hears_one(self.world.queues[QUEUE].pop())
        found: list[Paper] = []
        for order in permutations(names):
            paper = deepcopy(self.paper) if len(names) > 1 else self.paper
            paper.looks(order, now, editions)
            found.append(paper)
            if len(names) < 2 or not self._differences(paper):
                break
        self.paper = found[-1]
        for coupon in self._coupons().values():
            own(coupon, self.nexts, now)

    def _differences(self, paper: Paper) -> list[Any]:
        """Return where the product has something else."""
        wrong: list[Any] = []
        for name in paper.orders:
            known = self.shop.of(name)
            shown = [_shown(grant) for grant in known.grants]
            if shown != [each.shown() for each in paper.of(name)]:
                wrong.append((name, shown, [each.shown() for each in paper.of(name)]))
            refused = [_why(each) for each in known.refusals]
            if refused != paper.refused.get(name, []):
                wrong.append((name, refused, paper.refused.get(name, [])))
        return wrong

    def _finds_codes(self) -> None:
        """Note the codes that are new, and until when they say that they are valid."""
        for name in self.paper.orders:
            for place, grant in enumerate(self._grants(name)):
                if grant.code is None or grant.grant_id in self.found:
                    continue
                self.found.add(grant.grant_id)
                code = codes_of(TOKENS.keys, grant.grant_id)[0]
                self.codes[code] = (name, place)
                coupon, ends = self._coupon(code), from_text(self._voucher(code).expires_at)
                assert timedelta() <= ends - coupon.ends <= timedelta(days=1), "promise 10"
                coupon.ends = ends

    def _is_answered(self, status: int, answer: Any, why: str) -> None:
        said = "" if status == 200 else answer["type"].rpartition("/")[2]
        assert (status, said) == (409 if why else 200, why), answer
        self.world.settle()

    def _may_cancel(self, order: Order) -> None:
        """Assert that the customer of an order that is late, and of which all is still to come, may cancel it.

        The code for that is mailed, so whoever gave no address calls the shop.
        """
        if order.owner is None:
            return
        shown = self.customers.sees(self._token(order.name))
        waits = all(each["state"] == "waiting" for each in shown["shipments"])
        if waits and order.name not in self.asked and any(each["late"] for each in shown["shipments"]):
            assert shown["cancel"]["open"], "promise 7"

    def _shipment(self, order: int, shipment: int) -> tuple[Order, str]:
        every = list(self.paper.orders.values())
        of = every[order % len(every)]
        return of, of.shipments[shipment % len(of.shipments)]

    def _linked(self, order: int) -> tuple[Order, str]:
        of, _ = self._shipment(order, 0)
        return of, self._token(of.name)

    def _token(self, order: str) -> str:
        return Links("", lambda: TOKENS).remedies(order, self.world.clock.now())

    def _grants(self, order: str) -> Iterable[Grant]:
        return self.shop.of(order).grants

    def _grant(self, given: Given) -> Grant:
        same = self.paper.of(given.order.name)
        return self.shop.of(given.order.name).grants[next(n for n, each in enumerate(same) if each is given)]

    def _code(self, number: int) -> tuple[str, Coupon]:
        """Return a code, and its voucher as whoever looks at it finds it now."""
        code = list(self.codes)[number % len(self.codes)]
        own(self._coupon(code), self.nexts, self.world.clock.now())
        return code, self._coupon(code)

    def _coupon(self, code: str) -> Coupon:
        name, place = self.codes[code]
        coupon = self.paper.of(name)[place].coupon
        assert coupon is not None, code
        return coupon

    def _coupons(self) -> dict[str, Coupon]:
        return {code: self._coupon(code) for code in self.codes}

    def _voucher(self, code: str) -> Voucher:
        voucher = self.shop.voucher(code)
        assert voucher is not None, code
        return voucher

    def _digest(self, code: str) -> str:
        exact = read(code)
        assert exact is not None, code
        return digest(exact)


def _shown(grant: Grant) -> tuple[str, int, int, str | None, bool]:
    return (grant.kind, grant.amount, grant.level, grant.outcome, grant.code is not None)


def _why(refusal: Refusal) -> Why:
    said = refusal._asdict()
    known = {"shipment": said["shipment_id"], "days": said["days_late"], "version": said["policy_version"]}
    same = ("why", "rule", "amount", "currency", "level", "worth", "most", "left", "said")
    return Why(**known, **{name: said[name] for name in same})


def _event(body: str) -> tuple[str | None, Mapping[str, Any]]:
    said = json.loads(body)
    return said.get("detail-type"), said.get("detail", {})
