"""The emulator's process: the emulator with our corrections, the public address, the mailbox and the demo shop.

Run by ``.local/venv`` (`infra.local.emulator` starts it). ``/v1/…`` leads to the deployed HTTP API, so that the links
in mails are short and known before the API is; requests signed for AWS always go to the emulator.
"""

import importlib
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from infra.local import corrections, pages

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

OUTPUTS_FILE = "STANDBY_OUTPUTS_FILE"
API_ADDRESS = re.compile(r"/_aws/execute-api/[^/]+/[^/]+$")


def serve() -> None:
    """Serve until a signal ends the process."""
    corrections.apply()
    emulator: Any = importlib.import_module("ministack.app")
    emulator.app = routed(emulator.app, Path(os.environ[OUTPUTS_FILE]))
    sys.argv = ["ministack"]
    emulator.main()


def routed(emulator: Application, outputs: Path) -> Application:
    """Return the emulator behind our few addresses."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _signed(scope):
            await emulator(scope, receive, send)
        elif scope["path"].startswith("/v1/") and (prefix := _api_prefix(outputs)):
            raw: bytes = scope.get("raw_path") or scope["path"].encode()
            moved = {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + raw}
            await emulator(moved, receive, send)
        elif (answer := pages.answer(scope["path"])) is not None:
            await _send(send, answer)
        else:
            await emulator(scope, receive, send)

    return application


def _signed(scope: Scope) -> bool:
    return any(name == b"authorization" and value.startswith(b"AWS4-") for name, value in scope["headers"])


def _api_prefix(outputs: Path) -> str | None:
    """Return the path under which the emulator serves the deployed HTTP API, once it is deployed."""
    try:
        found = API_ADDRESS.search(json.loads(outputs.read_text("utf-8"))["ApiUrl"])
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return found.group() if found else None


async def _send(send: Send, answer: pages.Answer) -> None:
    headers = [(b"content-type", answer.content_type.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


if __name__ == "__main__":
    serve()
