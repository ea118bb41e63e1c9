"""One message or a batch of them: opened, split, and set aside by its place."""

import pytest
from standby.platform.batch import BATCH_LIMIT, PART, checked, letter_of, opened, parts, pass_on, size, unpacked
from standby.platform.identifier import EXACT
from standby.platform.json_text import from_json, to_json
from standby.platform.queue import MESSAGE_BYTES, Message, Outgoing, PoisonError

from tests.fakes import FakeQueue

pytestmark = pytest.mark.promise("P9")


def message(body: str, **attributes: str) -> Message:
    return Message("m-1", body, 1_777_802_400_000, attributes=attributes)


def batch(*said: object) -> str:
    return to_json({"type": "batch", "messages": said})


def test_a_body_is_one_message_or_a_batch() -> None:
    one, several = opened(message('{"type":"a"}')), opened(message(batch("a", "b")))
    assert (one.messages, one.single, one.first, one.unkept) == ([{"type": "a"}], True, 0, None)
    assert (several.messages, several.single) == (["a", "b"], False)


@pytest.mark.parametrize("body", ["", "{", '{"type":"a","rank":NaN}', '{"type":"batch","source":1e999,"messages":[]}'])
def test_what_nothing_can_be_kept_of_is_poison(body: str) -> None:
    with pytest.raises(PoisonError, match=r"^not JSON"):
        opened(message(body))


def test_of_a_batch_what_can_be_kept_is_taken() -> None:
    found = opened(message('{"type":"batch","messages":["a",NaN,"b"]}'))
    assert (found.messages, found.unkept) == (["a", "b"], "not JSON: message 1: NaN is no number of JSON")


@pytest.mark.parametrize(
    ("carried", "first"), [("25", 25), ("999", 999), ("1000", 0), ("-1", 0), ("x", 0), ("9" * 9, 0)]
)
def test_a_part_goes_on_where_the_one_before_ended(carried: str, first: int) -> None:
    assert opened(message(batch("a"), index=carried)).first == first


def test_a_batch_is_bounded() -> None:
    assert len(unpacked({"type": "batch", "messages": ["a"] * BATCH_LIMIT})) == BATCH_LIMIT
    for wrong in (["a"] * (BATCH_LIMIT + 1), None, {}):
        with pytest.raises(PoisonError, match=r"^messages: "):
            unpacked({"type": "batch", "messages": wrong})


def test_parts_have_25_messages_or_200_kb() -> None:
    short = parts(["a"] * (2 * PART + 1), received_at=7, first=3)
    assert [(len(from_json(part.body)["messages"]), part.attributes["index"]) for part in short] == [
        (25, "3"),
        (25, "28"),
        (1, "53"),
    ]
    assert {part.received_at for part in short} == {7}
    assert len(parts(["x" * 150_000] * 3, received_at=7)) == 3


def test_a_letter_says_its_place_before_all_else() -> None:
    letter = letter_of(message("a", source="erp"), 4)
    assert list(letter.attributes.items()) == [("index", "4"), ("source", "erp")]


def test_a_part_that_outgrew_its_queue_is_not_sent_and_named() -> None:
    queue, whole, long = FakeQueue(), Outgoing("a"), Outgoing("x" * (MESSAGE_BYTES + 1))
    assert pass_on(queue, [whole], group="m-1", most_bytes=9_000) is None
    assert pass_on(queue, [whole, long], group="m-1", most_bytes=9_000) == "message: 1048577 bytes are more than 9,000"
    assert [(sent.body, sent.group) for sent in queue.messages] == [("a", "m-1")] * 2


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (7, "message: must be object"),
        ({}, "type: missing"),
        ({"type": "stock.gone"}, "type: 'stock.gone' is none of stock.level"),
        ({"type": ["stock.level"]}, "type: ['stock.level'] is none of stock.level"),
        ({"type": "stock.level", "source": "ת" * 60}, "message: 154 bytes are more than 150"),
        ({"type": "stock.level"}, "on_hand or available: missing"),
    ],
)
def test_a_message_is_of_a_known_type_and_size_and_fits_its_schema(said: object, reason: str) -> None:
    with pytest.raises(PoisonError) as poison:
        checked(said, package="standby.stock", largest={"stock.level": 150}, ids=EXACT)
    assert poison.value.reason == reason


def test_size_counts_bytes() -> None:
    assert size("ת") == 4
