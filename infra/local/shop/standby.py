"""What the shop's own server asks Standby's HTTP API, and what it does without an answer: it goes on selling."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from infra.local.client import Client

MOST_ASKED = 100
FRESH_SECONDS = 1.0
"""So long an answer is given again to others who ask the same."""
REMEMBERED = 500


class DownError(Exception):
    """Standby did not answer, or with an error of its own."""


@dataclass
class Standby:
    """Standby, asked by one deployment's client."""

    client: Callable[[], Client]
    _known: dict[tuple[str, str], tuple[float, Any]] = field(default_factory=dict)

    def badges(self, kind: str, names: Sequence[str], locale: str) -> dict[str, dict[str, Any]]:
        """Return badges by ``sku`` or ``product_id``; none where Standby does not answer."""
        found: dict[str, dict[str, Any]] = {}
        for group in _groups(names):
            parameters = [(kind, name) for name in group] + [("locale", locale)]
            answer = self._read("/v1/availability", parameters)
            found |= dict(zip(group, (answer or {}).get("items", ()), strict=False))
        return {name: badge for name, badge in found.items() if badge["status"]}

    def ranked(self, product_ids: Sequence[str]) -> list[str]:
        """Return products with the sold-out ones at the end; in their own order where Standby does not answer."""
        if not product_ids:
            return []
        try:
            order: list[str] = self._ask("POST", "/v1/listings/rank", json={"product_ids": list(product_ids)})["items"]
        except DownError:
            return list(product_ids)
        return order

    def product(self, product_id: str, locale: str) -> dict[str, Any] | None:
        """Return a product with all of its variants, ``None`` where Standby does not answer."""
        found: dict[str, Any] | None = self._read(
            f"/v1/products/{product_id}/availability", [("format", "json"), ("locale", locale)]
        )
        return found

    def alternatives(self, product_id: str, locale: str) -> list[str]:
        """Return the ids of what can be bought instead."""
        answer = self._read(f"/v1/products/{product_id}/alternatives", [("locale", locale)])
        return [item["product_id"] for item in (answer or {}).get("items", ())]

    def returned(self, locale: str) -> list[str]:
        """Return the ids of what came back and can be bought, the newest first."""
        answer = self._read("/v1/back-in-stock", [("format", "json"), ("locale", locale)])
        return [item["product_id"] for item in (answer or {}).get("items", ())]

    def stores(self, product_id: str, near: str = "") -> list[dict[str, Any]]:
        """Return the stores that have a product, the nearest first where a place (``latitude,longitude``) is said."""
        answer = self._read(f"/v1/products/{product_id}/stores", [("near", near)] if near else [])
        found: list[dict[str, Any]] = (answer or {}).get("items", [])
        return found

    def tracking_page(self, order_id: str) -> str:
        """Return the link to an order's own page; empty while Standby does not know the order, or does not answer."""
        path = f"/v1/deliveries/{quote(order_id, safe='')}"
        try:
            answer = self.client().http.get(path, headers=self.client().key, timeout=10)
        except httpx.HTTPError:
            return ""
        found: str | None = answer.json()["tracking_page"] if answer.is_success else None
        return found or ""

    def reservation(self, reservation_id: str) -> dict[str, Any] | None:
        """Return what is set aside, ``None`` where there is no such reservation. Raises `DownError`."""
        path = f"/v1/reservations/{quote(reservation_id, safe='')}"
        try:
            answer = self.client().http.get(path, headers=self.client().key, timeout=10)
        except httpx.HTTPError as error:
            raise DownError(str(error)) from error
        found: dict[str, Any] | None = answer.json() if answer.is_success else None
        return found

    def checked(self, lines: Iterable[tuple[str, int]], locale: str) -> list[dict[str, Any]]:
        """Return for each line of a cart what of it can be had. Raises `DownError`."""
        body = {"lines": [{"sku": sku, "quantity": units} for sku, units in lines]}
        found: list[dict[str, Any]] = self._ask("POST", f"/v1/availability/check?locale={locale}", json=body)["lines"]
        return found

    def refused(self, path: str, body: object | None = None, *, once: str = "") -> tuple[dict[str, Any], str]:
        """Ask with the shop's key. Returns the answer, and the type of the problem where it was refused.

        Raises `DownError`.
        """
        headers = self.client().key | ({"Idempotency-Key": once} if once else {})
        try:
            answer = self.client().http.post(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise DownError(str(error)) from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise DownError(f"{path}: {answer.status_code}")
        said: dict[str, Any] = answer.json()
        return said, "" if answer.is_success else said.get("type", "about:blank")

    def _read(self, path: str, parameters: Sequence[tuple[str, str]]) -> Any:  # noqa: ANN401 - JSON
        """Return an answer of a moment ago, or ask; ``None`` where there is none."""
        key, now = (path, str(parameters)), time.monotonic()
        if (known := self._known.get(key)) and now - known[0] < FRESH_SECONDS:
            return known[1]
        try:
            said = self._ask("GET", path, params=list(parameters))
        except DownError:
            return None
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[key] = (now, said)
        return said

    def _ask(self, method: str, path: str, **more: Any) -> Any:  # noqa: ANN401 - JSON
        try:
            answer = self.client().http.request(method, path, timeout=10, **more)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, OSError, ValueError, KeyError) as error:
            raise DownError(str(error)) from error


def _groups(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut names into as many as can be asked for at once."""
    for start in range(0, len(names), MOST_ASKED):
        yield names[start : start + MOST_ASKED]
