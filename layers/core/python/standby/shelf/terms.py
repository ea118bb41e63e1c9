"""What platforms call our states: schema.org, Google's shopping feeds, Meta's catalogues, Shopify (features.md A6).

Sources, read in November 2026:

- schema.org: https://schema.org/ItemAvailability
- Google: https://support.google.com/merchants/answer/6324448 (`availability`, with the table from schema.org's words to
  its own) and https://support.google.com/merchants/answer/6324470 (`availability_date`: required for `preorder` and
  `backorder`, to be left out beside the others, at most a year ahead; ``YYYY-MM-DDThh:mm[±hhmm]``)
- Meta: the values of `availability` in its catalogue fields,
  https://developers.facebook.com/docs/commerce-platform/catalog/fields/
- Shopify: `ProductVariant.availableForSale` of its Storefront API: whether a cart takes the variant. Its
  `inventoryPolicy` must say ``CONTINUE`` for what is sold without units, so pre-orders and back-orders need that.

``README.md`` of this folder shows the table; ``make schemas`` writes it.
"""

from collections.abc import Mapping

from standby.platform.frozen import frozen

SCHEMA_ORG = "https://schema.org/"
IN_STOCK, OUT_OF_STOCK, PREORDER, BACKORDER = "in_stock", "out_of_stock", "preorder", "backorder"
"""Google's values."""


@frozen()
class Terms:
    """One state in the words of the platforms."""

    google: str
    """Value of `availability` in a product feed."""
    meta: str
    """Value of `availability` in a catalogue of Meta's, which writes spaces."""
    shopify: bool
    """Value of `availableForSale`."""

    @property
    def dated(self) -> bool:
        """Tell whether Google demands an `availability_date`."""
        return self.google in (PREORDER, BACKORDER)


TERMS: Mapping[str, Terms] = {
    "InStock": Terms(IN_STOCK, "in stock", shopify=True),
    "LimitedAvailability": Terms(IN_STOCK, "in stock", shopify=True),
    "PreOrder": Terms(PREORDER, "preorder", shopify=True),
    "BackOrder": Terms(BACKORDER, "available for order", shopify=True),
    "InStoreOnly": Terms(OUT_OF_STOCK, "out of stock", shopify=False),
    "OutOfStock": Terms(OUT_OF_STOCK, "out of stock", shopify=False),
    "SoldOut": Terms(OUT_OF_STOCK, "out of stock", shopify=False),
    "Discontinued": Terms(OUT_OF_STOCK, "discontinued", shopify=False),
}
"""The design's statuses (§1), the best first. What the shelf does not say yet stands here for those who come to it."""


def item_availability(status: str) -> str:
    """Return a state's address at schema.org, as JSON-LD names it: our statuses are its words."""
    return f"{SCHEMA_ORG}{status}"
