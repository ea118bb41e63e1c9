"""Standby as one stack: the features on their bus, behind their API."""

from typing import Any

from aws_cdk import Annotations, CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.alarms import Alarms
from infra.constructs.api import Api
from infra.constructs.bus import Bus
from infra.constructs.house import House
from infra.constructs.link_keys import LinkKeys
from infra.features.access import Access
from infra.features.mail import Mail
from infra.features.stock import Stock
from infra.features.waitlist import Waitlist
from infra.layers.build import Layer, Layers
from infra.layers.target import RUNTIME
from infra.stage import Stage


class StandbyStack(Stack):
    """Everything that one shop runs."""

    def __init__(self, scope: Construct, id_: str, *, stage: Stage, layers: Layers, **properties: Any) -> None:  # noqa: ANN401 - CDK's stack properties
        super().__init__(scope, id_, **properties)
        alarms = Alarms(self, "Alarms", email=stage.shop.alarm_email)
        api = Api(self, "Api", stage=stage, alarms=alarms)
        bus = Bus(self, "Events")
        link_keys = LinkKeys(self, "LinkKeys", stage=stage)
        public_url = stage.shop.public_url or api.url
        house = House(
            stage=stage,
            layers=(
                self._layer("CoreLayer", layers.core, stage, "Standby itself"),
                self._layer("DependencyLayer", layers.dependencies, stage, "What Standby stands on"),
            ),
            alarms=alarms,
            public_url=public_url,
        )
        access = Access(self, "Access", house=house)
        stock = Stock(self, "Stock", house=house, bus=bus)
        mail = Mail(self, "Mail", house=house, bus=bus)
        waitlist = Waitlist(self, "Waitlist", house=house, bus=bus, link_keys=link_keys, stock=stock, mail=mail)

        api.authorize(access.authorizer)
        stock.route(api)
        waitlist.route(api)
        if stage.shop.is_example and not stage.local:
            Annotations.of(self).add_warning_v2(
                "standby:example-sender",
                f"the sender is still {stage.shop.sender!r}: write your shop's into cdk.json "
                f"(context.standby.{stage.name}) before you deploy",
            )

        self._say("ApiUrl", api.url)
        self._say("PublicUrl", public_url)
        self._say("EventBusName", bus.name)
        self._say("LinkKeysSecretArn", link_keys.arn)
        for name, table in {
            "AccessTableName": access.table,
            "MailTableName": mail.table,
            "StockTableName": stock.table,
            "WaitlistTableName": waitlist.table,
        }.items():
            self._say(name, table.name)
        self._say("StockInboxBucketName", stock.inbox.name)
        # Dead letters are found by their keys' end; where `<Name>QueueUrl` stands beside one, that is where to redrive.
        for queue in (
            *(stock.updates, stock.imports, stock.settle, stock.sweeps),
            *(waitlist.plans, waitlist.records, waitlist.sweeps),
            *(mail.urgent, mail.bulk, mail.feedback_queue),
        ):
            self._say(f"{queue.name}QueueUrl", queue.url)
            self._say(f"{queue.name}DeadLettersUrl", queue.dead_letters.url)
        self._say("StockStreamDeadLettersUrl", stock.stream_dead_letters.url)

    def _layer(self, id_: str, layer: Layer, stage: Stage, description: str) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            id_,
            code=lambda_.Code.from_asset(str(layer.path), asset_hash=layer.digest),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[stage.target.architecture],
            description=description,
        )

    def _say(self, name: str, value: str) -> None:
        CfnOutput(self, f"Output{name}", value=value).override_logical_id(name)
