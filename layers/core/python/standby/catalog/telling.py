"""What others hear of a product and its SKUs, in events that EventBridge takes."""

from collections.abc import Iterator, Sequence
from zlib import crc32

from standby.catalog.model import Product, Variant
from standby.events import fields
from standby.events.catalog import ProductChanged, ProductDiscontinued
from standby.platform.batch import size
from standby.platform.batching import groups
from standby.platform.bus import EVENT_BYTES


def product_events(product: Product, variants: Sequence[Variant], *, at: str) -> Iterator[ProductChanged]:
    """Yield the product with these variants, in as many events as they need; without variants it is one."""
    head = ProductChanged(
        id="",
        at=at,
        product_id=product.product_id,
        edition=product.edition,
        discontinued=product.is_discontinued,
        variants=(),
        **product.about,
    )
    room = EVENT_BYTES - size(head._asdict())
    told = [variant_told(variant) for variant in variants]
    for page in list(groups(told, most=fields.MOST_VARIANTS, most_weight=room, weight=size)) or [[]]:
        # Editions say what is told, so an event with the same id says the same.
        mark = crc32(" ".join(f"{each['sku']}@{each['edition']}" for each in page).encode())
        yield head._replace(id=f"{product.product_id}@{product.edition}:ProductChanged:{mark:08x}", variants=page)


def discontinued_events(variants: Sequence[Variant], *, at: str) -> Iterator[ProductDiscontinued]:
    """Yield those of the SKUs that do not come back."""
    for variant in variants:
        if variant.is_discontinued:
            yield ProductDiscontinued(
                id=f"{variant.sku}@{variant.edition}:ProductDiscontinued",
                at=at,
                sku=variant.sku,
                edition=variant.edition,
                product_id=variant.product_id,
            )


def variant_told(variant: Variant) -> fields.Variant:
    """Return what an event says of a SKU."""
    content = variant.content
    return {
        "sku": variant.sku,
        "edition": variant.edition,
        "gone": content is None,
        "discontinued": variant.is_discontinued,
        **(content or {}),  # type: ignore[typeddict-item] # as `messages` read it
    }
