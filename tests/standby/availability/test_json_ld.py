"""A product in schema.org's words: what search engines read, and what may stand in a page."""

import json
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standby.availability import fragment
from standby.availability.json_ld import amount, described, written
from standby.events.fields import MOST_VARIANTS
from standby.shelf.model import STATUSES, Head, Row, Supply, Variant

from tests.promises.unruly import searching
from tests.standby.availability.storefront import QUEUE, Storefront, product_changed, variant
from tests.standby.availability.test_matrix import DEARER, READER, matrix_of, shirts

JSON_LD = "application/ld+json"
LARGEST_ANSWER = 6 * 1024 * 1024
"""What Lambda hands back at most, in bytes."""
VOCABULARY: dict[str, dict[str, type | tuple[type, ...]]] = {
    "ProductGroup": {"productGroupID": str, "variesBy": list, "hasVariant": list},
    "Product": {
        **dict.fromkeys(("name", "url", "image", "category", "sku", "color", "size", "material", "pattern"), str),
        "brand": dict,
        "additionalProperty": list,
        "offers": dict,
    },
    "Brand": {"name": str},
    "PropertyValue": {"name": str, "value": str},
    "Offer": {
        **dict.fromkeys(("url", "sku", "price", "priceCurrency", "availability", "availabilityStarts"), str),
        "inventoryLevel": dict,
    },
    "QuantitativeValue": {"value": int},
}
"""What schema.org lets things of a type say (https://schema.org/ProductGroup and the others, November 2026)."""
VOCABULARY["ProductGroup"] |= VOCABULARY["Product"]


def valid(thing: Any) -> None:
    """Fail where a thing says what schema.org does not know, or says it in another form."""
    known = VOCABULARY[thing["@type"]]
    for name, value in thing.items():
        if name.startswith("@"):
            continue
        assert isinstance(value, known[name]), f"{thing['@type']}.{name}"
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                valid(inner)


def linked(shop: Storefront, product_id: str = "shirt", *query: tuple[str, str]) -> Any:
    answer = shop.asks_for(product_id, *query, accept=JSON_LD)
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, JSON_LD), answer
    said = json.loads(answer["body"])
    assert said["@context"] == "https://schema.org/"
    valid(said)
    return said


def test_a_product_is_a_group_of_variants_with_an_offer_each(shop: Storefront) -> None:
    shirts(shop, s_red=40, m_red=2)
    day = (shop.today() + timedelta(days=4)).isoformat()
    shop.orders("S-BLACK", 5, day)

    said = linked(shop)

    assert {name: value for name, value in said.items() if name != "hasVariant"} == {
        "@context": "https://schema.org/",
        "@type": "ProductGroup",
        "productGroupID": "shirt",
        "name": "Shirt",
        "url": "https://shop.example/p/shirt",
        "image": "https://shop.example/i/shirt.jpg",
        "variesBy": ["https://schema.org/size", "https://schema.org/color"],
    }
    s_red, s_black, m_red = said["hasVariant"]
    assert s_red == {
        "@type": "Product",
        "sku": "S-RED",
        "name": "Shirt, S, red",
        "image": "https://shop.example/i/shirt.jpg",
        "size": "S",
        "color": "red",
        "offers": {
            "@type": "Offer",
            "url": "https://shop.example/p/shirt",
            "sku": "S-RED",
            "price": "99.00",
            "priceCurrency": "ILS",
            "availability": "https://schema.org/InStock",
        },
    }
    assert s_black["offers"]["availability"] == "https://schema.org/OutOfStock"
    assert (s_black["offers"]["availabilityStarts"], s_black["offers"]["price"]) == (day, "109.00")
    assert m_red["offers"]["availability"] == "https://schema.org/LimitedAvailability"
    assert m_red["offers"]["inventoryLevel"] == {"@type": "QuantitativeValue", "value": 2}
    assert m_red["image"] == "https://shop.example/i/red.jpg"


def test_a_product_of_one_variant_is_no_group(shop: Storefront) -> None:
    about = {"title": {"en": "Mug"}, "brand": "Acme", "category": "kitchen", "price": DEARER}
    shop.world.send(QUEUE, product_changed("mug", 1, variant("MUG", 1), **about))
    shop.counts("MUG", 9)

    said = linked(shop, "mug")

    assert (said["@type"], said["sku"], said["brand"]) == ("Product", "MUG", {"@type": "Brand", "name": "Acme"})
    assert said["offers"]["availability"] == "https://schema.org/InStock"


def test_options_without_a_word_at_schema_org_are_properties_of_their_own() -> None:
    options = {"Fit": "slim", "צבע": "אדום", " SIZE ": "9"}
    rows = [Row(sku="A", variant=Variant(edition=1, product_id="P", options=options)), Row(sku="B")]
    product = matrix_of(rows).of("P", [], READER)
    assert product is not None

    said = described(product)

    valid(said)
    assert said["variesBy"] == ["https://schema.org/color", "https://schema.org/size"]
    first, second = said["hasVariant"]
    assert (first["color"], first["size"], first["name"]) == ("אדום", "9", "P, slim, אדום, 9")
    assert first["additionalProperty"] == [{"@type": "PropertyValue", "name": "Fit", "value": "slim"}]
    assert "price" not in second["offers"]


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [(12_990, "ILS", "129.90"), (5, "EUR", "0.05"), (1_500, "JPY", "1500"), (1_234, "KWD", "1.234")],
)
def test_an_amount_is_written_with_a_full_stop(minor: int, currency: str, shown: str) -> None:
    assert amount({"amount": minor, "currency": currency}) == shown


def test_the_largest_product_with_the_longest_address_fits_one_answer() -> None:
    rows = [
        Row(
            sku=f"SKU-{number:03}" + "W" * 90,
            supply=Supply(revision=1, sellable=number),
            variant=Variant(edition=1, product_id="P", options={"Size": f"{number}" + "s" * 90, "Fit": "f" * 90}),
        )
        for number in range(MOST_VARIANTS)
    ]
    address = f"https://shop.example/{'p' * 1_900}"
    product = matrix_of(rows, Head(edition=1, title={"en": "T" * 100}, url=address, image=address)).of("P", [], READER)
    assert product is not None

    for body in (written(product), fragment.written(product, "en", ZoneInfo("Asia/Jerusalem"))):
        assert len(json.dumps({"body": body}, ensure_ascii=False).encode()) < LARGEST_ANSWER
    said = json.loads(written(product))
    valid(said)
    assert (said["url"], len(said["hasVariant"])) == (address, MOST_VARIANTS)
    assert "url" not in said["hasVariant"][0]["offers"]


# ---- how it is asked for ----


@pytest.mark.parametrize(
    ("accept", "query", "kind"),
    [
        (JSON_LD, [], JSON_LD),
        ("application/json, application/ld+json;q=0.9", [], "application/json"),
        ("application/ld+json, */*;q=0.1", [], JSON_LD),
        ("*/*", [], "application/json"),
        ("image/png", [], "application/json"),
        ("application/json", [("format", "jsonld")], JSON_LD),
        (JSON_LD, [("format", "json")], "application/json"),
    ],
)
def test_accept_or_the_query_choose(shop: Storefront, accept: str, query: list[tuple[str, str]], kind: str) -> None:
    shirts(shop)
    answer = shop.asks_for("shirt", *query, accept=accept)
    assert (answer["headers"]["Content-Type"], answer["headers"]["Vary"]) == (kind, "Accept, Accept-Language")


def test_a_format_that_is_none_is_malformed(shop: Storefront) -> None:
    shirts(shop)
    for query in ([("format", "xml")], [("format", "json"), ("format", "jsonld")]):
        assert shop.asks_for("shirt", *query)["statusCode"] == 400


def test_each_form_has_a_tag_of_its_own(shop: Storefront) -> None:
    shirts(shop)
    plain, other = shop.asks_for("shirt"), shop.asks_for("shirt", accept=JSON_LD)
    assert plain["headers"]["ETag"] != other["headers"]["ETag"]
    known = other["headers"]["ETag"]
    assert shop.asks_for("shirt", accept=JSON_LD, if_none_match=known)["statusCode"] == 304
    assert shop.asks_for("shirt", if_none_match=known)["statusCode"] == 200


# ---- inside a page ----


class Scripts(HTMLParser):
    """Reads the scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, _attributes: Any) -> None:
        (self.found if tag == "script" else self.others).append("")

    def handle_data(self, data: str) -> None:
        self.found[-1] += data


HOSTILE = ["</script><script>", "<!--", "]]>", "&lt;", "\u2028", "\u2029", '"', "\\", "צבע", "<"]
hostile = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@searching(examples=40, steps=1)
@given(title=hostile, name=hostile, value=hostile, sku=hostile, brand=hostile)
def test_no_text_of_a_shop_breaks_out_of_a_script(title: str, name: str, value: str, sku: str, brand: str) -> None:
    rows = [Row(sku=sku, variant=Variant(edition=1, product_id="P", options={name: value}))]
    product = matrix_of(rows, Head(edition=1, title={"en": title}, brand=brand)).of("P", [], READER)
    assert product is not None

    text = written(product)

    assert not set(text) & set("<>&\u2028\u2029")
    page = Scripts()
    page.feed(f'<script type="{JSON_LD}">{text}</script>')
    page.close()
    assert (page.others, len(page.found)) == ([], 1)
    assert json.loads(page.found[0]) == described(product)


@searching(examples=40, steps=1)
@given(
    sellable=st.integers(0, 5),
    incoming=st.integers(0, 2),
    gone=st.booleans(),
    days=st.sampled_from([(), ("2026-06-01",)]),
)
def test_every_state_is_one_of_schema_org(sellable: int, incoming: int, gone: bool, days: tuple[str, ...]) -> None:  # noqa: FBT001 - drawn
    supply = Supply(revision=1, sellable=sellable, low_stock=2, incoming=incoming, arrivals=days)
    row = Row(sku="A", supply=supply, variant=Variant(edition=1, product_id="P", discontinued=gone))
    product = matrix_of([row]).of("P", [], READER)
    assert product is not None
    offer = described(product)["offers"]
    assert offer["availability"] in {f"https://schema.org/{status}" for status in STATUSES}
    assert ("availabilityStarts" in offer) == (bool(days) and not sellable and not gone)
