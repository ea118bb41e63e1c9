"""The clients that functions make."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime

import botocore
import pytest
from botocore.validate import ParamValidationDecorator
from moto import mock_aws
from standby.imports.inbox import S3Inbox
from standby.platform import aws


@pytest.fixture(autouse=True)
def _own_session() -> Iterator[None]:
    aws.session.cache_clear()
    yield
    aws.session.cache_clear()


def test_a_process_s_clients_are_made_of_one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    original = botocore.session.Session.create_client

    def create_client(session: botocore.session.Session, service: str, **options: object) -> object:
        made.append(f"{service} of {id(session)}")
        return original(session, service, **options)  # type: ignore[call-overload] # a name that varies

    monkeypatch.setattr(botocore.session.Session, "create_client", create_client)
    aws.client("sqs")
    aws.client("events")
    assert made == [f"{service} of {id(aws.session())}" for service in ("sqs", "events")]


def test_a_client_has_our_name_and_does_not_check_requests() -> None:
    client = aws.client("sqs", connect_timeout=7)
    assert client.meta.config.user_agent == f"standby botocore/{botocore.__version__}"
    assert client.meta.config.connect_timeout == 7
    assert not isinstance(client._serializer, ParamValidationDecorator)


def test_region_and_endpoint_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert aws.client("sqs").meta.endpoint_url == "https://sqs.us-east-1.amazonaws.com"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    client = aws.client("sqs")
    assert (client.meta.region_name, client.meta.endpoint_url) == ("eu-central-1", "http://localhost:4566")


REGIONS_SINCE_2019 = ["eu-south-1", "il-central-1", "ap-southeast-7", "me-central-1"]
"""They refuse requests that were signed for S3's address without a region."""


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", *REGIONS_SINCE_2019])
@mock_aws
def test_a_signed_form_leads_to_the_buckets_own_region(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    url, _ = S3Inbox("inbox").form("inbox/daily/stock.csv", seconds=900, most_bytes=1_000)
    assert url == f"https://inbox.s3.{region}.amazonaws.com/"


@mock_aws
def test_a_signed_form_is_for_one_file_up_to_a_size_and_asks_nothing_else_of_who_uploads() -> None:
    """No checksum and no field of the SDK's: a shop's own program puts a file there with one plain form."""
    _, fields = S3Inbox("inbox").form("inbox/daily/stock 2026.csv", seconds=900, most_bytes=1_000)
    policy = json.loads(b64decode(fields["policy"]))
    exact = {name: value for one in policy["conditions"] if isinstance(one, dict) for name, value in one.items()}
    signing = {"x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token"}
    assert {name: exact[name] for name in exact.keys() - signing} == {
        "bucket": "inbox",
        "key": "inbox/daily/stock 2026.csv",
    }
    assert [one for one in policy["conditions"] if isinstance(one, list)] == [["content-length-range", 1, 1_000]]
    assert fields.keys() - signing == {"key", "policy", "x-amz-signature"}
    signed_at = datetime.strptime(fields["x-amz-date"], "%Y%m%dT%H%M%S%z")
    assert (datetime.fromisoformat(policy["expiration"]) - signed_at).total_seconds() == pytest.approx(900, abs=1)
