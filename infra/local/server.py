"""The emulator's process: the emulator with our corrections, the public address and the mailbox.

Run by ``.local/venv`` (`infra.local.emulator` starts it). ``/v1/…`` leads to the deployed HTTP API, so that the links
in mails are short and known before the API is; requests signed for AWS always go to the emulator.
"""

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from infra.local import corrections, pages

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SHOP = "/shop"
SHOP_MODULE = "infra.local.shop"
SWITCH_SECONDS = 0.0002
OUTPUTS_FILE = "STANDBY_OUTPUTS_FILE"
API_ADDRESS = re.compile(r"/_aws/execute-api/[^/]+/[^/]+$")


def serve() -> None:
    """Serve until a signal ends the process, with the demo shop in a process of its own where it has a port."""
    corrections.apply()
    if "STANDBY_SHOP_PORT" in os.environ:
        subprocess.Popen([os.environ["STANDBY_SHOP_PYTHON"], "-m", SHOP_MODULE], stdin=subprocess.DEVNULL)
    # One loop answers every request while a thread per running function reads pipes. With Python's default of 5 ms the
    # loop spends most of its time waiting for its turn (measured).
    sys.setswitchinterval(SWITCH_SECONDS)
    emulator: Any = importlib.import_module("ministack.app")
    emulator.app = routed(emulator.app, Path(os.environ[OUTPUTS_FILE]))
    sys.argv = ["ministack"]
    emulator.main()


def routed(emulator: Application, outputs: Path) -> Application:
    """Return an application that serves our few addresses and leaves all others to the emulator."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _signed(scope):
            await emulator(scope, receive, send)
        elif (moved := _to_api(scope, outputs)) is not None:
            await emulator(moved, receive, send)
        elif scope["path"] == SHOP:
            await _lead(send, _said(outputs).get("ShopUrl", ""))
        elif (answer := pages.answer(scope["path"])) is not None:
            await _send(send, answer)
        else:
            await emulator(scope, receive, send)

    return application


def _to_api(scope: Scope, outputs: Path) -> Scope | None:
    """Lead ``/v1/…`` to the deployed API."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    if not raw.startswith(b"/v1/"):
        return None
    found = API_ADDRESS.search(_said(outputs).get("ApiUrl", ""))
    if found is None:
        return None
    raw = found.group().encode() + raw
    return {**scope, "path": unquote(raw.decode("ascii")), "raw_path": raw}


def _signed(scope: Scope) -> bool:
    return any(name == b"authorization" and value.startswith(b"AWS4-") for name, value in scope["headers"])


def _said(outputs: Path) -> dict[str, str]:
    """Return the outputs of the last deployment; none before the first."""
    try:
        said: dict[str, str] = json.loads(outputs.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return said


async def _lead(send: Send, address: str) -> None:
    await send({"type": "http.response.start", "status": 307, "headers": [(b"location", address.encode())]})
    await send({"type": "http.response.body", "body": b""})


async def _send(send: Send, answer: pages.Answer) -> None:
    headers = [(b"content-type", answer.content_type.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


if __name__ == "__main__":
    serve()
