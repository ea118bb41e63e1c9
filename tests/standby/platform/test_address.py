"""Which addresses are the same, and the key that stands for one."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.address import address_key, normalized


@pytest.mark.parametrize("email", ["ana@shop.example", " Ana@Shop.Example ", "ANA@SHOP.EXAMPLE\n"])
def test_an_address_is_the_same_however_it_is_typed(email: str) -> None:
    assert normalized(email) == "ana@shop.example"
    assert address_key(email) == address_key("ana@shop.example")


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
