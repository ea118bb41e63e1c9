"""Operators list and revoke the keys of the shop's own systems."""

import os
import sys
from typing import Any

import boto3
import pytest
from standby.access import repository

from infra.operations import keys
from infra.operations.key import issue, managed
from infra.operations.place import Place
from tests.tables import create_table


@pytest.fixture
def place(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Place:
    repository.records.cache_clear()
    made = Place(boto3.Session(), "prod")
    vars(made)["stacks"] = {"Access": {"AccessTableName": create_table(aws, "Access")}}
    monkeypatch.setattr(keys, "chosen", lambda _said: made)
    return made


def said(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["keys", *arguments])
    return keys.main()


def test_keys_are_listed_by_name_and_hint_and_never_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    till = issue(place, "till 4", ["storefront", "erp"])
    assert said(monkeypatch) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "hint", "id", "scopes", "made", "revoked"]
    assert row.startswith(f"till 4  {till[-4:]}  ")
    assert "erp,storefront" in row
    assert row.endswith("-")
    assert till not in row


def test_a_key_is_revoked_by_its_hint(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    till = issue(place, "till 4", ["erp"])
    assert said(monkeypatch, f"--revoke={till[-4:]}") == 0
    assert "till 4" in capsys.readouterr().out
    with managed(place) as there:
        (key,) = there.list()
    assert key.revoked_at is not None
    said(monkeypatch)
    assert not capsys.readouterr().out.splitlines()[1].endswith("-")


@pytest.mark.parametrize(("hint", "words"), [("none", "no key has this hint or id"), ("", "make revoke key=HINT")])
def test_what_is_no_key_is_said_in_words(
    hint: str, words: str, place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(monkeypatch, f"--revoke={hint}") == 1
    assert words in capsys.readouterr().err


def test_of_several_keys_with_one_hint_the_ids_are_named(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with managed(place) as there:
        for first in b"ab":
            type(there)(there.store, there.clock, lambda count, first=first: bytes([first]) + bytes(count - 1)).issue(
                "till", ["erp"]
            )
        ids = [key.key_id for key in there.list()]
        hint = there.list()[0].hint
    assert said(monkeypatch, f"--revoke={hint}") == 1
    told = capsys.readouterr().err
    assert [key_id for key_id in ids if key_id not in told] == []


def test_on_aws_keys_are_kept_where_the_command_looks(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """PynamoDB reads AWS_DEFAULT_REGION and no AWS_REGION."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    elsewhere = Place(boto3.Session(region_name="il-central-1"), "prod")
    vars(elsewhere)["stacks"] = {"Access": {"AccessTableName": "Access"}}
    with managed(elsewhere):
        assert os.environ["AWS_DEFAULT_REGION"] == "il-central-1"
    assert "AWS_DEFAULT_REGION" not in os.environ
