"""The reader of files put together with AWS, as its function's settings say."""

from functools import cache
from typing import TYPE_CHECKING

from standby.imports.inbox import S3Inbox
from standby.imports.kinds import Kind, plug
from standby.imports.reading import FileReader
from standby.imports.repository import ImportRepository
from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.observability import counter

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics

    from standby.imports.settings import ReaderSettings


def assemble(settings: "ReaderSettings", metrics: "Metrics") -> FileReader:
    """Build the reader."""
    tables, sqs = dynamodb.client(), queue.client()

    @cache
    def connected(kind: str) -> Kind:
        return plug(kind).connect(tables, sqs)

    return FileReader(
        inbox=S3Inbox(settings.inbox_bucket),
        reports=ImportRepository(LedgerTable(settings.stock_table, tables)),
        kinds=connected,
        imports=queue.connect(settings.stock_imports_queue_url, sqs),
        dead_letters=queue.connect(settings.stock_imports_dead_letter_queue_url, sqs),
        clock=SystemClock(),
        count=counter(metrics),
    )
