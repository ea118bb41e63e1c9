"""Take the ERP's messages about orders in."""

from functools import cache
from typing import Any

from standby.delivery.assembly.ingester import assemble
from standby.delivery.model import Word
from standby.delivery.settings import IngesterSettings
from standby.platform.arrivals import Arrivals
from standby.platform.observability import logger, metrics

log = logger("delivery")
counts = metrics("delivery")


@cache
def ingester() -> Arrivals[Word]:
    return assemble(IngesterSettings.from_environment())


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return ingester().handle(event)
