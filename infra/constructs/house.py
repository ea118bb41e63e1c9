"""What every construct is handed: the stage, the layers, the alarms."""

from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_

from infra.constructs.alarms import Alarms
from infra.stage import Stage


@dataclass(frozen=True, kw_only=True)
class House:
    """Passed down whole, so that a new decision of the stage needs no new parameter anywhere."""

    stage: Stage
    layers: tuple[lambda_.ILayerVersion, ...]
    alarms: Alarms
    public_url: str
    """Where the links in mails lead, without a slash at the end."""
