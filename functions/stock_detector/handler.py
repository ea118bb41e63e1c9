"""Translate the ledger's stream into events and settle messages."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.stock.assembly.detector import assemble
from standby.stock.detector import Detector
from standby.stock.settings import DetectorSettings

log = logger("stock")
counts = metrics("stock")


@cache
def detector() -> Detector:
    return assemble(DetectorSettings.from_environment())


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda's signature
    detector().handle(event["Records"])
