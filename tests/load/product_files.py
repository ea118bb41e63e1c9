"""Product files of a shop, as large as a test wants them: Google's feed in both forms, and Shopify's export.

A product has a SKU of each of the `SIZES`. After every `GOOD_LINES` lines comes one that cannot be read, of a product
of its own.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

SIZES = ("S", "M", "L", "XL")
GOOD_LINES = 10_000
CURRENCY = "EUR"
PAGE = "https://shop.example/products/"
WORDS = "Woven from long fibres, washed twice,\nand cut a little wide."
"""What files say and Standby does not keep."""


class Item(NamedTuple):
    """A SKU of a file. Its price is in cents; a word in its place makes a line that cannot be read."""

    product_id: str
    sku: str
    title: str
    size: str
    price: int | str

    @property
    def money(self) -> str:
        """Return the price as files write it."""
        return self.price if isinstance(self.price, str) else f"{self.price // 100}.{self.price % 100:02}"


class File(NamedTuple):
    """A file in one of the formats, and the numbers of the lines that its report has to name."""

    format: str
    content: bytes
    bad_lines: list[int]


def mapping(name: str, *, complete: bool = False) -> dict[str, Any]:
    """Return the mapping by which a format is read."""
    page = {"product_url": f"{PAGE}{{handle}}"} if name == "shopify" else {}
    return {"kind": "products", "format": name, "currency": CURRENCY, "complete": complete, **page}


def items(skus: int, *, of: str, price: int = 4_900) -> list[Item]:
    """Return SKUs whose products begin with ``of``. Some titles are Hebrew, and all prices differ."""
    made = []
    for number in range(skus):
        product, place = divmod(number, len(SIZES))
        product_id = f"{of}-{product:06}"
        title = f"חולצה {product} & more" if product % 3 == 0 else f'Shirt "wide", {product}'
        made.append(Item(product_id, f"{product_id}-{SIZES[place]}", title, SIZES[place], price + number))
    return made


def with_bad(sold: Sequence[Item]) -> Iterator[Item]:
    """Yield the SKUs and, among them, those of which the price is none."""
    for number, item in enumerate(sold, start=1):
        yield item
        if number % GOOD_LINES == 0:
            yield Item(f"{item.product_id}-BAD", f"{item.sku}-BAD", item.title, item.size, "soon")


def google(sold: Sequence[Item]) -> File:
    """Return Google's feed, tab-separated."""
    rows = [_google(item) for item in with_bad(sold)]
    return _file("google", ["\t".join(names) for names in (rows[0], *(row.values() for row in rows))], sold)


def google_xml(sold: Sequence[Item]) -> File:
    """Return Google's feed, RSS 2.0."""
    named = (
        "".join(f"<g:{name}>{escape(text)}</g:{name}>" for name, text in _google(item).items())
        for item in with_bad(sold)
    )
    head = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>'
    lines = [head, *(f"<item>{each}</item>" for each in named), "</channel></rss>"]
    return _file("google-xml", lines, sold)


def shopify(sold: Sequence[Item]) -> File:
    """Return Shopify's export. The text of each product's first line takes two lines."""
    written, known, ends, bad = io.StringIO(), set(), 2, []
    names = list(_shopify(sold[0], first=True))
    writer = csv.DictWriter(written, names, restval="", lineterminator="\n")
    writer.writeheader()
    for item in with_bad(sold):
        first = item.product_id not in known
        known.add(item.product_id)
        writer.writerow(_shopify(item, first=first))
        if isinstance(item.price, str):
            bad.append(ends)
        ends += 2 if first else 1
    return File("shopify", written.getvalue().encode(), bad)


def _file(name: str, lines: Sequence[str], sold: Sequence[Item]) -> File:
    """Put a file together; its second line is the first SKU's."""
    bad = [number for number, item in enumerate(with_bad(sold), start=2) if isinstance(item.price, str)]
    return File(name, "\n".join(lines).encode(), bad)


def _google(item: Item) -> dict[str, str]:
    return {
        "id": item.sku,
        "item_group_id": item.product_id,
        "title": item.title,
        "description": WORDS.replace("\n", " ") * 2,
        "link": f"{PAGE}{item.product_id}",
        "image_link": f"https://shop.example/{item.product_id}.jpg",
        "price": f"{item.money} {CURRENCY}",
        "availability": "in_stock",
        "brand": "Olive & Loom",
        "size": item.size,
        "product_type": "Clothing > Shirts",
    }


def _shopify(item: Item, *, first: bool) -> dict[str, str]:
    about = {
        "Title": item.title,
        "Body (HTML)": f"<p>{WORDS}</p>",
        "Vendor": "Olive & Loom",
        "Type": "Shirts",
        "Tags": "linen, wide",
        "Published": "true",
        "Status": "active",
        "Option1 Name": "Size",
        "Image Src": f"https://shop.example/{item.product_id}.jpg",
    }
    return {
        "Handle": item.product_id,
        **(about if first else {}),
        "Option1 Value": item.size,
        "Variant SKU": item.sku,
        "Variant Price": item.money,
    }
