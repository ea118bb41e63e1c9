"""Take the ERP's stock messages into the ledger."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.stock.assembly.ingester import assemble
from standby.stock.ingester import Ingester
from standby.stock.settings import IngesterSettings

log = logger("stock")
counts = metrics("stock")


@cache
def ingester() -> Ingester:
    return assemble(IngesterSettings.from_environment())


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return ingester().handle(event)
