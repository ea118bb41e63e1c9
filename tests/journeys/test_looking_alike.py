"""Two products whose pictures are alike become each other's alternative, on the deployed stack.

The shop's site is a server of the test on this machine: the local stage alone may ask there. The catalogue takes
addresses with https only, so what it would publish is put on the bus.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from infra.local.client import Client, awaited
from tests.standby.availability.pictures.drawing import VERSIONS, draw, drawn, saved
from tests.standby.availability.storefront import product_changed, variant

pytestmark = pytest.mark.local_aws

SECONDS = 30


@contextmanager
def site(pictures: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve pictures; yield the address, and what was asked for."""
    asked: list[str] = []

    class Shelf(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            moved = self.path.startswith("/moved")
            self.send_response(302 if moved else 200)
            if moved:
                self.send_header("Location", self.path.removeprefix("/moved"))
            content = b"" if moved else pictures[self.path]
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_said: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def publish(client: Client, product: str, image: str) -> None:
    """Tell of a product, as the catalogue does."""
    told = product_changed(product, 1, variant(f"{product}-M", 1), image=image)
    entry = {
        "Source": told["source"],
        "DetailType": told["detail-type"],
        "Detail": json.dumps(told["detail"]),
        "EventBusName": client.outputs["EventBusName"],
    }
    events = client.place.session.client("events", endpoint_url=client.place.endpoint)
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def instead_of(client: Client, product: str) -> list[tuple[str, str]]:
    """Return what else may be bought, and why."""
    answer = client.http.get(f"/v1/products/{product}/alternatives")
    items = answer.json()["items"] if answer.is_success else []
    return [(each["product_id"], each["reason"]) for each in items]


def test_two_products_that_look_alike_are_each_other_s_alternative(client: Client, sku: str) -> None:
    one, two, other = (f"{name}-{sku}" for name in ("one", "two", "other"))
    cut = saved(VERSIONS["JPEG of quality 30"](draw(1)))
    with site({"/one.png": drawn(1), "/two.png": cut, "/other.png": drawn(2)}) as (address, asked):
        for name, image in ((one, "/one.png"), (two, "/moved/two.png"), (other, "/other.png")):
            publish(client, name, f"{address}{image}")
            client.level(f"{name}-M", 5)
        for name, twin in ((one, two), (two, one)):
            awaited(
                lambda: instead_of(client, name) == [(twin, "looks_alike")],  # noqa: B023 - called at once
                what=f"{twin} beside {name}",
                seconds=SECONDS,
            )
        awaited(lambda: "/other.png" in asked, what=f"the picture of {other} fetched", seconds=SECONDS)
        assert instead_of(client, other) == []
        assert sorted(asked) == ["/moved/two.png", "/one.png", "/other.png", "/two.png"], "each is fetched once"

    client.level(f"{two}-M", 0)
    awaited(lambda: instead_of(client, one) == [], what=f"{two} sold out", seconds=SECONDS)
