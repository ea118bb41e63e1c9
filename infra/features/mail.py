"""Mail: it sends jobs through SES, and hears what SES and customers say back."""

from aws_cdk import Aws, Duration, Fn
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_ses as ses
from standby.mail import hears
from standby.mail.settings import ApiSettings, FeedbackSettings, SenderSettings

from infra.constructs.base import Base
from infra.constructs.feature import Feature
from infra.constructs.function import FeatureFunction
from infra.constructs.grant import Grant
from infra.constructs.queue import WorkQueue
from infra.constructs.rules import accept
from infra.constructs.store import Index
from infra.constructs.table import FeatureTable
from infra.features.availability import Availability

SENDER_TIMEOUT = Duration.seconds(60)
FEEDBACK_TIMEOUT = Duration.seconds(30)
API_TIMEOUT = Duration.seconds(15)
HALF_AN_HOUR = Duration.minutes(30)
"""Longer than the sender waits before it asks SES again, so that an alarm rings once for an outage."""
REVIEWED_BOUNCE_RATE = 0.05
"""SES reviews an account at 5 % bounces and 0.1 % complaints (SES FAQ "enforcement")."""
REVIEWED_COMPLAINT_RATE = 0.001
NOT_DELIVERED = ["MailRefusedBounced", "MailRefusedComplained", "MailNotSentAfterAll", "MailSoftFailure", "MailParked"]


class Mail(Feature):
    """The two queues of jobs, the sender, and the feedback that keeps mail away from who must not get any."""

    def __init__(self, base: Base, *, availability: Availability) -> None:
        super().__init__(base)
        self.shelf = availability.table.seen_from(self)
        self.table = FeatureTable(self, "Jobs", indexes=[Index("due", "due_shard", "due_at")])
        self.urgent = WorkQueue(
            self,
            "MailUrgent",
            worker_timeout=SENDER_TIMEOUT,
            late_after=Duration.minutes(10),
            felt="people who sign up wait for their confirmation",
        )
        self.bulk = WorkQueue(
            self,
            "MailBulk",
            worker_timeout=SENDER_TIMEOUT,
            late_after=Duration.hours(6),  # a big wave is paced by SES's rate
            felt="customers hear hours late that something is back",
        )
        self.feedback_queue = WorkQueue(
            self,
            "MailFeedback",
            worker_timeout=FEEDBACK_TIMEOUT,
            late_after=None,
            felt="people who complained may get another mail, and what waits for an open hour stays",
        )
        self._configure_ses()
        self._send()
        self._listen()
        self._answer()
        base.api.serve(self.api)
        self._watch_what_became_of_mails()

    def _configure_ses(self) -> None:
        # Rates of bounces and complaints cost nothing for the account, and two metrics for a configuration set.
        self.configuration_set = ses.ConfigurationSet(self, "ConfigurationSet", reputation_metrics=False)
        default_bus = events.EventBus.from_event_bus_arn(
            self, "DefaultBus", self.format_arn(service="events", resource="event-bus/default")
        )
        self.configuration_set.add_event_destination(
            "WhatCameBack",
            destination=ses.EventDestination.event_bus(default_bus),
            events=[
                ses.EmailSendingEvent.BOUNCE,
                ses.EmailSendingEvent.COMPLAINT,
                ses.EmailSendingEvent.REJECT,
                ses.EmailSendingEvent.RENDERING_FAILURE,
            ],
        )
        if self.stage.shop.verifies_sender:
            name = self.stage.shop.identity
            identity = ses.EmailIdentity(
                self, "SenderIdentity", identity=ses.Identity.email(name) if "@" in name else ses.Identity.domain(name)
            )
            identity.apply_removal_policy(self.stage.keeps)  # others may send as it, and its DNS records take days
            if not self.stage.local and "@" not in name:
                records = [f"{record.name} CNAME {record.value}" for record in identity.dkim_records]
                self.say(
                    "DkimRecords",
                    Fn.join(" | ", records),
                    description="DNS records that prove to SES that the sender's domain is the shop's",
                )

    def _send(self) -> None:
        shop = self.stage.shop
        self.sender = FeatureFunction(
            self,
            "Sender",
            settings=SenderSettings(
                mail_table=self.table.name,
                shelf_table=self.shelf.name,
                event_bus_name=self.bus.name,
                mail_urgent_queue_url=self.urgent.url,
                mail_bulk_queue_url=self.bulk.url,
                mail_dead_letter_queue_url=self.bulk.dead_letters.url,
                sender=shop.sender,
                sender_identity=shop.sender_identity,
                market=shop.market,
                shop_product_url=shop.shop_product_url,
                configuration_set=self.configuration_set.configuration_set_name,
                advertising_days=shop.advertising_days,
                nearest_store_km=shop.nearest_store_km,
                max_send_rate=shop.max_send_rate,
                **shop.hours,
            ),
            grants=[
                self.table.grant("dynamodb:BatchGetItem", "dynamodb:UpdateItem"),
                self.shelf.grant("dynamodb:BatchGetItem"),
                self.bus.takes(),
                self.urgent.takes(),
                self.bulk.takes(),
                self.bulk.dead_letters.takes(),
                *self._ses(),
            ],
            timeout=SENDER_TIMEOUT,
            messages_itself=True,
            memory_mb=1024,
        )
        if self.stage.local:
            accept(
                self.sender,
                "AwsSolutions-IAM5[Resource::*]",
                "the local AWS knows no resource-level permissions of SES",
            )
        else:
            accept(
                self.sender,
                "AwsSolutions-IAM5[Resource::*]",
                "ses:GetAccount knows no resources",
            )
            accept(
                self.sender,
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:template/*]",
                "an inline template has no name, and no other template is ever named",
            )
        self.urgent.feed(self.sender, batch_size=5)
        # More senders than SES's rate needs would only put jobs back.
        self.bulk.feed(self.sender, batch_size=5, most_at_once=2)

    def _ses(self) -> list[Grant]:
        """Return what the sender may ask of SES: to mail as the shop, and only through our configuration set.

        The service authorization reference wants an identity and a template for ``SendBulkEmail``, and the
        configuration set where one is named. An inline template has no name. Which identity SES looks at depends on
        what the account has verified: the sender's address, its domain or a parent of that. In its sandbox SES also
        looks at recipients that are identities of the account.
        """
        # SES checks the older API's action beneath the newer one's, and names it in its refusals.
        sending = ("ses:SendBulkEmail", "ses:SendBulkTemplatedEmail")
        if self.stage.local:
            return [Grant((*sending, "ses:GetAccount"), ("*",))]
        prefix = f"arn:{Aws.PARTITION}:ses:{Aws.REGION}:{Aws.ACCOUNT_ID}"
        shop = self.stage.shop
        resources = (
            *(f"{prefix}:identity/{name}" for name in (*shop.sender_identities, *shop.sandbox_recipients)),
            f"{prefix}:template/*",
            f"{prefix}:configuration-set/{self.configuration_set.configuration_set_name}",
        )
        return [Grant(sending, resources), Grant(("ses:GetAccount",), ("*",))]

    def _listen(self) -> None:
        self.feedback = FeatureFunction(
            self,
            "Feedback",
            settings=FeedbackSettings(
                mail_table=self.table.name,
                event_bus_name=self.bus.name,
                mail_bulk_queue_url=self.bulk.url,
                mail_feedback_queue_url=self.feedback_queue.url,
                mail_dead_letter_queue_url=self.feedback_queue.dead_letters.url,
            ),
            grants=[
                self.table.grant(
                    "dynamodb:BatchGetItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                ),
                self.table.grant_index("due", "dynamodb:Query"),
                self.bus.takes(),
                self.bulk.takes(),
                self.feedback_queue.takes(),
                self.feedback_queue.dead_letters.takes(),
            ],
            timeout=FEEDBACK_TIMEOUT,
            messages_itself=True,
            traced=False,
        )
        self.feedback_queue.feed(self.feedback, batch_size=10)
        # Also where nothing is closed any more: jobs may wait since before. Who waited a night waits some minutes more.
        self.feedback_queue.beat({"sweep": "due"}, minutes=5)
        self.feedback_queue.hear(*hears.FEEDBACK)
        events.Rule(
            self,
            "SesEvents",
            event_pattern=events.EventPattern(
                source=["aws.ses"],
                detail_type=list(hears.SES),
                detail={
                    "mail": {
                        "tags": {"ses:configuration-set": [self.configuration_set.configuration_set_name]},
                    }
                },
            ),
            targets=[self.feedback_queue.target()],
        )
        events.Rule(
            self,
            "SesItself",
            event_pattern=events.EventPattern(source=["aws.ses"], detail_type=list(hears.SES_ITSELF)),
            targets=[self.feedback_queue.target()],
        )

    def _answer(self) -> None:
        self.api = FeatureFunction(
            self,
            "Api",
            settings=ApiSettings(mail_table=self.table.name, event_bus_name=self.bus.name),
            grants=[self.table.grant("dynamodb:GetItem", "dynamodb:PutItem"), self.bus.takes()],
            timeout=API_TIMEOUT,
        )

    def _watch_what_became_of_mails(self) -> None:
        rates = {
            name: cloudwatch.Metric(
                namespace="AWS/SES",
                metric_name=f"Reputation.{name}Rate",
                period=Duration.hours(1),
                statistic="Maximum",
            )
            for name in ("Bounce", "Complaint")
        }
        self.watch(
            self,
            "Bouncing",
            rates["Bounce"],
            at_least=REVIEWED_BOUNCE_RATE,
            stays=True,
            felt="SES is about to stop all mails, because so many bounce",
            why="where do the addresses come from? (promise P8)",
        )
        self.watch(
            self,
            "Complained",
            rates["Complaint"],
            at_least=REVIEWED_COMPLAINT_RATE,
            stays=True,
            felt="SES is about to stop all mails, because so many customers complain",
            why="who is told what, and how often? (promises P3 and P8)",
        )
        self.watch(
            self,
            "RefusesUs",
            self.counted("SesRefusesUs", "Sum", period=HALF_AN_HOUR),
            at_least=1,
            felt="no mail goes out, or not every mail",
            why="SES refuses us (account, quota, permission, identity, configuration set, content), or has failed for "
            "a quarter of an hour; the sender's log names it. Everybody stays on the list and is told once SES takes "
            "mails again (promise P2)",
        )
        self.watch(
            self,
            "NotSentAfterAll",
            self.counted("MailNotSentAfterAll", "Sum"),
            at_least=1,
            felt="a mail is never sent, so customers hear a day late that something is back or must sign up again",
            why="mails expired, since SES or MailBulk stood still for as long as they are valid (MailRefusedExpired "
            "counts them; who is in line stays there and is told by the next wave); or SES could not fill the places "
            "of a template, or took a mail for a virus (mail_feedback's log names it): look at what the catalogue and "
            "the settings put into it (promise P2)",
        )
        self.show("waiting jobs", *(queue.depth() for queue in (self.urgent, self.bulk, self.feedback_queue)))
        became = "What became of mails"
        self.show("accepted", self.counted("MailAccepted", "Sum"), row=became)
        self.show("wait for an open hour", self.counted("MailWaits", "Sum"), row=became)
        self.show("not delivered", *(self.counted(name, "Sum") for name in NOT_DELIVERED), row=became)
        self.show("reputation", *rates.values(), row=became)
