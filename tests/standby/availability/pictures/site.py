"""A site that is asked for pictures, without a network: names, what is connected to, and what comes back."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from standby.availability.pictures.fetching import Fetcher

PUBLIC = "93.184.215.14"
PICTURE = b"a picture"


def answer(
    content: bytes = PICTURE, status: str = "200 OK", length: int | None = None, **headers: str | None
) -> list[bytes]:
    """Return an answer of HTTP."""
    said = {"Content-Type": "image/png", "Content-Length": str(len(content) if length is None else length)}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}  # type: ignore[dict-item] # below
    lines = "".join(f"{name}: {value}\r\n" for name, value in said.items() if value is not None)
    return [f"HTTP/1.1 {status}\r\n{lines}\r\n".encode(), content]


def moved(address: str, status: str = "302 Found") -> list[bytes]:
    """Return an answer that leads elsewhere."""
    return answer(b"", status, Location=address)


LONGEST_SECONDS = 30
"""For which a slow site waits for a reader who has gone."""


@dataclass
class Site:
    """Names that lead to addresses, and answers by host, one for each time that it is asked."""

    names: dict[str, Sequence[str]] = field(default_factory=dict)
    answers: dict[str, Iterator[Iterable[bytes]]] = field(default_factory=dict)
    connected: list[tuple[str, int]] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    unknown: int = socket.EAI_NONAME
    refused: set[str] = field(default_factory=set)
    """Addresses that nobody answers at."""
    pauses: list[int] = field(default_factory=list)
    """How many connections there were before each pause."""
    now: float = 0.0
    a_read_takes: float = 0.0
    secured: Callable[[socket.socket], socket.socket] = field(default=lambda end: end)
    reads: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """One for each look at the clock, so that a slow site sends a part for each read, and the system joins none."""

    @classmethod
    def of(cls, *answers: Iterable[bytes], **more: Any) -> "Site":
        """Return a site that is one host, ``shop.example``."""
        return cls({"shop.example": [PUBLIC]}, {"shop.example": iter(answers)}, **more)

    def fetch(self, address: str = "http://shop.example/i/mug.png", *, loopback: bool = False) -> bytes:
        """Fetch a picture from it."""
        return Fetcher(
            loopback=loopback,
            resolve=self._resolve,
            connect=self._connect,
            seconds=self._seconds,
            pause=lambda: self.pauses.append(len(self.connected)),
        ).fetch(address)

    def _resolve(self, host: str, port: int, **_how: object) -> list[tuple[Any, ...]]:
        self.looked_up.append(host)
        found = self.names.get(host, [])
        if not found:
            raise socket.gaierror(self.unknown, "Name or service not known")
        families = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in found]
        return [(family, socket.SOCK_STREAM, 6, "", (each, port)) for family, each in zip(families, found, strict=True)]

    def _connect(self, address: tuple[str, int], *, timeout: float) -> socket.socket:
        assert timeout > 0
        self.connected.append(address)
        if address[0] in self.refused:
            raise ConnectionRefusedError(111, "Connection refused")
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._serve, args=[theirs, self.looked_up[-1]], daemon=True).start()
        return ours

    def _serve(self, raw: socket.socket, host: str) -> None:
        try:
            with self.secured(raw) as end:
                self.asked.append(end.recv(65_536))
                for part in next(self.answers[host], ()):
                    if self.a_read_takes and not self.reads.acquire(timeout=LONGEST_SECONDS):
                        return
                    end.sendall(part)
        except OSError:  # whoever asked has gone
            raw.close()

    def _seconds(self) -> float:
        self.now += self.a_read_takes
        self.reads.release()
        return self.now


def header(asked: bytes) -> Mapping[str, str]:
    """Return the headers of a request, and its first line as ``""``."""
    first, *lines = asked.decode("ascii").split("\r\n\r\n")[0].split("\r\n")
    return {"": first, **dict(line.split(": ", 1) for line in lines)}
