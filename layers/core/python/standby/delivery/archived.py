"""What became of lines that an order has no more, as some ERPs take lines out once they are done with them.

What left stays so, and what was cancelled. Each line is looked at as the order was when it was listed last: a word
about the whole order is true of it if it was said before the line was taken out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from standby.delivery.fate_model import fates
from standby.delivery.model import LINE, ORDER, Order
from standby.delivery.origin_model import Listing, Numbering


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
    ended, words = numbering.ended(listing), {}
    for about, said in order.words.items():
        if about.scope == LINE:
            every = (said, *order.earlier.get(about, ()))
            of_gone = [each for each in every if not order.now_of((about.id,), each.version)]
            if of_gone:
                words[about] = max(of_gone, key=lambda each: each.version)
        elif about.scope != ORDER or said.version[0] <= ended[0]:
            words[about] = said
    lines = {line_id: {"sku": sku, "quantity": quantity} for line_id, sku, quantity in listing.lines}
    placed = replace(order.placed, version=listing.last, lines=lines)
    return replace(order, placed=placed, numbering=numbering.until(listing), words=words, earlier={})
