"""The worker put together with AWS, as its function's settings say."""

from collections.abc import Callable
from datetime import tzinfo
from functools import cache, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from standby.delivery.repository import DUE_SHARDS, OrderRepository
from standby.delivery.service import Orders
from standby.delivery.settings import WorkerSettings
from standby.delivery.working import Worker
from standby.platform import bus, dynamodb, queue
from standby.platform.clock import Clock, SystemClock
from standby.platform.hours_settings import ALL
from standby.platform.observability import counter
from standby.platform.sweep import Sweep

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics
    from mypy_boto3_dynamodb import DynamoDBClient

    from standby.delivery.apology_repository import ApologyBook
    from standby.delivery.call_pacing import CallPace
    from standby.delivery.deciding import Deciding
    from standby.delivery.incidents import Incidents
    from standby.delivery.mailing import OrderMails
    from standby.delivery.merging import Together
    from standby.delivery.model import Order
    from standby.delivery.noticing import Notices
    from standby.delivery.opening import Opening
    from standby.delivery.pacing import Slots
    from standby.delivery.preordered import Preordered
    from standby.delivery.promises import Delay
    from standby.delivery.receipts import Receipts
    from standby.delivery.refusing import Refusals
    from standby.delivery.remedy_repository import RemedyMarks
    from standby.delivery.turns import Turns
    from standby.delivery.turns_repository import TurnBook


def assemble(settings: WorkerSettings, metrics: "Metrics") -> Worker:  # noqa: C901 - a short function a late import
    """Build the worker, which counts in ``metrics``."""
    clock, zone = SystemClock(), ZoneInfo(settings.shop_time_zone)
    store = OrderRepository(settings.deliveries_table)
    events = bus.connect(settings.event_bus_name)

    explain = _explains(settings.deliveries_table, clock)
    orders = Orders(
        store=store, bus=events, clock=clock, zone=zone, late_when=settings.order_late_when, explain=explain
    )
    tables = dynamodb.client()
    records = queue.connect(settings.delivery_records_queue_url)
    mails, count = queue.SeldomQueue(settings.mail_bulk_queue_url), counter(metrics)

    @cache
    def written() -> "OrderMails":
        from standby.delivery.links import Links  # noqa: PLC0415 - loaded where somebody is mailed
        from standby.delivery.mailing import OrderMails  # noqa: PLC0415 - as above
        from standby.platform import secrets  # noqa: PLC0415

        tokens = secrets.connect(settings.link_keys_table, tables).tokens
        return OrderMails(Links(settings.public_url, tokens), settings.default_locale)

    @cache
    def deciding() -> "Deciding":
        from standby.delivery.deciding import Deciding  # noqa: PLC0415 - loaded where something is late

        return Deciding(
            orders=orders,
            mails=mails,
            bus=events,
            written=written(),
            clock=clock,
            zone=zone,
            count=count,
            may_call=lambda *about: calls().may(*about),
        )

    def receipts() -> "Receipts":
        from standby.delivery.receipts import Receipts  # noqa: PLC0415 - loaded where somebody withdraws

        return Receipts(orders=store, mails=mails, written=written(), clock=clock)

    def refusals() -> "Refusals":
        from standby.delivery.refusing import Refusals  # noqa: PLC0415 - loaded where a mail was refused

        return Refusals(orders, deciding(), clock)

    calls = cache(partial(_calls, settings, tables, clock, zone, count))

    @cache
    def book() -> "TurnBook":
        from standby.delivery.turns_repository import TurnBook  # noqa: PLC0415 - loaded where something is late
        from standby.platform.table import Table  # noqa: PLC0415

        return TurnBook(Table(settings.deliveries_table, tables))

    @cache
    def slots() -> "Slots":
        from standby.delivery.pacing import Slots  # noqa: PLC0415 - loaded where something is late

        return Slots(book(), settings.notices_per_hour)

    @cache
    def together() -> "Together":
        from standby.delivery.merging import Together  # noqa: PLC0415 - loaded where something waits

        return Together(letters=book(), notices=notices(), look=lambda order: deciding().look(order))

    @cache
    def turns() -> "Turns":
        from standby.delivery.turns import Turns  # noqa: PLC0415 - loaded every quarter of an hour

        return Turns(
            book=book(),
            tell=together().tell,
            queue=records,
            clock=clock,
            most=settings.notices_per_hour,
        )

    @cache
    def opening() -> "Opening":
        from standby.delivery.opening import Opening  # noqa: PLC0415 - loaded where a shop closes for notices
        from standby.platform.shop_hours import shop_hours  # noqa: PLC0415 - as above

        return Opening(shop_hours(settings))

    @cache
    def notices() -> "Notices":
        from standby.delivery.noticing import Notices  # noqa: PLC0415 - loaded where something is late

        return Notices(
            orders=orders,
            apologies=cache(partial(_apologies, settings)),
            mails=mails,
            written=written(),
            clock=clock,
            zone=zone,
            count=count,
            opens=lambda *about: opening().opens(*about) if settings.quiet_for == ALL else about[0],
            may_go=lambda *about: slots().may(*about),
            wait=lambda *about: slots().wait(*about),
            late_when=settings.order_late_when,
            explain=explain,
        )

    def preordered() -> "Preordered":
        from standby.delivery.preordered import Preordered  # noqa: PLC0415 - goods ordered ahead move seldom

        return Preordered(orders, clock, zone)

    def remedied() -> "RemedyMarks":
        from standby.delivery.remedy_repository import RemedyMarks  # noqa: PLC0415 - loaded where something is granted
        from standby.platform.table import Table  # noqa: PLC0415

        return RemedyMarks(Table(settings.deliveries_table, tables))

    def look(order_id: str) -> None:
        order = orders.look(order_id)
        if settings.order_late_when != "one":
            order = notices().tell(order_id)
        elif order.tell_at is not None:
            order = notices().tell_due(order)
        deciding().look(order)

    return Worker(
        Sweep(
            shards=DUE_SHARDS,
            page=store.due,
            look=look,
            queue=records,
            clock=clock,
        ),
        notices,
        receipts,
        deciding,
        refusals,
        slots,
        turns,
        preordered,
        together,
        calls,
        remedied,
    )


def _calls(
    settings: WorkerSettings, tables: "DynamoDBClient", clock: Clock, zone: tzinfo, count: Callable[[str, int], None]
) -> "CallPace":
    from standby.delivery.call_pacing import CallPace  # noqa: PLC0415 - loaded where somebody is to be called
    from standby.delivery.calls_repository import CallBook  # noqa: PLC0415
    from standby.platform.table import Table  # noqa: PLC0415

    table = Table(settings.deliveries_table, tables)
    return CallPace(book=CallBook(table), most=settings.call_tasks_per_day, clock=clock, zone=zone, count=count)


def _explains(table: str, clock: Clock) -> "Callable[[Order, list[Delay]], list[Delay]]":
    """Return what says which incident explains what is late."""

    @cache
    def incidents() -> "Incidents":
        from standby.delivery.assembly.incidents import incidents_of  # noqa: PLC0415 - loaded where something is late

        return incidents_of(table, clock)

    return lambda order, delays: incidents().explain(order, delays)


def _apologies(settings: WorkerSettings) -> "ApologyBook":
    """Return what counts apologies."""
    from standby.delivery.apology_repository import ApologyBook  # noqa: PLC0415 - loaded where something is late

    return ApologyBook(settings.deliveries_table, settings.most_apologies)
