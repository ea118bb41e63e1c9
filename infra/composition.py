"""Compose Standby: one line for each feature. Each is a stack, and they stand in the order of deployment."""

from aws_cdk import App

from infra.constructs.base import Base
from infra.features.access import Access
from infra.features.gateway import Gateway
from infra.features.mail import Mail
from infra.features.stock import Stock
from infra.features.waitlist import Waitlist
from infra.layers.build import Layers
from infra.stage import Stage


def compose(app: App, *, stage: Stage, layers: Layers) -> None:
    """Add the stacks of a stage to an app."""
    base = Base(app, stage=stage, layers=layers)
    Access(base)
    mail = Mail(base)
    stock = Stock(base)
    Waitlist(base, mail=mail, stock=stock)
    Gateway(base)
