"""The plug of stock files, for the function that reads files."""

from typing import TYPE_CHECKING

from standby.imports.kinds import Plug
from standby.ledger.table import LedgerTable
from standby.platform import queue
from standby.platform.identifier import Ids
from standby.stock.counts.repository import CountedLevels
from standby.stock.counts.service import StockCounts, check, reading
from standby.stock.settings import CountsSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


def connect(dynamodb: "DynamoDBClient", sqs: "SQSClient") -> StockCounts:
    """Put the kind together."""
    settings = CountsSettings.from_environment()
    return StockCounts(
        levels=CountedLevels(LedgerTable(settings.stock_table, dynamodb)),
        updates=queue.connect(settings.stock_updates_queue_url, sqs),
        ids=Ids(settings.id_case),
    )


PLUG = Plug(package="standby.stock", check=check, reading=reading, connect=connect)
