"""Take the ERP's stock messages into the ledger."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.stock.assembly import ingester as assembly
from standby.stock.ingester import Ingester
from standby.stock.settings import IngesterSettings

log = logger("stock")
measures = metrics("stock")


@cache
def ingester() -> Ingester:
    return assembly.ingester(IngesterSettings.from_environment())


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return ingester().take(event)
