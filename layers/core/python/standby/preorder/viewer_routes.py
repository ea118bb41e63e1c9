"""The HTTP routes of pre-orders that a mailed link opens to its customer (design §5.2)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.http import Resolver, resolver
from standby.preorder.offer_routes import add_offer_routes
from standby.preorder.own import Own
from standby.preorder.own_routes import add_own_routes
from standby.preorder.showing import Cards, Shower

if TYPE_CHECKING:
    from standby.platform.tokens import Tokens
    from standby.preorder.cancelling import Cancelling
    from standby.preorder.consenting import Consenting
    from standby.preorder.offers import OfferDesk


@frozen(kw_only=True)
class CustomerDesk:
    """The use cases behind the links."""

    own: Own
    shower: Shower
    cancelling: "Callable[[], Cancelling]"
    """Loads what cancels, for whoever does more than look."""
    consenting: "Callable[[], Consenting]"
    offers: "Callable[[], OfferDesk]"
    """Loads what takes and gives back offers."""
    tokens: "Callable[[], Tokens]"
    cards: Cards
    clock: Clock
    default_locale: str
    shop_time_zone: str
    shop_product_url: str | None = None


def application(desk: Callable[[], CustomerDesk]) -> Resolver:
    """Return the resolver of ``preorder_viewer``; ``desk`` is called when the first request needs it."""
    app = resolver()
    add_own_routes(app, desk)
    add_offer_routes(app, desk)
    return app
