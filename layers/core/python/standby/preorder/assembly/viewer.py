"""The viewer's use cases put together with AWS, as its function's settings say."""

from functools import cache
from typing import TYPE_CHECKING

from standby.platform import dynamodb, secrets
from standby.platform.clock import SystemClock
from standby.platform.table import Table
from standby.preorder.own import Own
from standby.preorder.repository import PreorderRepository
from standby.preorder.settings import ViewerSettings
from standby.preorder.showing import Shower
from standby.preorder.viewer_routes import CustomerDesk
from standby.shelf.lazy_cards import LazyCards

if TYPE_CHECKING:
    from standby.preorder.assembly.changing import Changing


def assemble(settings: ViewerSettings) -> CustomerDesk:
    """Build who answers the routes behind mailed links."""
    tables, clock = dynamodb.client(), SystemClock()
    preorders = PreorderRepository(Table(settings.preorders_table, tables))
    tokens, shower = secrets.connect(settings.link_keys_table, tables).tokens, Shower(preorders, clock)

    @cache
    def changing() -> "Changing":
        from standby.preorder.assembly import changing  # noqa: PLC0415 - most requests only look

        return changing.assemble(settings, preorders, tokens)

    return CustomerDesk(
        own=Own(preorders, shower, clock),
        shower=shower,
        cancelling=lambda: changing().cancelling,
        consenting=lambda: changing().consenting,
        offers=lambda: changing().offers,
        tokens=tokens,
        cards=LazyCards(Table(settings.shelf_table, tables), clock),
        clock=clock,
        default_locale=settings.default_locale,
        shop_time_zone=settings.shop_time_zone,
        shop_product_url=settings.shop_product_url,
    )
