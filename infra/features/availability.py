"""Availability: what a shopper is told of a SKU or product."""

from aws_cdk import Duration
from standby.availability import hears
from standby.availability.settings import ApiSettings, ProjectorSettings

from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.queue import WorkQueue
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable
from infra.features.stock import Stock

API_TIMEOUT = Duration.seconds(29)
"""As long as the gateway waits: a feed of all SKUs takes seconds."""
PROJECTOR_TIMEOUT = Duration.seconds(60)


class Availability(Feature):
    """The shelf, the queue of what may change it, and two functions."""

    def __init__(self, base: Base, *, stock: Stock) -> None:
        super().__init__(base)
        self.stock_table = stock.table.seen_from(self)
        indexes = [Index("by_product", "product_id", "place", whole=True), Index("feed", "feed_shard", "listing")]
        indexes.append(Index("by_category", "category", "price_place"))
        self.table = FeatureTable(self, "Shelf", indexes=indexes)
        self.changes = WorkQueue(
            self,
            "AvailabilityChanges",
            worker_timeout=PROJECTOR_TIMEOUT,
            late_after=Duration.minutes(10),
            felt="the storefront shows as buyable what is sold out, and the other way round",
        )
        self._project()
        self._answer()
        base.api.serve(self.api)

    def _project(self) -> None:
        self.projector = FeatureFunction(
            self,
            "Projector",
            settings=ProjectorSettings(
                shelf_table=self.table.name,
                stock_table=self.stock_table.name,
                availability_changes_queue_url=self.changes.url,
                availability_dead_letter_queue_url=self.changes.dead_letters.url,
            ),
            grants=[
                self.table.grant("dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                self.stock_table.grant("dynamodb:GetItem", "dynamodb:Query"),
                self.stock_table.grant_index("skus", "dynamodb:Query"),
                self.changes.takes(),
                self.changes.dead_letters.takes(),
            ],
            timeout=PROJECTOR_TIMEOUT,
            messages_itself=True,
            memory_mb=1024,
        )
        # Many at once would wait for one another at the counts of one product, and after a big file they would take
        # the account's concurrency from the functions that answer customers.
        self.changes.feed(self.projector, batch_size=10, most_at_once=5)
        self.changes.hear(*hears.CHANGES)

    def _answer(self) -> None:
        shop = self.stage.shop
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(
                shelf_table=self.table.name,
                shop_time_zone=shop.shop_time_zone,
                default_locale=shop.default_locale,
                id_case=shop.id_case,
            ),
            grants=[
                self.table.grant("dynamodb:BatchGetItem", "dynamodb:Query"),
                self.table.grant_index("by_product", "dynamodb:Query"),
                self.table.grant_index("feed", "dynamodb:Query"),
                self.table.grant_index("by_category", "dynamodb:Query"),
            ],
            timeout=API_TIMEOUT,
            memory_mb=1024,
        )
