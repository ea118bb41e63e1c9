"""Which routes the public may call without a key, and how many calls to AWS each may make at most."""

from standby.availability.alternatives import MOST_LOOKED_INTO
from standby.availability.swaps import MOST_PRODUCTS
from standby.preorder.model import MOST_LINES
from standby.shelf.items import FEED_SHARDS
from standby.shelf.pictures import BANDS

SIGN_UP = "POST /v1/waitlist"
RETURNED = "GET /v1/back-in-stock"
"""Its requests are counted where something came back (`tests/standby/availability/test_returns.py`)."""
STATIC = ("storefront/{file}", "storefront/{version}/{file}", "docs", "docs/{file}", "openapi.json", "waitlist/asked")
FILES = {f"GET /v1/{path}": 0 for path in STATIC}
"""What is read from the function's own layer."""
MOST_CALLS = {
    **FILES,
    RETURNED: 3,
    SIGN_UP: 8,
    "GET /v1/waitlist/confirm": 5,
    "POST /v1/waitlist/confirm": 23,
    "GET /v1/waitlist/leave": 2,
    "POST /v1/waitlist/leave": 20,
    "GET /v1/waitlist/digest/leave": 4,
    "POST /v1/waitlist/digest/leave": 5,
    "GET /v1/waitlist/store-offers/leave": 4,
    "POST /v1/waitlist/store-offers/leave": 5,
    "GET /v1/waitlist/mine": 29,
    "PATCH /v1/waitlist/mine/{id}": 35,
    "DELETE /v1/waitlist/mine/{id}": 25,
    "POST /v1/waitlist/mine/{id}": 35,
    "GET /v1/availability": 1,
    "POST /v1/availability/check": 2 + MOST_PRODUCTS,
    "POST /v1/listings/rank": 1,
    "GET /v1/products/{product_id}/availability": 5,
    "GET /v1/products/availability": 5,
    "GET /v1/products/{product_id}/alternatives": 8 + BANDS + MOST_LOOKED_INTO,
    "GET /v1/products/alternatives": 8 + BANDS + MOST_LOOKED_INTO,
    "GET /v1/products/{product_id}/stores": 5,
    "GET /v1/products/stores": 5,
    "GET /v1/feeds/availability.tsv": len(FEED_SHARDS),
    "GET /v1/feeds/availability.jsonl": len(FEED_SHARDS),
    "GET /v1/preorders/{token}": 4 + 2 * MOST_LINES,
    "GET /v1/offers/{token}": 4,
    "POST /v1/offers/{token}/accept": 8,
    "POST /v1/offers/{token}/decline": 9,
    "POST /v1/preorders/{token}/cancel": 9 + 2 * MOST_LINES,
    "POST /v1/preorders/{token}/wait": 7 + 2 * MOST_LINES,
    "GET /v1/remedies/{token}": 4,
    "POST /v1/remedies/{token}/choose": 16,
    "POST /v1/remedies/{token}/feedback": 13,
    "GET /v1/track/{token}": 5,
    "POST /v1/track/{token}/wait": 8,
    "POST /v1/track/{token}/arrived": 8,
    "POST /v1/track/{token}/cancel": 8,
    "POST /v1/track/{token}/withdraw": 8,
}
"""The most calls for the largest customer that the limits allow, and for as many SKUs as may be asked for."""
CHECK = "POST /v1/availability/check"
INSTEAD = ("GET /v1/products/{product_id}/alternatives", "GET /v1/products/alternatives")
"""What they ask beside a product that is sold out."""
PAGES = ("GET /v1/products/{product_id}/availability", "GET /v1/products/availability")
NEAR = ("GET /v1/products/{product_id}/stores", "GET /v1/products/stores")
"""What they ask for the page of a product, and for those who would come to a store."""
OFFERED = ("GET /v1/offers/{token}", "POST /v1/offers/{token}/accept", "POST /v1/offers/{token}/decline")
"""What the mail about an offer leads to."""
RESERVED = ("GET /v1/preorders/{token}", "POST /v1/preorders/{token}/wait", "POST /v1/preorders/{token}/cancel")
"""What a mail about a reservation leads to."""
TRACKED = [route for route in MOST_CALLS if "/v1/track/" in route or "/v1/remedies/" in route]
"""What a mail about an order or a remedy leads to (`test_public_tracking` and `test_public_remedies` here)."""
