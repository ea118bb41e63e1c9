"""What the shop's server is asked and answers, and the headers that every answer has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

YEAR_SECONDS = 31_536_000
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A request. ``headers`` has lower-case names; ``form`` is what was posted."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def path(self) -> str:
        """The address without its query, as it was sent."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        """The query."""
        return parse_qs(urlsplit(self.target).query, max_num_fields=100)

    @property
    def form(self) -> dict[str, str]:
        """The posted fields, the first of each name."""
        return {name: values[0] for name, values in parse_qs(self.body, max_num_fields=100).items()}

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies; none where they cannot be read."""
        try:
            return {name: morsel.value for name, morsel in SimpleCookie(self.headers.get("cookie", "")).items()}
        except CookieError:
            return {}

    def own(self, origin: str) -> bool:
        """Tell whether a page of this origin asks: another one that this browser shows may not press our buttons."""
        return self.headers.get("origin", origin) == origin and self.headers.get("sec-fetch-site", "same-origin") in (
            "same-origin",
            "none",
        )


@dataclass(frozen=True)
class Answer:
    """An answer."""

    status: int = HTTPStatus.OK
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def page(cls, html: str, status: int = HTTPStatus.OK) -> "Answer":
        """Return a page, which nobody may keep."""
        return cls(status, html.encode(), {"Content-Type": HTML, "Cache-Control": "no-store"})

    @classmethod
    def file(cls, content: bytes, kind: str, seconds: int) -> "Answer":
        """Return a file that a browser may keep for so long."""
        return cls(HTTPStatus.OK, content, {"Content-Type": kind, "Cache-Control": f"public, max-age={seconds}"})

    @classmethod
    def data(cls, said: object) -> "Answer":
        """Return JSON."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        return cls(HTTPStatus.OK, json.dumps(said, ensure_ascii=False).encode(), headers)

    @classmethod
    def to(cls, path: str, **cookies: str) -> "Answer":
        """Lead to another page of the shop, and set cookies."""
        headers = {"Location": path, "Cache-Control": "no-store"}
        for name, value in cookies.items():  # a browser takes one cookie from a line; no page sets two
            headers["Set-Cookie"] = f"{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={YEAR_SECONDS}"
        return cls(HTTPStatus.SEE_OTHER, b"", headers)


def policy(api: str) -> dict[str, str]:
    """Return the headers of every answer: nothing inline, nothing from elsewhere but Standby's API."""
    rules = (
        "default-src 'none'",
        f"script-src 'self' {api}",
        f"connect-src 'self' {api}",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
    return {
        "Content-Security-Policy": "; ".join(rules),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
        "Vary": "Cookie, Accept-Language",
    }
