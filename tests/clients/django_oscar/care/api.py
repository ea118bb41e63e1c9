"""What the shop's server asks Standby's HTTP API."""

import time
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import httpx
from django.conf import settings
from django.core.cache import cache

TRIES, PAUSE_SECONDS = 4, 0.2
AGAIN = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}
"""Too many at once for a moment. The same ``Idempotency-Key`` makes asking again harmless."""
FRESH_SECONDS = 2
"""So long a page may show what was known of a SKU; the checkout never does."""
LONGEST_LOOK_SECONDS = 2


class RefusedError(Exception):
    """Standby said no; ``problem`` is the last word of the problem's type, such as ``sold-out``."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(said.get("detail") or said.get("title", ""))
        self.problem = str(said.get("type", "")).rpartition("/")[2]


class DownError(Exception):
    """Standby did not answer, or with an error of its own."""


@lru_cache
def client() -> httpx.Client:
    """Return one client for all threads: it keeps its connections."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    return httpx.Client(base_url=settings.STANDBY_API, timeout=30, limits=limits)


def ask(method: str, path: str, body: object = None, *, once: str = "", shopper: str = "") -> dict[str, Any]:
    """Ask with the shop's key and return the answer.

    ``once`` names the wish, however often it is sent; ``shopper`` stands for who types codes. Raises `RefusedError` and
    `DownError`.
    """
    headers = {"Authorization": f"Bearer {settings.STANDBY_KEY}"}
    headers |= {"Idempotency-Key": once} if once else {}
    headers |= {"Shopper-Hint": shopper} if shopper else {}
    for attempt in range(TRIES):
        time.sleep(attempt * PAUSE_SECONDS)
        try:
            answer = client().request(method, path, json=body, headers=headers)
        except httpx.HTTPError as error:
            failed = str(error)
            continue
        if answer.status_code in AGAIN:
            failed = answer.text
            continue
        if answer.is_server_error:
            raise DownError(answer.text)
        said: dict[str, Any] = answer.json()
        if answer.is_error:
            raise RefusedError(said)
        return said
    raise DownError(failed)


def badge(sku: str) -> dict[str, Any]:
    """Return what a page shows of a SKU; nothing where Standby does not answer in time: pages do without."""
    known: dict[str, Any] | None = cache.get(f"standby-badge-{sku}")
    if known is None:
        try:
            answer = client().get("/v1/availability", params={"sku": sku}, timeout=LONGEST_LOOK_SECONDS)
            known = answer.raise_for_status().json()["items"][0]
        except (httpx.HTTPError, ValueError, KeyError, IndexError):
            known = {}
        cache.set(f"standby-badge-{sku}", known, FRESH_SECONDS)
    return known
