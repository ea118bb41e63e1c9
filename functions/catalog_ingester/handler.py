"""Take the shop's messages about products into the catalogue."""

from functools import cache
from typing import Any

from standby.catalog.assembly.ingester import assemble
from standby.catalog.messages import Word
from standby.catalog.settings import IngesterSettings
from standby.platform.arrivals import Arrivals
from standby.platform.observability import logger, metrics

log = logger("catalog")
counts = metrics("catalog")


@cache
def ingester() -> Arrivals[Word]:
    return assemble(IngesterSettings.from_environment(), counts)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return ingester().handle(event)
