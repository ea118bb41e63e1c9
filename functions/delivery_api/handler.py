"""Answer the ERP that tells of orders."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from standby.delivery.assembly.api import assemble
from standby.delivery.settings import ApiSettings
from standby.platform.observability import logger, metrics

log = logger("delivery")
counts = metrics("delivery")


@cache
def app() -> APIGatewayHttpResolver:
    return assemble(ApiSettings.from_environment())


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app().resolve(event, context)
