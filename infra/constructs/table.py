"""A feature's table."""

from collections.abc import Sequence
from dataclasses import dataclass

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.grant import Grant
from infra.constructs.house import HouseStack
from infra.constructs.queue import DeadLetters

STREAM_ATTEMPTS = 10
STREAM_RECORD_AGE = Duration.hours(1)


@dataclass(frozen=True)
class Index:
    """A KEYS_ONLY index; both keys are text."""

    name: str
    partition_key: str
    sort_key: str


@dataclass(frozen=True)
class TableHandle:
    """A table as whoever reads and writes it knows it."""

    name: str
    arn: str
    indexes: frozenset[str]

    def grant(self, *actions: str) -> Grant:
        """Return the permission for exact actions on the table itself, indexes not included."""
        return Grant(actions, (self.arn,))

    def grant_index(self, index: str, *actions: str) -> Grant:
        """Return the permission for exact actions on one index. Raises ``KeyError`` when there is no such index."""
        if index not in self.indexes:
            raise KeyError(index)
        return Grant(actions, (f"{self.arn}/index/{index}",))


class FeatureTable(Construct):
    """Keys ``pk`` and ``sk``, both text; on demand; point-in-time recovery; old items go by ``ttl`` (epoch seconds)."""

    def __init__(self, feature: Feature, id_: str, *, indexes: Sequence[Index] = (), stream: bool = False) -> None:
        super().__init__(feature, id_)
        self._feature = feature
        retained = feature.stage.retained
        self.table = dynamodb.TableV2(
            self,
            "Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute="ttl",
            dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if stream else None,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=retained,
            removal_policy=RemovalPolicy.RETAIN if retained else RemovalPolicy.DESTROY,
            global_secondary_indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=index.name,
                    partition_key=_text(index.partition_key),
                    sort_key=_text(index.sort_key),
                    projection_type=dynamodb.ProjectionType.KEYS_ONLY,
                )
                for index in indexes
            ]
            or None,
        )

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


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
