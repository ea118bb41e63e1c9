"""Addresses that lead where they seem to lead, and what is wrong with the others."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.identifier import IdentifierError
from standby.platform.web_address import SCHEMA_PATTERN, template, web_address
from standby.shelf.cards import address

from tests.promises.unruly import searching

LONG = "a" * 63


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.example/A?b=c#d", "https://Shop.example/A?b=c#d"),
        (" \u200fhttps://shop.example/a\u202c\n", "https://shop.example/a"),
        ("https://shop.example:8443/a@b", "https://shop.example:8443/a@b"),
        ("https://חנות.example/כוס", "https://חנות.example/כוס"),
        ("https://xn--8dbbk2d.example./", "https://xn--8dbbk2d.example./"),
        ("https://shop.example/o'brien/{a}", "https://shop.example/o%27brien/%7Ba%7D"),
        ("https://192.0.2.7/a", "https://192.0.2.7/a"),
        (f"https://{LONG}.example", f"https://{LONG}.example"),
    ],
)
def test_an_address_is_read_without_what_nobody_sees_around_it(said: str, read: str) -> None:
    assert web_address(said) == read
    assert address(read) == read


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (7, "must be string"),
        ("", "is no web address: it must begin with https://"),
        ("//shop.example", "is no web address: it must begin with https://"),
        ("http://shop.example", "is no web address: it must begin with https://"),
        ("https:///a", "has no host"),
        ("https://:443/a", "has no host"),
        ("https://shop.example/\u202egpj.exe", "has U+202E RIGHT-TO-LEFT OVERRIDE in it, which nobody sees"),
        ("https://shop.ex\u200bample/", "has U+200B ZERO WIDTH SPACE in it, which nobody sees"),
        ("https://shop.example/a\u2067b", "has U+2067 RIGHT-TO-LEFT ISOLATE in it, which nobody sees"),
        ("https://shop.example/\\evil", "has U+005C REVERSE SOLIDUS in it: write %5C"),
        ("https://ana:secret@shop.example/", "has a user's name or password before its host: leave out all up to"),
        ("https://shop.example@evil.example/", "has a user's name or password before its host"),
        ("https://shop/a", "has 'shop' for a host, which is none"),
        ("https://localhost/a", "has 'localhost' for a host, which is none"),
        ("https://.example/", "has '.example' for a host, which is none"),
        ("https://shop..example/", "has 'shop..example' for a host, which is none"),
        ("https://-shop.example/", "has '-shop.example' for a host, which is none"),
        ("https://shop%2eexample/", "has 'shop%2eexample' for a host, which is none"),
        ("https://1.2.3/", "has '1.2.3' for a host, which is none"),
        ("https://999.1.1.1/", "has '999.1.1.1' for a host, which is none"),
        ("https://[::1]/", "has the port ':1]', which is none"),
        (f"https://{LONG}a.example/", "has 'aaa"),
        (f"https://{'.'.join([LONG] * 4)}.example/", "has 'aaa"),
        ("https://shop.example:0/", "has the port '0', which is none"),
        ("https://shop.example:99999/", "has the port '99999', which is none"),
        ("https://shop.example:80x/", "has the port '80x', which is none"),
    ],
)
def test_what_is_wrong_is_said_in_words(said: object, reason: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        web_address(said)
    assert str(refused.value).startswith(reason)


def test_on_the_local_aws_plain_addresses_will_do() -> None:
    assert web_address("http://localhost:4566/a", local=True) == "http://localhost:4566/a"
    with pytest.raises(IdentifierError, match="a user's name"):
        web_address("http://ana@localhost/", local=True)


@pytest.mark.parametrize(
    "said", ["https://shop.example/", "https://a.example/{sku}{sku}", "https://a.example/{x}/{sku}"]
)
def test_a_template_has_its_place_once_and_no_other(said: str) -> None:
    assert template("https://a.example/p?s={sku}#'", "{sku}") == "https://a.example/p?s={sku}#%27"
    with pytest.raises(IdentifierError, match=r"must have \{sku\} in it once"):
        template(said, "{sku}")
    with pytest.raises(IdentifierError, match="is none"):
        template("https://{sku}.example/", "{sku}")


PIECES = st.sampled_from(
    ["https://", "shop.example", "/", "@", ":", "443", "\u202e", "'", "{", " ", "כ", "%", ".", "a", "?", "#"]
)


@searching(examples=40, steps=1)
@given(st.lists(PIECES, max_size=8).map("".join) | st.lists(PIECES, max_size=8).map("https://shop.example/".join))
def test_what_is_read_once_is_read_again_as_it_is_and_shown_everywhere(said: str) -> None:
    try:
        read = web_address(said)
    except IdentifierError:
        return
    assert web_address(read) == read
    assert re.fullmatch(SCHEMA_PATTERN, read)
    assert address(read) == read


@pytest.mark.parametrize("said", ["https://ana:pw@shop.example/", "https://shop.example/\u202e", "https://a b.example"])
def test_what_others_put_on_the_bus_is_led_to_no_customer(said: str) -> None:
    assert address(said) is None
