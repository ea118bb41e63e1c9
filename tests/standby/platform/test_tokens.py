"""Signed links, and rotating the key under them."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.platform.clock import to_text
from standby.platform.tokens import (
    LONGEST_LIFE,
    RetiredKey,
    TokenError,
    TokenExpiredError,
    TokenKeys,
    Tokens,
    dropped,
    leaked,
    promoted,
    replaced,
    staged,
)

from tests.fakes import EPOCH

pytestmark = pytest.mark.promise("P11")

WEEK = timedelta(days=7)
YEAR = timedelta(days=400)
TOKENS = Tokens(TokenKeys(current="winter"))
SUBJECT = {"a": "1cS1Hq2BNqMyAuJ6J4yfLg", "e": "01HZX3"}


def of(secret: str) -> Tokens:
    return Tokens(TokenKeys.from_secret(secret))


def retired(*keys: str) -> tuple[RetiredKey, ...]:
    return tuple(RetiredKey(key, EPOCH + YEAR) for key in keys)


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
    retired = (RetiredKey("autumn", EPOCH),)
    shown = repr(Tokens(TokenKeys(current="winter", retired=retired, next="spring")))
    assert [key for key in ("winter", "autumn", "spring") if key in shown] == []


def test_a_retired_key_reads_and_signs_no_more() -> None:
    old = TOKENS.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    rotated = Tokens(TokenKeys(current="spring", retired=retired("autumn", "winter")))
    assert opens(rotated, old)
    assert not opens(TOKENS, rotated.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK))


def test_a_retired_key_reads_nothing_once_its_time_is_over_whatever_it_signed() -> None:
    """Who knows the key signs what has not expired; the youngest and the oldest of several end by themselves."""
    keys = (RetiredKey("winter", EPOCH + WEEK), RetiredKey("autumn", EPOCH + 2 * WEEK))
    rotated = Tokens(TokenKeys(current="spring", retired=keys, next="summer"))
    forged = {
        key: Tokens(TokenKeys(key)).issue("leave", SUBJECT, now=EPOCH, lifetime=LONGEST_LIFE)
        for key in ("spring", "summer", "winter", "autumn", "stranger's")
    }

    def answers(**later: int) -> dict[str, str]:
        found = {}
        for key, token in forged.items():
            try:
                rotated.read("leave", token, now=EPOCH + timedelta(**later))
                found[key] = "opens"
            except TokenError as error:
                found[key] = type(error).__name__
        return found

    refused = {"stranger's": "TokenError"}
    live = {"spring": "opens", "summer": "opens", **refused}
    assert answers(days=7, seconds=-1) == {**live, "winter": "opens", "autumn": "opens"}
    assert answers(days=7) == {**live, "winter": "TokenExpiredError", "autumn": "opens"}
    assert answers(days=14) == {**live, "winter": "TokenExpiredError", "autumn": "TokenExpiredError"}


def test_a_retired_key_without_a_time_reads_nothing() -> None:
    old = TOKENS.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    assert not opens(of('{"current": "spring", "retired": ["winter", {"key": "winter"}]}'), old)


def test_no_link_outlives_the_key_that_signed_it() -> None:
    with pytest.raises(ValueError, match="1464 days at most"):
        TOKENS.issue("leave", SUBJECT, now=EPOCH, lifetime=LONGEST_LIFE + timedelta(seconds=1))


LEAKED = '{"current": "winter", "next": "spring", "retired": [{"key": "autumn", "until": "2030-01-01T00:00:00Z"}]}'
"""The key that signs, one before it, and one that a broken rotation left behind: whoever read the secret knows all."""


def test_after_a_leak_the_new_key_signs_and_the_old_ones_read_for_a_moment_more() -> None:
    moment = timedelta(minutes=2)
    after = leaked(replaced(LEAKED, "summer"), "summer", now=EPOCH, keep=moment)
    ends = tuple(RetiredKey(key, EPOCH + moment) for key in ("winter", "autumn"))
    assert TokenKeys.from_secret(after) == TokenKeys(current="summer", retired=ends)
    assert TokenKeys.from_secret(dropped(after, now=EPOCH + moment)) == TokenKeys(current="summer")
    early = dropped(after, now=EPOCH + moment - timedelta(milliseconds=1))
    assert TokenKeys.from_secret(early) == TokenKeys.from_secret(after)


def test_a_leak_lets_no_key_read_for_longer_than_it_did() -> None:
    almost_over = json.dumps({"current": "winter", "retired": [{"key": "autumn", "until": to_text(EPOCH + WEEK)}]})
    after = leaked(replaced(almost_over, "summer"), "summer", now=EPOCH, keep=2 * WEEK)
    ends = (RetiredKey("winter", EPOCH + 2 * WEEK), RetiredKey("autumn", EPOCH + WEEK))
    assert TokenKeys.from_secret(after) == TokenKeys(current="summer", retired=ends)


def test_after_a_leak_no_key_signs_that_was_not_staged_for_it() -> None:
    with pytest.raises(KeyError):
        leaked(LEAKED, "summer", now=EPOCH, keep=WEEK)


COPIED = [
    ".",
    ",",
    ")",
    "]",
    ">",
    "}",
    ";",
    ":",
    "!",
    "?",
    "'",
    '"',
    "*",
    "_",
    "`",
    "_*",
    ").",
    ">.",
    " ",
    "\n",
    "\u00a0",
]
COPIED += ["%20", "%3E", "&gt;", "<br>", "…", "»", "”", "。", "\r\nBest regards, Ana", ", or https://shop.example/"]


@pytest.mark.parametrize("behind", COPIED)
def test_a_link_opens_with_what_was_copied_along_with_it(behind: str) -> None:
    for number in range(40):
        token = TOKENS.issue("leave", {**SUBJECT, "n": number}, now=EPOCH, lifetime=WEEK)
        for text in (token + behind, f" {token}{behind}"):
            assert TOKENS.read("leave", text, now=EPOCH) == {**SUBJECT, "n": number}


def test_no_token_ends_in_what_is_left_out_behind_it() -> None:
    tokens = [TOKENS.issue("leave", {"n": number}, now=EPOCH, lifetime=WEEK) for number in range(500)]
    assert {token[-1] for token in tokens} <= set("AEIMQUYcgkosw048")


@pytest.mark.parametrize("behind", ["A", "0", "-A", "_0", "A."])
def test_a_longer_signature_opens_nothing(behind: str) -> None:
    token = TOKENS.issue("leave", SUBJECT, now=EPOCH, lifetime=WEEK)
    assert opens(TOKENS, token)
    assert not opens(TOKENS, token + behind)


def test_the_secret_as_the_stack_makes_it_is_read() -> None:
    assert TokenKeys.from_secret('{"current": "winter", "retired": []}') == TokenKeys(current="winter")


@pytest.mark.parametrize("text", ["", "winter", "{}", '{"retired": ["winter"]}'])
def test_a_secret_without_a_current_key_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        TokenKeys.from_secret(text)


def test_in_every_step_of_a_rotation_every_function_reads_every_link() -> None:
    """Functions keep the keys for a while: whoever is one step behind still reads what the others sign."""
    first = json.dumps({"current": "winter", "retired": [{"key": "autumn", "until": to_text(EPOCH + YEAR)}]})
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
    assert TokenKeys.from_secret(secret) == TokenKeys(current="spring", retired=retired("winter"))


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
    keys = TokenKeys.from_secret(secret)
    assert (keys.current, [retired.key for retired in keys.retired]) == ("k4", ["k3", "k2", "k1"])


def test_a_code_is_six_digits_and_belongs_to_one_subject_and_purpose() -> None:
    tokens = Tokens(TokenKeys("one"))
    code = tokens.code("preorder", "r#1")
    assert (len(code), code.isdecimal(), tokens.has_code("preorder", "r#1", code)) == (6, True, True)
    codes = {tokens.code(purpose, subject) for purpose in ("preorder", "track") for subject in ("r#1", "r#2", "s#1")}
    assert len(codes) == 6


def test_a_code_outlives_a_rotation_of_its_key() -> None:
    code = Tokens(TokenKeys("old")).code("preorder", "r#1")
    rotated = TokenKeys("new", (RetiredKey("old", EPOCH + timedelta(days=1)),))
    assert Tokens(rotated).has_code("preorder", "r#1", code)
    assert Tokens(TokenKeys("new", next="old")).has_code("preorder", "r#1", code)
    assert not Tokens(TokenKeys("new")).has_code("preorder", "r#1", code)
