"""What customers are owed and what is left of it, in whatever order and however often the ERP speaks.

A plain model computes it from all that was said, and from what each customer saw when they gave something up.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.delivery import fee_remedies
from standby.delivery.choice_model import CANCEL, SILENCE, WITHDRAW, Choice
from standby.delivery.messages import read
from standby.delivery.model import Order
from standby.delivery.refunding import settlement, unpaid
from standby.events.fee import DeliveryFeeGiven
from standby.events.preorder import RefundDue
from standby.platform.clock import to_text
from standby.platform.identifier import EXACT
from standby.platform.moment import Arrival

from tests.fakes import EPOCH
from tests.promises.unruly import searching
from tests.standby.delivery.paper import after
from tests.standby.delivery.test_late_anywhere import Desk, arrival_of
from tests.standby.delivery.words import expected

pytestmark = pytest.mark.promise("P4", "P7", "P10")

LINES = ("S", "M")
FEE = 50
HOURS = st.integers(0, 12)
Message = Mapping[str, Any]


class Given(NamedTuple):
    """What a customer gave up at an hour, as they saw it."""

    at: str
    lines: Mapping[str, tuple[int, int]]
    """Units of each line, and what one cost."""
    whole: bool
    """Nothing else was left of the order."""


def usd(amount: int, currency: str = "USD") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def placed(hour: int, units: Mapping[str, int], price: int) -> dict[str, Any]:
    return {
        "type": "order.placed",
        "order_id": "O",
        "as_of": to_text(after(EPOCH, hour)),
        "lines": [{"line_id": e, "sku": e, "quantity": units[e], "unit_price": usd(price)} for e in units],
        "shipments": [],
        "delivery_fee": usd(FEE),
        "payment_status": "paid",
    }


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    hour = draw(HOURS)
    said = {"order_id": "O", "as_of": to_text(after(EPOCH, hour))}
    kind = draw(st.sampled_from(("placed", "placed", "cancelled", "refunded")))
    if kind == "placed":
        units = {each: draw(st.sampled_from([0, 1, 2, 3])) for each in draw(st.sampled_from([LINES, "S"]))}
        return placed(hour, units, draw(st.sampled_from([100, 250])))
    if kind == "cancelled":
        return {
            "type": "order.cancelled",
            **said,
            **draw(st.sampled_from([{}, {"line_ids": ["S"]}, {"line_ids": ["M"]}])),
        }
    amount = usd(draw(st.sampled_from([50, 100, 250, 700])), draw(st.sampled_from(["USD", "USD", "ILS"])))
    return {"type": "order.refunded", **said, "amount": amount, "occurred_at": to_text(after(EPOCH, draw(HOURS)))}


Step = tuple[str, int, tuple[str, ...]]
"""What happens: a message comes, a customer gives lines up at an hour, or a part of the delivery fee is given back."""


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Step]]:
    """Draw what comes after an order: in which order, some twice, and what is given up between."""
    later = draw(st.integers(2, 8).flatmap(lambda many: st.lists(messages(), min_size=many, max_size=many)))
    said = [placed(0, {"S": 3, "M": 1}, 100), *later]
    again = draw(st.lists(st.integers(0, len(later)), max_size=3))
    steps: list[Step] = [("says", number, ()) for number in draw(st.permutations([*range(1, len(said)), *again]))]
    for hour in draw(st.lists(HOURS, min_size=1, max_size=2, unique=True).map(sorted)):
        kind, lines = draw(st.sampled_from([CANCEL, WITHDRAW, SILENCE])), draw(st.sampled_from([LINES, ("S",), ("M",)]))
        steps.insert(draw(st.integers(0, len(steps))), (kind, hour, lines))
    return said, [("says", 0, ()), *steps]


def lived(said: list[dict[str, Any]], steps: list[Step], parts: Sequence[int] = ()) -> tuple[Desk, list[Given]]:
    """Let everything happen; return who did it, and what was given up. ``parts`` of the fee are given back."""
    desk, gave, come = Desk(), list[Given](), list[int]()
    desk.at(12)
    for what, number, lines in steps:
        if what == "says":
            desk.says(said[number], arrival_of(number))
            come.append(number)
        elif what == "gives":
            gives(desk, f"g-{number}", parts[number])
        elif (saw := seen(said, come, gave, to_text(after(EPOCH, number)), lines)) is not None:
            gave.append(saw)
            choice = Choice(saw.at, what, line_ids=tuple(saw.lines))
            desk.orders.tell(desk.orders.change("O", lambda order, made=choice: order.chose(made, code=None)))  # type: ignore[misc] # mypy knows no defaults of a lambda
    return desk, gave


def gives(desk: Desk, grant_id: str, amount: int) -> None:
    """Give a part of the delivery fee back."""
    event = DeliveryFeeGiven(f"{grant_id}#fee", to_text(desk.clock.now()), "O", grant_id, usd(amount))  # type: ignore[arg-type] # what `usd` returns is such an amount
    desk.orders.tell(desk.orders.change("O", lambda order: fee_remedies.given(order, event)))


def seen(
    said: Sequence[Message], come: Sequence[int], gave: Sequence[Given], at: str, lines: Sequence[str]
) -> Given | None:
    """Return what a customer gives up of what had come by then; ``None``: nothing is left of it."""
    newest, fates = expected([(number, said[number]) for number in sorted({*come})], "O")
    wanted = {e["line_id"]: e for e in newest["lines"] if e["quantity"] and e["line_id"] not in fates} if newest else {}
    given_up = {line_id: wanted[line_id] for line_id in lines if line_id in wanted}
    before = {line_id for each in gave for line_id in each.lines}
    costs = {line_id: (line["quantity"], line["unit_price"]["amount"]) for line_id, line in given_up.items()}
    return Given(at, costs, wanted.keys() <= given_up.keys() | before) if given_up else None


# ---- the plain model ----


def owed(said: Sequence[Message], gave: Sequence[Given]) -> dict[str, int]:
    """Return what is owed in the end whatever was paid, by when it was given up."""
    newest, fates = expected(list(enumerate(said)), "O")
    stays = {line["line_id"]: line["quantity"] for line in newest["lines"] if line["line_id"] not in fates}
    found = Counter[str]()
    for line_id in LINES:
        prices: list[tuple[str, int]] = []
        for each in gave:
            units, price = each.lines.get(line_id, (0, 0))
            prices += [(each.at, price)] * (units - len(prices))
        for at, price in prices[: max(0, len(prices) - stays.get(line_id, 0))]:
            found[at] += price
    whole = next((each for each in gave if each.whole), None)
    if whole is not None and not any(stays.values()):
        found[whole.at] += FEE
    return found


def left(said: Sequence[Message], gave: Sequence[Given]) -> int:
    """Return what is to be paid still, after all that went back since it was given up: the oldest first."""
    debts = dict(sorted(owed(said, gave).items()))
    paid = {(e["occurred_at"], e["amount"]["amount"]) for e in said if _pays(e)}
    for occurred_at, amount in sorted(paid):
        rest = amount
        for at in (at for at in debts if at <= occurred_at):
            part = min(rest, debts[at])
            debts[at], rest = debts[at] - part, rest - part
    return sum(debts.values())


def _pays(message: Message) -> bool:
    return message["type"] == "order.refunded" and message["amount"]["currency"] == "USD"


def debt(order: Order) -> tuple[int, int]:
    """Return what is owed whatever was paid, and what is left of it."""
    found = settlement(order)
    return sum(each.amount or 0 for each in found.owed), sum(each.left or 0 for each in found.owed)


@searching(examples=40, steps=1)
@given(lives())
def test_what_is_owed_and_left_in_the_end_is_what_paper_says(life: tuple[list[dict[str, Any]], list[Step]]) -> None:
    said, steps = life
    desk, gave = lived(said, steps)
    assert debt(desk.store.orders["O"]) == ((sum(owed(said, gave).values()), left(said, gave)) if gave else (0, 0))


@searching(examples=40, steps=1)
@given(lives())
def test_the_erp_is_asked_for_each_unit_once_and_for_all_that_is_left(
    life: tuple[list[dict[str, Any]], list[Step]],
) -> None:
    desk, gave = lived(*life)
    asked = list({event.id: event for event in desk.bus.events if isinstance(event, RefundDue)}.values())
    units = Counter(dict.fromkeys(LINES, 0))
    for line in (line for event in asked for line in event.lines):
        units[line["line_id"]] += line["quantity"]
    for line_id, count in units.items():
        assert count <= max((each.lines.get(line_id, (0, 0))[0] for each in gave), default=0)
    assert sum(event.delivery_fee is not None for event in asked) <= 1
    assert {each.refund.id for each in unpaid(desk.store.orders["O"])} <= {event.refund_due_id for event in asked}


@searching(examples=40, steps=1)
@given(lives(), st.data())
def test_what_names_a_debt_pays_it_once_however_often_it_is_said(
    life: tuple[list[dict[str, Any]], list[Step]], draw: st.DataObject
) -> None:
    desk, _ = lived(*life)
    for each in unpaid(desk.store.orders["O"]):
        before, part = debt(desk.store.orders["O"]), draw.draw(st.integers(0, 400))
        named = {"type": "order.refunded", "order_id": "O", "amount": usd(part), "refund_due_id": each.refund.id}
        message = {**named, "as_of": to_text(after(EPOCH, 12))}
        for _ in range(2):
            desk.orders.take(read(message, arrival=Arrival(arrival_of(99)), now=desk.clock.now(), ids=EXACT))
        mine = next(one for one in settlement(desk.store.orders["O"]).owed if one.refund.id == each.refund.id)
        assert mine.left is not None
        assert (each.amount or 0) - mine.left >= min(part, each.amount or 0)
        assert before[0] == debt(desk.store.orders["O"])[0]
        assert before[1] >= debt(desk.store.orders["O"])[1] >= max(0, before[1] - part)


# ---- the delivery fee, given back for delays between all that ----


@st.composite
def lives_with_remedies(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Step], list[int]]:
    """Draw a life in which parts of the fee are given back, some of them told twice."""
    said, steps = draw(lives())
    parts = draw(st.lists(st.sampled_from([20, FEE]), min_size=1, max_size=2))
    for number in [*range(len(parts)), *draw(st.lists(st.integers(0, len(parts) - 1), max_size=2))]:
        steps.insert(draw(st.integers(1, len(steps))), ("gives", number, ()))
    return said, steps, parts


@searching(examples=40, steps=1)
@given(lives_with_remedies())
def test_a_delivery_fee_that_is_given_back_and_owed_is_never_more_than_it_was(
    life: tuple[list[dict[str, Any]], list[Step], list[int]],
) -> None:
    said, steps, parts = life
    desk, gave = lived(said, steps, parts)
    order = desk.store.orders["O"]
    whole = any(each.whole for each in gave)
    newest, fates = expected(list(enumerate(said)), "O")
    comes = any(line["quantity"] and line["line_id"] not in fates for line in newest["lines"])
    back = FEE if whole and not comes else 0
    fee = debt(order)[0] - (sum(owed(said, gave).values()) - back)
    assert back <= fee <= FEE
    if comes:
        assert fee == min(FEE, sum(parts))
    asked = {event.id: event for event in desk.bus.events if isinstance(event, RefundDue)}
    assert {each.refund.id for each in unpaid(order)} <= asked.keys()
