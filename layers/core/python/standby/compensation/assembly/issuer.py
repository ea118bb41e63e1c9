"""The issuer put together with AWS, as its function's settings say."""

from functools import cache, partial
from typing import TYPE_CHECKING

from standby.compensation.assembly.granting import assemble as assemble_granting
from standby.compensation.issuing import Issuing
from standby.compensation.order_repository import OrderReader
from standby.platform import queue
from standby.platform.observability import counter

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools import Metrics

    from standby.compensation.closing import Closing
    from standby.compensation.following import Follower
    from standby.compensation.long_waiting import LongWaiting
    from standby.compensation.redeeming import Till
    from standby.compensation.rehearsals import Rehearsing
    from standby.compensation.settings import IssuerSettings
    from standby.platform.cursor import Cursor
    from standby.platform.sweep import Sweep


def assemble(settings: "IssuerSettings", metrics: "Metrics") -> Issuing:
    """Build what works off the queue, which counts in ``metrics``."""
    count = counter(metrics)
    records = queue.SeldomQueue(settings.compensation_records_queue_url)
    issuer, book = assemble_granting(settings, count, records)
    clock = issuer.clock

    @cache
    def till() -> "Till":
        from standby.compensation.redeeming import Till  # noqa: PLC0415 - loaded where vouchers change
        from standby.compensation.voucher_repository import VoucherBook  # noqa: PLC0415 - as above

        return Till(book=VoucherBook(book.table), bus=issuer.bus, clock=clock, order=issuer.orders.order)

    @cache
    def follower() -> "Follower":
        from standby.compensation.following import Follower  # noqa: PLC0415 - loaded where an order is heard of
        from standby.compensation.voucher_repository import VoucherBook  # noqa: PLC0415 - as above

        return Follower(
            uses=VoucherBook(book.table),
            till=till(),
            orders=issuer.orders,
            clock=clock,
            count=count,
            zone=issuer.zone,
        )

    @cache
    def closing() -> "Closing":
        from standby.compensation.closing import Closing  # noqa: PLC0415 - loaded where one mail brings several

        return Closing(issuer=issuer, book=book, till=till, clock=clock)

    def sweep() -> "Sweep":
        from standby.compensation.choosing import Choosing  # noqa: PLC0415 - loaded once an hour
        from standby.compensation.repository import DUE_SHARDS  # noqa: PLC0415 - as above
        from standby.compensation.voucher_repository import HELD_SHARDS, VoucherBook  # noqa: PLC0415 - as above
        from standby.platform.sweep import Sweep  # noqa: PLC0415

        vouchers, choosing = VoucherBook(book.table), Choosing(issuer=issuer, book=book, clock=clock)

        def look_at_order(order_id: str) -> None:
            issuer.look(order_id)
            choosing.look(order_id)
            closing().close(order_id)
            issuer.mail_gathered(order_id, due=True)

        def page(shard: str, until: str, cursor: "Cursor | None") -> "tuple[list[Callable[[], None]], Cursor | None]":
            of_vouchers = shard in HELD_SHARDS
            found, after = (vouchers.held if of_vouchers else book.due)(shard, until, cursor)
            look = till().look if of_vouchers else look_at_order
            return [partial(look, name) for name in found], after

        shards = (*DUE_SHARDS, *HELD_SHARDS)
        return Sweep(shards=shards, page=page, look=lambda look: look(), queue=records, clock=clock)

    def rehearsing() -> "Rehearsing":
        from standby.compensation.rehearsal_repository import RehearsalBook  # noqa: PLC0415 - people seldom rehearse
        from standby.compensation.rehearsals import Rehearsing  # noqa: PLC0415 - as above

        return Rehearsing(
            book=RehearsalBook(book.table),
            orders=OrderReader(settings.deliveries_table, book.table.dynamodb),
            granted=book,
            queue=queue.SeldomQueue(settings.compensation_records_queue_url),
            clock=clock,
            zone=issuer.zone,
            home=issuer.home,
        )

    def long_waiting() -> "LongWaiting":
        from standby.compensation.long_waiting import LongWaiting  # noqa: PLC0415 - loaded once an hour

        return LongWaiting(book=book, clock=clock, count=count)

    return Issuing(issuer, follower, closing, sweep, rehearsing, long_waiting)
