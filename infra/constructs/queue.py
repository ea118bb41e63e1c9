"""Queues in which work waits; what cannot be done ends in the dead letters beside them (design, promise 9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from standby.platform.queue import ATTEMPTS

from infra.constructs.feature import FIVE_MINUTES, Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.grant import Grant
from infra.constructs.house import HouseStack
from infra.constructs.rules import accept

SOURCE = "standby"
"""The source of all events that Standby publishes, by which EventBridge's rules match them."""

ABOVE_ZERO_OR_NONE = [{"exists": False}, {"numeric": [">", 0]}]
"""The pattern of a number that only some of a rule's events have."""
VISIBILITY_PER_TIMEOUT = 6
KEPT = Duration.days(7)
DEAD_LETTERS_KEPT = Duration.days(14)
"""Longer than ``KEPT``, because a message keeps its age when it moves to the dead letters."""
MISSED_TICKS = 3
"""EventBridge reports its numbers as well as it can, so one that is missing proves nothing."""


@dataclass(frozen=True)
class QueueHandle:
    """A queue as whoever sends to it knows it."""

    url: str
    arn: str

    def takes(self) -> Grant:
        """Return the permission to send here."""
        return Grant(("sqs:SendMessage",), (self.arn,))


class DeadLetters(Construct):
    """Keeps what a feature could not do until a person has looked at it. One message rings the alarm.

    All queues of a feature share it, and its stream does: every letter says where it comes from
    (`infra.operations.letters`), and each alarm more would cost as much as the polling of a queue.
    """

    @classmethod
    def of(cls, feature: Feature) -> "DeadLetters":
        """Return the feature's dead letters; whoever needs them first makes them."""
        made = feature.node.try_find_child("DeadLetters")
        return made if isinstance(made, DeadLetters) else cls(feature)

    def __init__(self, feature: Feature) -> None:
        super().__init__(feature, "DeadLetters")
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
            stays=True,
            felt=f"something that {feature.title} was told was not done",
            why="`make dead-letters` shows the messages with their reasons, `make redrive` brings mended ones back; "
            "until none is left, the next one does not ring again (promise P9)",
        )
        feature.show("dead letters", self.depth())
        feature.say(f"{feature.title}DeadLettersUrl", self.url)

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
    """A queue and its alarm. ``id_`` is the queue's name in design, outputs and alarms."""

    def __init__(  # noqa: D417
        self, feature: Feature, id_: str, *, worker_timeout: Duration, late_after: Duration | None, felt: str
    ) -> None:
        """Make the queue, which sets aside in the feature's dead letters what it handed out in vain.

        Args:
            worker_timeout: the timeout of the function that will be fed; the visibility follows from it.
            late_after: the age of the oldest message at which the alarm rings, delays and pacing included. SQS leaves
                out messages that were handed out three times, so this alarm rings when nobody takes messages; when a
                function fails at each of them, the dead letters ring. ``None``: something must come all the time, and
                silence rings (`tick`).
            felt: what customers or the shop notice when messages wait.
        """
        super().__init__(feature, id_)
        self._feature = feature
        self.name = id_
        self._visibility = Duration.seconds(VISIBILITY_PER_TIMEOUT * int(worker_timeout.to_seconds()))
        self._felt = felt
        self.dead_letters = DeadLetters.of(feature)
        self.queue = sqs.Queue(
            self,
            "Queue",
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=KEPT,
            visibility_timeout=self._visibility,
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=ATTEMPTS, queue=self.dead_letters.queue),
        )
        if late_after is not None:
            feature.watch(
                self,
                "Late",
                self.age(),
                at_least=late_after.to_seconds(),
                periods=5,
                felt=felt,
                why=f"messages wait too long in {id_}; is its mapping disabled, does its function get no concurrency? "
                "(promise P2)",
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

    def feed(self, function: FeatureFunction, *, batch_size: int, most_at_once: int | None = None) -> None:
        """Hand the messages to a function, in batches whose failures are reported one by one.

        ``most_at_once`` bounds the batches worked on at a time, for the sake of something behind the function. Lambda
        polls an idle queue with two pollers, but with five if there is such a bound, and each costs.

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
            max_concurrency=most_at_once,
            report_batch_item_failures=True,
        )

    def hear(self, *heard: type, above_zero: Sequence[str] = (), kinds: Sequence[str] = ()) -> None:
        """Take all events of these types from the bus, each as EventBridge's envelope.

        Those that have a number of one of the names ``above_zero`` are taken only where it is, and those that have a
        ``kind`` only where it is one of ``kinds``, where any are given.
        """
        events.Rule(
            self,
            "Events",
            event_bus=events.EventBus.from_event_bus_name(self, "Bus", self._feature.bus.name),
            event_pattern=events.EventPattern(
                source=[SOURCE],
                detail_type=[kind.__name__ for kind in heard],
                detail={
                    **dict.fromkeys(above_zero, ABOVE_ZERO_OR_NONE),
                    **({"kind": [{"exists": False}, *kinds]} if kinds else {}),
                }
                or None,
            ),
            targets=[self.target()],
        )

    def beat(self, message: dict[str, str], *, minutes: int = 1) -> None:
        """Have EventBridge send a constant message to this queue every few minutes, and ring when none is worked off.

        So one alarm hears of a schedule that is disabled, a mapping that is, a function that fails and one that gets no
        concurrency. Beats are five minutes apart at most, or the alarm would ring between them.
        """
        self._schedule("EveryMinute" if minutes == 1 else f"Every{minutes}Minutes", Duration.minutes(minutes), message)
        self._feature.watch_silence(
            self,
            "Silent",
            self.queue.metric_number_of_messages_deleted(period=FIVE_MINUTES, statistic="Sum"),
            periods=3,
            felt=self._felt,
            why=f"nothing was worked off in {self.name} for 15 minutes although messages come by schedule; "
            "is its schedule or its mapping disabled, does its function fail or get no concurrency? (promise P2)",
        )

    def tick(self, id_: str, every: Duration, *messages: dict[str, str], felt: str) -> None:
        """Have EventBridge send constant messages to this queue on a schedule, and ring when it does not.

        ``felt`` says what is not found any more when it does not.
        """
        rule = self._schedule(id_, every, *messages)
        self._feature.watch_silence(
            self,
            f"{id_}Silent",
            cloudwatch.Metric(
                namespace="AWS/Events",
                metric_name="Invocations",
                dimensions_map={"RuleName": rule.rule_name},
                period=Duration.seconds(MISSED_TICKS * int(every.to_seconds())),
                statistic="Sum",
            ),
            felt=felt,
            why=f"the schedule {id_} of {self.name} does not run; is it disabled?",
        )

    def _schedule(self, id_: str, every: Duration, *messages: dict[str, str]) -> events.Rule:
        return events.Rule(
            self,
            id_,
            schedule=events.Schedule.rate(every),
            targets=[self.target(events.RuleTargetInput.from_object(message)) for message in messages],
        )

    def target(self, message: events.RuleTargetInput | None = None) -> targets.SqsQueue:
        """Return this queue as a rule's target. What EventBridge cannot deliver ends in the same dead letters."""
        return targets.SqsQueue(self.queue, message=message, dead_letter_queue=self.dead_letters.queue)

    def received(self, period: Duration) -> cloudwatch.Metric:
        """Return the number of messages that came."""
        return self.queue.metric_number_of_messages_sent(period=period, statistic="Sum")

    def age(self) -> cloudwatch.Metric:
        """Return the age of the oldest message, in seconds."""
        return self.queue.metric_approximate_age_of_oldest_message(period=Duration.minutes(1), statistic="Maximum")

    def depth(self) -> cloudwatch.Metric:
        """Return the number of messages that wait."""
        return self.queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(1), statistic="Maximum")
