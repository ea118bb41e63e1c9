"""The authorizer as the gateway calls it."""

import io
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from standby.access import repository
from standby.access.repository import KeyRepository
from standby.access.service import Keys

from functions.access_authorizer import handler as module
from tests.fakes import FakeClock
from tests.tables import create_table

ROOT = Path(__file__).parents[3]
CONTEXT = SimpleNamespace(
    function_name="access_authorizer",
    memory_limit_in_mb=256,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:access_authorizer",
    aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
)


@pytest.fixture
def keys(aws: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keys]:
    """Return the keys in the table that the function reads."""
    monkeypatch.setenv("ACCESS_TABLE", create_table(aws, "Access"))
    repository.records.cache_clear()
    module.authorizer.cache_clear()
    yield Keys(KeyRepository("Access"), FakeClock(), random_bytes=lambda count: bytes(range(count)))
    module.authorizer.cache_clear()


def sample(case: str) -> dict[str, Any]:
    """Return a sample event."""
    read: dict[str, Any] = json.loads((ROOT / "events" / "access_authorizer" / f"{case}.json").read_text("utf-8"))
    return read


def test_a_known_key_passes_with_its_name_and_scopes(keys: Keys) -> None:
    keys.issue("ERP", ["erp", "ops"])
    key_id = keys.list()[0].key_id
    assert module.handler(sample("key_shown"), CONTEXT) == {
        "isAuthorized": True,
        "context": {"key_id": key_id, "name": "ERP", "scopes": "erp ops"},
    }


@pytest.mark.parametrize("case", ["key_shown", "key_missing", "key_malformed"])
def test_who_has_no_known_key_does_not_pass(keys: Keys, case: str) -> None:
    assert module.handler(sample(case), CONTEXT) == {"isAuthorized": False}


def test_a_header_is_found_in_any_case(keys: Keys) -> None:
    key = keys.issue("ERP", ["erp"])
    event = sample("key_missing") | {"headers": {"Authorization": f"Bearer {key}"}}
    assert module.handler(event, CONTEXT)["isAuthorized"] is True


def test_an_event_without_headers_does_not_pass(keys: Keys) -> None:
    assert module.handler(sample("key_missing") | {"headers": None}, CONTEXT) == {"isAuthorized": False}


def test_neither_log_nor_metrics_tell_the_key(
    keys: Keys, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = io.StringIO()
    monkeypatch.setattr(module.log.registered_handler, "stream", log)
    key = keys.issue("ERP", ["erp"])
    module.handler(sample("key_shown"), CONTEXT)
    written = log.getvalue() + "".join(capsys.readouterr())
    assert keys.list()[0].key_id in written
    assert key.removeprefix("sb_") not in written
    assert keys.list()[0].digest not in written


def test_accepted_and_refused_keys_are_counted(keys: Keys, capsys: pytest.CaptureFixture[str]) -> None:
    keys.issue("ERP", ["erp"])
    module.handler(sample("key_shown"), CONTEXT)
    module.handler(sample("key_missing"), CONTEXT)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [{"KeysAccepted", "KeysRefused"} & set(line) for line in lines] == [{"KeysAccepted"}, {"KeysRefused"}]


def test_a_table_that_does_not_answer_refuses_nobody(keys: Keys, aws: Any) -> None:
    """An outage is an error of ours, never a key that stopped working."""
    aws.delete_table(TableName="Access")
    with pytest.raises(Exception, match="not found"):
        module.handler(sample("key_shown"), CONTEXT)


def test_a_real_key_is_made_of_the_machine_s_randomness(keys: Keys) -> None:
    key = Keys(keys.store, keys.clock, random_bytes=secrets.token_bytes).issue("storefront", ["storefront"])
    event = sample("key_missing") | {"headers": {"authorization": f"Bearer {key}"}}
    assert module.handler(event, CONTEXT)["context"]["scopes"] == "storefront"


def test_the_function_does_without_boto3() -> None:
    """PynamoDB brings botocore; boto3 beside it costs a fifth of the cold start."""
    program = "import sys; import functions.access_authorizer.handler; print('boto3' in sys.modules)"
    command = [sys.executable, "-c", program]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'core' / 'python'}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    assert done.stdout == "False\n"
