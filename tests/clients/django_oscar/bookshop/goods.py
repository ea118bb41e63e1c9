"""The bookshop's goods: a dozen books (``books.json``) with covers drawn here; one of them is ordered ahead."""

import io
import json
import textwrap
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sites.models import Site
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.core.loading import get_model
from PIL import Image, ImageDraw, ImageFont

STAFF, PASSWORD = "staff@example.com", "harbour-books"
WIDE, HIGH = 440, 620
COUNTRIES = {"DE": "Germany", "FR": "France", "GB": "United Kingdom"}


@dataclass(frozen=True)
class Book:
    """A book: what a cover needs, and how many there are."""

    sku: str
    title: str
    author: str
    price: str
    in_stock: int
    paper: str
    ink: str
    shelf: str
    about: str
    ahead: int = 0
    """So many may be ordered ahead."""


BOOKS = tuple(Book(**book) for book in json.loads((Path(__file__).parent / "books.json").read_text("utf-8")))


@transaction.atomic
def put_on_the_shelf() -> None:
    """Make the shop where there is none."""
    product_class, fresh = get_model("catalogue", "ProductClass").objects.get_or_create(
        name="Book", defaults={"requires_shipping": True, "track_stock": True}
    )
    if not fresh:
        return
    Site.objects.update_or_create(
        pk=settings.SITE_ID, defaults={"domain": f"127.0.0.1:{settings.PORT}", "name": "Harbour Books"}
    )
    for order, (code, name) in enumerate(COUNTRIES.items()):
        get_model("address", "Country").objects.create(
            iso_3166_1_a2=code, printable_name=name, name=name, is_shipping_country=True, display_order=order
        )
    partner = get_model("partner", "Partner").objects.create(name="Harbour Books", code="harbour")
    for book in BOOKS:
        product = get_model("catalogue", "Product").objects.create(
            product_class=product_class,
            title=book.title,
            description=f"<p>{book.about}</p><p>{book.author}</p>",
        )
        product.categories.add(create_from_breadcrumbs(book.shelf))
        picture = get_model("catalogue", "ProductImage")(product=product)
        picture.original.save(f"{book.sku.lower()}.png", ContentFile(cover(book)))
        picture.save()
        get_model("partner", "StockRecord").objects.create(
            product=product,
            partner=partner,
            partner_sku=book.sku,
            price=Decimal(book.price),
            num_in_stock=book.in_stock,
        )
    get_user_model().objects.create_superuser(STAFF.partition("@")[0], STAFF, PASSWORD)


def tell_everything() -> None:
    """Have Standby hear of all goods: it may be a new one. What it knows already changes nothing there."""
    from care import telling  # noqa: PLC0415 - django-oscar without Standby has none of it

    for record in get_model("partner", "StockRecord").objects.select_related("product"):
        telling.product(record.product)
        telling.stock(record.partner_sku)
    open_campaigns()


def open_campaigns() -> None:
    """Open what is ordered ahead, as a person at the shop does once, with the key's scope ``ops``."""
    from care.api import ask  # noqa: PLC0415 - as above

    release = (timezone.now() + timedelta(days=40)).date().isoformat()
    for book in BOOKS:
        if book.ahead:
            price = {"amount": int(Decimal(book.price) * 100), "currency": settings.OSCAR_DEFAULT_CURRENCY}
            terms = {"kind": "preorder", "capacity": book.ahead, "release_on": release, "price": price, "pay": "now"}
            ask("PUT", f"/v1/campaigns/{book.sku}", terms)


def cover(book: Book) -> bytes:
    """Draw a book's cover as a PNG."""
    drawn = Image.new("RGB", (WIDE, HIGH), book.paper)
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((24, 24, WIDE - 24, HIGH - 24), outline=book.ink, width=3)
    seed = sum(map(ord, book.sku))
    for ring in range(5):
        size = 36 + ring * (18 + seed % 9)
        across, down = WIDE // 2 + (seed % 7 - 3) * ring * 4, 420
        pen.ellipse((across - size, down - size, across + size, down + size), outline=book.ink, width=2 + seed % 3)
    pen.rectangle((24, 400 + seed % 40, WIDE - 24, HIGH - 24), fill=book.paper)
    pen.rectangle((24, 400 + seed % 40, WIDE - 24, HIGH - 24), outline=book.ink, width=3)
    title = "\n".join(textwrap.wrap(book.title, 13))
    pen.multiline_text((48, 52), title, fill=book.ink, font=ImageFont.load_default(44), spacing=12)
    pen.text((48, HIGH - 84), book.author, fill=book.ink, font=ImageFont.load_default(26))
    written = io.BytesIO()
    drawn.save(written, "PNG", optimize=True)
    return written.getvalue()
