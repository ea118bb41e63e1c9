"""Stock: the ERP's messages go into the ledger, and the ledger's changes become events."""

from aws_cdk import Duration
from standby.catalog.settings import FeedsSettings
from standby.stock import hears
from standby.stock.settings import (
    ApiSettings,
    CountsSettings,
    DetectorSettings,
    IngesterSettings,
    KitterSettings,
    RecorderSettings,
    SettlerSettings,
    SweeperSettings,
)

from infra.constructs.api import count_refused_messages
from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.queue import WorkQueue
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable
from infra.features.catalog import Catalog
from infra.features.imports import Imports

API_TIMEOUT = Duration.seconds(15)
INGESTER_TIMEOUT = Duration.seconds(60)
DETECTOR_TIMEOUT = Duration.seconds(15)
SETTLER_TIMEOUT = Duration.seconds(20)
KITTER_TIMEOUT = Duration.seconds(60)
RECORDER_TIMEOUT = Duration.seconds(60)
SWEEPER_TIMEOUT = Duration.seconds(60)


class Stock(Feature):
    """The ledger's table with its stream, five queues, seven functions, and the files that it imports."""

    def __init__(self, base: Base, *, catalog: Catalog) -> None:
        super().__init__(base)
        self.catalog_updates = catalog.updates.seen_from(self)
        self.catalog_table = catalog.table.seen_from(self)
        self.table = FeatureTable(
            self,
            "Ledger",
            stream=True,
            indexes=[
                Index("by_location", "location_id", "pk"),
                Index("by_product", "product_id", "pk"),
                Index("due", "due_shard", "due_at"),
                Index("skus", "sku_shard", "pk"),
            ],
        )
        self.updates = WorkQueue(
            self,
            "StockUpdates",
            worker_timeout=INGESTER_TIMEOUT,
            late_after=Duration.minutes(10),
            felt="what the ERP says about stock comes late",
        )
        self.settle = WorkQueue(
            self,
            "StockSettle",
            worker_timeout=SETTLER_TIMEOUT,
            late_after=Duration.minutes(30),  # a message may be delayed by 15
            felt="customers hear late that something is back",
        )
        self.kits = WorkQueue(
            self,
            "StockKits",
            worker_timeout=KITTER_TIMEOUT,
            late_after=Duration.minutes(10),
            felt="a kit is offered that cannot be made, and nobody hears that one is back",
        )
        self.products = WorkQueue(
            self,
            "StockProducts",
            worker_timeout=RECORDER_TIMEOUT,
            late_after=Duration.minutes(10),
            felt="kits are what they were, and what was set for a product does not count for its new variants yet",
        )
        self.sweeps = WorkQueue(
            self,
            "StockSweeps",
            worker_timeout=SWEEPER_TIMEOUT,
            late_after=None,
            felt="restocks that were to settle are not announced, and changed settings do not count",
        )
        self.imports = Imports(self, ledger=self.table)
        self._ingest()
        self._read_counts()
        self._read_products()
        self._detect()
        self._settle()
        self._count_kits()
        self._record()
        self._sweep()
        self._answer()
        self._watch_what_waits_for_people()
        base.api.serve(self.api)

    def _ingest(self) -> None:
        self.ingester = FeatureFunction(
            self,
            "Ingester",
            settings=IngesterSettings(
                stock_table=self.table.name,
                stock_updates_queue_url=self.updates.url,
                stock_updates_dead_letter_queue_url=self.updates.dead_letters.url,
                stock_sweeps_queue_url=self.sweeps.url,
                id_case=self.stage.shop.id_case,
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
                self.updates.takes(),
                self.updates.dead_letters.takes(),
                self.sweeps.takes(),
            ],
            timeout=INGESTER_TIMEOUT,
            messages_itself=True,
            memory_mb=1024,
        )
        # Each message may be a part of 25; a busy machine must still write them all within the timeout. Without a bound
        # a big file would take all of the account's concurrency from the functions that answer customers.
        self.updates.feed(self.ingester, batch_size=4, most_at_once=5)

    def _read_counts(self) -> None:
        self.imports.plug(
            CountsSettings(
                stock_table=self.table.name, stock_updates_queue_url=self.updates.url, id_case=self.stage.shop.id_case
            ),
            self.table.grant("dynamodb:BatchGetItem"),
            self.table.grant_index("by_location", "dynamodb:Query"),
            self.updates.takes(),
        )

    def _read_products(self) -> None:
        self.imports.plug(
            FeedsSettings(
                catalog_table=self.catalog_table.name,
                catalog_updates_queue_url=self.catalog_updates.url,
                id_case=self.stage.shop.id_case,
            ),
            self.catalog_table.grant("dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
            self.catalog_table.grant_index("feeds", "dynamodb:Query"),
            self.catalog_updates.takes(),
        )

    def _detect(self) -> None:
        self.detector = FeatureFunction(
            self,
            "Detector",
            settings=DetectorSettings(
                event_bus_name=self.bus.name,
                stock_settle_queue_url=self.settle.url,
                stock_kits_queue_url=self.kits.url,
            ),
            grants=[self.bus.takes(), self.settle.takes(), self.kits.takes()],
            timeout=DETECTOR_TIMEOUT,
        )
        self.table.stream_to(
            self.detector,
            sort_keys=["SKU", "LOCATION", {"prefix": "PO#"}],
        )

    def _settle(self) -> None:
        self.settler = FeatureFunction(
            self,
            "Settler",
            settings=SettlerSettings(
                stock_table=self.table.name,
                event_bus_name=self.bus.name,
                stock_settle_queue_url=self.settle.url,
                stock_updates_dead_letter_queue_url=self.settle.dead_letters.url,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"
                ),
                self.bus.takes(),
                self.settle.takes(),
                self.settle.dead_letters.takes(),
            ],
            timeout=SETTLER_TIMEOUT,
            messages_itself=True,
        )
        self.settle.feed(self.settler, batch_size=10)

    def _count_kits(self) -> None:
        self.kitter = FeatureFunction(
            self,
            "Kitter",
            settings=KitterSettings(
                stock_table=self.table.name,
                stock_kits_queue_url=self.kits.url,
                stock_updates_dead_letter_queue_url=self.kits.dead_letters.url,
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
                self.kits.takes(),
                self.kits.dead_letters.takes(),
            ],
            timeout=KITTER_TIMEOUT,
            messages_itself=True,
        )
        # Each message may be a page of kits.
        self.kits.feed(self.kitter, batch_size=4)

    def _record(self) -> None:
        self.recorder = FeatureFunction(
            self,
            "Recorder",
            settings=RecorderSettings(
                stock_table=self.table.name,
                stock_kits_queue_url=self.kits.url,
                stock_sweeps_queue_url=self.sweeps.url,
                stock_updates_dead_letter_queue_url=self.products.dead_letters.url,
            ),
            grants=[
                self.table.grant("dynamodb:BatchGetItem", "dynamodb:UpdateItem"),
                self.kits.takes(),
                self.sweeps.takes(),
                self.products.dead_letters.takes(),
            ],
            timeout=RECORDER_TIMEOUT,
        )
        # Each message may be a part of 2,000 variants. What a big feed brings is bounded where it is read already.
        self.products.feed(self.recorder, batch_size=10)
        self.products.hear(*hears.PRODUCTS)

    def _sweep(self) -> None:
        self.sweeper = FeatureFunction(
            self,
            "Sweeper",
            settings=SweeperSettings(
                stock_table=self.table.name,
                event_bus_name=self.bus.name,
                stock_settle_queue_url=self.settle.url,
                stock_kits_queue_url=self.kits.url,
                stock_sweeps_queue_url=self.sweeps.url,
                stock_updates_dead_letter_queue_url=self.sweeps.dead_letters.url,
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
                self.table.grant_index("by_location", "dynamodb:Query"),
                self.table.grant_index("by_product", "dynamodb:Query"),
                self.table.grant_index("due", "dynamodb:Query"),
                self.table.grant_index("skus", "dynamodb:Query"),
                self.bus.takes(),
                self.settle.takes(),
                self.kits.takes(),
                self.sweeps.takes(),
                self.sweeps.dead_letters.takes(),
            ],
            timeout=SWEEPER_TIMEOUT,
            messages_itself=True,
            traced=False,
        )
        self.sweeps.feed(self.sweeper, batch_size=1)
        self.sweeps.beat({"sweep": "due"})
        self.sweeps.tick(
            "EveryHour",
            Duration.hours(1),
            {"sweep": "unannounced"},
            {"sweep": "snapshots"},
            {"sweep": "claims"},
            felt="restocks that were not announced stay so, and nobody hears of full counts and claims that wait",
        )

    def _answer(self) -> None:
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(
                stock_table=self.table.name,
                stock_updates_queue_url=self.updates.url,
                stock_sweeps_queue_url=self.sweeps.url,
                inbox_bucket=self.imports.inbox.name,
                id_case=self.stage.shop.id_case,
            ),
            grants=[
                self.table.grant("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"),
                self.table.grant_index("due", "dynamodb:Query"),
                self.imports.inbox.grant("s3:PutObject"),
                self.updates.takes(),
                self.sweeps.takes(),
            ],
            timeout=API_TIMEOUT,
            reads="spreadsheets",  # previews
        )
        self.imports.inbox.open_to(self.api)
        count_refused_messages(self.api)

    def _watch_what_waits_for_people(self) -> None:
        self.watch(
            self,
            "LedgerStreamLate",
            self.detector.iterator_age(),
            at_least=Duration.minutes(5).to_milliseconds(),
            felt="customers hear late that something is back",
            why="changes of stock wait in the table's stream; is the detector failing, or is a record poison? "
            "(promise P2)",
        )
        self.watch(
            self,
            "AnnouncedLate",
            self.counted("ChangesAnnouncedLate", "Sum", period=Duration.hours(1)),
            at_least=1,
            among=2,
            felt="customers hear an hour late that something is back",
            why="only the hourly look announced it, or found a SKU whose numbers cannot be read (its log says "
            "which); is the mapping of the table's stream disabled, did the detector fail, or is StockSettle late? "
            "(promise P2)",
        )
        self.watch(
            self,
            "SnapshotsUnfinished",
            self.counted("SnapshotsUnfinished", "Maximum", period=Duration.hours(1)),
            at_least=1,
            among=2,  # the hourly look may fall into the same hour twice, and into the next one not at all
            felt="a full count does not count yet",
            why="it misses pages for hours, or it would empty over 20 % of a location and waits for approval: "
            "GET /v1/stock/snapshots shows which (promise P4)",
        )
        hours = self.stage.shop.stock_silence_hours
        if hours:
            self.watch_silence(
                self,
                "NothingHeard",
                self.updates.received(Duration.hours(1)),
                periods=hours,
                felt="what customers are told about stock grows old",
                why=f"no message about stock came for {hours} hours; does the ERP's export run, is its key valid?",
            )
