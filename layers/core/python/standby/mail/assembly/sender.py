"""The sender put together with AWS, as its function's settings say."""

import time
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Metrics

from standby.mail import ses
from standby.mail.advertising_repository import AdvertisingBound
from standby.mail.pace import Pace
from standby.mail.rendering import MailRenderer
from standby.mail.repository import MailRepository
from standby.mail.service import Sender
from standby.mail.settings import SenderSettings
from standby.mail.waiting import Calendar
from standby.mail.way import Inlet
from standby.platform import bus, dynamodb, queue
from standby.platform.clock import Clock, SystemClock
from standby.platform.frozen import frozen
from standby.platform.hours_settings import ALL
from standby.platform.observability import counter
from standby.platform.shop_hours import shop_hours
from standby.platform.table import Table
from standby.shelf.cards import Cards
from standby.shelf.instead import Instead
from standby.shelf.model import BUYABLE
from standby.shelf.reader import ShelfReader

if TYPE_CHECKING:
    from standby.mail.waiting_repository import WaitingRepository
    from standby.platform.queue import Message, Queue
    from standby.shelf.nearest import Nearest

WORK_SECONDS = 40
"""After this long a batch begins no call; the rest goes back to its queue. A call lasts at most 15 seconds more."""


@frozen()
class MailSender:
    """Takes batches from the two queues."""

    sender: Sender
    urgent: "Queue"
    bulk: "Queue"
    urgent_queue_name: str
    clock: Clock

    def handle(self, event: Mapping[str, Any], *, holder: str) -> dict[str, Any]:
        """Handle a batch and return the partial batch response; ``holder`` names this invocation."""
        records = event["Records"]
        until = self.clock.now() + timedelta(seconds=WORK_SECONDS)
        urgent = records[0].get("eventSourceARN", "").rpartition(":")[2] == self.urgent_queue_name
        left = iter(range(len(records), 0, -1))

        def send(message: "Message") -> None:
            inlet = Inlet(
                queue=self.urgent if urgent else self.bulk,
                urgent=urgent,
                holder=f"{holder}#{message.message_id}",
                ahead=next(left),
                until=until,
            )
            self.sender.handle(message, inlet)

        return queue.consume(event, send, dead_letters=self.sender.dead_letters)


def _waiting(table: Table) -> "WaitingRepository":
    from standby.mail.waiting_repository import WaitingRepository  # noqa: PLC0415 - loaded where something is closed

    return WaitingRepository(table)


def _there(shelf: ShelfReader, skus: "Sequence[str]") -> frozenset[str]:
    """Return those of at most 100 SKUs that can be bought now."""
    return frozenset(sku for sku, row in shelf.rows(skus).items() if row.status in BUYABLE)


@frozen()
class _Stores:
    """Finds the nearest stores; what that takes is loaded where somebody said a place."""

    shelf: ShelfReader
    clock: Clock
    settings: SenderSettings

    def near(self, sku: str, places: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return by place the nearest store that has units of a SKU, if one is near enough."""
        return self._nearest.of(sku, places)

    @cached_property
    def _nearest(self) -> "Nearest":
        from zoneinfo import ZoneInfo  # noqa: PLC0415 - see above

        from standby.shelf.nearest import Nearest  # noqa: PLC0415 - see above

        zone = ZoneInfo(self.settings.shop_time_zone)
        return Nearest(self.shelf, self.clock, zone, most_km=self.settings.nearest_store_km)


def _in_store(shelf: ShelfReader, skus: "Sequence[str]", location_id: str) -> frozenset[str]:
    """Return those of at most 100 SKUs of which a store has units now, and which cannot be bought online."""
    return frozenset(
        sku
        for sku, row in shelf.rows(skus).items()
        if row.supply.stores.get(location_id, 0) > 0 and row.status not in BUYABLE
    )


def assemble(settings: SenderSettings, metrics: Metrics) -> MailSender:
    """Build the sender."""
    clock = SystemClock()
    client, sqs = ses.client(), queue.client()
    tables = dynamodb.client()
    repository = MailRepository(Table(settings.mail_table, tables))
    shelf = ShelfReader(Table(settings.shelf_table, tables))
    count, hours = counter(metrics), shop_hours(settings)
    asked = ses.SesRate(client, clock.now, count)
    rate = ses.FixedRate(settings.max_send_rate) if settings.max_send_rate else asked
    return MailSender(
        sender=Sender(
            jobs=repository,
            mailer=ses.SesMailer(settings.sender, settings.configuration_set, client),
            pace=Pace(timeline=repository, rate=rate, clock=clock, sleep=time.sleep),
            renderer=MailRenderer(
                settings.sender,
                settings.sender_identity,
                settings.market,
                time_zone=settings.shop_time_zone,
                product_page=settings.shop_product_url,
                cards=Cards(shelf, clock).of,
                instead=Instead(shelf, clock).of,
                there=partial(_there, shelf),
                nearest=_Stores(shelf, clock, settings).near,
                in_store=partial(_in_store, shelf),
                hours=hours,
            ),
            bus=bus.connect(settings.event_bus_name),
            dead_letters=queue.connect(settings.mail_dead_letter_queue_url, sqs),
            clock=clock,
            count=count,
            calendar=Calendar(hours, everything=settings.quiet_for == ALL),
            waiting=partial(_waiting, repository.table),
            bound=AdvertisingBound(table=repository.table, days=settings.advertising_days),
        ),
        urgent=queue.connect(settings.mail_urgent_queue_url, sqs),
        bulk=queue.connect(settings.mail_bulk_queue_url, sqs),
        urgent_queue_name=settings.mail_urgent_queue_url.rpartition("/")[2],
        clock=clock,
    )
