"""A feature's table."""

from collections.abc import Sequence

import jsii
from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.grant import Grant
from infra.constructs.house import HouseStack
from infra.constructs.queue import DeadLetters
from infra.constructs.store import Index, TableHandle, store

STREAM_ATTEMPTS = 10
STREAM_RECORD_AGE = Duration.hours(1)


class FeatureTable(Construct):
    """A table that is one feature's (`store`)."""

    def __init__(self, feature: Feature, id_: str, *, indexes: Sequence[Index] = (), stream: bool = False) -> None:
        super().__init__(feature, id_)
        self._feature = feature
        self.table = store(self, feature.stage, indexes=indexes, stream=stream)
        self._handle = TableHandle(
            self.table.table_name, self.table.table_arn, frozenset(index.name for index in indexes)
        )
        feature.say(f"{feature.title}TableName", self.name)

    @property
    def name(self) -> str:
        """Return the table's name."""
        return self._handle.name

    def grant(self, *actions: str) -> Grant:
        """Return the permission for exact actions on the table itself, indexes not included."""
        return self._handle.grant(*actions)

    def grant_index(self, index: str, *actions: str) -> Grant:
        """Return the permission for exact actions on one index. Raises ``KeyError`` when there is no such index."""
        return self._handle.grant_index(index, *actions)

    def seen_from(self, reader: HouseStack) -> TableHandle:
        """Return the table as another stack knows it."""
        place = self.node.id
        return TableHandle(
            name=reader.reads(self._feature, f"{place}/name", self.name),
            arn=reader.reads(self._feature, f"{place}/arn", self._handle.arn),
            indexes=self._handle.indexes,
        )

    def stream_to(self, function: FeatureFunction, *, sort_keys: Sequence[str | dict[str, str]]) -> None:
        """Hand changes of items with these sort keys (exact, or ``{"prefix": …}``) to a function.

        Lambda halves a batch that keeps failing, then sends its records' positions to the dead letters. It gives up a
        record older than an hour in the same way, so that poison never holds a shard for a day.
        """
        arn, dead_letters = self.table.table_stream_arn or "", DeadLetters.of(self._feature)
        self._feature.say(f"{self._feature.title}StreamArn", arn)
        actions = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
        function.allow(Grant(tuple(f"dynamodb:{action}" for action in actions), (arn,)))
        function.allow(dead_letters.takes())
        lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function.lambda_function,
            event_source_arn=arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=100,
            retry_attempts=STREAM_ATTEMPTS,
            max_record_age=STREAM_RECORD_AGE,
            bisect_batch_on_error=True,
            on_failure=_OnFailure(dead_letters),
            filters=[
                lambda_.FilterCriteria.filter({"dynamodb": {"Keys": {"sk": {"S": list(sort_keys)}}}}),
            ],
        )


@jsii.implements(lambda_.IEventSourceDlq)
class _OnFailure:
    """Names the queue; CDK's own class would grant more than the one action that Lambda needs."""

    def __init__(self, dead_letters: DeadLetters) -> None:
        self._arn = dead_letters.queue.queue_arn

    def bind(
        self,
        target: lambda_.IEventSourceMapping,  # noqa: ARG002 - the interface's
        target_handler: lambda_.IFunction,  # noqa: ARG002 - the interface's
    ) -> lambda_.DlqDestinationConfig:
        return lambda_.DlqDestinationConfig(destination=self._arn)
