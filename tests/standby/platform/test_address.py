"""Which addresses are the same, and the key that stands for one."""

import re
import unicodedata
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.address import address_key, from_header, mailbox, mailbox_key, normalized, typed


@pytest.mark.parametrize("email", ["ana@shop.example", " Ana@Shop.Example ", "ANA@SHOP.EXAMPLE\n"])
def test_an_address_is_the_same_however_it_is_typed(email: str) -> None:
    assert normalized(email) == "ana@shop.example"
    assert address_key(email) == address_key("ana@shop.example")


@pytest.mark.parametrize("around", ["\u200f", "\u200b", "\ufeff", "\u2066\u00a0", "\t", "\u2028", "\u00ad "])
def test_what_nobody_sees_around_an_address_is_no_part_of_it(around: str) -> None:
    assert typed(f"{around}ana@shop.example{around}") == "ana@shop.example"
    assert typed(around) == ""


def test_what_nobody_sees_within_an_address_stays_and_is_refused_elsewhere() -> None:
    assert typed("a\u200bna@shop.example") == "a\u200bna@shop.example"


def test_an_accent_is_the_same_composed_or_not() -> None:
    composed = "andré@shop.example"
    assert address_key(unicodedata.normalize("NFD", composed)) == address_key(composed)


def test_two_people_have_two_keys() -> None:
    assert address_key("ana@shop.example") != address_key("anna@shop.example")


def test_a_key_stays_the_same_for_ever() -> None:
    assert address_key("ana@shop.example") == "kTWUR4amuB6VrJSlaQaDww"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_key_fits_everywhere_and_does_not_tell_the_address(email: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", address_key(email))


LONG = "חנות הספרים הגדולה של תל אביב והסביבה, סניף ראשי ומרכזי"


@pytest.mark.parametrize("name", ["חנות", "Bücher & Söhne", LONG, "書店"])
def test_a_name_outside_ascii_is_written_in_encoded_words_that_readers_put_together_again(name: str) -> None:
    written = from_header(f'"{name}" <news@shop.example>')
    assert written.isascii()
    words, address = parseaddr(written)
    assert address == "news@shop.example"
    assert max(len(word) for word in words.split(" ")) <= 75
    assert str(make_header(decode_header(words))) == name


def test_a_name_in_ascii_stays_as_it_is() -> None:
    assert from_header("Shop <news@shop.example>") == "Shop <news@shop.example>"
    assert from_header("news@shop.example") == "news@shop.example"
    assert from_header('"Books, Inc." <news@shop.example>') == '"Books, Inc." <news@shop.example>'


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    ("email", "counted"),
    [
        ("ana@example.org", "ana@example.org"),
        ("Ana+Shop@Example.org", "ana@example.org"),
        ("ana+a+b@example.org", "ana@example.org"),
        ("a.n.a@example.org", "a.n.a@example.org"),
        ("a.n.a+x@gmail.com", "ana@gmail.com"),
        ("Ana@googlemail.com", "ana@gmail.com"),
        ("ana@my-gmail.com", "ana@my-gmail.com"),
        ("+ana@example.org", "+ana@example.org"),
    ],
)
def test_a_mailbox_has_one_name_however_its_address_is_spelled(email: str, counted: str) -> None:
    assert mailbox(email) == counted
    assert mailbox_key(email) == mailbox_key(counted)
    assert mailbox_key(email) not in {address_key(email), address_key(counted)}
