"""Answer customers who follow the links in mails about their reservations and offers."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.preorder.assembly.viewer import assemble
from standby.preorder.settings import ViewerSettings
from standby.preorder.viewer_routes import CustomerDesk, application

log = logger("preorder")
counts = metrics("preorder")


@cache
def desk() -> CustomerDesk:
    return assemble(ViewerSettings.from_environment())


app = application(desk)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app.resolve(event, context)
