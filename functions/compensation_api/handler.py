"""Answer who sets the policy, who takes vouchers, and who looks up what was granted."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from standby.compensation.assembly.api import assemble
from standby.compensation.settings import ApiSettings
from standby.platform.observability import logger, metrics

log = logger("compensation")
counts = metrics("compensation")


@cache
def app() -> APIGatewayHttpResolver:
    return assemble(ApiSettings.from_environment(), counts)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app().resolve(event, context)
