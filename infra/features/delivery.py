"""Delivery: the ERP's messages about orders go into a table, and what happens to them becomes events."""

from aws_cdk import Duration
from standby.delivery import hears
from standby.delivery.settings import ApiSettings, IngesterSettings, ViewerSettings, WorkerSettings

from infra.constructs.api import count_refused_messages
from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.queue import WorkQueue
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable
from infra.features.availability import Availability
from infra.features.mail import Mail

API_TIMEOUT = Duration.seconds(15)
INGESTER_TIMEOUT = Duration.seconds(60)
WORKER_TIMEOUT = Duration.seconds(60)
LOOKS = Duration.minutes(15)
"""So often it is looked what became late. Days end on a quarter of an hour in every time zone."""


class Delivery(Feature):
    """The table of orders, the queue that feeds it and the one of what is late, and four functions."""

    def __init__(self, base: Base, *, mail: Mail, availability: Availability) -> None:
        super().__init__(base)
        self.bulk_mail = mail.bulk.seen_from(self)
        self.urgent_mail = mail.urgent.seen_from(self)
        self.shelf = availability.table.seen_from(self)
        self.table = FeatureTable(self, "Deliveries", indexes=[Index("due", "due_shard", "due_at")])
        self.updates = WorkQueue(
            self,
            "OrderUpdates",
            worker_timeout=INGESTER_TIMEOUT,
            late_after=Duration.minutes(15),
            felt="what was sold or shipped is still counted as owed",
        )
        self.records = WorkQueue(
            self,
            "DeliveryRecords",
            worker_timeout=WORKER_TIMEOUT,
            late_after=Duration.minutes(30),
            felt="customers hear late that their order is late",
        )
        self._ingest()
        self._work()
        self._answer()
        self._show()
        self._watch_what_no_level_contains()
        base.api.serve(self.api)
        base.api.serve(self.viewer, beside=self.api)

    def _ingest(self) -> None:
        self.ingester = FeatureFunction(
            self,
            "Ingester",
            settings=IngesterSettings(
                deliveries_table=self.table.name,
                order_updates_queue_url=self.updates.url,
                delivery_dead_letter_queue_url=self.updates.dead_letters.url,
                event_bus_name=self.bus.name,
                shop_time_zone=self.stage.shop.shop_time_zone,
                id_case=self.stage.shop.id_case,
                order_late_when=self.stage.shop.order_late_when,
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

    def _work(self) -> None:
        self.worker = FeatureFunction(
            self,
            "Worker",
            settings=WorkerSettings(
                deliveries_table=self.table.name,
                delivery_records_queue_url=self.records.url,
                delivery_dead_letter_queue_url=self.records.dead_letters.url,
                mail_bulk_queue_url=self.bulk_mail.url,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                **self.stage.shop.hours,  # type: ignore[arg-type] # none of them is a number
                default_locale=self.stage.shop.default_locale,
                notices_per_hour=self.stage.shop.notices_per_hour,
                call_tasks_per_day=self.stage.shop.call_tasks_per_day,
                order_late_when=self.stage.shop.order_late_when,
            ),
            grants=[
                self.table.grant("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                self.table.grant("dynamodb:Query"),
                self.table.grant_index("due", "dynamodb:Query"),
                self.bulk_mail.takes(),
                self.bus.takes(),
                self.records.takes(),
                self.records.dead_letters.takes(),
                self.link_keys.readable(),
            ],
            timeout=WORKER_TIMEOUT,
            messages_itself=True,
            traced=False,
        )
        self.records.feed(self.worker, batch_size=10)
        self.records.tick("Due", LOOKS, {"sweep": "due"}, felt="nobody hears that an order is late whose day is over")
        self.records.hear(*hears.RECORDS, kinds=(*hears.KINDS, *hears.REMEDIES))

    def _answer(self) -> None:
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(
                order_updates_queue_url=self.updates.url,
                deliveries_table=self.table.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                shop_time_zone=self.stage.shop.shop_time_zone,
                id_case=self.stage.shop.id_case,
                order_late_when=self.stage.shop.order_late_when,
            ),
            grants=[
                self.updates.takes(),
                self.table.grant("dynamodb:GetItem", "dynamodb:PutItem"),
                self.link_keys.readable(),
            ],
            timeout=API_TIMEOUT,
        )
        count_refused_messages(self.api)

    def _show(self) -> None:
        self.viewer = FeatureFunction(
            self,
            "Viewer",
            settings=ViewerSettings(
                deliveries_table=self.table.name,
                shelf_table=self.shelf.name,
                mail_urgent_queue_url=self.urgent_mail.url,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                shop_time_zone=self.stage.shop.shop_time_zone,
                default_locale=self.stage.shop.default_locale,
                order_late_when=self.stage.shop.order_late_when,
            ),
            grants=[
                self.table.grant("dynamodb:GetItem", "dynamodb:PutItem"),
                self.shelf.grant("dynamodb:BatchGetItem"),
                self.bus.takes(),
                self.urgent_mail.takes(),
                self.link_keys.readable(),
            ],
            timeout=API_TIMEOUT,
            memory_mb=1024,
        )

    def _watch_what_no_level_contains(self) -> None:
        self.watch(
            self,
            "RefundsOverdue",
            self.counted("RefundsOverdue", "Maximum", period=Duration.hours(1)),
            at_least=1,
            among=24,
            felt="customers wait for money longer than the law allows",
            why="a RefundDue was not followed by an order.refunded by its due_by; GET /v1/deliveries/{order_id} of the "
            "orders that the log of delivery_worker names shows what is owed (promise 7)",
        )
        self.watch(
            self,
            "CallsTooLate",
            self.counted("CallsTooLate", "Maximum", period=Duration.hours(1)),
            at_least=1,
            among=2,  # it is looked every quarter of an hour
            felt="the law's day passes before customers hear that their order is late",
            why="more calls are due than call_tasks_per_day lets open in a day; the log of delivery_worker names the "
            "orders. Call them by hand, or raise the setting (promise 7)",
        )
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
