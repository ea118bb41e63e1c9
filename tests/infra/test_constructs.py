"""What the building blocks refuse to build."""

import pytest
from aws_cdk import App, Duration, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk.assertions import Template
from standby.access.settings import AuthorizerSettings
from standby.events.mail import MailAccepted
from standby.events.stock import StockChanged

from infra.constructs.base import Base
from infra.constructs.dashboard import Dashboard
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.queue import WorkQueue
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable
from infra.layers.build import Layer, Layers
from infra.stage import read
from tests.infra.template import ROOT
from tests.infra.test_stage import context


class Access(Feature):
    """Stands for a feature whose function answers no operation."""


class Stock(Feature):
    """Stands for a feature whose function answers server operations."""


@pytest.fixture
def base() -> Base:
    layer = Layer(ROOT / "tests" / "infra", "any folder")
    return Base(App(), stage=read(context(stage="prod")), layers=Layers(core=layer, dependencies=layer, extras={}))


def function(feature: Feature, id_: str) -> FeatureFunction:
    return FeatureFunction(
        feature,
        id_,
        settings=AuthorizerSettings(access_table="Keys"),
        grants=[],
        timeout=Duration.seconds(31),
    )


def test_a_function_slower_than_a_sixth_of_the_visibility_is_not_fed(base: Base) -> None:
    access = Access(base)
    queue = WorkQueue(
        access, "Impatient", worker_timeout=Duration.seconds(30), late_after=Duration.minutes(15), felt="nothing"
    )
    with pytest.raises(ValueError, match="Impatient: the function's timeout is more than a sixth"):
        queue.feed(function(access, "Authorizer"), batch_size=10)


def test_a_rule_takes_events_only_where_the_numbers_that_it_asks_for_are_above_zero(base: Base) -> None:
    access = Access(base)
    queue = WorkQueue(
        access, "Allocations", worker_timeout=Duration.seconds(5), late_after=Duration.minutes(15), felt="nothing"
    )
    queue.hear(StockChanged, above_zero=["givable"])

    (rule,) = Template.from_stack(access).find_resources("AWS::Events::Rule").values()
    pattern = rule["Properties"]["EventPattern"]
    assert pattern["detail"] == {"givable": [{"exists": False}, {"numeric": [">", 0]}]}
    assert pattern["detail-type"] == ["StockChanged"]


def test_a_rule_takes_of_events_with_a_kind_only_those_that_it_asks_for(base: Base) -> None:
    access = Access(base)
    queue = WorkQueue(
        access, "Allocations", worker_timeout=Duration.seconds(5), late_after=Duration.minutes(15), felt="nothing"
    )
    queue.hear(MailAccepted, kinds=["offer"])

    (rule,) = Template.from_stack(access).find_resources("AWS::Events::Rule").values()
    assert rule["Properties"]["EventPattern"]["detail"] == {"kind": [{"exists": False}, "offer"]}


def test_a_server_route_without_an_authorizer_is_not_built(base: Base) -> None:
    with pytest.raises(ValueError, match="server routes need an authorizer"):
        base.api.serve(function(Stock(base), "Api"))


def test_a_function_that_answers_no_operation_is_not_routed_to(base: Base) -> None:
    with pytest.raises(LookupError, match=r"access_authorizer: no operation of openapi\.json"):
        base.api.serve(function(Access(base), "Authorizer"))


def test_a_permission_on_an_index_that_is_not_there_is_refused(base: Base) -> None:
    table = FeatureTable(Access(base), "Indexed", indexes=[Index("due", "due_shard", "due_at")])
    for seen in (table, table.seen_from(Stock(base))):
        with pytest.raises(KeyError, match="by_location"):
            seen.grant_index("by_location", "dynamodb:Query")


def test_a_feature_with_more_names_than_a_parameter_holds_is_not_shown(base: Base) -> None:
    stock = Stock(base)
    for index in range(51):
        unresolved = Token.as_string({"Ref": f"Queue{index}"})
        stock.show("many", cloudwatch.Metric(namespace="N", metric_name="M", dimensions_map={"Queue": unresolved}))
    with pytest.raises(ValueError, match="Stock: 51 names may be longer than an SSM parameter"):
        Dashboard(Access(base), "Dashboard", features=[stock])
