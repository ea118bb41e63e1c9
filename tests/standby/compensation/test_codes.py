"""A voucher's code: nobody guesses it, a mistake is seen, and it is made again from what is kept."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from standby.compensation.codes import ALPHABET, LETTERS, codes_of, digest, read
from standby.platform.clock import from_text
from standby.platform.tokens import RetiredKey, TokenKeys

KEYS = TokenKeys(current="one", next="two", retired=(RetiredKey("zero", from_text("2027-01-01T00:00:00Z")),))
places = st.integers(0, LETTERS)


def test_a_code_has_more_than_eighty_bits_in_letters_that_nobody_mistakes() -> None:
    assert LETTERS * math.log2(len(ALPHABET)) > 80
    assert not set("01ILO") & set(ALPHABET)
    (code,) = codes_of(TokenKeys(current="one"), "g1")
    assert [len(part) for part in code.split("-")] == [6, 6, 6]


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_code_is_read_however_it_is_typed(key: str, grant_id: str) -> None:
    key = key.encode("utf-8", "replace").decode()
    grant_id = grant_id.encode("utf-8", "replace").decode()
    (code,) = codes_of(TokenKeys(current=key), grant_id)
    assert read(code) == read(f" {code.lower()}\u200f") == read(code.replace("-", "")) == code


@given(st.integers(0, 10_000), places, st.sampled_from(ALPHABET))
def test_a_wrong_letter_is_seen(number: int, place: int, letter: str) -> None:
    letters = codes_of(TokenKeys(current="one"), f"g{number}")[0].replace("-", "")
    wrong = letters[:place] + letter + letters[place + 1 :]
    assert (read(wrong) is None) == (wrong != letters)


@given(st.integers(0, 10_000), places, places)
def test_two_letters_that_changed_places_are_seen(number: int, one: int, other: int) -> None:
    letters = list(codes_of(TokenKeys(current="one"), f"g{number}")[0].replace("-", ""))
    wrong = letters.copy()
    wrong[one], wrong[other] = wrong[other], wrong[one]
    assert (read("".join(wrong)) is None) == (wrong != letters)


def test_every_known_key_makes_its_own_code_and_the_one_that_signs_comes_first() -> None:
    codes = codes_of(KEYS, "g1")
    assert codes == [codes_of(TokenKeys(current=key), "g1")[0] for key in ("one", "two", "zero")]
    assert codes_of(replace(KEYS, next=None, retired=()), "g1") == codes[:1]
    assert len({digest(code) for code in [*codes, *codes_of(KEYS, "g2")]}) == 6
