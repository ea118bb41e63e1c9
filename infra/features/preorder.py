"""Pre-orders: campaigns, and units held for customers at checkout."""

from aws_cdk import Duration
from standby.preorder.settings import ApiSettings, RecorderSettings

from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.queue import WorkQueue
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable
from infra.features.stock import Stock

API_TIMEOUT = Duration.seconds(15)
RECORDER_TIMEOUT = Duration.seconds(60)


class Preorder(Feature):
    """The table of campaigns and reservations, one queue, two functions."""

    def __init__(self, base: Base, *, stock: Stock) -> None:
        super().__init__(base)
        self.stock_table = stock.table.seen_from(self)
        self.table = FeatureTable(self, "Preorders", indexes=[Index("due", "due_shard", "due_at")])
        self.records = WorkQueue(
            self,
            "PreorderRecords",
            worker_timeout=RECORDER_TIMEOUT,
            late_after=None,
            felt="units whose hold is over are not sold again",
        )
        self._answer()
        self._record()
        base.api.serve(self.api)

    def _answer(self) -> None:
        shop = self.stage.shop
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(
                preorders_table=self.table.name,
                stock_table=self.stock_table.name,
                preorder_records_queue_url=self.records.url,
                event_bus_name=self.bus.name,
                default_locale=shop.default_locale,
                id_case=shop.id_case,
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
                    "dynamodb:UpdateItem",
                ),
                self.bus.takes(),
                self.records.takes(),
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
                event_bus_name=self.bus.name,
            ),
            grants=[
                self.table.grant("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"),
                self.table.grant_index("due", "dynamodb:Query"),
                self.stock_table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                ),
                self.bus.takes(),
                self.records.takes(),
                self.records.dead_letters.takes(),
            ],
            timeout=RECORDER_TIMEOUT,
            messages_itself=True,
        )
        self.records.feed(self.recorder, batch_size=10)
        self.records.beat({"sweep": "due"})
