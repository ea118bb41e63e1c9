"""The pages on the local AWS itself, and where the demo shop has its own."""

import json

from infra.local.pages import PRODUCT_PAGES, answer
from infra.stage import read
from tests.infra.template import ROOT


def test_the_mailbox_is_a_page() -> None:
    found = answer("/mailbox")
    assert found is not None
    assert found.content_type == "text/html; charset=utf-8"


def test_the_address_of_a_product_is_one_that_a_stage_takes() -> None:
    said = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    address = f"http://127.0.0.1:4580{PRODUCT_PAGES}{{sku}}"
    assert read({**said, "stage": "local", "shop_product_url": address}.get).shop.shop_product_url == address
