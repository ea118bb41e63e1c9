"""Answer customers who follow the links in mails about their orders."""

from functools import cache
from typing import Any

from standby.delivery.assembly.viewer import assemble
from standby.delivery.settings import ViewerSettings
from standby.delivery.viewer_routes import CustomerDesk, application
from standby.platform.observability import logger, metrics

log = logger("delivery")
counts = metrics("delivery")


@cache
def desk() -> CustomerDesk:
    return assemble(ViewerSettings.from_environment())


app = application(desk)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app.resolve(event, context)
