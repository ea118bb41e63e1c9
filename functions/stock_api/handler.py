"""Answer the ERP's and the operator's requests about stock."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from standby.platform.observability import logger, metrics
from standby.stock.assembly.api import assemble
from standby.stock.settings import ApiSettings

log = logger("stock")
counts = metrics("stock")


@cache
def app() -> APIGatewayHttpResolver:
    return assemble(ApiSettings.from_environment())


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app().resolve(event, context)
