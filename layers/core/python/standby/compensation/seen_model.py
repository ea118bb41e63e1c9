"""What granting saw of a late order each time it decided, so that another policy can be asked the same later.

It stands with what was granted for the order, so nothing more is written for it, and names nobody.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from standby.compensation.policy_model import Case

MOST_SEEN = 1_000
"""Of an order: the newest."""


class Facts(NamedTuple):
    """What an order was like, as far as a policy asks (`Case`)."""

    order_value: int | None = None
    currency: str | None = None
    late_value: int | None = None
    fee: int = 0
    """What delivery cost, whatever of it was given back."""
    fee_currency: str | None = None
    tier: str | None = None
    country: str | None = None
    channel: str | None = None
    categories: Sequence[str] = ()
    customer_type: str | None = None
    unpaid: bool = False
    gone: bool = False
    payment: str | None = None

    def case(self, days_late: int, *, cause: str | None, policy: str | None, fee_left: int) -> Case:
        """Return the case of a late shipment. ``fee_left`` is what was not given back of the fee for others."""
        said = {**self._asdict(), "categories": frozenset(self.categories), "fee": fee_left}
        return Case(days_late=days_late, cause=cause, policy=policy, **said)


class Seen(NamedTuple):
    """A shipment as granting decided on it."""

    at: str
    shipment_id: str
    days_late: int
    cause: str | None = None
    policy: str | None = None
    facts: Facts | None = None
    """``None``: nothing was known of the order; or nobody looked yet, because it waited (``grace_hours``)."""
    grace_hours: int = 0
    """So long it was to wait from then on; 0: it was decided at once."""
    looked: bool = False
    """It was decided once such a wait was over."""


def kept_of(seen: Iterable[Seen], place_of: Callable[[str], Any] = str) -> dict[str, Any]:
    """Return what was seen as JSON: the same facts stand there once, and for a shipment what ``place_of`` returns."""
    facts: dict[Facts, int] = {}
    rows = []
    for at, shipment_id, days_late, cause, policy, known, *waits in seen:
        place = None if known is None else facts.setdefault(known, len(facts))
        rows.append([at, place_of(shipment_id), days_late, cause, policy, place, *_short(waits)])
    return {"seen": rows, "facts": [_short([*each]) for each in facts]} if rows else {}


def seen_of(content: Mapping[str, Any], name_of: Callable[[Any], str] = str) -> tuple[Seen, ...]:
    """Return what was seen, from JSON; ``name_of`` returns the shipment at a place."""
    facts = [Facts(*kept) for kept in content.get("facts", ())]
    facts = [each._replace(categories=tuple(each.categories)) for each in facts]
    return tuple(
        Seen(at, name_of(about), days, cause, policy, None if place is None else facts[place], *waits)
        for at, about, days, cause, policy, place, *waits in content.get("seen", ())
    )


def _short(values: list[Any]) -> list[Any]:
    """Return values without those at the end that say nothing."""
    while values and values[-1] in (None, 0, False, ()):
        values.pop()
    return values
