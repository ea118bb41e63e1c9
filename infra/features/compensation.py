"""Compensation: delays become remedies, by the shop's policy and within its budget."""

from aws_cdk import Duration
from standby.compensation import hears
from standby.compensation.settings import ApiSettings, IssuerSettings, ViewerSettings

from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.queue import WorkQueue
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable
from infra.features.delivery import Delivery
from infra.features.mail import Mail

API_TIMEOUT = Duration.seconds(15)
ISSUER_TIMEOUT = Duration.seconds(60)
LOOKS = Duration.hours(1)
"""So often it is looked whose time to choose is over, and what is still to be told of a choice."""


class Compensation(Feature):
    """The table of vouchers, the queue of delays, what grants, what answers, and what customers see."""

    def __init__(self, base: Base, *, mail: Mail, delivery: Delivery) -> None:
        super().__init__(base)
        self.bulk_mail = mail.bulk.seen_from(self)
        self.deliveries = delivery.table.seen_from(self)
        self.table = FeatureTable(self, "Vouchers", indexes=[Index("due", "due_shard", "due_at")])
        self.records = WorkQueue(
            self,
            "CompensationRecords",
            worker_timeout=ISSUER_TIMEOUT,
            late_after=Duration.hours(2),
            felt="customers whose order is late are given late what the shop gives them for it",
        )
        self._issue()
        self._answer()
        self._show()
        base.api.serve(self.api)
        base.api.serve(self.viewer)

    def _issue(self) -> None:
        self.issuer = FeatureFunction(
            self,
            "Issuer",
            settings=IssuerSettings(
                vouchers_table=self.table.name,
                deliveries_table=self.deliveries.name,
                compensation_dead_letter_queue_url=self.records.dead_letters.url,
                compensation_records_queue_url=self.records.url,
                mail_bulk_queue_url=self.bulk_mail.url,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                **self.stage.shop.hours,
                default_locale=self.stage.shop.default_locale,
                market=self.stage.shop.market,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                    "dynamodb:Query",
                    "dynamodb:ConditionCheckItem",
                ),
                self.table.grant_index("due", "dynamodb:Query"),
                self.deliveries.grant("dynamodb:GetItem", "dynamodb:Scan"),
                self.bulk_mail.takes(),
                self.bus.takes(),
                self.records.takes(),
                self.records.dead_letters.takes(),
                self.link_keys.readable(),
            ],
            timeout=ISSUER_TIMEOUT,
            messages_itself=True,
            traced=False,
        )
        self.records.feed(self.issuer, batch_size=10)
        self.records.tick("Due", LOOKS, {"sweep": "due"}, felt="what customers did not choose in time is kept for them")
        self.records.hear(*hears.RECORDS)
        self.watch(
            self,
            "BudgetEnded",
            self.counted("BudgetsEnded", "Sum"),
            at_least=1,
            felt="customers whose order is late are given nothing for it until the month is over",
            why="what was granted this month and the next remedy are more than the policy's monthly_budget; raise it, "
            "or leave it: a smaller remedy may still fit",
        )
        self.watch(
            self,
            "CodesNotTaken",
            self.counted("CodesNotTaken", "Sum", period=Duration.hours(1)),
            at_least=1,
            felt="the shop takes money off for codes that are used, expired, taken back or of another currency",
            why="an order of the ERP names such a code among its discount_codes; the log of compensation_issuer names "
            "order and remedy. Let the storefront redeem each code (POST /v1/vouchers/{code}/redeem) before it is paid",
        )
        self.watch(
            self,
            "NoRoom",
            self.counted("RemediesWithoutRoom", "Sum"),
            at_least=1,
            felt="a customer is given nothing for one more delay of a very large order",
            why="an order has thousands of remedies, and no room for another: its refusals say no_room. Give the rest "
            "in another way, outside Standby",
        )

        self.watch(
            self,
            "ApprovalsWaiting",
            self.counted("ApprovalsWaiting", "Maximum", period=Duration.hours(1)),
            at_least=1,
            among=2,
            felt="customers whose order is late are given nothing yet, and the budget is kept for it",
            why="a remedy above the policy's approval_above waits for approval for more than three days: look at "
            "GET /v1/approvals, and approve or deny each (POST /v1/deliveries/{order_id}/remedies/approve, deny)",
        )

    def _answer(self) -> None:
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(
                vouchers_table=self.table.name,
                deliveries_table=self.deliveries.name,
                mail_bulk_queue_url=self.bulk_mail.url,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                **self.stage.shop.hours,
                default_locale=self.stage.shop.default_locale,
                market=self.stage.shop.market,
                id_case=self.stage.shop.id_case,
                compensation_records_queue_url=self.records.url,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:ConditionCheckItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.deliveries.grant("dynamodb:GetItem"),
                self.bulk_mail.takes(),
                self.bus.takes(),
                self.records.takes(),
                self.link_keys.readable(),
            ],
            timeout=API_TIMEOUT,
        )

    def _show(self) -> None:
        self.viewer = FeatureFunction(
            self,
            "Viewer",
            settings=ViewerSettings(
                vouchers_table=self.table.name,
                deliveries_table=self.deliveries.name,
                mail_bulk_queue_url=self.bulk_mail.url,
                event_bus_name=self.bus.name,
                link_keys_table=self.link_keys.table.name,
                public_url=self.public_url,
                **self.stage.shop.hours,
                default_locale=self.stage.shop.default_locale,
                market=self.stage.shop.market,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"
                ),
                self.deliveries.grant("dynamodb:GetItem"),
                self.bulk_mail.takes(),
                self.bus.takes(),
                self.link_keys.readable(),
            ],
            timeout=API_TIMEOUT,
            memory_mb=1024,
        )
