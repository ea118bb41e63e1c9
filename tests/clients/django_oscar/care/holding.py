"""Sets a basket's units aside at Standby while its customer is at the checkout.

The session remembers what is held and for what. A customer who comes back to the page holds the same; one who changed
the basket, or was away for too long, holds anew, and what was held before is given back first.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

from django.contrib.sessions.backends.base import SessionBase

from care.api import DownError, RefusedError, ask

REMEMBERED = "standby_holds"
MOST_LINES = 8
"""Lines of one reservation."""
AHEAD = "preorder"
"""What the availability policy of a pre-order is called (`forks.partner.strategy`), and its kind of reservation."""
OVER = {"expired", "cancelled"}

Reservation = dict[str, Any]


def hold(session: SessionBase, basket: Any, customer: dict[str, str]) -> list[Reservation]:
    """Set a basket aside for a customer (``email``, ``locale``) and return the reservations.

    Raises `RefusedError` where something cannot be had, and then holds nothing; and `DownError`.
    """
    wishes = [{**wish, "customer": customer} for wish in _wishes(basket)]
    wanted = hashlib.sha256(json.dumps(wishes, sort_keys=True).encode()).hexdigest()
    known = session.get(REMEMBERED)
    if known and known["wanted"] == wanted:
        try:
            return _reserved(known, wishes)
        except RefusedError as refused:
            if refused.problem not in OVER:
                raise
    if known:
        give_back(session)
    known = {"wanted": wanted, "name": uuid4().hex, "ids": []}
    session[REMEMBERED] = known
    try:
        held = _reserved(known, wishes)
    except (RefusedError, DownError):
        give_back(session)
        raise
    session.modified = True
    return held


def confirm(reservations: Sequence[Reservation]) -> None:
    """Say that an order was paid. Raises `RefusedError` where a hold ended meanwhile, and `DownError`."""
    for each in reservations:
        ask("POST", f"/v1/reservations/{each['id']}/confirm", {"paid": True})


def give_back(session: SessionBase) -> None:
    """Give back what a session holds. What Standby does not hear of ends by itself."""
    for reservation_id in session.pop(REMEMBERED, {"ids": ()})["ids"]:
        with suppress(RefusedError, DownError):
            ask("POST", f"/v1/reservations/{reservation_id}/cancel")


def forget(session: SessionBase) -> None:
    """Forget what a session holds: an order has it now."""
    session.pop(REMEMBERED, None)


def _reserved(known: dict[str, Any], wishes: Sequence[dict[str, Any]]) -> list[Reservation]:
    """Reserve, or see that it still is; the same name takes nothing twice."""
    held = []
    for number, wish in enumerate(wishes):
        held.append(ask("POST", "/v1/reservations", wish, once=f"{known['name']}-{number}"))
        if held[-1]["status"] in OVER:
            raise RefusedError({"type": "/problems/expired"})
        if held[-1]["id"] not in known["ids"]:
            known["ids"].append(held[-1]["id"])
    return held


def _wishes(basket: Any) -> Iterator[dict[str, Any]]:
    """Yield a reservation for what lies there, and one for what is ordered ahead."""
    kinds: dict[str, list[dict[str, Any]]] = {"checkout": [], AHEAD: []}
    for line in basket.all_lines():
        if line.product.get_product_class().track_stock:
            kind = AHEAD if line.purchase_info.availability.code == AHEAD else "checkout"
            kinds[kind].append({"sku": line.stockrecord.partner_sku, "quantity": line.quantity})
    for kind, lines in kinds.items():
        for first in range(0, len(lines), MOST_LINES):
            yield {"kind": kind, "lines": lines[first : first + MOST_LINES]}
