"""What customers gave up of an order, what it cost when they did, and how much of it does not come.

What they gave up is what they saw then: units, prices and, where they gave up all that was left, the delivery fee. It
does not come once the ERP cancelled it, sent the order again without it or with fewer units, or it came back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from standby.delivery.archived import then
from standby.delivery.choice_model import ENDING, WITHDRAW, Choice, Price
from standby.delivery.fate_model import fates, sent_again_since
from standby.delivery.model import ARRIVALS_PER_MILLISECOND, CANCELLED, RETURNED, SHIPPED, Fate, Order, Version
from standby.delivery.origin_model import Listing, Numbering
from standby.delivery.refund_model import FEE, has_paid
from standby.delivery.refunding import Key, key_of
from standby.platform.clock import from_text, to_milliseconds


class Claim(NamedTuple):
    """Units of a line that were given up at once."""

    line_id: str
    """As it was then; `FEE`: it is the delivery fee."""
    units: int
    at: str
    """RFC 3339, UTC."""
    price: Price | None
    """What a unit cost; ``None``: the ERP did not say it."""


class GivenUp(NamedTuple):
    """A line, or the delivery fee, that was given up."""

    key: Key
    claims: Sequence[Claim]
    """What was given up first stands first."""
    gone: int
    """Units of them that do not come, or came back."""


class Line(NamedTuple):
    """A line as the order has it, or had it when it was listed last."""

    sku: str
    units: int
    """That its customer is to get, or got; 0: it was cancelled, or taken out."""
    back: bool
    """All of it came back."""
    left: Version | None
    """The word that says that it left."""
    now: str | None = None
    """Its number now; ``None``: the order has it no more."""
    cancelled: bool = False
    """The ERP said that it is cancelled, whatever became of it."""
    listed: int = 0
    """Units that the order lists of it, whatever became of them."""


def completed(order: Order, before: Order) -> Order:
    """Return an order whose choices know what they ended, as far as that is known; ``before`` it was changed."""
    placed = before.placed or order.placed
    if placed is None:
        return order
    known = before if before.placed is not None else order
    paid = has_paid(placed) or (order.placed is not None and has_paid(order.placed))
    choices: list[Choice] = []
    for choice in order.choices:
        choices.append(_completed(choice, known, choices, paid=paid) if choice.kind in ENDING else choice)
    return order if choices == [*order.choices] else replace(order, choices=tuple(choices))


def _completed(choice: Choice, known: Order, earlier: Sequence[Choice], *, paid: bool) -> Choice:
    choice = choice._replace(paid=choice.paid or paid)
    if choice.prices or not choice.line_ids:
        return choice
    lines = known.lines
    if not choice.units and all(line_id in lines for line_id in choice.line_ids):
        choice = choice.with_units(lines)
    prices = tuple(_price(lines[each].get("unit_price")) if each in lines else None for each in choice.line_ids)
    ended = {*choice.line_ids, *(each for one in earlier if one.kind in ENDING for each in one.line_ids)}
    fee = None if known.placed is None else _price(known.placed.fields.get("delivery_fee"))
    return choice._replace(prices=prices, fee=None if left_of(known) - ended else fee)


def left_of(order: Order) -> set[str]:
    """Return the lines that its customer is still to get, or keeps."""
    fates, places = order.fates, order.places
    cancelled = {line_id for line_id, fate in fates.items() if fate.outcome == CANCELLED}
    return {each for each in order.lines if each not in cancelled and not _came_back(order, each, places)}


def _price(said: Mapping[str, Any] | None) -> Price | None:
    return None if said is None else (said["amount"], said["currency"])


def given_up(order: Order) -> list[GivenUp]:
    """Return all that was given up of an order that was paid."""
    choices = [choice for choice in order.choices if choice.kind in ENDING and choice.paid]
    lines: dict[Key, Line] = {}
    claims: dict[Key, list[Claim]] = {}
    late: dict[Key, bool] = {}
    again = _given_up_again(order, choices)
    for came_late in (False, True):  # a cancelling that came too late, because the line left, counts after all others
        for choice in choices:
            prices = dict(zip(choice.line_ids, choice.prices, strict=False))
            for line_id, sku, quantity in choice.ended(order.lines):
                key = key_of(order, line_id, choice.at)
                if key not in lines:
                    lines[key] = _line(order, key, line_id, sku, choice.at)
                if _came_late(order, choice, line_id, lines[key]) is not came_late:
                    continue
                known = claims.setdefault(key, [])
                late.setdefault(key, came_late)
                more = quantity - again.get((choice.at, key), 0) - _units(known)
                if more > 0:  # what is given up again counts as far as it is more
                    known.append(Claim(line_id, more, choice.at, prices.get(line_id)))
    claims = {key: known for key, known in claims.items() if known}
    gone = {key: _gone(lines[key], known, late=late[key]) for key, known in claims.items()}
    for key, units in _moved(order, lines, claims).items():
        gone[key] = max(0, gone[key] - units)
    found = [GivenUp(key, known, gone[key]) for key, known in claims.items()]
    fee = next((choice for choice in choices if choice.fee is not None), None)
    if fee is not None:
        nothing = not left_of(order) and all(each.gone == _units(each.claims) for each in found)
        found.append(GivenUp(FEE, [Claim(FEE, 1, fee.at, fee.fee)], int(nothing)))
    return found


def _given_up_again(order: Order, choices: Sequence[Choice]) -> Mapping[tuple[str, Key], int]:
    """Return how many units of a line, by when it was given up, came of lines that had been given up before."""
    numbering = order.numbering
    if numbering is None or numbering.plain or len(choices) == 1:
        return {}
    from standby.delivery.moved_units import received  # noqa: PLC0415 - few customers give up twice

    found: dict[tuple[str, Key], int] = {}
    before: dict[str, dict[Key, str]] = {}
    for choice in choices:
        ended = [(key_of(order, line_id, choice.at), sku) for line_id, sku, _ in choice.ended(order.lines)]
        for key, sku in ended:
            others = {each: at for each, at in before.get(sku, {}).items() if each != key}
            if others:
                found[choice.at, key] = received(numbering, key, sku, others, choice.at)
        for key, sku in ended:
            before.setdefault(sku, {}).setdefault(key, choice.at)
    return found


def _moved(order: Order, lines: Mapping[Key, Line], claims: Mapping[Key, Sequence[Claim]]) -> Mapping[Key, int]:
    """Return how many of the units that were given up come by other lines, of each line that has such units."""
    numbering = order.numbering
    given = {key: _units(known) - lines[key].listed for key, known in claims.items()}
    if numbering is None or numbering.plain or all(units <= 0 for units in given.values()):
        return {}
    from standby.delivery.moved_units import Lost, moved  # noqa: PLC0415 - few lines are split or merged

    lost = {key: Lost(lines[key].sku, claims[key][0].at, _units(claims[key]), units) for key, units in given.items()}
    return moved(numbering, lost, _coming(order, numbering))


def _coming(order: Order, numbering: Numbering) -> Mapping[tuple[Key, str], int]:
    """Return the units of each line, by its mark and SKU, that its customer is to get, or keeps."""
    assert order.placed is not None  # noqa: S101 - it has lines
    found = Counter[tuple[Key, str]]()
    for line_id in left_of(order):
        line = order.lines[line_id]
        found[numbering.line_of(line_id, order.placed.version) or 0, line["sku"]] += line["quantity"]
    over: dict[Listing, Mapping[str, Fate]] = {}
    for listing, (line_id, sku, quantity) in numbering.gone():
        if listing not in over:
            over[listing] = fates(then(order, numbering, listing))
        if _left(over[listing].get(line_id)) is not None:
            found[numbering.line_of(line_id, listing.last) or 0, sku] += quantity
    return found


def _units(claims: Sequence[Claim]) -> int:
    return sum(claim.units for claim in claims)


def _gone(line: Line, claims: Sequence[Claim], *, late: bool) -> int:
    """Return how many of the units that were given up do not come, or came back.

    What left though it was given up, and came back, was to be paid back if the ERP had cancelled it before.
    """
    stays = 0 if line.back and (line.cancelled or not late) else line.units
    return max(0, _units(claims) - stays)


def _came_late(order: Order, choice: Choice, line_id: str, line: Line) -> bool:
    """Tell whether a line left after it was cancelled, by a word that came then. Who withdrew did so for good."""
    since = to_milliseconds(from_text(choice.at)) * ARRIVALS_PER_MILLISECOND
    if choice.kind == WITHDRAW or line.left is None or line.left[2] < since:
        return False
    return line_id not in choice.left or (line.now is not None and sent_again_since(order, line.now, since))


def _line(order: Order, key: Key, line_id: str, sku: str, at: str) -> Line:
    """Return a line that was given up under a number: as it is now, or as it was when it was taken out."""
    lines = order.lines
    now = line_id if order.numbering is None else order.numbering.own(line_id, order.version_at(at))
    if now is not None and now in lines and lines[now]["sku"] == sku:
        fate = order.fates.get(now)
        cancelled = fate is not None and fate.outcome == CANCELLED
        units = 0 if cancelled else lines[now]["quantity"]
        names: list[str | None] = [*order.places.get(now, ())] or [None]
        said = (order.newest_about(CANCELLED, now, name) for name in names)
        back = _came_back(order, now, order.places)
        return Line(sku, units, back, _left(fate), now, any(said), lines[now]["quantity"])
    for listing, (named, _, quantity) in order.numbering.gone() if order.numbering is not None else ():
        if order.numbering is not None and order.numbering.line_of(named, listing.last) == key:
            left = _left(fates(then(order, order.numbering, listing)).get(named))
            # What left was not taken out: it is done with.
            units = 0 if left is None else quantity
            return Line(sku, units, left is not None, left, listed=units)
    return Line(sku, 0, back=True, left=None)


def _left(fate: Fate | None) -> Version | None:
    """Return the word by which a line left; what came back, and of which nobody said that it left, did not."""
    shipped = fate is not None and fate.outcome == SHIPPED and fate.about.kind != RETURNED
    return fate.said.version if fate is not None and shipped else None


def _came_back(order: Order, line_id: str, places: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether all of a line came back, from all its shipments."""
    return all(order.newest_about(RETURNED, line_id, name) for name in places.get(line_id, (None,)))
