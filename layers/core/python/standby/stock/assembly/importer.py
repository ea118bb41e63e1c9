"""The importer put together with AWS, as its function's settings say."""

from aws_lambda_powertools import Metrics

from standby.ledger.table import LedgerTable
from standby.platform import dynamodb, queue
from standby.platform.clock import SystemClock
from standby.platform.observability import counter
from standby.stock.import_repository import ImportRepository
from standby.stock.importing import Importer
from standby.stock.inbox import S3Inbox
from standby.stock.settings import ImporterSettings


def importer(settings: ImporterSettings, metrics: Metrics) -> Importer:
    """Build the importer."""
    sqs = queue.client()
    files = ImportRepository(LedgerTable(settings.stock_table, dynamodb.client()))
    return Importer(
        inbox=S3Inbox(settings.inbox_bucket),
        reports=files,
        levels=files,
        updates=queue.connect(settings.stock_updates_queue_url, sqs),
        imports=queue.connect(settings.stock_imports_queue_url, sqs),
        dead_letters=queue.connect(settings.stock_imports_dead_letter_queue_url, sqs),
        clock=SystemClock(),
        count=counter(metrics),
    )
