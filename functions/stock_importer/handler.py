"""Read the ERP's files into stock messages."""

from functools import cache
from typing import Any

from standby.platform import queue
from standby.platform.observability import logger, metrics
from standby.stock.assembly import importer as assembly
from standby.stock.importing import Importer
from standby.stock.settings import ImporterSettings

log = logger("stock")
measures = metrics("stock")


@cache
def importer() -> Importer:
    return assembly.importer(ImporterSettings.from_environment(), measures)


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return queue.consume(event, importer().take, dead_letters=importer().dead_letters)
