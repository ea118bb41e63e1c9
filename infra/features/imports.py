"""Imports: the bucket into which other systems put files, and the function that reads them.

They stand in stock's stack. In a stack of their own they would make a circle: the reader writes to stock's table and
queue, and stock's API hands out addresses in the bucket.
"""

from aws_cdk import Duration
from standby.imports.settings import ReaderSettings
from standby.platform.settings import Environment

from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.grant import Grant
from infra.constructs.inbox import Inbox
from infra.constructs.queue import WorkQueue
from infra.constructs.table import FeatureTable

READER_TIMEOUT = Duration.minutes(15)
FOLDERS = ("inbox/", "inbox-dry-run/")


class Imports:
    """A bucket, its queue and the function that reads the files, made in a feature's stack.

    The reader may do here what it does for every file. Each kind of files adds what it needs with `plug`.
    """

    def __init__(self, feature: Feature, *, ledger: FeatureTable) -> None:
        self._feature = feature
        self._queue = WorkQueue(
            feature,
            "StockImports",
            worker_timeout=READER_TIMEOUT,
            late_after=Duration.minutes(45),
            felt="files of the ERP are not read",
        )
        self.inbox = Inbox(feature, "Inbox", queue=self._queue, folders=FOLDERS)
        self._reader = self._read(ledger)
        self._watch()

    def plug(self, settings: Environment, *grants: Grant) -> None:
        """Tell the reader the settings of one kind of files, and let it do what that kind needs."""
        self._reader.tell(settings)
        for grant in grants:
            self._reader.allow(grant)

    def _read(self, ledger: FeatureTable) -> FeatureFunction:
        reader = FeatureFunction(
            self._feature,
            "Reader",
            name="imports_reader",
            settings=ReaderSettings(
                stock_table=ledger.name,
                inbox_bucket=self.inbox.name,
                stock_imports_queue_url=self._queue.url,
                stock_imports_dead_letter_queue_url=self._queue.dead_letters.url,
            ),
            grants=[
                ledger.grant("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                self.inbox.grant("s3:GetObject"),
                self._queue.takes(),
                self._queue.dead_letters.takes(),
            ],
            timeout=READER_TIMEOUT,
            messages_itself=True,
            reads="spreadsheets",
            memory_mb=1769,  # one whole core
        )
        self.inbox.open_to(reader)
        self._queue.feed(reader, batch_size=1)
        return reader

    def _watch(self) -> None:
        """Ring for files that were read in part; those that could not be read at all are dead letters.

        It rings once in a day, however many files come with the same fault.
        """
        self._feature.watch(
            self._feature,
            "LinesNotImported",
            self._feature.counted("LinesNotImported", "Maximum", by="imports", period=Duration.hours(1)),
            at_least=1,
            among=24,
            felt="some lines of the ERP's files are ignored",
            why="GET /v1/imports/{id}/bad-lines lists them (promise P9)",
        )
