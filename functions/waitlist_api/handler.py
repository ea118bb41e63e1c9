"""Answer customers who join, confirm, leave or look at their entries, and operators who ask about the list."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.waitlist.assembly.api import assemble
from standby.waitlist.routes import Desk, application
from standby.waitlist.settings import ApiSettings

log = logger("waitlist")
counts = metrics("waitlist")


@cache
def desk() -> Desk:
    return assemble(ApiSettings.from_environment())


app = application(desk)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app.resolve(event, context)
