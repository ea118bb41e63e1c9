"""Read the files that other systems put down."""

from functools import cache
from typing import Any

from standby.imports.assembly import reader as assembly
from standby.imports.reading import FileReader
from standby.imports.settings import ReaderSettings
from standby.platform import queue
from standby.platform.observability import logger, metrics

log = logger("imports")
measures = metrics("imports")


@cache
def reader() -> FileReader:
    return assembly.reader(ReaderSettings.from_environment(), measures)


@log.inject_lambda_context
@measures.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    return queue.consume(event, reader().take, dead_letters=reader().dead_letters)
