"""Answer storefronts that ask what can be had, and operators who ask why."""

from functools import cache
from typing import Any

from standby.availability.assembly.api import assemble
from standby.availability.routes import Desk, application
from standby.availability.settings import ApiSettings
from standby.platform.observability import logger, metrics

log = logger("availability")
counts = metrics("availability")


@cache
def desk() -> Desk:
    return assemble(ApiSettings.from_environment())


app = application(desk)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app.resolve(event, context)
