"""The one dashboard: what customers would feel, feature by feature."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Fn, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.constructs.feature import Feature

WIDTH = 24
NAMES_PARAMETER = "Dashboard/names"
LONGEST_NAME = 80
"""The longest name that AWS makes from a logical id: that of a queue."""
LONGEST_VALUE = 4_096
"""Characters of a standard SSM parameter."""


class Dashboard(Construct):
    """Shows the rows that features collected. Each feature leaves the names of its resources in one SSM parameter."""

    def __init__(self, reader: Feature, id_: str, *, features: Sequence[Feature]) -> None:
        super().__init__(reader, id_)
        self._reader = reader
        self._dashboard = cloudwatch.Dashboard(self, "Dashboard", default_interval=Duration.hours(6))
        for feature in features:
            names = self._names(feature)
            for title, graphs in feature.rows.items():
                self._add_row(title, graphs, names)

    def _add_row(self, title: str, graphs: Mapping[str, Sequence[cloudwatch.Metric]], names: Mapping[str, str]) -> None:
        width = WIDTH // len(graphs)
        self._dashboard.add_widgets(cloudwatch.TextWidget(markdown=f"## {title}", width=WIDTH, height=1))
        self._dashboard.add_widgets(
            *(
                cloudwatch.GraphWidget(title=graph, left=[_renamed(metric, names) for metric in metrics], width=width)
                for graph, metrics in graphs.items()
            )
        )

    def _names(self, feature: Feature) -> dict[str, str]:
        """Return how this stack names a feature's resources, by the names that the feature's own stack has for them.

        Raises ``ValueError`` when they may not fit into one parameter.
        """
        own = [name for name in _dimensions(feature) if Token.is_unresolved(name)]
        if feature is self._reader or not own:
            return {}
        if len(own) * (LONGEST_NAME + 1) > LONGEST_VALUE:
            raise ValueError(
                f"{feature.title}: {len(own)} names may be longer than an SSM parameter: make two features"
            )
        parts = Fn.split(",", self._reader.reads(feature, NAMES_PARAMETER, Fn.join(",", own)))
        return {name: Fn.select(index, parts) for index, name in enumerate(own)}


def _dimensions(feature: Feature) -> list[str]:
    """Return the values of all dimensions on a feature's graphs, each once."""
    metrics = [metric for graphs in feature.rows.values() for lines in graphs.values() for metric in lines]
    return list(dict.fromkeys(value for metric in metrics for value in (metric.dimensions or {}).values()))


def _renamed(metric: cloudwatch.Metric, names: Mapping[str, str]) -> cloudwatch.Metric:
    if not names:
        return metric
    return cloudwatch.Metric(
        namespace=metric.namespace,
        metric_name=metric.metric_name,
        dimensions_map={key: names.get(value, value) for key, value in (metric.dimensions or {}).items()},
        period=metric.period,
        statistic=metric.statistic,
    )
