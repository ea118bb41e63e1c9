"""The shop's side of the local AWS: what its ERP, its storefront, its customers and a person at the mailbox do."""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from infra.operations.place import Place

QUEUE_BATCH = 10
WORDING = "demo-2026-05"
LINK = re.compile(r"https?://[^\s<>\"]+")
Found = TypeVar("Found")


class RefusedError(Exception):
    """The API answered with an error."""


class LateError(Exception):
    """Something did not come in time."""


@dataclass(frozen=True)
class Mail:
    """A mail in the mailbox. ``at`` is when SES took it, in seconds since the epoch."""

    number: int
    to: str
    subject: str
    at: float


def _right_time() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Client:
    """Talks to one deployment, given its outputs. ``now`` is the shop's time, which tests may move."""

    place: Place
    outputs: Mapping[str, str]
    now: Callable[[], datetime] = field(default=_right_time)

    @cached_property
    def http(self) -> httpx.Client:
        """A client of the HTTP API."""
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
        return httpx.Client(base_url=self.outputs["ApiUrl"], timeout=30, limits=limits)

    @property
    def key(self) -> dict[str, str]:
        """The header of a server's request."""
        return {"Authorization": f"Bearer {self.outputs['ApiKey']}"}

    # ------------------------------------------------------------------ the ERP

    def send(self, queue: str, bodies: Iterable[object]) -> None:
        """Put messages on a queue, ten to a request; text goes as it is, anything else as JSON."""
        url = self.outputs[f"{queue}QueueUrl"]
        texts = [body if isinstance(body, str) else json.dumps(body, ensure_ascii=False) for body in bodies]
        for start in range(0, len(texts), QUEUE_BATCH):
            group = texts[start : start + QUEUE_BATCH]
            self.place.sqs.send_message_batch(
                QueueUrl=url, Entries=[{"Id": str(index), "MessageBody": text} for index, text in enumerate(group)]
            )

    def waiting_in(self, queue: str) -> int:
        """Return how many messages wait in a queue or are being worked on."""
        attributes = self.place.sqs.get_queue_attributes(
            QueueUrl=self.outputs[f"{queue}QueueUrl"],
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return sum(int(value) for value in attributes.values())

    def level(self, sku: str, on_hand: int) -> datetime:
        """Send one level, observed now, and return that instant."""
        now = self.now()
        self.send("StockUpdates", [stock_level(sku, on_hand, now)])
        return now

    def order(self, order_id: str, email: str, sku: str, *, days: int, locale: str = "en", **more: object) -> date:
        """Send an order of one unit that is promised within so many days, and return that day."""
        until = (self.now() + timedelta(days=days)).date()
        placed = {
            "order_number": order_id,
            "customer": {"email": email, "locale": locale},
            "lines": [{"line_id": "1", "sku": sku, "quantity": 1}],
            "shipments": [{"shipment_id": "1", "promised_until": until.isoformat(), "line_ids": ["1"]}],
        }
        self.says("order.placed", order_id, **placed | more)
        return until

    def says(self, kind: str, order_id: str, **fields: object) -> None:
        """Send a message about an order, said now."""
        as_of = self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.send("OrderUpdates", [{"type": kind, "order_id": order_id, "as_of": as_of, **fields}])

    def stock(self, sku: str) -> dict[str, Any] | None:
        """Return what is known of a SKU, ``None`` when nothing is."""
        answer = self.http.get(f"/v1/stock/{sku}", headers=self.key)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        found: dict[str, Any] = _good(answer).json()
        return found

    def sellable(self, sku: str) -> int | None:
        """Return how many units may be sold now."""
        found = self.stock(sku)
        return None if found is None else int(found["sellable"])

    # ------------------------------------------------------------------ the storefront and its customers

    def settings(self, scope: str, **values: object) -> dict[str, Any]:
        """Change settings of ``shop`` or ``sku:S`` and return them merged."""
        answer = self.http.put(f"/v1/settings/{scope}", headers=self.key, json=values)
        merged: dict[str, Any] = _good(answer).json()
        return merged

    def badges(self, *skus: str) -> list[dict[str, Any]]:
        """Return what a listing page shows of SKUs."""
        answer = self.http.get("/v1/availability", params=[("sku", sku) for sku in skus])
        found: list[dict[str, Any]] = _good(answer).json()["items"]
        return found

    def alternatives(self, product_id: str) -> list[str]:
        """Return the products that can be bought instead of one, the best first; none for one that is not known yet."""
        answer = self.http.get(f"/v1/products/{quote(product_id, safe='')}/alternatives")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return []
        return [alternative["product_id"] for alternative in _good(answer).json()["items"]]

    def statuses(self, *skus: str) -> list[str | None]:
        """Return the statuses of SKUs, as a listing page shows them."""
        return [badge["status"] for badge in self.badges(*skus)]

    def join(self, email: str, *skus: str, locale: str = "en", **more: object) -> httpx.Response:
        """Sign up on the shop's page."""
        consent = {"wording": WORDING, "marketing": False}
        wish = {"email": email, "skus": list(skus), "locale": locale, "consent": consent} | more
        return _good(self.http.post("/v1/waitlist", json=wish))

    def enter(self, email: str, *skus: str, locale: str = "en", **more: object) -> httpx.Response:
        """Sign a consented customer up by the shop's key; no mail is sent for that."""
        given = {"wording": WORDING, "at": self.now().isoformat(), "source": "checkout", "marketing": False}
        wish = {"email": email, "skus": list(skus), "locale": locale, "consent": given} | more
        return _good(self.http.post("/v1/waitlist/entries", headers=self.key, json=wish))

    def waiting(self, sku: str) -> dict[str, Any]:
        """Return the counts of a SKU's list."""
        counts: dict[str, Any] = _good(self.http.get(f"/v1/waitlist/{sku}", headers=self.key)).json()
        return counts

    def press(self, link: str) -> None:
        """Open a mailed link as a browser does, and press the button on its page."""
        html = {"Accept": "text/html"}
        _good(self.http.get(link, headers=html))
        _good(self.http.post(link, headers=html))

    def campaign(self, sku: str, **terms: object) -> dict[str, Any]:
        """Open a SKU's campaign, or change it, and return it."""
        release = (self.now() + timedelta(days=60)).date().isoformat()
        usual = {"kind": "preorder", "release_on": release, "price": {"amount": 4_900, "currency": "EUR"}}
        answer = self.http.put(f"/v1/campaigns/{sku}", headers=self.key, json=usual | terms)
        opened: dict[str, Any] = _good(answer).json()
        return opened

    def reserve(self, key: str, sku: str, quantity: int = 1, **more: object) -> httpx.Response:
        """Ask for a reservation, as a checkout does; it may be refused. The customer's address is the key's."""
        wish = {"sku": sku, "quantity": quantity, "customer": {"email": f"{key}@example.com"}} | more
        return self.http.post("/v1/reservations", headers=self.key | {"Idempotency-Key": key}, json=wish)

    def confirm(self, reservation_id: str) -> dict[str, Any]:
        """Say that a reservation's order was placed."""
        answer = self.http.post(f"/v1/reservations/{reservation_id}/confirm", headers=self.key)
        confirmed: dict[str, Any] = _good(answer).json()
        return confirmed

    def reservation(self, reservation_id: str) -> dict[str, Any]:
        """Return a reservation as it is now."""
        found: dict[str, Any] = _good(self.http.get(f"/v1/reservations/{reservation_id}", headers=self.key)).json()
        return found

    def set_policy(self, document: Mapping[str, Any]) -> None:
        """Set what delays are worth from now on."""
        _good(self.http.put("/v1/policy", json=document, headers=self.key))

    def remedies(self, order_id: str) -> dict[str, Any]:
        """Return what was granted for an order, and why not more."""
        path = f"/v1/deliveries/{quote(order_id, safe='')}/remedies"
        found: dict[str, Any] = _good(self.http.get(path, headers=self.key)).json()
        return found

    def give_for_delays(self, rule: Mapping[str, Any], budget: Mapping[str, Any]) -> None:
        """Put a rule before those of the policy that holds, in place of one of its name, with a budget if none is."""
        known = self.http.get("/v1/policy", headers=self.key)
        policy: dict[str, Any] = known.json()["policy"] if known.is_success else {"rules": [], "monthly_budget": []}
        budgets = {each["currency"]: each for each in policy["monthly_budget"]}
        budgets.setdefault(budget["currency"], budget)
        rules = [rule, *(each for each in policy["rules"] if each["name"] != rule["name"])]
        self.set_policy({**policy, "rules": rules, "monthly_budget": list(budgets.values())})

    # ------------------------------------------------------------------ the mailbox

    def mails(self, since: int = 0, *, to: str | None = None) -> list[Mail]:
        """Return the mails from this number on, oldest first."""
        answer = self.http.get(f"{self.outputs['MailboxUrl']}/from/{since}.json").raise_for_status()
        mails = [Mail(item["number"], item["to"], item["subject"], item["at"]) for item in answer.json()["items"]]
        return [mail for mail in mails if to is None or mail.to == to]

    def sent(self) -> int:
        """Return how many mails were sent so far: the number of the next one."""
        total: int = self.http.get(f"{self.outputs['MailboxUrl']}/mails.json").raise_for_status().json()["total"]
        return total

    def text(self, mail: Mail) -> str:
        """Return a mail's plain text."""
        answer = self.http.get(f"{self.outputs['MailboxUrl']}/{mail.number}.json").raise_for_status()
        return str(answer.json()["text"])

    def link(self, mail: Mail, page: str) -> str:
        """Return the mail's link to a page of the waitlist, ``confirm``, ``mine`` or ``leave``."""
        marker = f"/v1/waitlist/{page}?token="
        links: list[str] = LINK.findall(self.text(mail))
        return next(link for link in links if marker in link)


def stock_level(sku: str, on_hand: int, as_of: datetime, location_id: str = "main") -> dict[str, Any]:
    """Return a message that says what lies at a location."""
    return {
        "type": "stock.level",
        "sku": sku,
        "location_id": location_id,
        "on_hand": on_hand,
        "as_of": as_of.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def awaited(ask: Callable[[], Found], *, what: str, seconds: float = 30, pause: float = 0.1) -> Found:
    """Ask until the answer is true and return it. Raises `LateError` after the time."""
    deadline = time.monotonic() + seconds
    while not (found := ask()):
        if time.monotonic() > deadline:
            raise LateError(f"not in {seconds:.0f} s: {what}")
        time.sleep(pause)
    return found


def awaited_calm(
    count: Callable[[], int], *, calm: timedelta, what: str, seconds: float = 120, pause: float = 0.25
) -> int:
    """Ask until the count has not moved for a while and return it. Raises `LateError` when it never rests."""
    deadline = time.monotonic() + seconds
    last, since = count(), time.monotonic()
    while time.monotonic() - since < calm.total_seconds():
        if time.monotonic() > deadline:
            raise LateError(f"still moving after {seconds:.0f} s: {what}")
        time.sleep(pause)
        if (now := count()) != last:
            last, since = now, time.monotonic()
    return last


def _good(answer: httpx.Response) -> httpx.Response:
    """Return an answer that is a success. Raises `RefusedError` with what the API said."""
    if answer.is_error:
        request = answer.request
        raise RefusedError(f"{request.method} {request.url.path}: {answer.status_code} {answer.text[:500]}")
    return answer
