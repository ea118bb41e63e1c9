"""Answers customers who join, confirm, leave or look at their entries, and operators who ask about the list."""

from functools import cache
from typing import Any

from standby.platform.observability import logger, metrics
from standby.waitlist.front_desk import desk
from standby.waitlist.routes import Desk, application
from standby.waitlist.settings import ApiSettings

log = logger("waitlist")
measures = metrics("waitlist")


@cache
def waitlist_desk() -> Desk:
    return desk(ApiSettings.from_environment())


app = application(waitlist_desk)


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's context
    return app.resolve(event, context)
