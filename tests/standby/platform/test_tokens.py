"""Signed links, and rotating the key under them."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.tokens import TokenError, TokenExpiredError, TokenKeys, Tokens, promoted, staged

from tests.fakes import EPOCH

pytestmark = pytest.mark.promise("P11")

WEEK = timedelta(days=7)
YEAR = timedelta(days=400)
TOKENS = Tokens(TokenKeys(current="winter"))
SUBJECT = {"a": "1cS1Hq2BNqMyAuJ6J4yfLg", "e": "01HZX3"}


def of(secret: str) -> Tokens:
    return Tokens(TokenKeys.from_secret(secret))


def opens(tokens: Tokens, token: str) -> bool:
    try:
        return tokens.read("leave", token, now=EPOCH) == SUBJECT
    except TokenError:
        return False


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]))
    )
)
def test_a_token_opens_its_subject_and_fits_a_mail_s_slot(subject: dict[str, Any]) -> None:
    token = TOKENS.issue("leave", subject, now=EPOCH, lifetime=WEEK)
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", token)
    assert TOKENS.read("leave", token, now=EPOCH) == subject


def test_a_token_opens_until_its_time_is_over() -> None:
    token = TOKENS.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    assert TOKENS.read("leave", token, now=EPOCH + WEEK - timedelta(seconds=1)) == SUBJECT
    with pytest.raises(TokenExpiredError):
        TOKENS.read("leave", token, now=EPOCH + WEEK)


def test_a_token_opens_nothing_but_its_purpose() -> None:
    token = TOKENS.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    with pytest.raises(TokenError, match="not valid"):
        TOKENS.read("mine", token, now=EPOCH)


def test_an_expired_token_for_something_else_is_invalid_not_expired() -> None:
    token = TOKENS.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    with pytest.raises(TokenError) as raised:
        TOKENS.read("mine", token, now=EPOCH + 2 * WEEK)
    assert not isinstance(raised.value, TokenExpiredError)


@given(st.data())
def test_a_token_with_any_other_character_is_refused(data: st.DataObject) -> None:
    token = TOKENS.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    # The last character of a signature carries two bits that mean nothing.
    place = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from(sorted(set("Aa0_-.") - {token[place]})))
    with pytest.raises(TokenError):
        TOKENS.read("leave", token[:place] + other + token[place + 1 :], now=EPOCH)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(TokenError):
        TOKENS.read("leave", text, now=EPOCH)


@pytest.mark.parametrize("text", ["", ".", "a.b", "é.é", "\ud800", "A" * 100_000])
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(TokenError, match="not valid"):
        TOKENS.read("leave", text, now=EPOCH)


def test_another_shop_s_token_is_refused() -> None:
    token = Tokens(TokenKeys(current="another shop's")).issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    assert not opens(TOKENS, token)


def test_keys_are_not_shown_where_an_object_is_logged() -> None:
    shown = repr(Tokens(TokenKeys(current="winter", retired=("autumn",), next="spring")))
    assert [key for key in ("winter", "autumn", "spring") if key in shown] == []


def test_a_retired_key_reads_and_signs_no_more() -> None:
    old = TOKENS.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    rotated = Tokens(TokenKeys(current="spring", retired=("autumn", "winter")))
    assert opens(rotated, old)
    assert not opens(TOKENS, rotated.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK))


def test_the_secret_as_the_stack_makes_it_is_read() -> None:
    assert TokenKeys.from_secret('{"current": "winter", "retired": []}') == TokenKeys(current="winter")


@pytest.mark.parametrize("text", ["", "winter", "{}", '{"retired": ["winter"]}'])
def test_a_secret_without_a_current_key_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        TokenKeys.from_secret(text)


def test_in_every_step_of_a_rotation_every_function_reads_every_link() -> None:
    """Functions keep the keys for some minutes: whoever is one step behind still reads what the others sign."""
    first = '{"current": "winter", "retired": ["autumn"]}'
    second = staged(first, "spring")
    third = promoted(second, now=EPOCH, keep=YEAR)
    autumn = Tokens(TokenKeys(current="autumn")).issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    steps = [of(first), of(second), of(third)]
    signed = [tokens.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK) for tokens in steps]
    assert [opens(tokens, autumn) for tokens in steps] == [True, True, True]
    for step in (1, 2):
        assert opens(steps[step], signed[step - 1])
        assert opens(steps[step - 1], signed[step])


def test_after_a_rotation_the_new_key_signs() -> None:
    secret = promoted(staged('{"current": "winter", "retired": []}', "spring"), now=EPOCH, keep=YEAR)
    token = of(secret).issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    assert opens(Tokens(TokenKeys(current="spring")), token)
    assert TokenKeys.from_secret(secret) == TokenKeys(current="spring", retired=("winter",))


def test_a_rotation_that_was_broken_off_goes_on_with_the_key_that_was_staged() -> None:
    secret = staged('{"current": "winter", "retired": []}', "spring")
    assert json.loads(staged(secret, "summer"))["next"] == "spring"


def test_nothing_is_promoted_that_was_not_staged() -> None:
    with pytest.raises(KeyError):
        promoted('{"current": "winter", "retired": []}', now=EPOCH, keep=YEAR)


def test_a_retired_key_is_dropped_when_no_link_under_it_lives_any_more() -> None:
    secret = '{"current": "k0", "retired": []}'
    moments = [EPOCH, EPOCH + timedelta(days=30), EPOCH + YEAR - timedelta(days=1), EPOCH + YEAR]
    for number, moment in enumerate(moments, start=1):
        secret = promoted(staged(secret, f"k{number}"), now=moment, keep=YEAR)
    assert TokenKeys.from_secret(secret) == TokenKeys(current="k4", retired=("k3", "k2", "k1"))
