"""Rotating the key of signed links, as the operator's command does it."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from standby.platform.secrets import KEPT_SECONDS
from standby.platform.tokens import TokenKeys, Tokens

from infra.operations.rotate_link_keys import KEPT_READABLE, SEEN_SECONDS, Rotation
from tests.fakes import EPOCH, FakeClock

YEAR = timedelta(days=365)


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
    assert keys(client) == TokenKeys(current="spring", retired=("winter",))
    assert Tokens(keys(client)).read("leave", old, now=EPOCH + YEAR - timedelta(seconds=1)) == {"a": "ana"}
    assert KEPT_READABLE > YEAR


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
    assert keys(client) == TokenKeys(current="spring", retired=("winter",))


def test_each_rotation_makes_a_key_of_its_own(client: Any) -> None:
    made = Rotation(client, "LinkKeys").new_key
    assert len({made() for _ in range(10)}) == 10
    assert len(made()) >= 64
