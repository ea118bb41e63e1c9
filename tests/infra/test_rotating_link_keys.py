"""Rotating the key of signed links, as the operator's command does it."""

import json
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from standby.platform.clock import to_text
from standby.platform.secrets import KEPT_SECONDS, KeyStore
from standby.platform.table import Table
from standby.platform.tokens import LONGEST_LIFE, RetiredKey, TokenError, TokenKeys, Tokens

from infra.operations.rotate_link_keys import KEPT_READABLE, SEEN_SECONDS, OvertakenError, Rotation
from tests.fakes import EPOCH, FakeClock
from tests.tables import create_table

YEAR = timedelta(days=365)
PURPOSE = "leave"
WINTER = RetiredKey("winter", EPOCH + KEPT_READABLE)


@pytest.fixture
def table(aws: Any) -> Table:
    client = boto3.client("dynamodb")
    made = Table(create_table(client, "LinkKeys"), client)
    KeyStore(made, new_key=lambda: "winter").text()
    return made


def keys(table: Table) -> TokenKeys:
    return TokenKeys.from_secret(KeyStore(table).text())


def rotation(table: Table, new_key: str, clock: FakeClock | None = None, sleep: Any = lambda _: None) -> Rotation:
    return Rotation(KeyStore(table, new_key=lambda: new_key), clock=clock or FakeClock(), sleep=sleep)


def slept(clock: FakeClock) -> Any:
    return lambda seconds: clock.advance(seconds=seconds)


def read(held: TokenKeys, link: str, now: datetime) -> bool:
    """Tell whether a function that holds these keys opens a link."""
    try:
        return bool(Tokens(held).read(PURPOSE, link, now=now))
    except TokenError:
        return False


def test_the_new_key_signs_and_the_old_one_still_reads_a_link_as_old_as_a_year(table: Table) -> None:
    old = Tokens(keys(table)).issue(PURPOSE, {"a": "ana"}, now=EPOCH, lifetime=YEAR)
    rotation(table, "spring").run()
    assert keys(table) == TokenKeys(current="spring", retired=(WINTER,))
    assert Tokens(keys(table)).read(PURPOSE, old, now=EPOCH + YEAR - timedelta(seconds=1)) == {"a": "ana"}


def test_the_old_key_reads_its_last_link_to_the_end_and_then_nothing(table: Table) -> None:
    """A function may sign with it until it reads the keys again; its clock and the operator's may differ."""
    signing = Tokens(keys(table))
    rotation(table, "spring").run()
    reading = Tokens(keys(table))

    last = EPOCH + timedelta(seconds=KEPT_SECONDS + 30)
    honest = signing.issue(PURPOSE, {"a": "ana"}, now=last, lifetime=LONGEST_LIFE)
    assert reading.read(PURPOSE, honest, now=last + LONGEST_LIFE - timedelta(seconds=1)) == {"a": "ana"}
    over = EPOCH + KEPT_READABLE
    forged = signing.issue(PURPOSE, {"a": "ana"}, now=over, lifetime=LONGEST_LIFE)
    with pytest.raises(TokenError):
        reading.read(PURPOSE, forged, now=over)
    assert timedelta(minutes=5) > KEPT_READABLE - LONGEST_LIFE


def test_after_a_leak_nothing_that_was_signed_before_opens(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever read the secret knows a retired key and one that a broken rotation left behind, too."""
    secret = {
        "current": "winter",
        "next": "spring",
        "retired": [{"key": "autumn", "until": to_text(EPOCH + YEAR)}],
    }
    KeyStore(table).change(lambda _winter: json.dumps(secret))
    clock = FakeClock()
    rotation(table, "summer", clock, slept(clock)).run_now()
    assert keys(table) == TokenKeys(current="summer")
    for known in ("winter", "spring", "autumn"):
        forged = Tokens(TokenKeys(known)).issue(PURPOSE, {"a": "ana"}, now=clock.now(), lifetime=YEAR)
        with pytest.raises(TokenError):
            Tokens(keys(table)).read(PURPOSE, forged, now=clock.now())
    assert "Whoever signed up in the last 4 minutes" in capsys.readouterr().out


def test_after_a_leak_every_link_opens_at_every_function_until_the_old_keys_are_dropped(table: Table) -> None:
    """A function may hold keys as old as a minute, and so may the one at which the link is opened a moment later.

    What is signed after the command has said that the old keys are gone opens for as long as it should.
    """
    clock = FakeClock()
    history = [keys(table)]  # as they were in each second of the last minute

    def passing(seconds: float) -> None:
        for _ in range(int(seconds)):
            history.append(keys(table))
            clock.advance(seconds=1)
            held = set(history[-int(KEPT_SECONDS) - 1 :])
            links = [Tokens(each).issue(PURPOSE, {"a": "ana"}, now=clock.now(), lifetime=YEAR) for each in held]
            opened = clock.now() + timedelta(milliseconds=-1)
            assert [read(each, link, opened) for each in held for link in links] == [True] * len(held) ** 2

    rotation(table, "spring", clock, passing).run_now()
    signing = set(history[-int(KEPT_SECONDS) - 1 :])
    after = [Tokens(each).issue(PURPOSE, {"a": "ana"}, now=clock.now(), lifetime=YEAR) for each in signing]
    end = clock.now() + YEAR - timedelta(seconds=1)
    assert [read(keys(table), link, end) for link in after] == [True] * len(after)


def test_after_a_leak_the_old_keys_end_even_if_the_command_is_stopped(table: Table) -> None:
    clock = FakeClock()
    waits: list[float] = []

    def stopped(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) > 1:
            raise KeyboardInterrupt
        clock.advance(seconds=seconds)

    forged = Tokens(keys(table)).issue(PURPOSE, {"a": "ana"}, now=EPOCH, lifetime=YEAR)
    with pytest.raises(KeyboardInterrupt):
        rotation(table, "spring", clock, stopped).run_now()
    end = clock.now() + timedelta(seconds=SEEN_SECONDS)
    assert read(keys(table), forged, end - timedelta(seconds=1))
    assert not read(keys(table), forged, end)


def test_a_leak_s_rotation_that_was_broken_off_starts_anew_with_another_key(table: Table) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    clock = FakeClock()
    with pytest.raises(KeyboardInterrupt):
        rotation(table, "spring", clock, interrupted).run_now()
    rotation(table, "summer", clock, slept(clock)).run_now()
    assert keys(table) == TokenKeys(current="summer")


def test_a_leak_s_rotation_that_another_one_overtook_still_ends_the_keys_that_leaked(table: Table) -> None:
    """The other one lets the new key sign, and would let the old one read for a year."""
    clock = FakeClock()

    def overtaken(seconds: float) -> None:
        clock.advance(seconds=seconds)
        if keys(table).next:
            rotation(table, "summer", clock).run()

    rotation(table, "spring", clock, overtaken).run_now()
    assert keys(table) == TokenKeys(current="spring")


def test_a_second_leak_s_rotation_ends_the_first(table: Table) -> None:
    clock = FakeClock()

    def leaked_again(_seconds: float) -> None:
        rotation(table, "summer", clock, slept(clock)).run_now()

    with pytest.raises(OvertakenError, match="run this one again"):
        rotation(table, "spring", clock, leaked_again).run_now()
    assert keys(table) == TokenKeys(current="summer")


def test_a_rotation_that_a_leak_overtook_ends_there(table: Table) -> None:
    clock = FakeClock()

    def leaked(_seconds: float) -> None:
        rotation(table, "summer", clock, slept(clock)).run_now()

    with pytest.raises(OvertakenError):
        rotation(table, "spring", clock, leaked).run()
    assert keys(table) == TokenKeys(current="summer")


def test_no_function_signs_with_the_new_key_before_all_can_read_it(table: Table) -> None:
    during: list[tuple[float, TokenKeys]] = []
    rotation(table, "spring", sleep=lambda seconds: during.append((seconds, keys(table)))).run()
    assert during == [(SEEN_SECONDS, TokenKeys(current="winter", next="spring"))]
    assert SEEN_SECONDS > KEPT_SECONDS


def test_a_rotation_that_was_broken_off_is_finished_by_the_next_one(table: Table) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation(table, "spring", sleep=interrupted).run()
    rotation(table, "summer").run()
    assert keys(table) == TokenKeys(current="spring", retired=(WINTER,))


def test_two_rotations_at_once_lose_no_key(table: Table) -> None:
    """One that read the keys before the other changed them would put them back as they were."""
    others = iter([rotation(table, "spring")])

    def between() -> str:
        for other in others:
            other.run()
        return "summer"

    Rotation(KeyStore(table, new_key=between), clock=FakeClock(), sleep=lambda _seconds: None).run()
    held = keys(table)
    assert (held.current, [retired.key for retired in held.retired]) == ("summer", ["spring", "winter"])


def test_each_rotation_makes_a_key_of_its_own(table: Table) -> None:
    made = KeyStore(table).new_key
    assert len({made() for _ in range(10)}) == 10
    assert len(made()) >= 64
