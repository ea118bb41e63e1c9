"""The keys of signed links, read seldom."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest
from standby.platform import secrets
from standby.platform.dynamodb import BusyError
from standby.platform.secrets import CHANGES, KEPT_SECONDS, KeptTokens, KeyStore
from standby.platform.table import Table
from standby.platform.tokens import TokenError, dropped, first, leaked, promoted, staged

from tests.fakes import EPOCH
from tests.tables import create_table


@dataclass
class FakeTable:
    """A table with the keys, which counts its reads."""

    text: str
    asked: int = 0

    def item(self, key: dict[str, str]) -> dict[str, str]:
        self.asked += 1
        return {**key, "keys": self.text}


@dataclass
class Watch:
    seconds: float = 0.0

    def read(self) -> float:
        return self.seconds


def test_the_keys_are_read_once_a_minute() -> None:
    table: Any = FakeTable('{"current": "winter"}')
    watch = Watch()
    tokens = KeptTokens(KeyStore(table), monotonic=watch.read)
    for watch.seconds in (0.0, 1.0, KEPT_SECONDS):
        tokens.tokens()
    assert table.asked == 1
    watch.seconds = KEPT_SECONDS + 1
    tokens.tokens()
    assert table.asked == 2


def test_a_rotation_is_seen_when_the_kept_keys_are_too_old() -> None:
    table: Any = FakeTable('{"current": "winter"}')
    watch = Watch()
    kept = KeptTokens(KeyStore(table), monotonic=watch.read)
    old = kept.tokens().issue("leave", {"a": "ana"}, now=EPOCH, lifetime=timedelta(days=1))
    table.text = promoted(staged(table.text, "spring"), now=EPOCH, keep=timedelta(days=1))
    watch.seconds = KEPT_SECONDS + 1
    assert kept.tokens().keys.current == "spring"
    assert kept.tokens().read("leave", old, now=EPOCH) == {"a": "ana"}


def test_a_key_that_leaked_opens_nothing_once_the_kept_keys_are_too_old() -> None:
    table: Any = FakeTable('{"current": "winter"}')
    watch = Watch()
    kept = KeptTokens(KeyStore(table), monotonic=watch.read)
    old = kept.tokens().issue("leave", {"a": "ana"}, now=EPOCH, lifetime=timedelta(days=1))
    rotated = leaked(staged(table.text, "spring"), "spring", now=EPOCH, keep=timedelta(minutes=2))
    table.text = dropped(rotated, now=EPOCH + timedelta(minutes=2))
    watch.seconds = KEPT_SECONDS + 1
    with pytest.raises(TokenError):
        kept.tokens().read("leave", old, now=EPOCH)
    assert KEPT_SECONDS <= 60


@pytest.fixture
def table(aws: Any) -> Table:
    client = boto3.client("dynamodb")
    return Table(create_table(client, "LinkKeys"), client)


def test_whoever_needs_a_key_first_makes_it_and_the_others_take_it(table: Table) -> None:
    link = secrets.connect(table.name, table.dynamodb).tokens().issue("leave", {}, now=EPOCH, lifetime=timedelta(1))
    assert secrets.connect(table.name, table.dynamodb).tokens().read("leave", link, now=EPOCH) == {}


def test_of_two_who_make_the_first_key_at_once_one_is_first(table: Table) -> None:
    def slowly() -> str:
        KeyStore(table, new_key=lambda: "winter").text()
        return "spring"

    assert KeyStore(table, new_key=slowly).text() == first("winter")


def test_whoever_keeps_being_overtaken_changes_nothing(table: Table) -> None:
    keys, seasons = KeyStore(table, new_key=lambda: "winter"), iter(range(100))

    def overtaken(_text: str) -> str:
        keys.change(lambda _text: first(f"season {next(seasons)}"))
        return first("spring")

    with pytest.raises(BusyError):
        keys.change(overtaken)
    assert keys.text() == first(f"season {CHANGES - 1}")
