"""A table of DynamoDB as every stack makes it, and as others know it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.constructs.grant import Grant
from infra.stage import Stage

KEYS, WHOLE = dynamodb.ProjectionType.KEYS_ONLY, dynamodb.ProjectionType.ALL


@dataclass(frozen=True)
class Index:
    """An index of the keys alone, or of whole items; both keys are text."""

    name: str
    partition_key: str
    sort_key: str
    whole: bool = False
    """Whether it has whole items. Each write of an item is then paid for twice."""


@dataclass(frozen=True)
class TableHandle:
    """A table as whoever reads and writes it knows it."""

    name: str
    arn: str
    indexes: frozenset[str] = frozenset()

    def grant(self, *actions: str) -> Grant:
        """Return the permission for exact actions on the table itself, indexes not included."""
        return Grant(actions, (self.arn,))

    def grant_index(self, index: str, *actions: str) -> Grant:
        """Return the permission for exact actions on one index. Raises ``KeyError`` when there is no such index."""
        if index not in self.indexes:
            raise KeyError(index)
        return Grant(actions, (f"{self.arn}/index/{index}",))


def store(scope: Construct, stage: Stage, *, indexes: Sequence[Index] = (), stream: bool = False) -> dynamodb.TableV2:
    """Make a table in a construct.

    Its keys are ``pk`` and ``sk``, both text; on demand; point-in-time recovery; old items go by ``ttl`` (epoch
    seconds). An empty one costs nothing.
    """
    return dynamodb.TableV2(
        scope,
        "Table",
        partition_key=_text("pk"),
        sort_key=_text("sk"),
        billing=dynamodb.Billing.on_demand(),
        time_to_live_attribute="ttl",
        dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if stream else None,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        deletion_protection=stage.retained,
        removal_policy=RemovalPolicy.RETAIN if stage.retained else RemovalPolicy.DESTROY,
        global_secondary_indexes=[
            dynamodb.GlobalSecondaryIndexPropsV2(
                index_name=index.name,
                partition_key=_text(index.partition_key),
                sort_key=_text(index.sort_key),
                projection_type=WHOLE if index.whole else KEYS,
            )
            for index in indexes
        ]
        or None,
    )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
