"""What mail programs may show of parcels by themselves: schema.org's ``ParcelDelivery`` as JSON-LD in a mail's HTML.

A job whose data has ``parcels`` gets it. Whoever makes the job lists only parcels that a carrier has, so that nothing
stands there which tracking does not make true. Names of products are those that the mail shows.
"""

import json
from collections.abc import Mapping
from typing import Any

from standby.mail.composing import Composer, plain
from standby.shelf.naming import named

ESCAPED = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}
"""What could end the script's element, or a line of it."""


def with_parcels(html: str, composer: Composer, shop: str) -> str:
    """Return a mail's HTML with the markup of its parcels; the same where it has none."""
    found = [_parcel(each, composer, shop) for each in composer.data.get("parcels", ())]
    if not found:
        return html
    # Each brace stands on a line of its own: two together would be parted, as SES would take them for a slot.
    text = json.dumps(found, ensure_ascii=False, indent=0).translate(ESCAPED)
    body, end, rest = html.rpartition("</body>")
    return f'{body}<script type="application/ld+json">{text}</script>{end}{rest}'


def _parcel(said: Mapping[str, Any], composer: Composer, shop: str) -> dict[str, Any]:
    abouts = [{**composer.cards.get(sku, {}), "sku": sku} for sku in said["skus"]]
    parcel = {
        "@context": "https://schema.org",
        "@type": "ParcelDelivery",
        "expectedArrivalUntil": said["expected"],
        "provider": {"@type": "Organization", "name": plain(said["carrier"])},
        "partOfOrder": {
            "@type": "Order",
            "orderNumber": plain(said.get("order") or composer.data["order"]),
            "merchant": {"@type": "Organization", "name": shop},
        },
        "itemShipped": [
            {"@type": "Product", "name": plain(product.full_name)} for product in named(abouts, composer.language)
        ],
    }
    return {**parcel, "trackingUrl": said["tracking_url"]} if "tracking_url" in said else parcel
