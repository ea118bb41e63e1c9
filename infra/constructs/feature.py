"""A feature's stack. It collects what is made in it, so that no list of queues or functions stands anywhere."""

from functools import cached_property

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.base import Base
from infra.constructs.bus import BusHandle
from infra.constructs.house import HouseStack
from infra.constructs.link_keys import LinkKeysHandle
from infra.layers.build import Extra, Layer
from infra.layers.target import RUNTIME
from infra.naming import metrics_namespace

FIVE_MINUTES = Duration.minutes(5)


class Feature(HouseStack):
    """One feature, named by its class. Constructs of `infra.constructs` are made in it as ``WorkQueue(self, …)``.

    Each construct adds its own outputs, alarms and lines of the dashboard to the feature.
    """

    def __init__(self, base: Base) -> None:
        super().__init__(base.app, type(self).__name__, stage=base.stage)
        self.base = base
        self.rows: dict[str, dict[str, list[cloudwatch.Metric]]] = {}
        """The dashboard's lines, by the row's title and the graph's."""
        base.features.append(self)

    @cached_property
    def bus(self) -> BusHandle:
        """What publishing needs."""
        return self.base.bus.seen_from(self)

    @cached_property
    def link_keys(self) -> LinkKeysHandle:
        """What signing and reading mailed links needs."""
        return self.base.link_keys.seen_from(self)

    @property
    def public_url(self) -> str:
        """Where the links in mails lead, without a slash at the end."""
        return self.stage.shop.public_url or self.base.api.url_seen_from(self)

    @cached_property
    def layers(self) -> list[lambda_.LayerVersion]:
        """The layers of every function. Each stack has versions of its own, so that its own update brings new code."""
        return [
            self._layer("CoreLayer", self.base.layers.core, "Standby itself"),
            self._layer("DependencyLayer", self.base.layers.dependencies, "What Standby stands on"),
        ]

    def extra_layer(self, name: Extra) -> lambda_.LayerVersion:
        """Return a layer that only those functions have that need it, so that the others stay small."""
        id_ = f"{name.title()}Layer"
        known = self.node.try_find_child(id_)  # another function of the stack may have it
        if isinstance(known, lambda_.LayerVersion):
            return known
        return self._layer(id_, self.base.layers.extras[name], f"What reads {name}")

    def watch(  # noqa: D417
        self,
        scope: Construct,
        id_: str,
        metric: cloudwatch.Metric,
        *,
        at_least: float,
        periods: int = 1,
        among: int | None = None,
        stays: bool = False,
        felt: str,
        why: str,
    ) -> None:
        """Ring once the metric was at or above a number for so many of its periods; missing data counts as health.

        Metric mathematics is not used: the local AWS rejects it, and AWS asks for each of its metrics what an alarm
        costs.

        Args:
            among: the last periods of which so many must be breached; they need not follow one another.
            stays: without data the alarm stays what it is, because AWS does not always report this metric.
            felt: says what the customers or the shop notice, as a part of a sentence.
            why: tells the person who is woken what may be wrong and what to do first.
        """
        self._ring(
            scope,
            id_,
            metric,
            threshold=at_least,
            comparison=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            missing=cloudwatch.TreatMissingData.IGNORE if stays else cloudwatch.TreatMissingData.NOT_BREACHING,
            periods=(periods, among or periods),
            text=f"{felt}: {why}",
        )

    def watch_silence(
        self, scope: Construct, id_: str, metric: cloudwatch.Metric, *, periods: int = 1, felt: str, why: str
    ) -> None:
        """Ring once the metric counted nothing for so many of its periods; no data is nothing too.

        Such an alarm rings also right after the first deployment, before anything has happened.
        """
        self._ring(
            scope,
            id_,
            metric,
            threshold=1,
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            missing=cloudwatch.TreatMissingData.BREACHING,
            periods=(periods, periods),
            text=f"{felt}: {why}",
        )

    def show(self, graph: str, *metrics: cloudwatch.Metric, row: str | None = None) -> None:
        """Add lines to a graph of the dashboard, in the feature's own row or in another."""
        self.rows.setdefault(row or self.title, {}).setdefault(graph, []).extend(metrics)

    def counted(
        self, name: str, statistic: str, *, by: str | None = None, period: Duration = FIVE_MINUTES
    ) -> cloudwatch.Metric:
        """Return a metric that this feature's functions, or another's, count (`standby.platform.observability`)."""
        return cloudwatch.Metric(
            namespace=metrics_namespace(self.stage.name),
            metric_name=name,
            dimensions_map={"service": by or self.title.lower()},
            period=period,
            statistic=statistic,
        )

    def _ring(
        self,
        scope: Construct,
        id_: str,
        metric: cloudwatch.Metric,
        *,
        threshold: float,
        comparison: cloudwatch.ComparisonOperator,
        missing: cloudwatch.TreatMissingData,
        periods: tuple[int, int],
        text: str,
    ) -> None:
        breached, among = periods
        alarm = cloudwatch.Alarm(
            scope,
            id_,
            metric=metric,
            threshold=threshold,
            evaluation_periods=among,
            datapoints_to_alarm=breached,
            comparison_operator=comparison,
            treat_missing_data=missing,
            alarm_description=text,
        )
        if self._topic is not None:
            alarm.add_alarm_action(actions.SnsAction(self._topic))

    @cached_property
    def _topic(self) -> sns.ITopic | None:
        arn = self.base.topic_seen_from(self)
        return None if arn is None else sns.Topic.from_topic_arn(self, "Topic", arn)

    def _layer(self, id_: str, layer: Layer, description: str) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            id_,
            code=lambda_.Code.from_asset(str(layer.path), asset_hash=layer.digest),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[self.stage.target.architecture],
            description=description,
        )
