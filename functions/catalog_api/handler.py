"""Answer the shop that describes its products, and operators who look at one."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from standby.catalog.assembly.api import assemble
from standby.catalog.settings import ApiSettings
from standby.platform.observability import logger, metrics

log = logger("catalog")
counts = metrics("catalog")


@cache
def app() -> APIGatewayHttpResolver:
    return assemble(ApiSettings.from_environment())


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app().resolve(event, context)
