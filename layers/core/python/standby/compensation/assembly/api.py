"""The API put together with AWS, as its function's settings say."""

from functools import cache, partial
from secrets import token_hex
from typing import TYPE_CHECKING

from standby.compensation.guess_repository import GuessBook
from standby.compensation.guessing import Guesses
from standby.compensation.redeeming import Till
from standby.compensation.repository import RemedyBook
from standby.compensation.revoking import Revoking
from standby.compensation.routes import Desk, application
from standby.compensation.voucher_repository import VoucherBook
from standby.platform import bus, dynamodb, secrets
from standby.platform.clock import SystemClock
from standby.platform.identifier import Ids
from standby.platform.table import Table

if TYPE_CHECKING:
    from aws_lambda_powertools import Metrics
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

    from standby.compensation.agents import Agents
    from standby.compensation.ordered import Ordered
    from standby.compensation.rehearsals import Beginning
    from standby.compensation.settings import ApiSettings


def assemble(settings: "ApiSettings", metrics: "Metrics") -> "APIGatewayHttpResolver":
    """Build the resolver; what is counted goes to ``metrics``."""

    @cache
    def agents() -> "Agents":
        from standby.compensation.agents import Agents  # noqa: PLC0415 - people seldom grant by hand
        from standby.compensation.assembly.granting import assemble  # noqa: PLC0415 - as above
        from standby.platform.observability import counter  # noqa: PLC0415

        issuer, book = assemble(settings, counter(metrics))
        return Agents(issuer=issuer, book=book)

    @cache
    def rehearsals() -> "Beginning":
        from zoneinfo import ZoneInfo  # noqa: PLC0415 - people seldom rehearse

        from standby.compensation.rehearsal_repository import RehearsalBook  # noqa: PLC0415 - as above
        from standby.compensation.rehearsals import Beginning  # noqa: PLC0415 - as above
        from standby.platform.queue import SeldomQueue  # noqa: PLC0415 - as above

        return Beginning(
            book=RehearsalBook(Table(settings.vouchers_table, dynamodb.client())),
            queue=SeldomQueue(settings.compensation_records_queue_url),
            clock=SystemClock(),
            zone=ZoneInfo(settings.shop_time_zone),
        )

    @cache
    def desk() -> Desk:
        tables, clock = dynamodb.client(), SystemClock()
        tokens = secrets.connect(settings.link_keys_table, tables).tokens
        table = Table(settings.vouchers_table, tables)
        book, guesses = RemedyBook(table), Guesses(counts=GuessBook(table), clock=clock)

        vouchers = VoucherBook(table)

        def order(order_id: str) -> "Ordered | None":
            from standby.compensation.order_repository import OrderReader  # noqa: PLC0415 - few vouchers are given back

            return OrderReader(settings.deliveries_table, tables).order(order_id)

        till = Till(book=vouchers, bus=bus.connect(settings.event_bus_name), clock=clock, order=order)
        revoking = Revoking(book=book, clock=clock)
        return Desk(
            book=book,
            agents=agents,
            till=till,
            keys=lambda: tokens().keys,
            revoking=revoking,
            guesses=guesses,
            rehearsals=rehearsals,
            make_id=partial(token_hex, 12),
            clock=clock,
            vouchers=vouchers,
            shop_time_zone=settings.shop_time_zone,
        )

    return application(desk, Ids(settings.id_case))
