"""The keys of signed links, read seldom."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import boto3
import pytest
from standby.platform import secrets
from standby.platform.secrets import KEPT_SECONDS, SecretTokens
from standby.platform.tokens import TokenError, dropped, leaked, promoted, staged

from tests.fakes import EPOCH


@dataclass
class FakeSecrets:
    """Secrets Manager with one secret that counts its reads."""

    text: str
    asked: list[str] = field(default_factory=list)

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's word
        self.asked.append(SecretId)
        return {"SecretString": self.text}


@dataclass
class Watch:
    seconds: float = 0.0

    def read(self) -> float:
        return self.seconds


def test_the_secret_is_read_once_a_minute() -> None:
    client: Any = FakeSecrets('{"current": "winter"}')
    watch = Watch()
    tokens = SecretTokens("arn:link-keys", client, monotonic=watch.read)
    for watch.seconds in (0.0, 1.0, KEPT_SECONDS):
        tokens.tokens()
    assert client.asked == ["arn:link-keys"]
    watch.seconds = KEPT_SECONDS + 1
    tokens.tokens()
    assert client.asked == ["arn:link-keys"] * 2


def test_a_rotation_is_seen_when_the_kept_keys_are_too_old() -> None:
    client: Any = FakeSecrets('{"current": "winter"}')
    watch = Watch()
    kept = SecretTokens("arn:link-keys", client, monotonic=watch.read)
    old = kept.tokens().issue("leave", {"a": "ana"}, now=EPOCH, lifetime=timedelta(days=1))
    client.text = promoted(staged(client.text, "spring"), now=EPOCH, keep=timedelta(days=1))
    watch.seconds = KEPT_SECONDS + 1
    assert kept.tokens().keys.current == "spring"
    assert kept.tokens().read("leave", old, now=EPOCH) == {"a": "ana"}


def test_a_key_that_leaked_opens_nothing_once_the_kept_keys_are_too_old() -> None:
    client: Any = FakeSecrets('{"current": "winter"}')
    watch = Watch()
    kept = SecretTokens("arn:link-keys", client, monotonic=watch.read)
    old = kept.tokens().issue("leave", {"a": "ana"}, now=EPOCH, lifetime=timedelta(days=1))
    rotated = leaked(staged(client.text, "spring"), "spring", now=EPOCH, keep=timedelta(minutes=2))
    client.text = dropped(rotated, now=EPOCH + timedelta(minutes=2))
    watch.seconds = KEPT_SECONDS + 1
    with pytest.raises(TokenError):
        kept.tokens().read("leave", old, now=EPOCH)
    assert KEPT_SECONDS <= 60


def test_the_secret_of_the_stack_is_found_by_its_arn(aws: Any) -> None:
    made = boto3.client("secretsmanager").create_secret(Name="LinkKeys", SecretString='{"current": "winter"}')
    assert secrets.connect(made["ARN"]).tokens().keys.current == "winter"
