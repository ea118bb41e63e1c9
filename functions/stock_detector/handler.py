"""Translate the ledger's stream into events and settle messages."""

from functools import cache
from typing import Any

from standby.platform import bus, queue
from standby.platform.observability import logger, metrics
from standby.stock.detector import Detector
from standby.stock.settings import DetectorSettings

log = logger("stock")
measures = metrics("stock")


@cache
def detector() -> Detector:
    settings = DetectorSettings.from_environment()
    return Detector(bus=bus.connect(settings.event_bus_name), settles=queue.connect(settings.stock_settle_queue_url))


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda's signature
    detector().announce(event["Records"])
