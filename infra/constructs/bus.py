"""The bus on which features tell one another what happened."""

from aws_cdk import aws_events as events
from constructs import Construct

from infra.constructs.grant import Grant
from infra.constructs.queue import WorkQueue

SOURCE = "standby"


class Bus(Construct):
    """Events in, queues out; nothing is called directly."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.bus = events.EventBus(self, "Bus")

    @property
    def name(self) -> str:
        """Return the bus's name."""
        return self.bus.event_bus_name

    def takes(self) -> Grant:
        """Return the permission to publish."""
        return Grant(("events:PutEvents",), (self.bus.event_bus_arn,))

    def deliver(self, queue: WorkQueue, *heard: type) -> None:
        """Bring all events of these types to a queue, each as EventBridge's envelope."""
        events.Rule(
            queue,
            "Events",
            event_bus=self.bus,
            event_pattern=events.EventPattern(source=[SOURCE], detail_type=[kind.__name__ for kind in heard]),
            targets=[queue.target()],
        )
