"""Queues in which work waits; what cannot be done ends in the dead letters beside them (design, promise 9)."""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.grant import Grant
from infra.constructs.house import HouseStack
from infra.constructs.rules import accept

SOURCE = "standby"
"""The source of all events that Standby publishes, by which EventBridge's rules match them."""

ATTEMPTS = 5
VISIBILITY_PER_TIMEOUT = 6
KEPT = Duration.days(7)
DEAD_LETTERS_KEPT = Duration.days(14)
"""Longer than ``KEPT``, because a message keeps its age when it moves to the dead letters."""


@dataclass(frozen=True)
class QueueHandle:
    """A queue as whoever sends to it knows it."""

    url: str
    arn: str

    def takes(self) -> Grant:
        """Return the permission to send here."""
        return Grant(("sqs:SendMessage",), (self.arn,))


class DeadLetters(Construct):
    """Keeps what could not be done until a person has looked at it. One message rings the alarm.

    ``name`` is what operators call the queue, where it differs from its place among the constructs.
    """

    def __init__(self, scope: Construct, id_: str, *, feature: Feature, name: str | None = None) -> None:
        super().__init__(scope, id_)
        name = name or id_
        self.queue = sqs.Queue(
            self,
            "Queue",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=DEAD_LETTERS_KEPT,
        )
        accept(self.queue, "AwsSolutions-SQS3", "it is where messages end; a stream's on-failure queue looks alone")
        feature.watch(
            self,
            "NotEmpty",
            self.depth(),
            at_least=1,
            why=f"messages in {name}: `make dead-letters` shows them with their reasons, `make redrive` brings mended "
            "ones back (promise P9)",
        )
        feature.show("dead letters", self.depth())
        feature.say(f"{name}Url", self.url)

    @property
    def url(self) -> str:
        """Return the address to send to and to read from."""
        return self.queue.queue_url

    def takes(self) -> Grant:
        """Return the permission to set messages aside here."""
        return QueueHandle(self.url, self.queue.queue_arn).takes()

    def depth(self) -> cloudwatch.Metric:
        """Return the number of messages that wait for a person."""
        return self.queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(1), statistic="Maximum")


class WorkQueue(Construct):
    """A queue, its dead letters and their alarms. ``id_`` is the queue's name in design, outputs and alarms."""

    def __init__(  # noqa: D417
        self, feature: Feature, id_: str, *, worker_timeout: Duration, late_after: Duration
    ) -> None:
        """Make both queues.

        Args:
            worker_timeout: the timeout of the function that will be fed; the visibility follows from it.
            late_after: the age of the oldest message at which the alarm rings, delays and pacing included.
        """
        super().__init__(feature, id_)
        self._feature = feature
        self.name = id_
        self._visibility = Duration.seconds(VISIBILITY_PER_TIMEOUT * int(worker_timeout.to_seconds()))
        self.dead_letters = DeadLetters(self, "DeadLetters", feature=feature, name=f"{id_}DeadLetters")
        self.queue = sqs.Queue(
            self,
            "Queue",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=KEPT,
            visibility_timeout=self._visibility,
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=ATTEMPTS, queue=self.dead_letters.queue),
        )
        feature.watch(
            self,
            "Late",
            self.age(),
            at_least=late_after.to_seconds(),
            periods=5,
            why=f"{id_}: the oldest message has waited too long; is its function failing or throttled? (promise P2)",
        )
        feature.show("oldest message", self.age())
        feature.say(f"{id_}QueueUrl", self.url)

    @property
    def url(self) -> str:
        """Return the address to send to."""
        return self.queue.queue_url

    def takes(self) -> Grant:
        """Return the permission to send here."""
        return QueueHandle(self.url, self.queue.queue_arn).takes()

    def seen_from(self, reader: HouseStack) -> QueueHandle:
        """Return the queue as another stack knows it."""
        return QueueHandle(
            url=reader.reads(self._feature, f"{self.name}/url", self.url),
            arn=reader.reads(self._feature, f"{self.name}/arn", self.queue.queue_arn),
        )

    def feed(self, function: FeatureFunction, *, batch_size: int, concurrency: int) -> None:
        """Hand the messages to a function, in batches whose failures are reported one by one.

        Raises ``ValueError`` when the function may run longer than a sixth of the visibility (AWS's advice: a slow
        batch must not come back while it is being worked on).
        """
        if function.timeout.to_seconds() * VISIBILITY_PER_TIMEOUT > self._visibility.to_seconds():
            raise ValueError(f"{self.name}: the function's timeout is more than a sixth of the queue's visibility")
        function.allow(
            Grant(
                ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
                (self.queue.queue_arn,),
            )
        )
        lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function.lambda_function,
            event_source_arn=self.queue.queue_arn,
            batch_size=batch_size,
            max_concurrency=concurrency,
            report_batch_item_failures=True,
        )

    def hear(self, *heard: type) -> None:
        """Take all events of these types from the bus, each as EventBridge's envelope."""
        events.Rule(
            self,
            "Events",
            event_bus=events.EventBus.from_event_bus_name(self, "Bus", self._feature.bus.name),
            event_pattern=events.EventPattern(source=[SOURCE], detail_type=[kind.__name__ for kind in heard]),
            targets=[self.target()],
        )

    def tick(self, id_: str, every: Duration, message: dict[str, str]) -> None:
        """Have EventBridge send a constant message to this queue on a schedule."""
        events.Rule(
            self,
            id_,
            schedule=events.Schedule.rate(every),
            targets=[self.target(events.RuleTargetInput.from_object(message))],
        )

    def target(self, message: events.RuleTargetInput | None = None) -> targets.SqsQueue:
        """Return this queue as a rule's target. What EventBridge cannot deliver ends in the same dead letters."""
        return targets.SqsQueue(self.queue, message=message, dead_letter_queue=self.dead_letters.queue)

    def age(self) -> cloudwatch.Metric:
        """Return the age of the oldest message, in seconds."""
        return self.queue.metric_approximate_age_of_oldest_message(period=Duration.minutes(1), statistic="Maximum")

    def depth(self) -> cloudwatch.Metric:
        """Return the number of messages that wait."""
        return self.queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(1), statistic="Maximum")
