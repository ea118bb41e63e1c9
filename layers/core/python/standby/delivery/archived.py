"""What became of lines that an order has no more, as some ERPs take lines out once they are done with them.

What left stays so, and what was cancelled. Each line is looked at as the order was when it was listed last: a word
about the whole order is true of it if it was said before the line was taken out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from standby.delivery.fate_model import fates
from standby.delivery.model import LINE, SHIPMENT, Order, Said, Version
from standby.delivery.origin_model import Listing, Numbering
from standby.delivery.plan_model import Plans, plans, then_of


def archived(order: Order) -> Sequence[tuple[str, str, int]]:
    """Return how many units left, or were cancelled, with lines that the order has no more, by SKU and fate."""
    numbering = order.numbering
    if numbering is None or order.placed is None:
        return []
    over: dict[Listing, dict[str, str]] = {}
    units = Counter[tuple[str, str]]()
    for listing, (line_id, sku, quantity) in numbering.gone():
        if listing not in over:
            found = fates(then(order, numbering, listing))
            over[listing] = {name: fate.outcome for name, fate in found.items()}
        if line_id in over[listing]:
            units[sku, over[listing][line_id]] += quantity
    return [(sku, outcome, quantity) for (sku, outcome), quantity in sorted(units.items())]


def then(order: Order, numbering: Numbering, listing: Listing) -> Order:
    """Return the order as it was listed then, with what was said of lines that it has no more."""
    assert order.placed is not None  # noqa: S101 - it was listed
    known = plans(order)
    ended, words, earlier = numbering.ended(listing), {}, {}
    for about, said in order.words.items():
        every = (said, *order.earlier.get(about, ()))
        if about.scope == LINE:
            every = tuple(each for each in every if numbering.own(about.id, each.version) is None)
        elif about.scope == SHIPMENT:
            every = tuple(each for each in every if _had(known, about.id, each.version, listing.last))
        elif said.version[0] > ended[0]:
            continue
        if every:
            words[about] = max(every, key=lambda each: each.version)
            earlier[about] = tuple(each for each in every if each is not words[about])
    lines = {line_id: {"sku": sku, "quantity": quantity} for line_id, sku, quantity in listing.lines}
    placed = replace(order.placed, version=listing.last, lines=lines)
    first = {name: word for name, word in order.first.items() if word.version <= listing.last}
    return replace(
        order,
        placed=placed,
        numbering=numbering.until(listing),
        first=first,
        shipments={name: _as_of(order, known, name, listing.last) for name in first},
        words=words,
        earlier=earlier,
    )


def _had(known: Plans, name: str, version: Version, last: Version) -> bool:
    """Tell whether a word about a shipment is about what it had by then, and not about what it had after a version."""
    held = then_of(known, name, version)
    return held is None or held[0] <= last


def _as_of(order: Order, known: Plans, name: str, version: Version) -> Said:
    """Return the newest word about a shipment up to a version; there is one."""
    newest, held = order.shipments[name], then_of(known, name, version)
    if newest.version <= version or held is None:
        return newest
    return Said(version=held[0], fields={**order.first[name].fields, "line_ids": list(held[1])})
