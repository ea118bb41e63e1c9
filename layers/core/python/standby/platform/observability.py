"""Logs and metrics, the same in every function: JSON logs, EMF metrics, no tracing SDK (design §8).

Addresses are never logged; log an ``address`` key (`standby.platform.address.address_key`) instead.
"""

import warnings
from collections.abc import Callable

from aws_lambda_powertools import Logger, Metrics


def logger(feature: str) -> Logger:
    """Return the JSON logger of a feature."""
    return Logger(service=feature)


def metrics(feature: str) -> Metrics:
    """Return the EMF metrics of a feature, in the stage's namespace (``POWERTOOLS_METRICS_NAMESPACE``).

    Many calls count nothing. Powertools would log a warning after each of them, so that warning is silenced.
    """
    warnings.filterwarnings("ignore", message="No application metrics to publish")
    return Metrics(service=feature)


def counter(metrics: Metrics) -> Callable[[str, int], None]:
    """Return a function that takes a metric's name and an amount, and adds the amount to the metric."""

    def count(name: str, value: int) -> None:
        metrics.add_metric(name=name, unit="Count", value=value)

    return count
