"""The clients that functions make."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

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


@mock_aws
def test_a_signed_address_asks_nothing_of_who_uploads_but_the_host() -> None:
    """No checksum and no header of the SDK's: a shop's own program puts a file there with one plain PUT."""
    address = urlsplit(S3Inbox("inbox").upload_url("inbox/daily/stock 2026.csv", seconds=900))
    query = parse_qs(address.query)
    assert address.path == "/inbox/daily/stock%202026.csv"
    assert query["X-Amz-SignedHeaders"] == ["host"]
    assert query["X-Amz-Expires"] == ["900"]
    assert not [name for name in query if "checksum" in name.lower()]
