"""Fetching a picture from where the catalogue says that it is, without being led anywhere else.

Feeds come from many hands, so an address in them may be meant to make this function ask what only it can reach. A name
is looked up once, each of the addresses behind it must be public, and the connection goes to one of those: no second
look-up can lead elsewhere (DNS rebinding). Redirections are followed a few times, each as strictly. Time, bytes and
forms are bounded, whatever the other side sends.
"""

import socket
import ssl
import time
from collections.abc import Callable
from functools import cache, partial
from http.client import HTTPException, HTTPResponse, IncompleteRead
from io import BufferedReader, RawIOBase
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from standby.availability.pictures.addresses import may_be_asked
from standby.availability.pictures.model import UnseenError
from standby.platform.frozen import frozen
from standby.shelf.cards import address as web_address

PORTS = {"http": 80, "https": 443}
LONGEST_ADDRESS = 2_000
MOST_REDIRECTIONS = 3
MOST_BYTES = 10_000_000
MOST_SECONDS = 10.0
"""For one picture, with all that it is redirected to. A look-up that hangs takes as long as the resolver lets it."""
PAUSE_SECONDS = 0.25
"""Before each request. At most two functions ask at a time (`infra.features.availability`), so the shop's own site is
asked eight times a second at most, and less often the longer it takes to answer."""
MOST_CONNECTIONS = 2
"""Addresses of one name that are tried."""
CHUNK_BYTES = 65_536
LONGEST_REASON = 200
SAFE_IN_A_PATH = "/%:@!$&'()*+,;=~-._"
HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._:")
OK = 200
REDIRECTIONS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({404, 408, 421, 425, 429})
"""Refusals that may be over in a while, since a picture may follow its product; and so may errors of the server's."""
SERVER_ERRORS = 500
BINARY = "application/octet-stream"
AGENT = "Standby (looks at the shop's own product pictures, once each)"
Found = list[tuple[Any, ...]]


class Target(NamedTuple):
    """Where a picture is asked for."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query."""


@frozen(kw_only=True)
class Fetcher:
    """Fetches pictures."""

    loopback: bool = False
    """Whether this machine may be asked, too, on any port. Only the stage on the local AWS does."""
    resolve: Callable[..., Found] = socket.getaddrinfo
    connect: Callable[..., socket.socket] = socket.create_connection
    seconds: Callable[[], float] = time.monotonic
    pause: Callable[[], None] = partial(time.sleep, PAUSE_SECONDS)
    """Called before each request, so that what is refused unasked costs no time."""

    def fetch(self, address: str) -> bytes:
        """Return what stands at a web address. Raises `UnseenError` for whatever is not a picture's few megabytes."""
        until = self.seconds() + MOST_SECONDS
        try:
            for _ in range(MOST_REDIRECTIONS + 1):
                target = read_target(address, any_port=self.loopback)
                with self._connected(target, until) as connection:
                    answer = _asked(connection, target, lambda: self._left(until))
                    if answer.status not in REDIRECTIONS:
                        return _content(answer)
                    address = urljoin(address, _location(answer))
        except (OSError, HTTPException) as error:  # a certificate that is not the host's is one, too
            raise UnseenError(f"{type(error).__name__}: {error}"[:LONGEST_REASON], again=True) from error
        except ValueError as error:  # the name of a host that no resolver takes, a redirection to no address
            raise UnseenError(f"not a web address: {error}"[:LONGEST_REASON]) from error
        raise UnseenError(f"redirected more than {MOST_REDIRECTIONS} times")

    def _connected(self, target: Target, until: float) -> socket.socket:
        """Connect to one of the addresses that were looked at, and to no other. Raises `UnseenError`, ``OSError``."""
        try:
            found = self.resolve(target.host, target.port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise UnseenError(f"{target.host} leads nowhere", again=error.errno != socket.EAI_NONAME) from error
        found.sort(key=lambda each: each[0] != socket.AF_INET)  # a function has an IPv4 address in any case
        known = list(dict.fromkeys(each[4][0] for each in found))
        if not known or not all(may_be_asked(each, loopback=self.loopback) for each in known):
            raise UnseenError(f"{target.host} is not on the public Internet")
        self.pause()
        failed: OSError | None = None
        for each in known[:MOST_CONNECTIONS]:
            try:
                made = self.connect((each, target.port), timeout=self._left(until))
            except OSError as error:
                failed = error
                continue
            return self._secured(made, target, until)
        raise failed or OSError("no address")

    def _secured(self, made: socket.socket, target: Target, until: float) -> socket.socket:
        if target.scheme != "https":
            return made
        try:
            made.settimeout(self._left(until))  # the handshake is over by then, or fails
            return _trust().wrap_socket(made, server_hostname=target.host)
        except BaseException:
            made.close()
            raise

    def _left(self, until: float) -> float:
        """Return the seconds that are left. Raises ``TimeoutError`` when there are none."""
        left = until - self.seconds()
        if left <= 0:
            raise TimeoutError(f"took more than {MOST_SECONDS:.0f} seconds")
        return left


class _Bounded(RawIOBase):
    """What comes over a connection. No single read outlasts the time for all of them."""

    def __init__(self, connection: socket.socket, left: Callable[[], float]) -> None:
        self._connection, self._left = connection, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        self._connection.settimeout(self._left())
        return self._connection.recv_into(buffer)

    def makefile(self, *_mode: object) -> BufferedReader:
        """Return what `HTTPResponse` reads from."""
        return BufferedReader(self, CHUNK_BYTES)


def read_target(address: str, *, any_port: bool = False) -> Target:
    """Return where a web address leads. Raises `UnseenError`, ``ValueError`` for one that nobody should be led to."""
    if len(address) > LONGEST_ADDRESS or web_address(address) is None:
        raise UnseenError("not a web address")
    parts = urlsplit(address)
    host, port = _host(parts), parts.port
    if parts.scheme not in PORTS or parts.username is not None or parts.password is not None:
        raise UnseenError("not a plain web address: another scheme, or a user's name in it")
    port = PORTS[parts.scheme] if port is None else port
    if port not in PORTS.values() and not any_port:
        raise UnseenError(f"port {port} is not the web's")
    path = quote(parts.path or "/", safe=SAFE_IN_A_PATH) + (
        f"?{quote(parts.query, safe=SAFE_IN_A_PATH + '?')}" if parts.query else ""
    )
    return Target(parts.scheme, host, port, path)


def _host(parts: SplitResult) -> str:
    """Return a host as it is looked up. Raises ``ValueError`` where there is none, or one with a zone."""
    named = parts.hostname or ""
    host = named if named.isascii() else named.encode("idna").decode("ascii")
    if not host or not set(host) <= HOST_CHARACTERS:
        raise ValueError("no host")
    return host


def _asked(connection: socket.socket, target: Target, left: Callable[[], float]) -> HTTPResponse:
    """Ask for a picture and read the answer's head."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    port = "" if target.port == PORTS[target.scheme] else f":{target.port}"
    head = (
        f"GET {target.path} HTTP/1.1\r\nHost: {host}{port}\r\nUser-Agent: {AGENT}\r\n"
        "Accept: image/webp,image/png,image/jpeg,image/gif\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    )
    connection.settimeout(left())
    connection.sendall(head.encode("ascii"))
    answer = HTTPResponse(_Bounded(connection, left), method="GET")  # type: ignore[arg-type] # it asks for a file only
    answer.begin()
    return answer


def _location(answer: HTTPResponse) -> str:
    """Return where an answer leads. Headers are read as Latin-1, and sites write their addresses in UTF-8."""
    return answer.headers.get("location", "").encode("latin-1", "replace").decode("utf-8", "replace")


def _content(answer: HTTPResponse) -> bytes:
    """Return an answer's bytes. Raises `UnseenError` where it is none with a picture in it, or one too long."""
    if answer.status != OK:
        passing = answer.status in PASSING or answer.status >= SERVER_ERRORS
        raise UnseenError(f"the shop's site answered {answer.status}", again=passing)
    kind = answer.headers.get_content_type() if "content-type" in answer.headers else BINARY
    if not kind.startswith("image/") and kind != BINARY:
        raise UnseenError(f"the shop's site answered with {kind}, and with no picture"[:LONGEST_REASON])
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnseenError("the shop's site packed a picture, although nobody asked for that")
    if (answer.length or 0) > MOST_BYTES:
        raise UnseenError(f"more than {MOST_BYTES:,} bytes")
    content = bytearray()
    while chunk := answer.read(CHUNK_BYTES):
        content += chunk
        if len(content) > MOST_BYTES:
            raise UnseenError(f"more than {MOST_BYTES:,} bytes")
    if answer.length:
        raise IncompleteRead(bytes(content[:0]), answer.length)
    return bytes(content)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
