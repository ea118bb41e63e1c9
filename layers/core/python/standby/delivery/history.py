"""What happened to an order, step by step, for its customer."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from standby.delivery.choice_model import Choice
from standby.delivery.model import ETA, TOLD, TRACKED, Order
from standby.delivery.promises import MOVED
from standby.platform.clock import to_text
from standby.platform.moment import EPOCH, MICROSECOND

if TYPE_CHECKING:
    from standby.delivery.answers import StepShown

MOST_STEPS = 50
"""That are shown: the newest, and the first."""
SAYS_NOTHING = frozenset({"unknown", "labelled"})
"""States of a carrier that tell a customer nothing."""
SAME = {"delivered": "delivered", "in_transit": "shipped"}
"""States of a carrier that say what the ERP says, too."""


def steps(order: Order, ordered_at: str) -> "list[StepShown]":
    """Return the steps of an order, the oldest first; what is said twice in a row of the same shipment stands once."""
    found: list[StepShown] = [_step(ordered_at, "ordered")]
    found += sorted([*_said(order), *_told(order), *_chosen(order.choices)], key=lambda step: step["at"])
    shown: list[StepShown] = []
    newest: dict[str | None, StepShown] = {}
    for step in found:
        before = newest.get(step["shipment_id"])
        if before is None or (before["what"], before["day"]) != (step["what"], step["day"]):
            shown.append(step)
            newest[step["shipment_id"]] = step
    return shown if len(shown) <= MOST_STEPS else [shown[0], *shown[1 - MOST_STEPS :]]


def _said(order: Order) -> "Iterator[StepShown]":
    """Yield what ERP and carriers said."""
    for step in order.history:
        said = dict(step.said)
        state = said.get("state", "")
        if step.kind == TRACKED and state in SAYS_NOTHING:
            continue
        what = "day" if step.kind in (ETA, MOVED) else SAME.get(state, state) if step.kind == TRACKED else step.kind
        at = said.get("occurred_at") or to_text(EPOCH + step.as_of * MICROSECOND)
        shown = _step(at, what, said.get("shipment_id"), said.get("eta"))
        yield {**shown, "cause": said.get("cause"), "carrier": said.get("carrier")}


def _told(order: Order) -> "Iterator[StepShown]":
    """Yield what the customer was told of delays."""
    for notice in order.notices:
        if notice.by in TOLD:
            yield _step(notice.at, "told", notice.shipment_id, notice.expected)


def _chosen(choices: Sequence[Choice]) -> "Iterator[StepShown]":
    """Yield what the customer said."""
    for choice in choices:
        yield _step(choice.at, choice.kind, choice.shipment_id or None, choice.until)


def _step(at: str, what: str, shipment_id: str | None = None, day: str | None = None) -> "StepShown":
    return {"at": at, "what": what, "shipment_id": shipment_id, "day": day, "cause": None, "carrier": None}
