"""A product as schema.org describes it, for search engines and whoever else reads pages by machine (features.md A6).

Google's guidance is followed: one `ProductGroup` whose variants are `Product`s with an `Offer` each, and a plain
`Product` where there is one variant only (https://developers.google.com/search/docs/appearance/structured-data/product-variants,
read in November 2026). It asks for a price and a picture besides; where the shop never said them they are left out,
because a page without them says the truth all the same.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from standby.platform.json_text import to_json
from standby.platform.money import parts
from standby.shelf.cards import BETWEEN_VALUES
from standby.shelf.terms import SCHEMA_ORG, item_availability

if TYPE_CHECKING:
    from standby.availability.answers import Price, ProductMatrix, VariantCell

PROPERTIES: Mapping[str, Sequence[str]] = {
    "color": ("color", "colour", "צבע"),
    "size": ("size", "מידה", "גודל"),
    "material": ("material", "חומר"),
    "pattern": ("pattern", "דוגמה", "הדפס"),
}
"""Properties of schema.org by which Google lets variants differ, and what shops call these options."""
CALLED = {word: name for name, words in PROPERTIES.items() for word in words}
ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
"""What may not stand in a script of a page, or in JavaScript. It only stands in texts, where JSON may write it so."""
MOST_CHARACTERS = 2_000_000
"""With which each variant may repeat the product's address and picture. Lambda hands back 6 MB."""
About = dict[str, Any]


def written(product: "ProductMatrix") -> str:
    """Write a product as JSON-LD that may stand inside ``<script type="application/ld+json">`` as it is."""
    text = to_json(described(product))
    if len(text) > MOST_CHARACTERS:
        text = to_json(described(product, repeating=False))
    return text.translate(ESCAPES)


def described(product: "ProductMatrix", *, repeating: bool = True) -> About:
    """Return what schema.org's words say of a product, and unless ``repeating`` its address and picture only once."""
    shared = {
        "brand": {"@type": "Brand", "name": product["brand"]} if product["brand"] else None,
        "category": product["category"],
    }
    names = [option["name"] for option in product["options"]]
    above: ProductMatrix = product if repeating else {**product, "url": None, "image": None}
    variants = [_variant(above, names, variant) for variant in product["variants"]]
    if len(variants) == 1 and not names:
        return _known({"@context": SCHEMA_ORG, **variants[0], **shared})
    varies = [f"{SCHEMA_ORG}{known}" for known in dict.fromkeys(map(_property, names)) if known]
    return _known(
        {
            "@context": SCHEMA_ORG,
            "@type": "ProductGroup",
            "productGroupID": product["product_id"],
            "name": _name(product),
            "url": product["url"],
            "image": product["image"],
            **shared,
            "variesBy": varies or None,
            "hasVariant": variants or None,
        }
    )


def _variant(product: "ProductMatrix", names: Sequence[str], variant: "VariantCell") -> About:
    values = {name: variant["options"][name] for name in names if name in variant["options"]}
    said = {known: value for name, value in values.items() if (known := _property(name))}
    others = [
        {"@type": "PropertyValue", "name": name, "value": value}
        for name, value in values.items()
        if _property(name) is None
    ]
    return _known(
        {
            "@type": "Product",
            "sku": variant["sku"],
            "name": BETWEEN_VALUES.join(filter(None, [_name(product), variant["text"]])),
            "image": variant["image"] or product["image"],
            **said,
            "additionalProperty": others or None,
            "offers": _offer(product, variant),
        }
    )


def _offer(product: "ProductMatrix", variant: "VariantCell") -> About:
    price, left = variant["price"], variant["units_left"]
    return _known(
        {
            "@type": "Offer",
            "url": product["url"],
            "sku": variant["sku"],
            "price": amount(price) if price else None,
            "priceCurrency": price["currency"] if price else None,
            "availability": item_availability(variant["status"]) if variant["status"] else None,
            "availabilityStarts": variant["back_on"],
            "inventoryLevel": None if left is None else {"@type": "QuantitativeValue", "value": left},
        }
    )


def amount(price: "Price") -> str:
    """Write an amount with a full stop before its minor units, as schema.org has it: ``129.90``."""
    whole, rest = parts(price["amount"], price["currency"])
    return f"{whole}.{rest}" if rest else str(whole)


def _name(product: "ProductMatrix") -> str:
    return product["title"] or product["product_id"]


def _property(option: str) -> str | None:
    """Return what schema.org calls an option, ``None`` where it has no word for it."""
    return CALLED.get(option.strip().lower())


def _known(said: About) -> About:
    """Leave out what is not known."""
    return {name: value for name, value in said.items() if value is not None}
