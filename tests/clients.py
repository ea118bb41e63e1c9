"""boto3's clients, made once or from a session that is made once: making them takes longer than most tests."""

import functools
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.validate import ParamValidator

REGION = "us-east-1"


def new_client(service: str, *, endpoint: str | None = None) -> Any:
    """Return a client of one's own. Its session has read the services' models already."""
    return _session().client(service, region_name=REGION, endpoint_url=endpoint)  # type: ignore[call-overload]


@functools.cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")


@functools.cache
def client_of(service: str, *, endpoint: str | None = None) -> Any:
    """Return a client whose calls are to be caught, or that of an emulator."""
    return new_client(service, endpoint=endpoint)


def as_the_sdk_says(client: Any, operation: str, parameters: Mapping[str, Any]) -> None:
    """Fail where boto3 would refuse the parameters. The product's clients leave this out (`standby.platform.aws`)."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    report = ParamValidator().validate(parameters, shape)
    assert not report.has_errors(), report.generate_report()
