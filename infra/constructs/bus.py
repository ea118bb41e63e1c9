"""The bus on which features tell one another what happened."""

from dataclasses import dataclass

from aws_cdk import aws_events as events
from constructs import Construct

from infra.constructs.grant import Grant
from infra.constructs.house import HouseStack


@dataclass(frozen=True)
class BusHandle:
    """The bus as another stack knows it."""

    name: str
    arn: str

    def takes(self) -> Grant:
        """Return the permission to publish."""
        return Grant(("events:PutEvents",), (self.arn,))


class Bus(Construct):
    """Takes events in and hands them to queues (`WorkQueue.hear`). No feature calls another directly."""

    def __init__(self, stack: HouseStack, id_: str) -> None:
        super().__init__(stack, id_)
        self._stack = stack
        self._bus = events.EventBus(self, "Bus")

    @property
    def name(self) -> str:
        """Return the bus's name."""
        return self._bus.event_bus_name

    def seen_from(self, reader: HouseStack) -> BusHandle:
        """Return the bus as another stack knows it."""
        return BusHandle(
            name=reader.reads(self._stack, "Bus/name", self.name),
            arn=reader.reads(self._stack, "Bus/arn", self._bus.event_bus_arn),
        )
