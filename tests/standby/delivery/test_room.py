"""Large orders that an ERP numbers anew again and again keep room for what their customers say."""

import random
import zlib
from collections.abc import Sequence
from typing import Any

import pytest
from standby.delivery import repository
from standby.delivery.choice_model import CANCEL, WITHDRAW, Choice
from standby.delivery.model import Order
from standby.delivery.origin_model import MOST_LISTED, MOST_LISTINGS
from standby.delivery.refund_model import Refund
from standby.delivery.repository import OrderRepository
from standby.delivery.told_model import Notice
from standby.platform import packing
from standby.platform.clock import to_text
from standby.platform.json_text import to_json
from standby.platform.queue import PoisonError

from tests.fakes import EPOCH
from tests.standby.delivery.test_repository import comes_back, kept
from tests.standby.delivery.words import placed, word

__all__ = ["kept"]
pytestmark = pytest.mark.promise("P4", "P7")
NOW = to_text(EPOCH)


def names(count: int, length: int, seed: int) -> list[str]:
    """Return ids that compress badly."""
    chance = random.Random(seed)
    return [chance.randbytes(length // 2).hex() for _ in range(count)]


def numbered(minute: int, skus: Sequence[str], length: int) -> dict[str, Any]:
    """Return an order of an article in each line, with numbers of its own, in three shipments."""
    line_ids = names(len(skus), length, minute)
    shipments = {f"P{number}": line_ids[number::3] for number in range(3)}
    lines = [{"line_id": line_id, "sku": sku, "quantity": 1} for line_id, sku in zip(line_ids, skus, strict=True)]
    return {**placed("O", minute=minute, shipments=shipments), "lines": lines}


def renumbered(times: int, *, lines: int, length: int = 36) -> Order:
    skus, order = names(lines, 80, 99), Order(order_id="O")
    for minute in range(times):
        order = order.after(word(numbered(minute, skus, length), arrival=minute))
    return order


def chooses(order: Order) -> Order:
    """Return an order that its customer cancelled and withdrew from, as it was told, and as it is owed."""
    line_ids = tuple(order.lines)
    prices = tuple((100 + place, "USD") for place in range(len(line_ids)))
    for kind in (CANCEL, WITHDRAW):
        order = order.chose(Choice(NOW, kind, line_ids=line_ids, prices=prices, left=line_ids[:3]), code=None)
    one = (1,) * len(line_ids)
    due = Refund("R", NOW, line_ids, "2026-06-01", 100, "USD", units=one, prices=tuple(price for price, _ in prices))
    notices = [Notice(NOW, f"P{number}", "2026-05-09", "2026-05-07", "2026-05-09", "mail") for number in range(3)]
    return order.owes((due,)).noticed_by(notices)


def size_of(order: Order) -> int:
    return len(zlib.compress(to_json(repository._content(order)).encode()))


def test_all_that_is_known_of_a_large_order_comes_back(kept: OrderRepository) -> None:
    order = chooses(renumbered(3, lines=60))
    assert size_of(order) > packing.PLAIN_BYTES / 10
    comes_back(kept, order)
    comes_back(kept, order.after(word(numbered(50, names(60, 80, 99), 36), arrival=50)))


def test_what_customers_say_takes_next_to_no_room() -> None:
    order = renumbered(2, lines=200)
    assert size_of(chooses(order)) - size_of(order) < 20 * 200


def test_the_oldest_numbers_are_forgotten_first_and_the_first_day_never() -> None:
    order = renumbered(MOST_LISTINGS + 2, lines=MOST_LISTED // 10)
    assert order.numbering is not None
    assert [listing.first[0] for listing in order.numbering.listings] == [
        word(placed("O", minute=minute)).version[0] for minute in (0, *range(MOST_LISTINGS - 7, MOST_LISTINGS + 2))
    ]
    assert len(order.days) <= MOST_LISTED
    assert all(order.days_of(line_id) for line_id in order.lines)
    assert size_of(order) < repository.ERP_BYTES


def test_what_the_erp_says_leaves_room_for_its_customer(kept: OrderRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    order = renumbered(1, lines=200)
    monkeypatch.setattr(repository, "ERP_BYTES", size_of(order) + 100)
    comes_back(kept, order)
    with pytest.raises(PoisonError, match="more than"):
        kept.keep(order.after(word(numbered(1, names(200, 80, 99), 36))), now=EPOCH, due_at=None)
    told = chooses(order)
    assert size_of(told) > repository.ERP_BYTES
    comes_back(kept, told)
