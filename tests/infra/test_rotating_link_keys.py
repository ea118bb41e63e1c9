"""Rotating the key of signed links, as the operator's command does it."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from standby.platform.secrets import KEPT_SECONDS
from standby.platform.tokens import LONGEST_LIFE, RetiredKey, TokenError, TokenKeys, Tokens

from infra.operations.rotate_link_keys import KEPT_READABLE, SEEN_SECONDS, OvertakenError, Rotation
from tests.fakes import EPOCH, FakeClock

YEAR = timedelta(days=365)
WINTER = RetiredKey("winter", EPOCH + KEPT_READABLE)


@pytest.fixture
def client(aws: Any) -> Any:
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="LinkKeys", SecretString='{"current": "winter", "retired": []}')
    return secrets


def keys(client: Any) -> TokenKeys:
    return TokenKeys.from_secret(client.get_secret_value(SecretId="LinkKeys")["SecretString"])


def rotation(client: Any, new_key: str, sleep: Any = lambda _seconds: None) -> Rotation:
    return Rotation(client, "LinkKeys", clock=FakeClock(), sleep=sleep, new_key=lambda: new_key)


def test_the_new_key_signs_and_the_old_one_still_reads_a_link_as_old_as_a_year(client: Any) -> None:
    old = Tokens(keys(client)).issue("leave", {"a": "ana"}, now=EPOCH, lifetime=YEAR)
    rotation(client, "spring").run()
    assert keys(client) == TokenKeys(current="spring", retired=(WINTER,))
    assert Tokens(keys(client)).read("leave", old, now=EPOCH + YEAR - timedelta(seconds=1)) == {"a": "ana"}


def test_the_old_key_reads_its_last_link_to_the_end_and_then_nothing(client: Any) -> None:
    """A function may sign with it until it reads the secret again; its clock and the operator's may differ."""
    signing = Tokens(keys(client))
    rotation(client, "spring").run()
    reading = Tokens(keys(client))

    last = EPOCH + timedelta(seconds=KEPT_SECONDS + 30)
    honest = signing.issue("leave", {"a": "ana"}, now=last, lifetime=LONGEST_LIFE)
    assert reading.read("leave", honest, now=last + LONGEST_LIFE - timedelta(seconds=1)) == {"a": "ana"}
    over = EPOCH + KEPT_READABLE
    forged = signing.issue("leave", {"a": "ana"}, now=over, lifetime=LONGEST_LIFE)
    with pytest.raises(TokenError):
        reading.read("leave", forged, now=over)
    assert timedelta(minutes=5) > KEPT_READABLE - LONGEST_LIFE


def test_after_a_leak_nothing_that_was_signed_before_opens(client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    old = Tokens(keys(client)).issue("leave", {"a": "ana"}, now=EPOCH, lifetime=YEAR)
    waits: list[float] = []
    rotation(client, "spring").run()
    rotation(client, "summer", sleep=waits.append).run_now()
    assert (keys(client), waits) == (TokenKeys(current="summer"), [])
    with pytest.raises(TokenError):
        Tokens(keys(client)).read("leave", old, now=EPOCH)
    assert "every link that was mailed before answers 404" in capsys.readouterr().out


def test_a_rotation_that_a_leak_overtook_ends_there(client: Any) -> None:
    def leaked(_seconds: float) -> None:
        rotation(client, "summer").run_now()

    with pytest.raises(OvertakenError):
        rotation(client, "spring", sleep=leaked).run()
    assert keys(client) == TokenKeys(current="summer")


def test_no_function_signs_with_the_new_key_before_all_can_read_it(client: Any) -> None:
    during: list[tuple[float, TokenKeys]] = []
    rotation(client, "spring", sleep=lambda seconds: during.append((seconds, keys(client)))).run()
    assert during == [(SEEN_SECONDS, TokenKeys(current="winter", next="spring"))]
    assert SEEN_SECONDS > KEPT_SECONDS


def test_a_rotation_that_was_broken_off_is_finished_by_the_next_one(client: Any) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation(client, "spring", sleep=interrupted).run()
    rotation(client, "summer").run()
    assert keys(client) == TokenKeys(current="spring", retired=(WINTER,))


def test_each_rotation_makes_a_key_of_its_own(client: Any) -> None:
    made = Rotation(client, "LinkKeys").new_key
    assert len({made() for _ in range(10)}) == 10
    assert len(made()) >= 64
