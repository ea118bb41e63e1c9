"""Logs and metrics, the same in every function: JSON logs, EMF metrics, no tracing SDK (design §8).

Addresses are never logged; log an ``address`` key (`standby.platform.address.address_key`) instead.
"""

from aws_lambda_powertools import Logger, Metrics

NAMESPACE = "Standby"


def logger(feature: str) -> Logger:
    """Return the JSON logger of a feature."""
    return Logger(service=feature)


def metrics(feature: str) -> Metrics:
    """Return the EMF metrics of a feature, in the one namespace that the dashboard reads."""
    return Metrics(namespace=NAMESPACE, service=feature)
