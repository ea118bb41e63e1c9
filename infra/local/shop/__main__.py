"""Serve the demo shop on 127.0.0.1 until a signal ends the process (`infra.local.server` starts it)."""

import json
import os
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from infra.local.client import Client
from infra.local.emulator import HOST, Emulator
from infra.local.shop.answers import Answer, Request, policy
from infra.local.shop.site import Site
from infra.local.shop.standby import Standby
from infra.local.shop_clock import reader
from infra.operations.place import Place

LONGEST_BODY = 65_536
PORT = int(os.environ["STANDBY_SHOP_PORT"])


def outputs() -> Mapping[str, str]:
    """Return the outputs of the last deployment; none before the first."""
    try:
        said: dict[str, str] = json.loads(Path(os.environ["STANDBY_OUTPUTS_FILE"]).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return said


@cache
def client(said: str) -> Client:
    """Return a client of the deployment that has these outputs."""
    emulator = Emulator(os.getppid(), int(os.environ["GATEWAY_PORT"]), Path(), auth=False)
    place = Place(emulator.session(), endpoint=emulator.address)
    return Client(place, json.loads(said), reader(Path(os.environ["STANDBY_CLOCK_OFFSET_FILE"])))


SITE = Site(Standby(lambda: client(json.dumps(outputs(), sort_keys=True))), outputs)


class Handler(BaseHTTPRequestHandler):
    """Reads a request, writes an answer."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """Answer."""
        length = self.headers.get("content-length") or "0"
        hosts = {f"{HOST}:{PORT}", f"localhost:{PORT}"}
        if self.headers.get("host") not in hosts:  # a name that leads here from elsewhere is not ours
            self._write(Answer(HTTPStatus.MISDIRECTED_REQUEST))
        elif "transfer-encoding" in self.headers or not length.isdecimal() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self._write(Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(length)).decode("utf-8", "replace")
            self._write(SITE.answer(Request(self.command, self.path, headers, body)))

    do_HEAD = do_POST = do_GET  # noqa: N815 - the names that are called

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that is overridden
        """Say nothing of what went well."""

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in (policy(SITE.api) | dict(answer.headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


if __name__ == "__main__":
    ThreadingHTTPServer((HOST, PORT), Handler).serve_forever()
