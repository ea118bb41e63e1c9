"""Product files that shops have already become the messages that they could send."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from standby.catalog.absences.model import Absence
from standby.catalog.feeds.service import MOST_VARIANTS, ProductFeeds, check
from standby.catalog.messages import read as read_message
from standby.imports.model import UnreadableError, UnusableMappingError
from standby.imports.passes import Job, PassReader
from standby.platform.identifier import EXACT, Ids
from standby.platform.moment import Arrival

from tests.fakes import FakeQueue

NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
PUT_AT = "2026-05-03T09:00:00.000Z"
GOOGLE = {"kind": "products", "format": "google"}
GOOGLE_XML = {"kind": "products", "format": "google-xml"}
SHOPIFY = {
    "kind": "products",
    "format": "shopify",
    "currency": "EUR",
    "product_url": "https://shop.example/products/{handle}",
}


@dataclass
class FakeLists:
    """What feeds brought, and what was written down of a complete file."""

    brought: set[str] = field(default_factory=set)
    announced: list[Absence] = field(default_factory=list)
    listed: dict[str, list[str]] = field(default_factory=dict)

    def members(self, feed: str) -> Iterator[str]:
        assert feed == "shop"
        yield from sorted(self.brought)

    def announce(self, absence: Absence, *, now: datetime) -> None:
        assert now == NOW
        self.announced.append(absence)

    def skus(self, product_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        assert self.brought >= set(product_ids)
        return {}

    def keep(self, absence_id: str, place: str, losing: object, *, now: datetime) -> bool:
        raise AssertionError(absence_id, place, losing, now)

    def end(self, absence_id: str, state: str, reason: str, *, now: datetime) -> None:
        raise AssertionError(absence_id, state, reason, now)

    def enlist(self, absence_id: str, place: str, product_ids: Sequence[str], *, now: datetime) -> None:
        assert now == NOW
        self.listed[f"{absence_id} {place}"] = list(product_ids)


def nothing_known() -> Any:
    """Fail: only a dry run asks what is known."""
    raise AssertionError


@dataclass
class Pass:
    """One file, read and sent."""

    text: str | bytes
    mapping: Mapping[str, Any]
    ids: Ids = EXACT
    bad: list[Mapping[str, Any]] = field(default_factory=list)
    updates: FakeQueue = field(default_factory=FakeQueue)
    lists: FakeLists = field(default_factory=FakeLists)
    totals: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        content = self.text if isinstance(self.text, bytes) else self.text.encode()
        job = Job(
            import_id="f" * 24,
            key="inbox/shop/products.csv",
            etag="e",
            size=len(content),
            sequencer="1",
            at=PUT_AT,
            mapping=self.mapping,
        )
        gathering = ProductFeeds(updates=self.updates, lists=self.lists, known=nothing_known, ids=self.ids).gathering(
            job
        )
        self.totals = PassReader(job, gathering, self.bad.append).read(io.BytesIO(content), now=NOW)
        gathering.send(bad_lines=len(self.bad), last=True)

    @property
    def products(self) -> dict[str, dict[str, Any]]:
        """What was sent, by product, checked as the ingester does."""
        messages = [message for body in self.updates.bodies() for message in body.get("messages", ())]
        for message in messages:
            read_message(message, arrival=Arrival(0), now=NOW, ids=self.ids)
            assert message["as_of"] == PUT_AT
        return {message["product_id"]: message for message in messages}

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """The bad lines."""
        return [(line["line"], line["reason"]) for line in self.bad]


def tsv(*lines: Mapping[str, str], spaced: bool = False) -> str:
    names = list(dict.fromkeys(name for line in lines for name in line))
    header = [name.replace("_", " ") for name in names] if spaced else names
    return "\n".join("\t".join(row) for row in (header, *([line.get(name, "") for name in names] for line in lines)))


def xml(*lines: Mapping[str, str]) -> str:
    items = "".join(
        "<item>" + "".join(f"<g:{name}>{text}</g:{name}>" for name, text in line.items()) + "</item>\n"
        for line in lines
    )
    return f'<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n{items}</channel></rss>'


RED_M = {
    "id": "SHIRT-RED-M",
    "item_group_id": "SHIRT",
    "title": "Linen shirt",
    "link": "https://shop.example/p/shirt?v=1",
    "image_link": "https://shop.example/red.jpg",
    "price": "49.00 EUR",
    "brand": "Olive",
    "color": "Red",
    "size": "M",
    "product_type": "Clothing > Shirts",
    "availability": "in_stock",
    "gtin": "4006381333931",
}
RED_L = {**RED_M, "id": "SHIRT-RED-L", "size": "L", "price": "EUR 52.50", "gtin": ""}
MUG = {"id": "MUG", "title": "Mug", "price": "12.90 EUR", "sale_price": "9.90 EUR", "link": "https://shop.example/m"}


@pytest.mark.parametrize("spaced", [False, True])
@pytest.mark.parametrize("form", ["google", "google-xml"])
def test_googles_feed_becomes_products(form: str, *, spaced: bool) -> None:
    text = tsv(RED_M, RED_L, MUG, spaced=spaced) if form == "google" else xml(RED_M, RED_L, MUG)
    done = Pass(text, {"kind": "products", "format": form, "locale": "he"})
    assert done.bad == []
    assert done.totals == {"rows": 3, "bad_lines": 0, "products": 2, "skus": 3, "products_left_out": 0}
    shirt = done.products["SHIRT"]
    assert shirt["title"] == {"he": "Linen shirt"}
    assert shirt["category"] == "Clothing > Shirts"
    assert shirt["options"] == ["color", "size"]
    assert shirt["variants"] == [
        {
            "sku": "SHIRT-RED-M",
            "options": {"color": "Red", "size": "M"},
            "price": {"amount": 4900, "currency": "EUR"},
            "image": "https://shop.example/red.jpg",
            "external_ids": {"gtin": "4006381333931"},
        },
        {
            "sku": "SHIRT-RED-L",
            "options": {"color": "Red", "size": "L"},
            "price": {"amount": 5250, "currency": "EUR"},
            "image": "https://shop.example/red.jpg",
        },
    ]
    mug = done.products["MUG"]
    assert (mug["price"], mug["options"]) == ({"amount": 990, "currency": "EUR"}, [])
    assert mug["variants"] == [{"sku": "MUG", "price": {"amount": 990, "currency": "EUR"}}]


@pytest.mark.parametrize(
    ("lasts", "amount"),
    [
        ("2026-05-01T00:00+0200/2026-05-31T23:59+0200", 990),
        ("2026-06-01T00:00+0200/2026-06-30T23:59+0200", 1290),
        ("2026-04-01T00:00Z / 2026-04-30T00:00Z", 1290),
    ],
)
def test_a_sale_lasts_as_long_as_it_says(lasts: str, amount: int) -> None:
    done = Pass(tsv({**MUG, "sale_price_effective_date": lasts}), GOOGLE)
    assert done.products["MUG"]["price"]["amount"] == amount


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"id": ""}, "id: is empty"),
        ({"title": ""}, "title: is empty"),
        ({"price": "cheap"}, "price: 'cheap' names no currency"),
        ({"price": "cheap EUR"}, "price: 'cheap EUR' is no price"),
        ({"price": "1.005 EUR"}, "price: '1.005 EUR' is no amount of EUR"),
        ({"price": "-1.00 EUR"}, "price: '-1.00 EUR' is no amount of EUR"),
        ({"link": "http://shop.example/m"}, "url: "),
        ({"link": "javascript:alert(1)"}, "url: "),
        ({"sale_price_effective_date": "soon"}, "sale_price_effective_date: 'soon' are no two instants"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_its_product_stays_as_it_was(line: dict[str, str], reason: str) -> None:
    bad = {**MUG, "item_group_id": "MUGS", **line}
    good = {**MUG, "id": "MUG-2", "item_group_id": "MUGS"}
    done = Pass(tsv(RED_M, good, bad), GOOGLE)
    ((number, said),) = done.reasons
    assert number == 4
    assert said.startswith(reason)
    assert set(done.products) == {"SHIRT"}, "without the bad line, MUGS would lose a SKU"
    assert done.totals["products_left_out"] == 1


def test_a_line_without_a_product_spoils_nobody() -> None:
    done = Pass(tsv(RED_M, {**MUG, "id": "", "item_group_id": ""}), GOOGLE)
    assert done.reasons == [(3, "id: is empty")]
    assert set(done.products) == {"SHIRT"}


def test_a_sku_that_stands_there_twice_is_reported() -> None:
    done = Pass(tsv(RED_M, RED_M, MUG), GOOGLE)
    assert done.reasons == [(3, "line 2 says this SKU already")]
    assert set(done.products) == {"MUG"}


def test_a_file_without_the_columns_that_its_format_needs_is_refused() -> None:
    with pytest.raises(UnusableMappingError, match="the file has no column 'title'"):
        Pass("id\tprice\nA\t1.00 EUR\n", GOOGLE)


def test_ids_are_folded_as_the_shop_says() -> None:
    done = Pass(tsv(RED_M), GOOGLE, ids=Ids("lower"))
    assert done.products["shirt"]["variants"][0]["sku"] == "shirt-red-m"


HEADER = [
    *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published"),
    *("Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Variant SKU", "Variant Price"),
    *("Variant Barcode", "Image Src", "Variant Image", "Status"),
]


def shopify(*rows: Mapping[str, str]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, HEADER, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


LINEN = {
    "Handle": "linen-shirt",
    "Title": "Linen shirt",
    "Body (HTML)": "<p>Soft,\nand cool</p>",
    "Vendor": "Olive",
    "Type": "Shirts",
    "Tags": "summer, linen",
    "Published": "true",
    "Option1 Name": "Colour",
    "Option1 Value": "Red",
    "Option2 Name": "Size",
    "Option2 Value": "M",
    "Variant SKU": "SHIRT-RED-M",
    "Variant Price": "49.00",
    "Image Src": "https://cdn.shop.example/1.jpg",
    "Status": "active",
}
LINEN_L = {
    "Handle": "linen-shirt",
    "Option1 Value": "Red",
    "Option2 Value": "L",
    "Variant SKU": "SHIRT-RED-L",
    "Variant Price": "52.50",
    "Variant Image": "https://cdn.shop.example/2.jpg",
}
PICTURE = {"Handle": "linen-shirt", "Image Src": "https://cdn.shop.example/3.jpg"}
CUP = {
    "Handle": "cup",
    "Title": "Cup",
    "Option1 Name": "Title",
    "Option1 Value": "Default Title",
    "Variant SKU": "CUP",
    "Variant Price": "9.90",
    "Variant Barcode": "'4006381333931",
    "Status": "active",
}


def test_shopifys_export_becomes_products() -> None:
    done = Pass(shopify(LINEN, LINEN_L, PICTURE, CUP), SHOPIFY)
    assert done.bad == []
    shirt = done.products["linen-shirt"]
    assert {name: shirt[name] for name in ("title", "url", "image", "brand", "category", "tags", "options")} == {
        "title": {"en": "Linen shirt"},
        "url": "https://shop.example/products/linen-shirt",
        "image": "https://cdn.shop.example/1.jpg",
        "brand": "Olive",
        "category": "Shirts",
        "tags": ["summer", "linen"],
        "options": ["Colour", "Size"],
    }
    assert shirt["variants"] == [
        {
            "sku": "SHIRT-RED-M",
            "options": {"Colour": "Red", "Size": "M"},
            "price": {"amount": 4900, "currency": "EUR"},
        },
        {
            "sku": "SHIRT-RED-L",
            "options": {"Colour": "Red", "Size": "L"},
            "price": {"amount": 5250, "currency": "EUR"},
            "image": "https://cdn.shop.example/2.jpg",
        },
    ]
    cup = done.products["cup"]
    assert cup["options"] == []
    assert cup["variants"] == [
        {
            "sku": "CUP",
            "price": {"amount": 990, "currency": "EUR"},
            "external_ids": {"gtin": "4006381333931"},
        }
    ]


@pytest.mark.parametrize("hidden", [{"Status": "draft"}, {"Status": "archived"}, {"Published": "FALSE"}])
def test_what_the_shop_does_not_show_is_not_sent(hidden: dict[str, str]) -> None:
    done = Pass(shopify(CUP | hidden, LINEN), SHOPIFY)
    assert (done.bad, set(done.products)) == ([], {"linen-shirt"})


def test_a_variant_without_a_sku_is_reported() -> None:
    done = Pass(shopify(LINEN, LINEN_L | {"Variant SKU": ""}, CUP), SHOPIFY)
    ((number, reason),) = done.reasons
    assert number == 4, "the first product's text takes two lines"
    assert reason.startswith("Variant SKU: is empty")
    assert set(done.products) == {"cup"}


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ({**SHOPIFY, "currency": None}, "currency: Shopify's export does not say it"),
        ({**GOOGLE, "time_zone": "Nowhere"}, "time_zone: 'Nowhere' is none"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_when_it_is_saved(mapping: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnusableMappingError) as refused:
        check(mapping)
    assert str(refused.value).startswith(reason)


def test_a_feed_that_breaks_off_is_read_not_at_all() -> None:
    with pytest.raises(UnreadableError, match="line 2: "):
        Pass(xml(RED_M, MUG)[:-200], GOOGLE_XML)


CHEAP = {**MUG, "price": "cheap"}


@pytest.mark.parametrize(
    ("text", "mapping", "line", "lines"),
    [
        (tsv(RED_M, CHEAP, RED_L), GOOGLE, 3, 1),
        (tsv({**RED_M, "description": '"soft,\nand cool"'}, CHEAP), GOOGLE, 4, 1),
        (xml(RED_M, CHEAP, RED_L), GOOGLE_XML, 3, 1),
        (xml(RED_M, CHEAP).replace("<g:title>Mug", "\n<g:title>\nMug"), GOOGLE_XML, 3, 3),
        (shopify(LINEN, CUP | {"Variant Price": "cheap"}, LINEN_L), SHOPIFY, 4, 1),
        (shopify(LINEN, CUP | {"Variant Price": "cheap", "Body (HTML)": "a\nb\nc"}), SHOPIFY, 4, 3),
    ],
    ids=["google", "google, lines in a cell", "xml", "xml, lines in an item", "shopify", "shopify, lines in a cell"],
)
def test_a_bad_cell_is_named_by_the_line_on_which_its_item_begins(
    text: str, mapping: Mapping[str, Any], line: int, lines: int
) -> None:
    done = Pass(text, mapping)
    (said,) = done.bad
    assert (said["line"], said["lines"]) == (line, lines)
    assert "price: 'cheap'" in said["reason"]
    assert len(done.products) == 1


@pytest.mark.parametrize(
    ("text", "mapping", "line"),
    [
        (shopify(CUP, LINEN, PICTURE).replace('"<p>Soft', '"<p>"Soft', 1), SHOPIFY, 3),
    ],
    ids=["shopify"],
)
def test_a_stray_quotation_mark_is_named_by_its_line_and_costs_no_other(
    text: str, mapping: Mapping[str, Any], line: int
) -> None:
    done = Pass(text, mapping)
    assert done.reasons[0][0] == line
    assert "quotation" in done.reasons[0][1]
    assert done.products


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (lambda text: text.replace("</g:price>", "</g:cost>", 1), 2),
        (lambda text: text.replace("<g:title>Mug", "<g:title>Mug & saucer"), 3),
        (lambda text: text.replace("</channel>", ""), 5),
    ],
    ids=["crossed elements", "a bare ampersand", "an element without its end"],
)
def test_xml_that_is_not_well_formed_is_refused_with_its_line(broken: Callable[[str], str], line: int) -> None:
    with pytest.raises(UnreadableError, match=f"^line {line}: "):
        Pass(broken(xml(RED_M, MUG, RED_L)), GOOGLE_XML)


def test_a_product_has_a_limited_number_of_skus() -> None:
    lines = ({"id": f"SKU-{number}", "item_group_id": "ALL", "title": "All"} for number in range(MOST_VARIANTS + 1))
    done = Pass(tsv(*lines), GOOGLE)
    assert done.reasons == [(MOST_VARIANTS + 2, f"the product has more than {MOST_VARIANTS:,} SKUs")]
    assert done.products == {}


class Large(io.RawIOBase):
    """A feed of very many products, made while it is read."""

    def __init__(self, products: int) -> None:
        self._lines = self._made(products)
        self._rest = b""

    def _made(self, products: int) -> Iterator[bytes]:
        yield b"id\ttitle\tprice\tlink\n"
        for number in range(products):
            yield f"SKU-{number:08}\tProduct {number}\t1.00 EUR\thttps://shop.example/{number}\n".encode()

    def read(self, amount: int = -1, /) -> bytes:
        while len(self._rest) < amount and (line := next(self._lines, None)) is not None:
            self._rest += line
        given, self._rest = self._rest[:amount], self._rest[amount:]
        return given


def test_a_feed_is_read_in_passes_that_keep_a_part_of_it_each() -> None:
    size = 64 * 1024 * 1024

    def one_pass(number: int) -> dict[str, int]:
        job = Job(
            import_id="f" * 24,
            key="inbox/shop/products.csv",
            etag="e",
            size=size,
            sequencer="1",
            at=PUT_AT,
            mapping=GOOGLE,
            number=number,
        )
        gathering = ProductFeeds(updates=FakeQueue(), lists=FakeLists(), known=nothing_known).gathering(job)
        return PassReader(job, gathering, lambda _: None).read(Large(1_000), now=NOW)

    passes = Job(import_id="", key="", etag="", size=size, sequencer="", at=PUT_AT).passes
    found = [one_pass(number) for number in range(passes)]
    assert sum(totals["products"] for totals in found) == 1_000
    assert all(totals["products"] < 1_000 / 2 for totals in found)


def test_later_passes_leave_out_products_with_bad_lines_too_and_report_none_of_them_again() -> None:
    """A pass checks what is its own; the first one checks all lines, as it reports them."""
    lines = [{"id": f"SKU-{number}", "item_group_id": f"P-{number % 40}", "title": "T"} for number in range(80)]
    for bad in (41, 63, 79):
        lines[bad]["title"] = ""
    size = 64 * 1024 * 1024
    sent: dict[str, int] = {}
    reported: list[int] = []
    for number in range(5):
        queue = FakeQueue()
        job = Job(
            import_id="f" * 24,
            key="inbox/shop/products.csv",
            etag="e",
            size=size,
            sequencer="1",
            at=PUT_AT,
            mapping=GOOGLE,
            number=number,
        )
        assert job.passes == 5
        gathering = ProductFeeds(updates=queue, lists=FakeLists(), known=nothing_known).gathering(job)
        bad_lines: list[Mapping[str, Any]] = []
        PassReader(job, gathering, bad_lines.append).read(io.BytesIO(tsv(*lines).encode()), now=NOW)
        gathering.send(bad_lines=0, last=number == 4)
        reported += [line["line"] for line in bad_lines]
        sent |= {said["product_id"]: len(said["variants"]) for body in queue.bodies() for said in body["messages"]}
    assert reported == [43, 65, 81]
    assert sent == {f"P-{number}": 2 for number in range(40) if number not in {1, 23, 39}}


def test_messages_are_sent_in_parts_that_a_queue_takes() -> None:
    done = Pass(tsv(*({"id": f"SKU-{number}", "title": "T" * 400} for number in range(60))), GOOGLE)
    assert [len(body["messages"]) for body in done.updates.bodies()] == [25, 25, 10]
    assert json.dumps(done.updates.bodies()[0])
