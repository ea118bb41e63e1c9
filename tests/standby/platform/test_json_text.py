"""JSON in and out."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.json_text import from_json, to_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
CONTENT = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
REFUSED_BY_SQS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@given(CONTENT)
def test_what_is_written_is_read(content: Any) -> None:
    assert from_json(to_json(content)) == content


@given(CONTENT)
def test_what_is_written_is_a_body_that_sqs_takes(content: Any) -> None:
    assert REFUSED_BY_SQS.search(to_json(content)) is None


def test_json_is_compact_and_its_text_as_it_is() -> None:
    assert to_json({"sku": "A", "name": "חולצה"}) == '{"sku":"A","name":"חולצה"}'


@pytest.mark.parametrize("content", ["\ufffe", {"\uffff": "\x00"}])
def test_characters_that_sqs_refuses_are_escaped(content: Any) -> None:
    assert to_json(content).isascii()
    assert from_json(to_json(content)) == content


def test_a_byte_order_mark_is_skipped() -> None:
    assert from_json('\ufeff{"sku": "A"}') == {"sku": "A"}


def test_both_halves_of_a_surrogate_pair_are_a_character() -> None:
    assert from_json(r'"\ud83d\ude00"') == "😀"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ('{"on_hand": NaN}', "NaN is no number of JSON"),
        ("[Infinity]", "Infinity is no number of JSON"),
        ("[-Infinity]", "-Infinity is no number of JSON"),
        ("[1e999]", "1e999 is too large"),
        ("[-1e999]", "-1e999 is too large"),
        (r'["\ud83d"]', "half of a surrogate pair"),
        (r'{"\udc00": 1}', "half of a surrogate pair"),
        ("[" * 100_000, "nested too deep"),
        ("9" * 5_000, "integer string conversion"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_no_json_or_cannot_be_kept_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        from_json(text)
