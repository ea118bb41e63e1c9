"""What the building blocks refuse to build."""

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from standby.access.settings import AuthorizerSettings

from infra.constructs.alarms import Alarms
from infra.constructs.api import Api
from infra.constructs.function import FeatureFunction
from infra.constructs.house import House
from infra.constructs.queue import WorkQueue
from infra.constructs.table import FeatureTable, Index
from infra.stage import read
from tests.infra.test_stage import context


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(App(), "Bench")


@pytest.fixture(scope="module")
def house(stack: Stack) -> House:
    layers: tuple[lambda_.ILayerVersion, ...] = ()
    return House(
        stage=read(context(stage="prod")),
        layers=layers,
        alarms=Alarms(stack, "Alarms", email=None),
        public_url="https://care.shop.example",
    )


@pytest.fixture(scope="module")
def function(stack: Stack, house: House) -> FeatureFunction:
    return FeatureFunction(
        stack,
        "Authorizer",
        house=house,
        name="access_authorizer",
        settings=AuthorizerSettings(access_table="Keys"),
        grants=[],
        timeout=Duration.seconds(31),
    )


def test_a_function_slower_than_a_sixth_of_the_visibility_is_not_fed(
    stack: Stack, house: House, function: FeatureFunction
) -> None:
    queue = WorkQueue(
        stack, "Impatient", house=house, worker_timeout=Duration.seconds(30), late_after=Duration.minutes(15)
    )
    with pytest.raises(ValueError, match="Impatient: the function's timeout is more than a sixth"):
        queue.feed(function, batch_size=10, concurrency=2)


def test_a_server_route_without_an_authorizer_is_not_built(stack: Stack, house: House) -> None:
    api = Api(stack, "Open", stage=house.stage, alarms=house.alarms)
    stock = FeatureFunction(
        stack,
        "Stock",
        house=house,
        name="stock_api",
        settings=AuthorizerSettings(access_table="Keys"),
        grants=[],
        timeout=Duration.seconds(15),
    )
    with pytest.raises(ValueError, match="server routes need an authorizer"):
        api.serve(stock)


def test_a_function_that_answers_no_operation_is_not_routed_to(
    stack: Stack, house: House, function: FeatureFunction
) -> None:
    api = Api(stack, "Idle", stage=house.stage, alarms=house.alarms)
    with pytest.raises(LookupError, match=r"access_authorizer: no operation of openapi\.json"):
        api.serve(function)


def test_a_permission_on_an_index_that_is_not_there_is_refused(stack: Stack, house: House) -> None:
    table = FeatureTable(stack, "Indexed", house=house, indexes=[Index("due", "due_shard", "due_at")])
    with pytest.raises(KeyError, match="by_location"):
        table.grant_index("by_location", "dynamodb:Query")
