"""The demo shop's own pages on the local AWS."""

import json

import pytest
from standby.catalog.model import ProductSaid

from infra.local.pages import PRODUCT_PAGES, answer
from infra.local.up import PRODUCTS, catalogue
from infra.stage import read
from tests.fakes import EPOCH
from tests.infra.template import ROOT
from tests.standby.catalog.words import word


@pytest.mark.parametrize("sku", ["KETTLE-RED", "A/B #1", "ספל"])
def test_a_product_has_a_page_where_the_buttons_of_mails_lead(sku: str) -> None:
    found, shop = answer(f"{PRODUCT_PAGES}{sku}"), answer("/shop")
    assert found is not None
    assert found == shop
    assert f'"{PRODUCT_PAGES}"' in found.body.decode()


def test_the_address_of_a_product_is_one_that_a_stage_takes() -> None:
    said = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    address = f"http://127.0.0.1:4566{PRODUCT_PAGES}{{sku}}"
    assert read({**said, "stage": "local", "shop_product_url": address}.get).shop.shop_product_url == address


def test_the_demo_shop_says_what_its_products_are() -> None:
    """Each message is one that the catalogue takes, and all SKUs are named."""
    products = json.loads(PRODUCTS.read_text("utf-8"))
    words = [word(message) for message in catalogue(products, EPOCH)]
    named = [sku for said in words if isinstance(said, ProductSaid) for sku in said.variants]
    assert named == [product["sku"] for product in products]
    kettle = words[0]
    assert isinstance(kettle, ProductSaid)
    assert (kettle.product_id, kettle.about["title"]["en"]) == ("KETTLE", "Stove kettle")
    assert kettle.variants["KETTLE-BLUE"] == {
        "position": 1,
        "options": {"kind": "blue"},
        "price": {"amount": 12990, "currency": "ILS"},
    }
