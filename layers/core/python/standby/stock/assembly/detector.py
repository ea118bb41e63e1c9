"""The detector put together with AWS, as its function's settings say."""

from standby.platform import bus, queue
from standby.stock.detector import Detector
from standby.stock.settings import DetectorSettings


def assemble(settings: DetectorSettings) -> Detector:
    """Build the detector."""
    sqs = queue.client()
    return Detector(
        bus=bus.connect(settings.event_bus_name),
        settles=queue.connect(settings.stock_settle_queue_url, sqs),
        kits=queue.connect(settings.stock_kits_queue_url, sqs),
    )
