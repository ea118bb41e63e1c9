"""The bus on which features tell one another what happened."""

from dataclasses import dataclass

from aws_cdk import aws_events as events
from constructs import Construct

from infra.constructs.grant import Grant
from infra.constructs.house import HouseStack


@dataclass(frozen=True)
class BusHandle:
    """The bus as another stack knows it. What that stack does not ask for is no parameter of it."""

    bus: "Bus"
    reader: HouseStack

    @property
    def name(self) -> str:
        """Return the bus's name, by which it is listened to and published on."""
        return self.reader.reads(self.bus.stack, "Bus/name", self.bus.name)

    def takes(self) -> Grant:
        """Return the permission to publish."""
        return Grant(("events:PutEvents",), (self.reader.reads(self.bus.stack, "Bus/arn", self.bus.arn),))


class Bus(Construct):
    """Takes events in and hands them to queues (`WorkQueue.hear`). No feature calls another directly."""

    def __init__(self, stack: HouseStack, id_: str) -> None:
        super().__init__(stack, id_)
        self.stack = stack
        self._bus = events.EventBus(self, "Bus")

    @property
    def name(self) -> str:
        """Return the bus's name."""
        return self._bus.event_bus_name

    @property
    def arn(self) -> str:
        """Return the bus's ARN."""
        return self._bus.event_bus_arn

    def seen_from(self, reader: HouseStack) -> BusHandle:
        """Return the bus as another stack knows it."""
        return BusHandle(self, reader)
