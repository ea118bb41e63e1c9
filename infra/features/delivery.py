"""Delivery: the ERP's messages about orders go into a table, and what happens to them becomes events."""

from aws_cdk import Duration
from standby.delivery.settings import ApiSettings, IngesterSettings

from infra.constructs.api import count_refused_messages
from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.queue import WorkQueue
from infra.constructs.table import FeatureTable

API_TIMEOUT = Duration.seconds(15)
INGESTER_TIMEOUT = Duration.seconds(60)


class Delivery(Feature):
    """The table of orders, the queue that feeds it, and two functions."""

    def __init__(self, base: Base) -> None:
        super().__init__(base)
        self.table = FeatureTable(self, "Deliveries")
        self.updates = WorkQueue(
            self,
            "OrderUpdates",
            worker_timeout=INGESTER_TIMEOUT,
            late_after=Duration.minutes(15),
            felt="what was sold or shipped is still counted as owed",
        )
        self._ingest()
        self._answer()
        self._watch_what_no_level_contains()
        base.api.serve(self.api)

    def _ingest(self) -> None:
        self.ingester = FeatureFunction(
            self,
            "Ingester",
            settings=IngesterSettings(
                deliveries_table=self.table.name,
                order_updates_queue_url=self.updates.url,
                delivery_dead_letter_queue_url=self.updates.dead_letters.url,
                event_bus_name=self.bus.name,
                id_case=self.stage.shop.id_case,
            ),
            grants=[
                self.table.grant("dynamodb:GetItem", "dynamodb:PutItem"),
                self.bus.takes(),
                self.updates.takes(),
                self.updates.dead_letters.takes(),
            ],
            timeout=INGESTER_TIMEOUT,
            messages_itself=True,
        )
        self.updates.feed(self.ingester, batch_size=10)

    def _answer(self) -> None:
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(order_updates_queue_url=self.updates.url, id_case=self.stage.shop.id_case),
            grants=[self.updates.takes()],
            timeout=API_TIMEOUT,
        )
        count_refused_messages(self.api)

    def _watch_what_no_level_contains(self) -> None:
        self.watch(
            self,
            "ClaimsUnfinished",
            self.counted("ClaimsUnfinished", "Maximum", by="stock", period=Duration.hours(1)),
            at_least=1,
            among=2,  # the hourly look may fall into the same hour twice, and into the next one not at all
            felt="fewer units are offered than there are",
            why="the ERP has known an order for 7 days, and it neither told that it was shipped, nor do its levels say "
            "that they contain it (netted_until); the log of stock_sweeper names the claims",
        )
