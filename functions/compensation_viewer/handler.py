"""Answer customers who look what they are given for a late order, and choose."""

from functools import cache
from typing import Any

from standby.compensation.assembly.viewer import assemble
from standby.compensation.settings import ViewerSettings
from standby.compensation.viewer_routes import CustomerDesk, application
from standby.platform.observability import logger, metrics

log = logger("compensation")
counts = metrics("compensation")


@cache
def desk() -> CustomerDesk:
    return assemble(ViewerSettings.from_environment(), counts)


app = application(desk)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app.resolve(event, context)
