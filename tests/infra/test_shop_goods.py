"""The demo shop's goods as data: what Standby is told of them, their words and their pictures."""

import json
import re

import pytest
from standby.catalog.model import ProductSaid
from standby.platform.identifier import EXACT
from standby.platform.moment import Arrival
from standby.stock.messages import read

from infra.local.shop import goods
from infra.local.shop.drawings.gallery import FOLDER, drawn
from infra.local.shop.words import LANGUAGES, Language
from tests.fakes import EPOCH
from tests.standby.catalog.words import word

STOCK = json.loads((goods.FOLDER / "stock.json").read_text("utf-8"))
SKUS = [variant.sku for product in goods.products() for variant in product.variants]


def test_the_catalogue_is_one_that_standby_takes() -> None:
    said = [word(message) for message in goods.catalogue(EPOCH)]
    assert [sku for each in said if isinstance(each, ProductSaid) for sku in each.variants] == SKUS
    assert len(set(SKUS)) == len(SKUS)
    assert [each.product_id for each in said if isinstance(each, ProductSaid)] == [
        product.product_id for product in goods.products()
    ]


def test_what_the_erp_says_is_what_standby_takes() -> None:
    messages = list(goods.stock(EPOCH))
    assert {message["type"] for message in messages} == {"location.upserted", "stock.level", "stock.incoming"}
    for message in messages:
        read(message, arrival=Arrival(0), now=EPOCH, ids=EXACT)


def test_only_what_the_shop_sells_lies_at_places_it_has() -> None:
    places = {location["location_id"] for location in STOCK["locations"]}
    assert {level["location_id"] for level in STOCK["levels"]} == places
    named = [each["sku"] for part in ("levels", "incoming", "campaigns") for each in STOCK[part]]
    assert {*named} | kits() == {*SKUS}


def test_something_is_sold_out_something_is_low_and_something_can_be_ordered_ahead() -> None:
    online = {level["sku"]: level["on_hand"] for level in STOCK["levels"] if level["location_id"] == "main"}
    ahead = {sku for sku, _ in goods.campaigns(EPOCH)}
    assert {"KETTLE-RED", "SHIRT-RED-M", "LAMP-PAPER"} <= {sku for sku, units in online.items() if units == 0}
    assert online["SHIRT-RED-L"] == 2
    assert ahead == {"RADIO-WALNUT", "RADIO-CHALK"}
    assert kits() == {"TEASET-CHALK", "PICNIC-NATURAL"}


def test_what_is_similar_and_what_a_kit_is_made_of_is_there() -> None:
    for said in goods.catalogue(EPOCH):
        assert {*said["similar"]} <= {*goods.by_name()} - {said["product_id"]}
        assert {sku for sku, _ in goods.components(said["product_id"])} <= {*SKUS} - kits()


def test_every_product_has_a_picture_in_each_of_its_colours_as_it_is_drawn_now() -> None:
    """`python -m infra.local.shop.drawings` draws them."""
    kept = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.svg")}
    assert kept == drawn()
    assert {*kept} == {product.picture(colour) for product in goods.products() for colour in product.colours}


def test_a_picture_runs_nothing_and_asks_for_nothing() -> None:
    for name, svg in drawn().items():
        asked = re.sub(r'xmlns="[^"]*"|url\(#\w+\)', "", svg)
        assert not re.search(r"<script|on\w+=|https?:|url\(|@\w+", asked), name


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_product_has_words_in_each_language(code: str) -> None:
    language = Language(code)
    for product in goods.products():
        assert product.title[code]
        assert language.about(product.product_id)


def test_both_languages_say_the_same_things() -> None:
    words = json.loads((goods.FOLDER / "words.json").read_text("utf-8"))
    blanks = {code: {key: {*re.findall(r"{\w+}", text)} for key, text in words[code].items()} for code in LANGUAGES}
    assert blanks["en"] == blanks["he"]


def test_colours_categories_and_stores_have_names_in_hebrew() -> None:
    hebrew = Language("he")
    colours = {colour for product in goods.products() for colour in product.colours}
    categories = {product.category for product in goods.products()}
    places = {store[part] for store in goods.stores() for part in ("name", "address")}
    assert {name for name in colours | categories | places if hebrew.name(name) == name} == set()


def kits() -> set[str]:
    """Return the SKUs that are made of others."""
    return {v["sku"] for said in goods.catalogue(EPOCH) for v in said["variants"] if v.get("components")}
