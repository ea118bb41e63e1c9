"""The demo shop's own pages on the local AWS."""

import json

import pytest

from infra.local.pages import PRODUCT_PAGES, answer
from infra.stage import read
from tests.infra.template import ROOT


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
