"""Pre-orders: campaigns, units held for customers at checkout, and goods that come for who pre-ordered them."""

from aws_cdk import Duration
from standby.platform.settings import Environment
from standby.preorder import hears
from standby.preorder.settings import AllocatorSettings, ApiSettings, RecorderSettings, ViewerSettings

from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.grant import Grant
from infra.constructs.queue import WorkQueue
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable
from infra.features.availability import Availability
from infra.features.mail import Mail
from infra.features.stock import Stock

API_TIMEOUT = Duration.seconds(15)
ALLOCATOR_TIMEOUT = Duration.seconds(60)
RECORDER_TIMEOUT = Duration.seconds(60)


class Preorder(Feature):
    """The table of campaigns and reservations, two queues, four functions."""

    def __init__(self, base: Base, *, mail: Mail, stock: Stock, availability: Availability) -> None:
        super().__init__(base)
        self.bulk_mail = mail.bulk.seen_from(self)
        self.urgent_mail = mail.urgent.seen_from(self)
        self.shelf = availability.table.seen_from(self)
        self.stock_table = stock.table.seen_from(self)
        self.table = FeatureTable(self, "Preorders", indexes=[Index("due", "due_shard", "due_at")])
        self.records = WorkQueue(
            self,
            "PreorderRecords",
            worker_timeout=RECORDER_TIMEOUT,
            late_after=None,
            felt="units whose hold is over are not sold again",
        )
        self.allocations = WorkQueue(
            self,
            "PreorderAllocations",
            worker_timeout=ALLOCATOR_TIMEOUT,
            late_after=Duration.minutes(15),
            felt="customers hear late that their pre-order is here, or what is set aside for them",
        )
        self._answer()
        self._record()
        self._allocate()
        self._watch()
        base.api.serve(self.api)
        base.api.serve(self.viewer, beside=self.api)

    def _answer(self) -> None:
        shop = self.stage.shop
        told = {
            "preorders_table": self.table.name,
            "stock_table": self.stock_table.name,
            "shelf_table": self.shelf.name,
            "preorder_records_queue_url": self.records.url,
            "mail_urgent_queue_url": self.urgent_mail.url,
            "event_bus_name": self.bus.name,
            "link_keys_table": self.link_keys.table.name,
            "public_url": self.public_url,
            "default_locale": shop.default_locale,
        }
        self.api = self._answering(
            "Api",
            ApiSettings(**told, id_case=shop.id_case),
            self.stock_table.grant("dynamodb:ConditionCheckItem"),
            self.table.grant("dynamodb:ConditionCheckItem"),
        )
        self.viewer = self._answering(
            "Viewer",
            ViewerSettings(**told, shop_time_zone=shop.shop_time_zone, shop_product_url=shop.shop_product_url),
            self.stock_table.grant("dynamodb:Query"),
        )

    def _answering(self, id_: str, settings: Environment, *more: Grant) -> FeatureFunction:
        return FeatureFunction(
            self,
            id_,
            settings=settings,
            grants=[
                self.table.grant(
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.stock_table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                ),
                self.shelf.grant("dynamodb:BatchGetItem"),
                self.bus.takes(),
                self.urgent_mail.takes(),
                self.records.takes(),
                self.link_keys.readable(),
                *more,
            ],
            timeout=API_TIMEOUT,
            memory_mb=1024,
        )

    def _record(self) -> None:
        self.recorder = FeatureFunction(
            self,
            "Recorder",
            settings=RecorderSettings(
                preorders_table=self.table.name,
                stock_table=self.stock_table.name,
                preorder_records_queue_url=self.records.url,
                preorder_dead_letter_queue_url=self.records.dead_letters.url,
                mail_bulk_queue_url=self.bulk_mail.url,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:Scan",
                    "dynamodb:UpdateItem",
                ),
                self.table.grant_index("due", "dynamodb:Query"),
                self.stock_table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.bulk_mail.takes(),
                self.bus.takes(),
                self.records.takes(),
                self.records.dead_letters.takes(),
                self.link_keys.readable(),
            ],
            timeout=RECORDER_TIMEOUT,
            messages_itself=True,
            traced=False,
        )
        self.records.feed(self.recorder, batch_size=10)
        self.records.beat({"sweep": "due"})
        self.records.hear(*hears.RECORDS, kinds=hears.KINDS)

    def _allocate(self) -> None:
        self.allocator = FeatureFunction(
            self,
            "Allocator",
            settings=AllocatorSettings(
                preorders_table=self.table.name,
                stock_table=self.stock_table.name,
                preorder_allocations_queue_url=self.allocations.url,
                preorder_dead_letter_queue_url=self.allocations.dead_letters.url,
                mail_bulk_queue_url=self.bulk_mail.url,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                **self.stage.shop.hours,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.stock_table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:ConditionCheckItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.bulk_mail.takes(),
                self.bus.takes(),
                self.allocations.takes(),
                self.allocations.dead_letters.takes(),
                self.link_keys.readable(),
            ],
            timeout=ALLOCATOR_TIMEOUT,
            messages_itself=True,
        )
        self.allocations.feed(self.allocator, batch_size=10)
        # Most changes of stock concern nobody in a line, and would cost a message and a call each.
        self.allocations.hear(*hears.ALLOCATIONS, above_zero=["misplaced"])

    def _watch(self) -> None:
        """Ring for lines that wait for a person. It rings once, however often the catalogue says so in a day."""
        self.watch(
            self,
            "CancellationsWaiting",
            self.counted("CancellationsWaiting", "Maximum", period=Duration.hours(1)),
            at_least=1,
            among=24,
            felt="customers wait for pre-orders of what never comes",
            why="a product was discontinued, or became a kit, and the line for it waits for a decision: "
            "GET /v1/cancellations shows which (promise 10)",
        )
