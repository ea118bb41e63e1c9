"""The API's use cases put together with AWS, as its function's settings say."""

from collections.abc import Iterable, Mapping
from functools import cache
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from standby.platform import bus, dynamodb, queue, secrets
from standby.platform.caller import Proxies
from standby.platform.clock import SystemClock
from standby.platform.frozen import frozen
from standby.platform.identifier import Ids
from standby.platform.queue import SqsQueue
from standby.platform.table import Table
from standby.shelf.lazy_cards import LazyCards
from standby.waitlist.closing import Closing, Leaving
from standby.waitlist.directory import Directory
from standby.waitlist.explaining import Explainer
from standby.waitlist.limits import JoinLimit
from standby.waitlist.links import Links
from standby.waitlist.own_entries import Mine
from standby.waitlist.repository import CustomerRepository
from standby.waitlist.routes import Desk
from standby.waitlist.service import Calendar, SignUp
from standby.waitlist.settings import ApiSettings
from standby.waitlist.subscribing import Refusing, Unsubscribing
from standby.waitlist.wave_repository import WaveRepository

if TYPE_CHECKING:
    from standby.shelf.model import Row
    from standby.waitlist.store_offer_repository import StoreOfferRepository
    from standby.waitlist.store_offers import StoreOffers

ID_BYTES = 9
"""Entry ids are 12 characters of ``A-Z a-z 0-9 _ -``."""


@frozen()
class StockLedger:
    """The ledger, loaded where somebody names SKUs. Most requests follow a mailed link and name none."""

    table: Table

    def known(self, skus: Iterable[str]) -> frozenset[str]:
        """Return those of the SKUs that the ERP ever named."""
        from standby.ledger.reader import LedgerReader  # noqa: PLC0415 - see above

        return LedgerReader(self.table).known(skus)


@frozen()
class ShelfRows:
    """The shelf, loaded where somebody names SKUs."""

    table: Table

    def rows(self, skus: Iterable[str]) -> "Mapping[str, Row]":
        """Return the rows of at most 100 SKUs."""
        from standby.shelf.reader import ShelfReader  # noqa: PLC0415 - see above

        return ShelfReader(self.table).rows(skus)


def _origin(address: str) -> str:
    return "/".join(address.split("/", 3)[:3])


def _book(table: Table) -> "StoreOfferRepository":
    from standby.waitlist.store_offer_repository import StoreOfferRepository  # noqa: PLC0415 - seldom used

    return StoreOfferRepository(table)


def _store_offers(
    book: "StoreOfferRepository", events: bus.Bus, clock: SystemClock, calendar: Calendar
) -> "StoreOffers":
    from standby.waitlist.store_offers import StoreOffers  # noqa: PLC0415 - seldom used

    return StoreOffers(book, events, clock, calendar)


def assemble(settings: ApiSettings) -> Desk:
    """Build who answers the API's routes."""
    tables, sqs, clock = dynamodb.client(), queue.client(), SystemClock()
    table = Table(settings.waitlist_table, tables)
    ledger = StockLedger(Table(settings.stock_table, tables))
    shelf = ShelfRows(Table(settings.shelf_table, tables))
    customers = CustomerRepository(table)
    waves = WaveRepository(table)
    events = bus.connect(settings.event_bus_name)
    plans = SqsQueue(settings.waitlist_plans_queue_url, sqs)
    tokens = secrets.connect(settings.link_keys_table, tables).tokens
    directory = Directory(customers, waves)
    closing = Closing(directory, clock)
    calendar = Calendar(settings.shop_time_zone)
    return Desk(
        sign_up=SignUp(
            directory=directory,
            ledger=ledger,
            shelf=shelf,
            mails=SqsQueue(settings.mail_urgent_queue_url, sqs),
            plans=plans,
            bus=events,
            links=Links(settings.public_url, tokens),
            clock=clock,
            calendar=calendar,
            new_id=lambda: token_urlsafe(ID_BYTES),
        ),
        leaving=Leaving(closing, events, clock),
        unsubscribing=Unsubscribing(directory, events, clock),
        refusing=Refusing(directory, lambda address, at: _book(table).refuse(address, at), events, clock),
        store_offers=cache(lambda: _store_offers(_book(table), events, clock, calendar)),
        mine=Mine(directory, ledger, shelf, closing, events, plans, clock, calendar),
        directory=directory,
        explainer=Explainer(customers, waves, shelf, clock),
        limit=JoinLimit(customers, settings.joins_per_ip_per_minute, clock),
        proxies=Proxies(settings.trusted_proxies, settings.proxy_networks),
        tokens=tokens,
        clock=clock,
        calendar=calendar,
        cards=LazyCards(Table(settings.shelf_table, tables), clock),
        default_locale=settings.default_locale,
        origins=frozenset((*settings.cors_origins, _origin(settings.public_url))),
        ids=Ids(settings.id_case),
    )
