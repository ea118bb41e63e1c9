"""Issuing, listing and revoking keys, on the table itself."""

import json
import secrets
from datetime import timedelta
from typing import Any

import pytest
from pynamodb.exceptions import PutError
from standby.access.model import SHAPE, UnknownKeyError, UnknownScopeError, digest_of
from standby.access.repository import KeyRepository
from standby.access.service import AmbiguousKeyError, Keys

from tests.fakes import EPOCH, FakeClock


def test_a_key_is_shown_once_and_known_by_its_name_and_scopes(keys: Keys) -> None:
    key = keys.issue("ERP of the main warehouse", ["erp"])
    (listed,) = keys.list()
    assert SHAPE.fullmatch(key)
    assert (listed.name, set(listed.scopes), listed.created_at) == ("ERP of the main warehouse", {"erp"}, EPOCH)
    assert listed.revoked_at is None


def test_a_key_ends_in_its_hint(keys: Keys) -> None:
    key = keys.issue("storefront", ["storefront"])
    assert keys.list()[0].hint == key[-4:]


def test_a_stolen_copy_of_the_table_opens_nothing(keys: Keys, aws: Any) -> None:
    key = keys.issue("storefront", ["storefront"])
    stolen = json.dumps(aws.scan(TableName="Access")["Items"])
    assert key not in stolen
    assert key.removeprefix("sb_") not in stolen


def test_a_key_is_stored_under_the_hash_of_its_secret(keys: Keys, aws: Any) -> None:
    key = keys.issue("storefront", ["storefront", "ops"])
    (item,) = aws.scan(TableName="Access")["Items"]
    assert (item["pk"]["S"], item["sk"]["S"]) == (f"KEY#{digest_of(key)}", "KEY")
    assert set(item["scopes"]["SS"]) == {"ops", "storefront"}


def test_keys_are_listed_oldest_first(keys: Keys, clock: FakeClock) -> None:
    for name in ("first", "second", "third"):
        keys.issue(name, ["erp"])
        clock.advance(minutes=1)
    assert [key.name for key in keys.list()] == ["first", "second", "third"]


def test_every_key_is_another_one(store: KeyRepository, clock: FakeClock) -> None:
    keys = Keys(store, clock, random_bytes=secrets.token_bytes)
    made = {keys.issue(f"system {number}", ["erp"]) for number in range(20)}
    assert len(made) == 20


def test_bytes_that_repeat_never_overwrite_a_key(store: KeyRepository, clock: FakeClock) -> None:
    keys = Keys(store, clock, random_bytes=bytes)
    keys.issue("ERP", ["erp"])
    with pytest.raises(PutError):
        keys.issue("thief", ["ops"])
    assert [key.name for key in keys.list()] == ["ERP"]


@pytest.mark.parametrize("scopes", [["admin"], ["erp", "root"], [], [""]])
def test_an_unknown_scope_makes_no_key(keys: Keys, scopes: list[str]) -> None:
    with pytest.raises(UnknownScopeError, match="a key has scopes among erp, ops, storefront"):
        keys.issue("ERP", scopes)
    assert keys.list() == []


@pytest.mark.parametrize("reference", ["hint", "key_id", "digest"])
def test_a_key_is_revoked_by_its_hint_its_id_or_its_hash(keys: Keys, clock: FakeClock, reference: str) -> None:
    keys.issue("ERP", ["erp"])
    clock.advance(hours=1)
    kept = keys.issue("storefront", ["storefront"])
    revoked = keys.revoke(getattr(keys.list()[0], reference))
    assert (revoked.name, revoked.revoked_at) == ("ERP", EPOCH + timedelta(hours=1))
    assert [key.hint for key in keys.list() if key.revoked_at is None] == [kept[-4:]]


def test_revoking_again_keeps_the_first_time(keys: Keys, clock: FakeClock) -> None:
    hint = keys.issue("ERP", ["erp"])[-4:]
    keys.revoke(hint)
    clock.advance(days=3)
    assert keys.revoke(hint).revoked_at == EPOCH
    assert keys.list()[0].revoked_at == EPOCH


def test_a_hint_that_two_keys_have_revokes_neither(store: KeyRepository, clock: FakeClock) -> None:
    first_byte = iter((1, 2))
    keys = Keys(store, clock, random_bytes=lambda count: bytes([next(first_byte)]) + bytes(count - 1))
    hints = {keys.issue(name, ["erp"])[-4:] for name in ("old ERP", "new ERP")}
    (hint,) = hints
    with pytest.raises(AmbiguousKeyError):
        keys.revoke(hint)
    assert [key.revoked_at for key in keys.list()] == [None, None]


def test_a_revoked_key_does_not_make_a_hint_ambiguous(store: KeyRepository, clock: FakeClock) -> None:
    first_byte = iter((1, 2))
    keys = Keys(store, clock, random_bytes=lambda count: bytes([next(first_byte)]) + bytes(count - 1))
    hint = keys.issue("old ERP", ["erp"])[-4:]
    keys.revoke(hint)
    clock.advance(days=1)
    keys.issue("new ERP", ["erp"])
    assert keys.revoke(hint).name == "new ERP"


@pytest.mark.parametrize("reference", ["", "none", "0" * 64])
def test_revoking_what_is_not_there_says_so(keys: Keys, reference: str) -> None:
    keys.issue("ERP", ["erp"])
    with pytest.raises(UnknownKeyError):
        keys.revoke(reference)


def test_revoking_a_hash_that_vanished_makes_no_record(store: KeyRepository, clock: FakeClock) -> None:
    with pytest.raises(UnknownKeyError):
        store.revoke("0" * 64, clock.now())
    assert list(store.all()) == []
