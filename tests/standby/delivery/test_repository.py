"""Orders come back from DynamoDB as they were kept, the largest too, and whoever was slower is told so."""

import random
from datetime import UTC
from typing import Any

import pytest
from standby.delivery import repository
from standby.delivery.archived import archived
from standby.delivery.model import Order
from standby.delivery.promises import promises
from standby.delivery.repository import OrderRepository
from standby.platform.backoff import BusyError
from standby.platform.json_text import from_json, to_json
from standby.platform.kept import ORDERS
from standby.platform.queue import PoisonError

from tests.fakes import EPOCH, FakeBus
from tests.standby.delivery.test_any_order import orders_of
from tests.standby.delivery.words import Books, placed, said, word
from tests.tables import create_table


@pytest.fixture
def kept(aws: Any) -> OrderRepository:
    repository.orders.cache_clear()
    return OrderRepository(create_table(aws, "Delivery"))


def order_of(*messages: Any) -> Order:
    store = Books()
    for number, message in enumerate(messages):
        orders_of(store, FakeBus()).take(word(message, arrival=number))
    ((_, order),) = store.orders.items()
    return order


def comes_back(kept: OrderRepository, order: Order) -> None:
    for edition in range(1, order.edition):
        kept.keep(Order(order_id=order.order_id, edition=edition), now=EPOCH, due_at=None)
    assert kept.keep(order, now=EPOCH, due_at=None)
    assert kept.order(order.order_id) == order


def test_an_order_comes_back_as_it_was_kept(kept: OrderRepository) -> None:
    money = {"amount": 100, "currency": "ILS"}
    comes_back(
        kept,
        order_of(
            placed("O/1", "S", "M", shipments={"A": ["S"]}, customer={"name": 'נועה "לוי" \ufffe'}),
            placed("O/1", "S", "M", "L", minute=1, shipments={"B": ["S"]}),
            said("shipped", "O/1", "S", minute=2),
            said("cancelled", "O/1", "L", minute=2),
            said("eta", "O/1", minute=3, eta=None),
            said("tracked", "O/1", minute=4, state="out", shipment_id="B", raw=[1, None]),
            said("refunded", "O/1", amount=money),
        ),
    )


def test_the_days_that_were_told_come_back_and_the_same_of_many_lines_stands_once(
    kept: OrderRepository, aws: Any
) -> None:
    messages = [placed("O", "S", "M", "L", minute=minute, shipments={"A": "SML", "B": "S"}) for minute in range(3)]
    for message, day in zip(messages, ("2026-05-07", "2026-05-05", "2026-05-09"), strict=True):
        message["shipments"][0]["promised_until"] = day
    order = order_of(*messages)
    comes_back(kept, order)
    text = aws.scan(TableName="Delivery")["Items"][0]["text"]["S"]
    assert [days[3] for days in from_json(text)["days"]] == [["S"], ["M", "L"]]


def test_which_lines_an_order_had_at_first_comes_back(kept: OrderRepository) -> None:
    one, other = placed("O", "S", "M"), placed("O", "S", "M", minute=1)
    renamed = {**placed("O", minute=2), "lines": [{"line_id": "7", "sku": "M", "quantity": 1}]}
    for number, messages in enumerate([(one,), (one, other), (one, placed("O", "S", "L", minute=1)), (other, renamed)]):
        order = order_of(*({**message, "order_id": f"O{number}"} for message in messages))
        comes_back(kept, order)
        assert order.numbering is not None
        assert order.numbering.listings[0].lines == (("S", "S", 1), ("M", "M", 1))


def test_lines_that_an_order_has_no_more_come_back(kept: OrderRepository) -> None:
    order = order_of(placed("O", "S", "M"), said("shipped", "O", "S", minute=1), placed("O", "M", minute=2))

    comes_back(kept, order)

    assert archived(order) == [("S", "shipped", 1)]


def test_an_order_of_an_older_form_keeps_its_promises(kept: OrderRepository, aws: Any) -> None:
    later = placed("O", "S", "M", minute=1, shipments={"A": "SM"})
    later["shipments"][0]["promised_until"] = "2026-05-20"
    order = order_of(placed("O", "S", "M", shipments={"A": "S", "B": "M"}), later)
    comes_back(kept, order)
    (item,) = aws.scan(TableName="Delivery")["Items"]
    content = {name: value for name, value in from_json(item["text"]["S"]).items() if name != "days"}
    aws.put_item(TableName="Delivery", Item={**item, "text": {"S": to_json(content)}})
    assert promises(kept.order("O"), UTC) == promises(order, UTC)


def test_a_word_without_its_order_comes_back(kept: OrderRepository) -> None:
    comes_back(kept, order_of(said("shipped", "O", shipment_id="A")))


def test_what_was_never_said_is_not_there(kept: OrderRepository) -> None:
    assert kept.order("O") == Order(order_id="O")


def test_only_the_next_edition_is_written(kept: OrderRepository) -> None:
    assert kept.keep(Order(order_id="O", edition=1), now=EPOCH, due_at=None)
    assert not kept.keep(Order(order_id="O", edition=1), now=EPOCH, due_at=None)
    assert not kept.keep(Order(order_id="O", edition=3), now=EPOCH, due_at=None)
    assert kept.keep(Order(order_id="O", edition=2), now=EPOCH, due_at=None)


def test_an_order_goes_after_its_time(kept: OrderRepository, aws: Any) -> None:
    kept.keep(Order(order_id="O", edition=1), now=EPOCH, due_at=None)
    (item,) = aws.scan(TableName=kept.table)["Items"]
    assert int(item["ttl"]["N"]) == int((EPOCH + ORDERS).timestamp())


def large(length: int) -> list[str]:
    """Return 1,000 ids that compress as badly as ids can."""
    chance = random.Random(7)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return ["".join(chance.choices(letters, k=length)) for _ in range(1_000)]


def test_an_order_of_1000_lines_with_a_word_about_each_has_room(kept: OrderRepository) -> None:
    lines = large(36)
    order = order_of(
        placed("O", *lines, shipments={"A": lines}),
        *(said("shipped", "O", *lines[start::2], minute=start) for start in range(2)),
        said("delivered", "O", *lines, minute=20),
        said("returned", "O", *lines, minute=30),
    )
    assert len(order.told_lines) == 1_000
    comes_back(kept, order)


def test_an_order_that_outgrows_its_item_is_poison_by_name(kept: OrderRepository) -> None:
    lines = large(100)
    order = order_of(
        *(said("shipped", "O", *large(100 - number)[:900], minute=number) for number in range(6)),
        said("shipped", "O", *lines[:900]),
    )
    with pytest.raises(PoisonError, match="all that was said of it are"):
        kept.keep(order, now=EPOCH, due_at=None)


def test_a_table_that_refuses_for_its_rate_is_busy(kept: OrderRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError  # noqa: PLC0415
    from pynamodb.exceptions import GetError  # noqa: PLC0415 - the error is built by hand

    cause = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "GetItem")

    def refuse(*_arguments: Any, **_more: Any) -> Any:
        raise GetError("slow down", cause)

    monkeypatch.setattr(repository.orders(kept.table), "get", refuse)
    with pytest.raises(BusyError):
        kept.order("O")
