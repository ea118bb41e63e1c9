"""The issuer put together with AWS, as its function's settings say."""

from functools import cache
from typing import TYPE_CHECKING

from standby.compensation.assembly.granting import assemble as assemble_granting
from standby.compensation.issuing import Issuing
from standby.platform import queue
from standby.platform.observability import counter

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics

    from standby.compensation.following import Follower
    from standby.compensation.settings import IssuerSettings
    from standby.platform.sweep import Sweep


def assemble(settings: "IssuerSettings", metrics: "Metrics") -> Issuing:
    """Build what works off the queue, which counts in ``metrics``."""
    count = counter(metrics)
    issuer, book = assemble_granting(settings, count)
    clock = issuer.clock

    @cache
    def follower() -> "Follower":
        from standby.compensation.following import Follower  # noqa: PLC0415 - loaded where an order is heard of
        from standby.compensation.redeeming import Till  # noqa: PLC0415 - as above
        from standby.compensation.voucher_repository import VoucherBook  # noqa: PLC0415 - as above

        vouchers = VoucherBook(book.table)
        till = Till(book=vouchers, bus=issuer.bus, clock=clock)
        return Follower(uses=vouchers, till=till, orders=issuer.orders, clock=clock, count=count)

    def sweep() -> "Sweep":
        from standby.compensation.choosing import Choosing  # noqa: PLC0415 - loaded once an hour
        from standby.compensation.repository import DUE_SHARDS  # noqa: PLC0415 - as above
        from standby.platform.sweep import Sweep  # noqa: PLC0415

        choosing = Choosing(issuer=issuer, book=book, clock=clock)

        def look(order_id: str) -> None:
            issuer.look(order_id)
            choosing.look(order_id)

        records = queue.SeldomQueue(settings.compensation_records_queue_url)
        return Sweep(shards=DUE_SHARDS, page=book.due, look=look, queue=records, clock=clock)

    return Issuing(issuer, follower, sweep)
