"""What all features stand on: the bus, the HTTP API, the keys of mailed links, and who is told of an alarm."""

from typing import TYPE_CHECKING

from aws_cdk import Annotations, App, Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions

from infra.constructs.api import Api
from infra.constructs.bus import Bus
from infra.constructs.house import HouseStack
from infra.constructs.link_keys import LinkKeys
from infra.layers.build import Layers
from infra.stage import Stage

if TYPE_CHECKING:
    from infra.constructs.feature import Feature


class Base(HouseStack):
    """The first stack of a stage; it knows the features that were built on it."""

    def __init__(self, app: App, *, stage: Stage, layers: Layers) -> None:
        super().__init__(app, "Base", stage=stage)
        self.app = app
        self.layers = layers
        self.features: list[Feature] = []
        self.bus = Bus(self, "Events")
        self.api = Api(self, "Api")
        self.link_keys = LinkKeys(self, "LinkKeys")
        self._topic = self._make_topic(stage.shop.alarm_email) if stage.shop.alarm_email else None
        self.say("ApiUrl", self.api.url)
        self.say("PublicUrl", stage.shop.public_url or self.api.url)
        self.say("EventBusName", self.bus.name)
        self.say("LinkKeysTableName", self.link_keys.table_name)
        if stage.shop.examples and not stage.local:
            Annotations.of(self).add_warning_v2(
                "standby:examples",
                f"{', '.join(stage.shop.examples)}: still an example's: write your shop's into cdk.json "
                f"(context.standby.{stage.name}) before you deploy",
            )
        if self._topic is None and not stage.local:
            Annotations.of(self).add_warning_v2(
                "standby:nobody-told",
                "no alarm reaches anybody: write alarm_email into cdk.json "
                f"(context.standby.{stage.name}) or say -c alarm_email=…",
            )

    def topic_seen_from(self, reader: HouseStack) -> str | None:
        """Return the ARN of the topic on which alarms ring, ``None`` where the shop left no address."""
        return reader.reads(self, "Topic/arn", self._topic.topic_arn) if self._topic else None

    def _make_topic(self, email: str) -> sns.Topic:
        topic = sns.Topic(self, "Topic", enforce_ssl=True, display_name=f"Standby {self.stage.name}")
        topic.add_subscription(subscriptions.EmailSubscription(email))
        # Enforcing TLS gives the topic a policy of its own, which replaces the default one that lets alarms publish.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        return topic
