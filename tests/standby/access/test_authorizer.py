"""Who shows a key, and what it opens."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from standby.access import repository
from standby.access.model import AccessKey
from standby.access.repository import KeyRepository
from standby.access.service import Authorizer, Decision, Keys

from tests.fakes import FakeClock

pytestmark = pytest.mark.promise("P11")


@dataclass
class FakeStore:
    """A store that remembers what it was asked for."""

    asked: list[str] = field(default_factory=list)

    def add(self, key: AccessKey) -> None:
        raise AssertionError(key)

    def get(self, digest: str) -> AccessKey | None:
        self.asked.append(digest)
        return None

    def all(self) -> list[AccessKey]:
        return []

    def revoke(self, digest: str, at: datetime) -> AccessKey:
        raise AssertionError(digest, at)


def test_a_key_opens_its_scopes(store: KeyRepository, keys: Keys) -> None:
    key = keys.issue("ERP", ["ops", "erp"])
    key_id = keys.list()[0].key_id
    decision = Authorizer(store).authorize(f"Bearer {key}")
    assert decision == Decision(is_authorized=True, key_id=key_id, name="ERP", scopes=frozenset({"erp", "ops"}))


def test_the_gateway_gets_texts_with_the_scopes_in_order() -> None:
    decision = Decision(is_authorized=True, key_id="0123456789abcdef", name="ERP", scopes=frozenset({"ops", "erp"}))
    assert decision.response() == {
        "isAuthorized": True,
        "context": {"key_id": "0123456789abcdef", "name": "ERP", "scopes": "erp ops"},
    }


def test_the_gateway_learns_nothing_with_a_refusal() -> None:
    assert Decision(is_authorized=False).response() == {"isAuthorized": False}


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
def test_the_scheme_is_read_in_any_case(store: KeyRepository, keys: Keys, scheme: str) -> None:
    assert Authorizer(store).authorize(scheme + keys.issue("ERP", ["erp"])).is_authorized


def test_a_key_that_was_never_issued_is_refused(store: KeyRepository, keys: Keys) -> None:
    key = keys.issue("ERP", ["erp"])
    forged = key[:-1] + ("A" if key[-1] != "A" else "B")
    assert not Authorizer(store).authorize(f"Bearer {forged}").is_authorized


def test_a_revoked_key_is_refused(store: KeyRepository, keys: Keys, clock: FakeClock) -> None:
    key = keys.issue("ERP", ["erp"])
    keys.revoke(key[-4:])
    assert not Authorizer(store).authorize(f"Bearer {key}").is_authorized


def test_the_hash_is_not_a_key(store: KeyRepository, keys: Keys) -> None:
    keys.issue("ERP", ["erp"])
    assert not Authorizer(store).authorize(f"Bearer {keys.list()[0].digest}").is_authorized


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "sb_" + "A" * 43,
        "Basic " + "sb_" + "A" * 43,
        "Bearer " + "A" * 46,
        "Bearer sb_" + "A" * 42,
        "Bearer sb_" + "A" * 44,
        "Bearer sb_" + "A" * 42 + "é",
        "Bearer sb_" + "A" * 43 + "\n",
        "Bearer sb_" + "A" * 43 + ", Bearer sb_" + "B" * 43,
    ],
)
def test_a_header_without_a_key_of_our_shape_is_refused_and_costs_no_read(header: str | None) -> None:
    store = FakeStore()
    assert not Authorizer(store).authorize(header).is_authorized
    assert store.asked == []


def test_the_record_goes_to_the_endpoint_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4999")
    repository.records.cache_clear()
    client = repository.records("Access")._get_connection().connection.client
    repository.records.cache_clear()
    assert client.meta.endpoint_url == "http://127.0.0.1:4999"
