"""Availability: what a shopper is told of a SKU or product."""

from aws_cdk import Duration
from standby.availability import hears
from standby.availability.settings import ApiSettings, ProjectorSettings, ViewerSettings

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
VIEWER_TIMEOUT = Duration.seconds(60)
"""A picture of ten seconds, names that are looked up for long, and a large one to unpack."""
NEVER = "never"


class Availability(Feature):
    """The shelf, the queue of what may change it, that of pictures to look at, and three functions."""

    def __init__(self, base: Base, *, stock: Stock) -> None:
        super().__init__(base)
        self.stock_table = stock.table.seen_from(self)
        indexes = [Index("by_product", "product_id", "place", whole=True), Index("feed", "feed_shard", "listing")]
        indexes.append(Index("by_category", "category", "price_place"))
        indexes.append(Index("returns", "returns_of", "returned"))
        self.table = FeatureTable(self, "Shelf", indexes=indexes)
        self.changes = WorkQueue(
            self,
            "AvailabilityChanges",
            worker_timeout=PROJECTOR_TIMEOUT,
            late_after=Duration.minutes(10),
            felt="the storefront shows as buyable what is sold out, and the other way round",
        )
        self.pictures = WorkQueue(
            self,
            "AvailabilityPictures",
            worker_timeout=VIEWER_TIMEOUT,
            late_after=Duration.hours(12),  # 50,000 pictures of a new catalogue take two to four
            felt="products of which the shop says too little have no alternatives that look alike",
        )
        self._project()
        self._look_at_pictures()
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
                back_after_minutes=self.stage.shop.back_after_minutes,
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

    def _look_at_pictures(self) -> None:
        self.viewer = FeatureFunction(
            self,
            "Viewer",
            settings=ViewerSettings(
                shelf_table=self.table.name,
                availability_pictures_queue_url=self.pictures.url,
                availability_dead_letter_queue_url=self.pictures.dead_letters.url,
                looks_at_pictures=self.stage.shop.looks_at_pictures,
            ),
            grants=[
                self.table.grant("dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem"),
                self.pictures.takes(),
                self.pictures.dead_letters.takes(),
            ],
            timeout=VIEWER_TIMEOUT,
            messages_itself=True,
            memory_mb=1024,  # the largest picture takes 480 when it is unpacked
            reads="pictures",
        )
        # One at a time: a picture that ends the function, whatever is in it, costs no other one its turn. The bound is
        # for the shop's own site, which is asked.
        self.pictures.feed(self.viewer, batch_size=1, most_at_once=2)
        if self.stage.shop.looks_at_pictures != NEVER:
            self.pictures.hear(*hears.PICTURES)

    def _answer(self) -> None:
        shop = self.stage.shop
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(
                shelf_table=self.table.name,
                shop_time_zone=shop.shop_time_zone,
                default_locale=shop.default_locale,
                public_url=self.public_url,
                shop_name=shop.name,
                back_in_stock_days=shop.back_in_stock_days,
                id_case=shop.id_case,
                looks_at_pictures=shop.looks_at_pictures,
            ),
            grants=[
                self.table.grant("dynamodb:BatchGetItem", "dynamodb:Query"),
                self.table.grant_index("by_product", "dynamodb:Query"),
                self.table.grant_index("feed", "dynamodb:Query"),
                self.table.grant_index("by_category", "dynamodb:Query"),
                self.table.grant_index("returns", "dynamodb:Query"),
            ],
            timeout=API_TIMEOUT,
            memory_mb=1024,
        )
