"""The catalogue's HTTP routes (design §5.2)."""

from typing import TYPE_CHECKING

from standby.catalog.absences.routes import add_absence_routes
from standby.catalog.absences.service import Approvals
from standby.catalog.messages import LARGEST
from standby.catalog.service import Lookup
from standby.platform.http import Problem, Resolver, resolver
from standby.platform.identifier import EXACT, Ids
from standby.platform.intake import ANSWERS, Intake, taken

if TYPE_CHECKING:
    from standby.catalog.answers import MessagesTaken, ProductShown


def application(*, intake: Intake, lookup: Lookup, approvals: Approvals, ids: Ids = EXACT) -> Resolver:
    """Return the resolver of ``catalog_api``. ``ids`` says how the shop's ids are read."""
    app = resolver(lambda: ids)

    @app.operation(
        "POST /v1/messages/catalog",
        "Take the shop's messages about products: one, or a batch of at most 1,000",
        ANSWERS,
        body=" ".join(LARGEST),
        scope="erp",
    )
    def take_messages() -> "MessagesTaken":
        return taken(app, intake)

    @app.operation(
        "GET /v1/catalog/products/<product_id>",
        "Show the newest word about a product, and its SKUs",
        {200: "what is known of the product", 404: "the shop never named this product"},
        parameters={"product_id": "the product's id, percent-encoded"},
        scope="ops",
    )
    def show_product(product_id: str) -> "ProductShown":
        shown = lookup.show(product_id)
        if shown is None:
            raise Problem(404, "unknown-product", f"the shop never named the product {product_id}")
        return shown

    add_absence_routes(app, approvals)
    return app
