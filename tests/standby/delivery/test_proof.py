"""What an order proves can be saved as a file: it follows from the order alone, and names nobody."""

import json
from base64 import b64decode
from typing import Any

import pytest

from tests.gateway import http_event
from tests.promises.shop import Shop
from tests.standby.delivery.track import Customer
from tests.world import World

pytestmark = pytest.mark.promise("P10")


@pytest.fixture
def ana(world: World) -> Customer:
    return Customer(Shop(world))


def asked(ana: Customer, order_id: str = "O", *, scopes: str = "ops", query: dict[str, str] | None = None) -> Any:
    path = "/v1/deliveries/proof" if query else f"/v1/deliveries/{order_id}/proof"
    return ana.shop.world.run("delivery_api", event(path, scopes, query))


def event(path: str, scopes: str, query: dict[str, str] | None) -> Any:
    return http_event("GET", path, query=query, scopes=scopes)


def test_a_proof_has_what_was_promised_said_told_and_chosen_a_line_each(ana: Customer) -> None:
    ana.places(until=2, customer={"name": "Ana Levi", "phone": "050-1"})
    ana.tells("eta", eta=ana.day(5), cause="customs")
    ana.waits(ana.day(5))
    answer = asked(ana)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Disposition"] == 'attachment; filename="proof-O.jsonl"'
    assert answer["headers"]["Content-Type"] == "application/x-ndjson; charset=utf-8"
    steps = [json.loads(line) for line in lines(answer)]
    assert [step["event"] for step in steps] == [
        "order.placed",
        "order.placed",
        "order.eta",
        "DelayDetected",
        "CustomerTold",
        "CustomerChose",
    ]
    (chose,) = (step["numbers"] for step in steps if step["event"] == "CustomerChose")
    assert (chose["wording"], chose["until"]) == ("w-1", ana.day(5))
    assert all(private not in "".join(lines(answer)) for private in ("Ana", "ana@", "050"))
    assert lines(asked(ana)) == lines(answer)


def lines(answer: Any) -> list[str]:
    body = b64decode(answer["body"]).decode() if answer["isBase64Encoded"] else answer["body"]
    assert body.endswith("\n")
    return list(body.splitlines())


def test_an_order_whose_id_fits_no_path_is_proved_too(ana: Customer) -> None:
    ana.places('O/"1', until=2)
    answer = asked(ana, query={"order_id": 'O/"1'})
    assert answer["statusCode"] == 200, answer
    assert answer["headers"]["Content-Disposition"] == 'attachment; filename="proof-O%2F%221.jsonl"'


def test_an_order_that_nobody_spoke_of_proves_nothing(ana: Customer) -> None:
    assert asked(ana)["statusCode"] == 404
    assert asked(ana, scopes="storefront")["statusCode"] == 403
