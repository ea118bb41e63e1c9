"""Alarms and the dashboard: what customers would feel, feature by feature."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

DASHBOARD_WIDTH = 24


class Alarms(Construct):
    """Rings for somebody when the shop left an address, and shows everything on one dashboard.

    No metric mathematics: the local AWS rejects them, and each alarm here is one number anyway.
    """

    def __init__(self, scope: Construct, id_: str, *, email: str | None) -> None:
        super().__init__(scope, id_)
        self._dashboard = cloudwatch.Dashboard(self, "Dashboard", default_interval=Duration.hours(6))
        self._topic: sns.Topic | None = None
        if email:
            self._topic = sns.Topic(self, "Topic", enforce_ssl=True, display_name="Standby")
            self._topic.add_subscription(subscriptions.EmailSubscription(email))

    def watch(
        self,
        scope: Construct,
        id_: str,
        metric: cloudwatch.Metric,
        *,
        at_least: float,
        periods: int = 1,
        why: str,
    ) -> cloudwatch.Alarm:
        """Ring once the metric was at or above ``at_least`` for ``periods`` of its periods; silence is health.

        ``why`` tells the person who is woken what is wrong and what to do first.
        """
        alarm = cloudwatch.Alarm(
            scope,
            id_,
            metric=metric,
            threshold=at_least,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=why,
        )
        if self._topic is not None:
            alarm.add_alarm_action(actions.SnsAction(self._topic))
        return alarm

    def show(self, title: str, **graphs: list[cloudwatch.Metric]) -> None:
        """Add a row of graphs to the dashboard; a keyword is a graph's title, its words joined by ``_``."""
        self._dashboard.add_widgets(
            cloudwatch.TextWidget(markdown=f"## {title}", width=DASHBOARD_WIDTH, height=1),
        )
        width = DASHBOARD_WIDTH // len(graphs)
        self._dashboard.add_widgets(
            *(
                cloudwatch.GraphWidget(title=name.replace("_", " "), left=list(metrics), width=width)
                for name, metrics in graphs.items()
            )
        )
