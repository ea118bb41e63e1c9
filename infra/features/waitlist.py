"""Waitlist: who waits, and who is told when there is stock again."""

from aws_cdk import Duration
from standby.waitlist import hears
from standby.waitlist.settings import ApiSettings, PlannerSettings, RecorderSettings, SweeperSettings

from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.queue import WorkQueue
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable
from infra.features.availability import Availability
from infra.features.mail import Mail
from infra.features.preorder import Preorder
from infra.features.stock import Stock

API_TIMEOUT = Duration.seconds(15)
PLANNER_TIMEOUT = Duration.seconds(60)
RECORDER_TIMEOUT = Duration.seconds(30)
SWEEPER_TIMEOUT = Duration.seconds(60)


class Waitlist(Feature):
    """The list, three queues, four functions."""

    def __init__(self, base: Base, *, mail: Mail, stock: Stock, availability: Availability, preorder: Preorder) -> None:
        super().__init__(base)
        self.urgent_mail = mail.urgent.seen_from(self)
        self.bulk_mail = mail.bulk.seen_from(self)
        self.stock_table = stock.table.seen_from(self)
        self.shelf = availability.table.seen_from(self)
        self.offers = preorder.allocations.seen_from(self)
        self.table = FeatureTable(self, "Entries", indexes=[Index("due", "due_shard", "due_at")])
        self.plans = WorkQueue(
            self,
            "WaitlistPlans",
            worker_timeout=PLANNER_TIMEOUT,
            late_after=Duration.minutes(30),  # a message may be delayed by 15
            felt="customers hear late that something is back",
        )
        self.records = WorkQueue(
            self,
            "WaitlistRecords",
            worker_timeout=RECORDER_TIMEOUT,
            late_after=Duration.minutes(15),
            felt="the list does not know who was told",
        )
        self.sweeps = WorkQueue(
            self,
            "WaitlistSweeps",
            worker_timeout=SWEEPER_TIMEOUT,
            late_after=None,
            felt="the next wave and last notices do not go out",
        )
        self._answer()
        self._plan()
        self._record()
        self._sweep()
        base.api.serve(self.api)

    def _answer(self) -> None:
        shop = self.stage.shop
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(
                waitlist_table=self.table.name,
                stock_table=self.stock_table.name,
                shelf_table=self.shelf.name,
                mail_urgent_queue_url=self.urgent_mail.url,
                waitlist_plans_queue_url=self.plans.url,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                shop_time_zone=shop.shop_time_zone,
                default_locale=shop.default_locale,
                joins_per_ip_per_minute=shop.joins_per_ip_per_minute,
                trusted_proxies=shop.trusted_proxies,
                proxy_networks=shop.proxy_networks,
                cors_origins=shop.cors_origins,
                id_case=shop.id_case,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.stock_table.grant("dynamodb:BatchGetItem"),
                self.shelf.grant("dynamodb:BatchGetItem"),
                self.bus.takes(),
                self.urgent_mail.takes(),
                self.plans.takes(),
                self.link_keys.readable(),
            ],
            timeout=API_TIMEOUT,
        )

    def _plan(self) -> None:
        self.planner = FeatureFunction(
            self,
            "Planner",
            settings=PlannerSettings(
                waitlist_table=self.table.name,
                stock_table=self.stock_table.name,
                shelf_table=self.shelf.name,
                mail_bulk_queue_url=self.bulk_mail.url,
                preorder_allocations_queue_url=self.offers.url,
                waitlist_plans_queue_url=self.plans.url,
                waitlist_dead_letter_queue_url=self.plans.dead_letters.url,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                **self.stage.shop.hours,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.stock_table.grant("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"),
                self.shelf.grant("dynamodb:BatchGetItem"),
                self.bus.takes(),
                self.bulk_mail.takes(),
                self.offers.takes(),
                self.plans.takes(),
                self.plans.dead_letters.takes(),
                self.link_keys.readable(),
            ],
            timeout=PLANNER_TIMEOUT,
            messages_itself=True,
            memory_mb=1024,
        )
        self.plans.feed(self.planner, batch_size=5)
        self.plans.hear(*hears.PLANS)

    def _record(self) -> None:
        self.recorder = FeatureFunction(
            self,
            "Recorder",
            settings=RecorderSettings(
                waitlist_table=self.table.name,
                waitlist_plans_queue_url=self.plans.url,
                waitlist_dead_letter_queue_url=self.records.dead_letters.url,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.plans.takes(),
                self.records.dead_letters.takes(),
            ],
            timeout=RECORDER_TIMEOUT,
        )
        self.records.feed(self.recorder, batch_size=10)
        self.records.hear(*hears.RECORDS)

    def _sweep(self) -> None:
        self.sweeper = FeatureFunction(
            self,
            "Sweeper",
            settings=SweeperSettings(
                waitlist_table=self.table.name,
                mail_bulk_queue_url=self.bulk_mail.url,
                waitlist_plans_queue_url=self.plans.url,
                waitlist_dead_letter_queue_url=self.sweeps.dead_letters.url,
                waitlist_sweeps_queue_url=self.sweeps.url,
                shelf_table=self.shelf.name,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                shop_time_zone=self.stage.shop.shop_time_zone,
                digest_weekday=self.stage.shop.digest_weekday,
                digest_hour=self.stage.shop.digest_hour,
                back_in_stock_days=self.stage.shop.back_in_stock_days,
                quiet_days=self.stage.shop.quiet_days,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.table.grant_index("due", "dynamodb:Query"),
                self.shelf.grant("dynamodb:BatchGetItem", "dynamodb:Query"),
                self.shelf.grant_index("by_category", "dynamodb:Query"),
                self.bus.takes(),
                self.bulk_mail.takes(),
                self.plans.takes(),
                self.sweeps.takes(),
                self.sweeps.dead_letters.takes(),
                self.link_keys.readable(),
            ],
            timeout=SWEEPER_TIMEOUT,
            messages_itself=True,
            traced=False,
        )
        self.sweeps.feed(self.sweeper, batch_size=1)
        self.sweeps.beat({"sweep": "due"})
        self.watch(
            self,
            "NotSwept",
            self.counted("AddressesNotSwept", "Sum"),
            at_least=1,
            felt="a customer is not told that something is back, or an entry neither ends nor gets its last notice",
            why="the log of planner or sweeper names the place in line or the address's key, and the error; both try "
            "again by themselves (promise P2)",
        )
