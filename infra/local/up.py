"""``make up``: start the local AWS where it is not up, deploy into it, print where things are."""

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.local import running
from infra.local.client import Client, LateError, awaited
from infra.local.deployment import DeployError, Deployment
from infra.local.emulator import PORT, ROOT, SHOP_PORT, EmulatorError, free_port, start
from infra.local.shop import goods

AT_ONCE = 60
PATIENCE_SECONDS = 20
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
    print(f"{'reference':<11} {outputs['ApiUrl']}/v1/docs")
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
        emulator = start(
            running.FOLDER, port=chosen, outputs=running.OUTPUTS, auth=bool(auth), shop_port=free_port(SHOP_PORT)
        )
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
    """Send the catalogue, the stores and the stock of the demo shop, as a shop's systems would, and its campaigns."""
    now = client.now()
    hand_over(client, "CatalogUpdates", list(goods.catalogue(now)))
    hand_over(client, "StockUpdates", list(goods.stock(now)))
    for sku, terms in goods.campaigns(now):
        client.campaign(sku, **terms)


def hand_over(client: Client, queue: str, messages: Sequence[Mapping[str, Any]]) -> None:
    """Send messages a part at a time, each once the queue is empty: all functions begin cold, on one machine."""
    for first in range(0, len(messages), AT_ONCE):
        client.send(queue, [{"type": "batch", "messages": list(messages[first : first + AT_ONCE])}])
        with contextlib.suppress(LateError):  # a slow machine takes it later
            awaited(lambda: client.waiting_in(queue) == 0, what=f"{queue} is empty", seconds=PATIENCE_SECONDS)


def progress() -> Callable[[str], None]:
    """Return a function that prints each step as it begins, with the seconds since the first."""
    started = time.monotonic()

    def say(step: str) -> None:
        print(f"· {time.monotonic() - started:5.1f} s  {step}", flush=True)

    return say


if __name__ == "__main__":
    sys.exit(main())
