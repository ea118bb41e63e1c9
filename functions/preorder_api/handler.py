"""Answer operators who open campaigns, and the storefront that reserves units."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.preorder.assembly.api import assemble
from standby.preorder.routes import Desk, application
from standby.preorder.settings import ApiSettings

log = logger("preorder")
counts = metrics("preorder")


@cache
def desk() -> Desk:
    return assemble(ApiSettings.from_environment())


app = application(desk)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app.resolve(event, context)
