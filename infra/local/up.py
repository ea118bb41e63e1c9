"""``make up``: start the local AWS where it is not up, deploy into it, print where things are."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from infra.local import running
from infra.local.client import Client, stock_level
from infra.local.deployment import DeployError, Deployment
from infra.local.emulator import PORT, ROOT, EmulatorError, free_port, start

PRODUCTS = Path(__file__).with_name("pages") / "products.json"
SHOWN = ("ShopUrl", "MailboxUrl", "ApiUrl", "ApiKey")


def main() -> int:
    """Bring it up and print the addresses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--auth", choices=("true", "false"), help="enforce the stack's IAM policies")
    parser.add_argument("--port", type=int, help=f"otherwise {PORT}; taken: a free one is used")
    said = parser.parse_args()
    try:
        outputs = up(auth=None if said.auth is None else said.auth == "true", port=said.port)
    except (EmulatorError, DeployError) as error:
        print(error, file=sys.stderr)
        return 1
    for name in SHOWN:
        print(f"{name:<11} {outputs[name]}")
    print(f"all outputs are in {running.OUTPUTS.relative_to(ROOT)}; make demo shows it at work")
    return 0


def up(*, auth: bool | None = None, port: int | None = None) -> dict[str, str]:
    """Start or find the local AWS, deploy, and return the outputs. A changed ``auth`` starts it anew, empty.

    One that runs keeps its port.

    Raises `EmulatorError` and `DeployError`.
    """
    say = progress()
    emulator = running.find()
    if emulator is not None and auth is not None and emulator.auth != auth:
        say("stop the local AWS, to start it with other permissions")
        emulator.stop()
        emulator = None
    fresh = emulator is None
    if emulator is None:
        running.forget()
        wanted = PORT if port is None else port
        chosen = free_port(wanted)
        say(f"start the local AWS on 127.0.0.1:{chosen}" + (f" ({wanted} is taken)" if chosen != wanted else ""))
        emulator = start(running.FOLDER, port=chosen, outputs=running.OUTPUTS, auth=bool(auth))
        running.write_down(emulator)
    else:
        say(f"{found_on(emulator.port, port)}; redeploying in place")
    deployment = Deployment(emulator, running.OUTPUTS, say)
    outputs = deployment.deploy()
    if fresh:
        say("put the demo shop's goods on the shelf")
        stock_shelves(Client(deployment.place, outputs))
    say("ready")
    return outputs


def found_on(port: int, asked: int | None) -> str:
    """Say where the local AWS runs, and that it does not move to the port that was asked for."""
    there = f"the local AWS is up on 127.0.0.1:{port}"
    return there if asked in (None, port) else f"{there}, so PORT={asked} is ignored (make down first)"


def stock_shelves(client: Client) -> None:
    """Send the levels and the catalogue of the demo shop's products, as a shop's systems would."""
    products = json.loads(PRODUCTS.read_text("utf-8"))
    now = client.now()
    levels = [stock_level(product["sku"], product["on_hand"], now) for product in products]
    client.send("StockUpdates", [{"type": "batch", "messages": levels}])
    client.send("CatalogUpdates", [{"type": "batch", "messages": list(catalogue(products, now))}])


def catalogue(products: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    """Yield what the demo shop says of its products. A SKU begins with its product's id, a name with its title."""
    by_product = groupby(products, key=lambda product: product["sku"].partition("-")[0])
    for rank, (product_id, skus) in enumerate(by_product):
        variants = list(skus)
        yield {
            "type": "product.upserted",
            "product_id": product_id,
            "title": {"en": variants[0]["name"].partition(",")[0]},
            "category": variants[0]["category"],
            "rank": rank,
            "variants": [
                {
                    "sku": product["sku"],
                    "options": {"kind": product["name"].partition(", ")[2] or "only"},
                    "price": {"amount": round(Decimal(product["price"].partition(" ")[0]) * 100), "currency": "ILS"},
                }
                for product in variants
            ],
            "as_of": now.isoformat(),
        }


def progress() -> Callable[[str], None]:
    """Return a function that prints each step as it begins, with the seconds since the first."""
    started = time.monotonic()

    def say(step: str) -> None:
        print(f"· {time.monotonic() - started:5.1f} s  {step}", flush=True)

    return say


if __name__ == "__main__":
    sys.exit(main())
