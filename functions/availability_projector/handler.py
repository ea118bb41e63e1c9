"""Write what the ledger and the catalogue said last on the shelf."""

from functools import cache
from typing import Any

from standby.availability.assembly.projector import assemble
from standby.availability.projection import Projector
from standby.availability.settings import ProjectorSettings
from standby.platform.observability import logger, metrics

log = logger("availability")
counts = metrics("availability")


@cache
def projector() -> Projector:
    return assemble(ProjectorSettings.from_environment())


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return projector().handle(event)
