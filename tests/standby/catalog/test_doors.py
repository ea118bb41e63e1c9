"""What is wrong with a product is said in the same words at every door: the queue, HTTP, and a file."""

from typing import Any

import pytest

from tests.world import World

GOOD = {"type": "product.upserted", "product_id": "P", "title": {"en": "Cup"}, "variants": [{"sku": "S"}]}
BIDI = "https://shop.example/\u202egpj.exe"
SECRET = "https://ana:secret@shop.example/cup"
WRONG = [
    ({"url": BIDI}, {"link": BIDI}, "url: has U+202E RIGHT-TO-LEFT OVERRIDE in it, which nobody sees"),
    ({"url": SECRET}, {"link": SECRET}, "url: has a user's name or password before its host"),
    ({"url": "https://shop/cup"}, {"link": "https://shop/cup"}, "url: has 'shop' for a host, which is none"),
    ({"image": "http://a.example"}, {"image_link": "http://a.example"}, "image: is no web address: it must begin with"),
]


def letters(world: World, queue: str) -> list[str]:
    found = [letter.attributes["reason"] for letter in world.queues[queue]]
    world.queues[queue].clear()
    return found


def over_http(world: World, message: object) -> list[str]:
    status, answer = world.request("catalog_api", "POST", "/v1/messages/catalog", body=message, scopes="erp")
    assert status == 202
    return [each["reason"] for each in answer["rejected"]]


def by_queue(world: World, message: object) -> list[str]:
    world.send("CatalogUpdates", message)
    world.settle()
    return letters(world, "CatalogDeadLetters")


def by_file(world: World, row: dict[str, str], **mapping: object) -> list[str]:
    """Put a feed of one line, beside one that is good, and return what the report says of bad lines."""
    mapped = {"kind": "products", "format": "google", **mapping}
    status, said = world.request("stock_api", "PUT", "/v1/imports/mappings/shop", body=mapped, scopes="ops")
    assert status == 200, said
    lines = [{"id": "S", "title": "Cup", **row}, {"id": "T", "title": "Tea"}]
    names = list(lines[0])
    text = "\n".join("\t".join(cells) for cells in (names, *([line.get(name, "") for name in names] for line in lines)))
    world.put("inbox/shop/feed.tsv", text.encode())
    world.settle()
    return bad_lines(world)


def bad_lines(world: World) -> list[str]:
    """Return what the report of the last file says of its bad lines."""
    listed = world.request("stock_api", "GET", "/v1/imports", scopes="ops")[1]["items"][0]
    report = world.request("stock_api", "GET", f"/v1/imports/{listed['import_id']}", scopes="ops")[1]
    return [bad["reason"] for bad in report["bad_lines"]["items"]]


@pytest.mark.parametrize(("said", "row", "reason"), WRONG, ids=[reason[:30] for *_, reason in WRONG])
def test_an_address_that_leads_elsewhere_is_refused_at_every_door(
    world: World, said: dict[str, Any], row: dict[str, str], reason: str
) -> None:
    for found in (over_http(world, GOOD | said), by_queue(world, GOOD | said), by_file(world, row)):
        assert [each.startswith(reason) for each in found] == [True], found


def test_what_copying_brings_along_is_no_part_of_an_address_at_any_door(world: World) -> None:
    pasted = "\u200fhttps://shop.example/cup\u200e"
    assert not over_http(world, GOOD | {"url": pasted})
    assert not by_queue(world, GOOD | {"url": pasted})
    assert shown(world, "P")["url"] == "https://shop.example/cup"
    assert not by_file(world, {"link": pasted})
    assert shown(world, "S")["url"] == "https://shop.example/cup"


def test_a_code_that_is_no_currency_is_refused_at_every_door(world: World) -> None:
    said = GOOD | {"price": {"amount": 100, "currency": "ZZZ"}}
    reason = "price.currency: 'ZZZ' is no currency of ISO 4217, such as EUR or ILS"
    assert over_http(world, said) == by_queue(world, said) == [reason]
    assert by_file(world, {"price": "1.00 ZZZ"}) == ["price: ZZZ is no currency of ISO 4217"]
    mapping = {"kind": "products", "format": "google", "currency": "ZZZ"}
    status, said = world.request("stock_api", "PUT", "/v1/imports/mappings/shop", body=mapping, scopes="ops")
    assert (status, "currency: 'ZZZ' is no currency" in said["detail"]) == (400, True)


def test_amounts_have_the_minor_unit_of_their_currency(world: World) -> None:
    for price, amount in (("1500 JPY", 1500), ("1.234 KWD", 1234), ("12.90 ILS", 1290)):
        assert not by_file(world, {"price": price})
        assert shown(world, "S")["price"] == {"amount": amount, "currency": price[-3:]}
        world.clock.advance(minutes=1)
    assert by_file(world, {"price": "1.50 JPY"}) == ["price: '1.50 JPY' is no amount of JPY"]


@pytest.mark.parametrize("url", ["https://shop.example/p/", SECRET + "/{handle}", "https://shop.example/{a}/{handle}"])
def test_a_page_to_be_filled_in_is_refused_when_it_is_saved(world: World, url: str) -> None:
    mapping = {"kind": "products", "format": "shopify", "currency": "ILS", "product_url": url}
    status, said = world.request("stock_api", "PUT", "/v1/imports/mappings/shop", body=mapping, scopes="ops")
    assert status == 400
    assert said["detail"].startswith("product_url: ")
    assert "^" not in said["detail"]


def test_names_that_are_one_are_refused_where_they_stand_twice(world: World) -> None:
    said = GOOD | {"variants": [{"sku": "S", "external_ids": {"gtin": "1", " gtin ": "2"}}]}
    reason = ["variants.0.external_ids.gtin: stands there twice"]
    assert over_http(world, said) == by_queue(world, said) == reason


def test_options_of_one_name_are_one_at_every_door(world: World) -> None:
    said = GOOD | {"variants": [{"sku": "A", "options": {"Size": "S"}}, {"sku": "B", "options": {"size ": "M"}}]}
    assert not over_http(world, said)
    world.settle()
    assert options(world, "P") == [("Size", ["S", "M"])]
    other = {
        "product_id": "Q",
        "variants": [{"sku": "C", "options": {" Size": "S"}}, {"sku": "D", "options": {"SIZE": "M"}}],
    }
    assert not by_queue(world, GOOD | other)
    assert options(world, "Q") == [("Size", ["S", "M"])]
    mapping = {"kind": "products", "format": "shopify", "currency": "ILS"}
    assert world.request("stock_api", "PUT", "/v1/imports/mappings/shop", body=mapping, scopes="ops")[0] == 200
    head = "Handle,Title,Variant SKU,Option1 Name,Option1 Value,Option2 Name,Option2 Value"
    world.put("inbox/shop/a.csv", f"{head}\nr,Cup,X,Size,S,size ,S\nr,,Y,,M,,M\n".encode())
    world.settle()
    assert options(world, "r") == [("Size", ["S", "M"])]
    world.clock.advance(minutes=1)
    world.put("inbox/shop/b.csv", f"{head}\nt,Cup,V,Size,S,Size,L\n".encode())
    world.settle()
    assert bad_lines(world) == ["Option2 Name: 'Size' stands there twice"]


def options(world: World, product_id: str) -> list[tuple[str, list[str]]]:
    status, answer = world.request("availability_api", "GET", f"/v1/products/{product_id}/availability")
    assert status == 200
    return [(option["name"], [value["value"] for value in option["values"]]) for option in answer["options"]]


def shown(world: World, product_id: str) -> Any:
    status, product = world.request("catalog_api", "GET", f"/v1/catalog/products/{product_id}", scopes="ops")
    assert status == 200
    return product
