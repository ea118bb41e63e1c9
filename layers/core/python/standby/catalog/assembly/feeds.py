"""The plug of product files, for the function that reads files."""

from functools import partial
from typing import TYPE_CHECKING

from standby.catalog.absences.repository import AbsenceRepository
from standby.catalog.feeds.service import ProductFeeds, check, reading
from standby.catalog.settings import FeedsSettings
from standby.imports.kinds import Plug
from standby.platform import queue
from standby.platform.identifier import Ids

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

    from standby.catalog.repository import CatalogRepository


def connect(dynamodb: "DynamoDBClient", sqs: "SQSClient") -> ProductFeeds:
    """Put the kind together."""
    settings = FeedsSettings.from_environment()
    return ProductFeeds(
        updates=queue.connect(settings.catalog_updates_queue_url, sqs),
        lists=AbsenceRepository(settings.catalog_table, dynamodb),
        known=partial(_known, settings.catalog_table),
        ids=Ids(settings.id_case),
    )


def _known(table: str) -> "CatalogRepository":
    from standby.catalog.repository import CatalogRepository  # noqa: PLC0415 - only dry runs need PynamoDB

    return CatalogRepository(table)


PLUG = Plug(package="standby.catalog", check=check, reading=reading, connect=connect)
