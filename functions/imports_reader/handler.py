"""Read the files that other systems put down."""

from functools import cache
from typing import Any

from standby.imports.assembly.reader import assemble
from standby.imports.reading import FileReader
from standby.imports.settings import ReaderSettings
from standby.platform.observability import logger, metrics
from standby.platform.queue import consume

log = logger("imports")
counts = metrics("imports")


@cache
def reader() -> FileReader:
    return assemble(ReaderSettings.from_environment(), counts)


@log.inject_lambda_context
@counts.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return consume(event, reader().handle, dead_letters=reader().dead_letters)
