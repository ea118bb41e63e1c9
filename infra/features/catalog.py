"""Catalogue: the shop's messages about products go into a table, and what changes becomes events."""

from aws_cdk import Duration
from standby.catalog.settings import ApiSettings, IngesterSettings

from infra.constructs.api import count_refused_messages
from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.queue import WorkQueue
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable

API_TIMEOUT = Duration.seconds(15)
INGESTER_TIMEOUT = Duration.seconds(60)


class Catalog(Feature):
    """The table of products and SKUs, the queue that feeds it, and two functions."""

    def __init__(self, base: Base) -> None:
        super().__init__(base)
        self.table = FeatureTable(
            self,
            "Products",
            indexes=[Index("products", "product_shard", "pk"), Index("feeds", "feed_shard", "pk")],
        )
        self.updates = WorkQueue(
            self,
            "CatalogUpdates",
            worker_timeout=INGESTER_TIMEOUT,
            late_after=Duration.minutes(30),  # a whole catalogue may come at once
            felt="new products, names and prices show late",
        )
        self._ingest()
        self._answer()
        self._watch()
        base.api.serve(self.api)

    def _ingest(self) -> None:
        self.ingester = FeatureFunction(
            self,
            "Ingester",
            settings=IngesterSettings(
                catalog_table=self.table.name,
                catalog_updates_queue_url=self.updates.url,
                catalog_dead_letter_queue_url=self.updates.dead_letters.url,
                event_bus_name=self.bus.name,
                id_case=self.stage.shop.id_case,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                self.table.grant_index("products", "dynamodb:Query"),
                self.bus.takes(),
                self.updates.takes(),
                self.updates.dead_letters.takes(),
            ],
            timeout=INGESTER_TIMEOUT,
            messages_itself=True,
            memory_mb=1024,
        )
        # A message may be a product with 2,000 variants, each a write of its own. Without a bound a whole catalogue
        # would take all of the account's concurrency from the functions that answer customers.
        self.updates.feed(self.ingester, batch_size=1, most_at_once=5)

    def _answer(self) -> None:
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(
                catalog_table=self.table.name,
                catalog_updates_queue_url=self.updates.url,
                id_case=self.stage.shop.id_case,
            ),
            grants=[
                self.table.grant("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"),
                self.updates.takes(),
            ],
            timeout=API_TIMEOUT,
        )
        count_refused_messages(self.api)

    def _watch(self) -> None:
        """Ring for feeds that wait for a person. It rings once in a day, however often the same file is looked at."""
        self.watch(
            self,
            "FeedsWaiting",
            self.counted("FeedsWaiting", "Maximum", period=Duration.hours(1)),
            at_least=1,
            among=24,
            felt="products that the shop no longer sells are still shown",
            why="a product file leaves out over 20 % of what its feed brought (products, or SKUs of those that stay), "
            "or could not be read whole, and waits for approval: GET /v1/catalog/absences shows which (promise P4)",
        )
