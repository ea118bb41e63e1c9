"""Whoever guesses codes of vouchers waits; every other shopper is answered as ever, and no log has a code."""

import logging
import random
from typing import Any

import pytest
from standby.compensation.codes import ALPHABET, LETTERS
from standby.compensation.guessing import MOST, WINDOW
from standby.compensation.redeeming import Till as Checkout
from standby.compensation.redeeming import UnknownVoucherError, Wish
from standby.compensation.voucher_repository import VoucherBook

from tests.fakes import FakeBus, FakeClock
from tests.gateway import http_event
from tests.promises.shop import Shop
from tests.standby.compensation.remedied import eur
from tests.standby.compensation.till import API, Till, till
from tests.world import World

pytestmark = pytest.mark.promise("P11")

GUESSES = 10_000
WRONG = "HELLO"


@pytest.fixture
def ana(shop: Shop) -> Till:
    return till(shop)


class Shelf(VoucherBook):
    """No voucher; it notes what is looked for."""

    def __init__(self) -> None:
        object.__setattr__(self, "looked_for", [])

    looked_for: list[str]

    def voucher(self, code: str) -> None:
        self.looked_for.append(code)

    def asked(self, request: str) -> None:
        """Return that no request was done."""


def looks(ana: Till, code: str, hint: str | None = "guesser") -> int:
    """Look a code up for a shopper, and return the status."""
    return ana.asks(f"GET /v1/vouchers/{code}", headers={} if hint is None else {"shopper-hint": hint})[0]


def is_slowed(ana: Till, hint: str = "guesser") -> bool:
    """Name as many codes that there are not as a shopper may, and tell whether they wait then."""
    assert [looks(ana, WRONG, hint) for _ in range(MOST)] == [404] * MOST
    return looks(ana, WRONG, hint) == 429


def test_whoever_named_too_many_codes_that_there_are_not_waits_even_with_a_right_one(ana: Till) -> None:
    code = ana.a_code()
    assert is_slowed(ana)
    assert looks(ana, code) == 429
    slow: dict[str, Any] = {"headers": {"shopper-hint": "guesser", "idempotency-key": "k-1"}}
    body = {"order_id": "NEXT", "order_total": eur(4_000)}
    assert ana.asks(f"POST /v1/vouchers/{code}/redeem", body=body, **slow)[0] == 429
    assert ana.asks(f"POST /v1/vouchers/{code}/release", body={"order_id": "NEXT"}, **slow)[0] == 429


def test_others_are_answered_as_ever_meanwhile_with_a_hint_or_without(ana: Till) -> None:
    code = ana.a_code()
    assert is_slowed(ana)
    assert (looks(ana, code, "honest"), looks(ana, code, None)) == (200, 200)
    assert (looks(ana, WRONG, "honest"), looks(ana, WRONG, None)) == (404, 404)


def test_redeeming_with_codes_that_there_are_not_counts_as_well(ana: Till) -> None:
    body = {"order_id": "NEXT", "order_total": eur(4_000)}
    headers = {"shopper-hint": "guesser", "idempotency-key": "k-1"}
    made = [ana.asks(f"POST /v1/vouchers/{WRONG}/redeem", body=body, headers=headers)[0] for _ in range(MOST + 1)]
    assert made == [404] * MOST + [429]


def test_what_is_refused_for_another_reason_is_no_guess(ana: Till) -> None:
    code = ana.a_code()
    ana.redeems(code)
    more = {"headers": {"shopper-hint": "honest", "idempotency-key": "k-2"}}
    body = {"order_id": "OTHER", "order_total": eur(4_000)}
    made = [ana.asks(f"POST /v1/vouchers/{code}/redeem", body=body, **more)[0] for _ in range(MOST + 1)]
    assert set(made) == {409}


def test_it_is_said_how_long_to_wait_and_afterwards_the_shopper_may_go_on(ana: Till, world: World) -> None:
    code = ana.a_code()
    assert is_slowed(ana)
    asked = http_event("GET", f"/v1/vouchers/{code}", scopes="storefront", headers={"shopper-hint": "guesser"})
    wait = int(world.run(API, asked)["headers"]["Retry-After"])
    assert 0 < wait <= WINDOW.total_seconds() + 1
    world.clock.advance(seconds=wait)
    assert looks(ana, code) == 200


def test_ten_thousand_guesses_find_none_and_few_are_looked_at(ana: Till) -> None:
    code, clock = ana.a_code(), ana.shop.world.clock
    letters = random.Random(7)
    every = WINDOW / GUESSES * 4
    looked: list[str] = []
    for number in range(GUESSES):
        guess = "".join(letters.choices(ALPHABET, k=LETTERS + 1))
        status = looks(ana, guess)
        assert status in {404, 429}
        looked += [guess] * (status == 404)
        if number % 2_500 == 0:
            assert looks(ana, code, "honest") == 200
        clock.advance(seconds=every.total_seconds())
    assert MOST <= len(looked) <= MOST * 5


def near_misses(code: str, count: int) -> list[str]:
    """Return codes that there are not: one letter of a code is wrong, or two changed places."""
    letters, found = random.Random(11), []
    while len(found) < count:
        made = list(code.replace("-", ""))
        place = letters.randrange(LETTERS)
        if len(found) % 2:
            made[place], made[place + 1] = made[place + 1], made[place]
        else:
            made[place] = letters.choice(ALPHABET)
        if made != list(code.replace("-", "")):
            found.append("".join(made))
    return found


@pytest.mark.parametrize("hints", [4, 200], ids=["few hints", "another hint each time"])
def test_near_misses_find_none_whatever_hints_they_come_with_and_leave_little_behind(ana: Till, hints: int) -> None:
    """A sample of ``make load only=guesses``."""
    code = ana.a_code()
    found: list[int] = []
    for number, guess in enumerate(near_misses(code, 200)):
        found.append(looks(ana, guess, f"guesser-{number % hints}"))
        if number % 20 == 0:
            assert (looks(ana, code, "honest"), looks(ana, code, None)) == (200, 200)
    looked = min(200, hints * MOST)
    assert [found.count(404), found.count(429)] == [looked, 200 - looked]
    scanned = ana.shop.world.dynamodb.scan(TableName="Compensation")["Items"]
    kept = [item for item in scanned if item["pk"]["S"].startswith("GUESSES#")]
    assert len(kept) == hints
    now = ana.shop.world.clock.now().timestamp()
    assert all(int(item["ttl"]["N"]) - now <= 3_600 for item in kept)


def test_a_near_miss_is_looked_for_as_a_code_that_never_was(ana: Till) -> None:
    code = ana.a_code()
    last = ALPHABET[ALPHABET.index(code[-1]) - 1]
    wish = Wish.of("shop", "k-1", {"order_id": "NEXT", "order_total": eur(4_000)})
    for wrong in (code[:-1] + last, WRONG, "2" * len(code)):
        shelf = Shelf()
        checkout = Checkout(book=shelf, bus=FakeBus(), clock=FakeClock(), order=lambda _order_id: None)
        with pytest.raises(UnknownVoucherError):
            checkout.show(wrong)
        with pytest.raises(UnknownVoucherError):
            checkout.redeem(wrong, wish)
        assert len(shelf.looked_for) == 2


def test_no_log_has_a_code_or_a_hint(
    ana: Till, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(logging.StreamHandler, "emit", lambda handler, record: lines.append(handler.format(record)))
    code = ana.a_code()
    assert looks(ana, code, "honest-hint") == 200
    assert ana.redeems(code)[0] == 200
    assert is_slowed(ana, "guessing-hint")
    said = "\n".join([*lines, capsys.readouterr().out])
    assert said
    assert not any(word in said for word in (code, code.replace("-", ""), WRONG, "honest-hint", "guessing-hint"))


def test_taking_back_codes_that_there_are_not_is_slowed_as_looking_them_up(ana: Till) -> None:
    headers = {"shopper-hint": "guesser"}
    asked = [ana.asks(f"POST /v1/vouchers/{WRONG}/revoke", headers=headers)[0] for _ in range(MOST + 1)]
    assert (asked, looks(ana, WRONG)) == ([404] * MOST + [429], 429)
