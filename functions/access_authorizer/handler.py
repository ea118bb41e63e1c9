"""Decide who calls a server route of the HTTP API (REQUEST authorizer, payload 2.0, simple response)."""

from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from standby.access.assembly.authorizer import assemble
from standby.access.service import Authorizer
from standby.access.settings import AuthorizerSettings
from standby.platform.observability import logger, metrics

log = logger("access")
counts = metrics("access")


@cache
def authorizer() -> Authorizer:
    return assemble(AuthorizerSettings.from_environment())


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    decision = authorizer().authorize(headers.get("authorization"))
    counts.add_metric("KeysAccepted" if decision.is_authorized else "KeysRefused", MetricUnit.Count, 1)
    log.info("decided", extra={"authorized": decision.is_authorized, "key_id": decision.key_id})
    return decision.response()
