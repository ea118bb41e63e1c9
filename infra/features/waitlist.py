"""Waitlist: who waits, and who is told when there is stock again."""

from aws_cdk import Duration
from constructs import Construct
from standby.waitlist import hears
from standby.waitlist.settings import ApiSettings, PlannerSettings, RecorderSettings, SweeperSettings

from infra.constructs.api import Api
from infra.constructs.bus import Bus
from infra.constructs.function import FeatureFunction
from infra.constructs.house import House
from infra.constructs.link_keys import LinkKeys
from infra.constructs.queue import WorkQueue
from infra.constructs.table import FeatureTable, Index
from infra.features.mail import Mail
from infra.features.stock import Stock

API_TIMEOUT = Duration.seconds(15)
PLANNER_TIMEOUT = Duration.seconds(60)
RECORDER_TIMEOUT = Duration.seconds(30)
SWEEPER_TIMEOUT = Duration.seconds(60)


class Waitlist(Construct):
    """The list, three queues, four functions."""

    def __init__(
        self, scope: Construct, id_: str, *, house: House, bus: Bus, link_keys: LinkKeys, stock: Stock, mail: Mail
    ) -> None:
        super().__init__(scope, id_)
        self.table = FeatureTable(self, "Entries", house=house, indexes=[Index("due", "due_shard", "due_at")])
        self.plans = WorkQueue(
            self,
            "WaitlistPlans",
            house=house,
            worker_timeout=PLANNER_TIMEOUT,
            late_after=Duration.minutes(30),  # a message may be delayed by 15
        )
        self.records = WorkQueue(
            self, "WaitlistRecords", house=house, worker_timeout=RECORDER_TIMEOUT, late_after=Duration.minutes(15)
        )
        self.sweeps = WorkQueue(
            self, "WaitlistSweeps", house=house, worker_timeout=SWEEPER_TIMEOUT, late_after=Duration.minutes(15)
        )
        self._answer(house, bus, link_keys, mail)
        self._plan(house, bus, link_keys, stock, mail)
        self._record(house, bus)
        self._sweep(house, link_keys, mail)
        self._show(house)

    def route(self, api: Api) -> None:
        """Add the feature's routes."""
        api.serve(self.api)

    def _answer(self, house: House, bus: Bus, link_keys: LinkKeys, mail: Mail) -> None:
        shop = house.stage.shop
        self.api = FeatureFunction(
            self,
            "Api",
            house=house,
            name="waitlist_api",
            settings=ApiSettings(
                waitlist_table=self.table.name,
                mail_urgent_queue_url=mail.urgent.url,
                waitlist_plans_queue_url=self.plans.url,
                event_bus_name=bus.name,
                link_keys_secret_arn=link_keys.arn,
                public_url=house.public_url,
                shop_time_zone=shop.shop_time_zone,
                default_locale=shop.default_locale,
                joins_per_ip_per_minute=shop.joins_per_ip_per_minute,
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
                bus.takes(),
                mail.urgent.takes(),
                self.plans.takes(),
                link_keys.readable(),
            ],
            timeout=API_TIMEOUT,
        )

    def _plan(self, house: House, bus: Bus, link_keys: LinkKeys, stock: Stock, mail: Mail) -> None:
        self.planner = FeatureFunction(
            self,
            "Planner",
            house=house,
            name="waitlist_planner",
            settings=PlannerSettings(
                waitlist_table=self.table.name,
                stock_table=stock.table.name,
                mail_bulk_queue_url=mail.bulk.url,
                waitlist_plans_queue_url=self.plans.url,
                event_bus_name=bus.name,
                link_keys_secret_arn=link_keys.arn,
                public_url=house.public_url,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                stock.table.grant("dynamodb:BatchGetItem", "dynamodb:GetItem"),
                bus.takes(),
                mail.bulk.takes(),
                self.plans.takes(),
                link_keys.readable(),
            ],
            timeout=PLANNER_TIMEOUT,
            messages_itself=True,
            memory_mb=1024,
        )
        self.plans.feed(self.planner, batch_size=5, concurrency=5)
        bus.deliver(self.plans, *hears.PLANS)

    def _record(self, house: House, bus: Bus) -> None:
        self.recorder = FeatureFunction(
            self,
            "Recorder",
            house=house,
            name="waitlist_recorder",
            settings=RecorderSettings(waitlist_table=self.table.name),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
            ],
            timeout=RECORDER_TIMEOUT,
        )
        self.records.feed(self.recorder, batch_size=10, concurrency=5)
        bus.deliver(self.records, *hears.RECORDS)

    def _sweep(self, house: House, link_keys: LinkKeys, mail: Mail) -> None:
        self.sweeper = FeatureFunction(
            self,
            "Sweeper",
            house=house,
            name="waitlist_sweeper",
            settings=SweeperSettings(
                waitlist_table=self.table.name,
                mail_bulk_queue_url=mail.bulk.url,
                waitlist_plans_queue_url=self.plans.url,
                waitlist_sweeps_queue_url=self.sweeps.url,
                link_keys_secret_arn=link_keys.arn,
                public_url=house.public_url,
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
                mail.bulk.takes(),
                self.plans.takes(),
                self.sweeps.takes(),
                link_keys.readable(),
            ],
            timeout=SWEEPER_TIMEOUT,
            messages_itself=True,
        )
        self.sweeps.feed(self.sweeper, batch_size=1, concurrency=2)
        self.sweeps.tick("EveryMinute", Duration.minutes(1), {"sweep": "due"})

    def _show(self, house: House) -> None:
        queues = [self.plans, self.records, self.sweeps]
        functions = [self.api, self.planner, self.recorder, self.sweeper]
        house.alarms.show(
            "Waitlist",
            oldest_message=[queue.age() for queue in queues],
            dead_letters=[queue.dead_letters.depth() for queue in queues],
            failures=[function.errors() for function in functions],
            duration_p99=[function.duration() for function in functions],
        )
