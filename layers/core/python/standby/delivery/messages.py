"""What the ERP says of orders, read and checked: each message by itself (design §5.1, promise 9)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from standby.delivery.model import (
    CANCELLED,
    DELIVERED,
    ETA,
    LINE,
    RETURNED,
    SHIPMENT,
    SHIPPED,
    TRACKED,
    About,
    Happened,
    Placed,
    Refunded,
    Said,
    Step,
    Version,
    Word,
    tracked,
)
from standby.platform.address import typed
from standby.platform.batch import checked, size
from standby.platform.clock import NO_DAY, to_text
from standby.platform.identifier import Ids
from standby.platform.moment import Arrival, day, instant, mark, spoken_of, version
from standby.platform.queue import PoisonError

PLACED, REFUNDED = "order.placed", "order.refunded"
KINDS: Mapping[str, str] = {f"order.{kind}": kind for kind in (ETA, TRACKED, SHIPPED, DELIVERED, CANCELLED, RETURNED)}
LARGEST_ORDER_BYTES = 300_000
LARGEST_BYTES = 150_000
LARGEST: Mapping[str, int] = {
    PLACED: LARGEST_ORDER_BYTES,
    REFUNDED: LARGEST_BYTES,
    **dict.fromkeys(KINDS, LARGEST_BYTES),
}
"""The types of messages, and the bytes that one may have."""
RAW_BYTES = 1_000
"""Of the carrier's own words; longer ones are left out."""
ABOUT = (
    *("order_number", "channel", "customer", "ship_to", "delivery_fee"),
    *("payment_status", "reservation_ids", "discount_codes"),
)
CUSTOMER = ("id", "type", "name", "email", "phone", "locale", "time_zone", "tier")
SHIP_TO = ("country", "postal_code")
LINE_FIELDS = ("sku", "quantity", "unit_price", "category")
DAYS = ("ship_by", "promised_from", "promised_until")
SHIPMENT_FIELDS = ("line_ids", "supplier_id", "location_id", "carrier")
MOVED = ("shipment_id", "line_ids", "occurred_at")
HAPPENED: Mapping[str, tuple[str, ...]] = {
    ETA: ("shipment_id", "eta", "cause"),
    TRACKED: ("shipment_id", "occurred_at", "state", "raw"),
    SHIPPED: (*MOVED, "carrier", "tracking_url"),
    **dict.fromkeys((DELIVERED, CANCELLED, RETURNED), MOVED),
}
"""What a message of each kind may say. Whatever else stands in it was checked by nobody."""
STEP_FIELDS = ("occurred_at", "eta", "cause", "state", "carrier", "shipment_id")
ZERO_YEARS = "2000"
"""Nothing occurred before: by such instants other systems say that they know none."""
NESTED = ("customer", "ship_to", "lines", "shipments")


def read(message: object, *, arrival: Arrival, now: datetime, ids: Ids) -> Word:
    """Read one message. Raises `PoisonError` with a reason."""
    fields = checked(_filled(message), package="standby.delivery", largest=LARGEST, ids=ids)
    moment, assumed = spoken_of(fields, "as_of", arrival, now)
    of_message = (*version(moment, arrival, fields.get("sequence")), mark(fields))
    spoken = {"as_of": to_text(moment)} | ({"as_of_assumed": True} if assumed else {})
    if fields["type"] == PLACED:
        return _placed(fields, of_message, spoken)
    if fields["type"] != f"order.{ETA}":
        if (fields.get("occurred_at") or ZERO_YEARS) < ZERO_YEARS:
            fields = {name: value for name, value in fields.items() if name != "occurred_at"}
        spoken["occurred_at"] = to_text(instant(fields, "occurred_at", now) or moment)
    if fields["type"] == REFUNDED:
        return _refunded(fields, of_message, spoken)
    return _happened(fields["order_id"], KINDS[fields["type"]], fields, of_message, spoken)


def _placed(fields: Mapping[str, Any], of_message: Version, spoken: Mapping[str, Any]) -> Placed:
    lines = _by_id(fields["lines"], "line")
    shipments = _by_id(fields.get("shipments") or (), "shipment")
    days: list[Mapping[str, str]] = []
    for place, shipment in enumerate(shipments.values()):
        days.append(_days(shipment, f"shipments.{place}"))
        unknown = next((line_id for line_id in shipment["line_ids"] if line_id not in lines), None)
        if unknown is not None:
            raise PoisonError(f"shipments.{place}.line_ids: {unknown:.80} is no line of this order")
    about = _some(fields, ABOUT)
    if "customer" in about:
        about["customer"] = _customer(about["customer"])
    if "ship_to" in about:
        about["ship_to"] = _some(about["ship_to"], SHIP_TO)
    for name in ("reservation_ids", "discount_codes"):
        if name in about:
            about[name] = list(dict.fromkeys(about[name]))
    return Placed(
        order_id=fields["order_id"],
        version=of_message,
        fields={**about, **spoken},
        lines={line_id: _some(line, LINE_FIELDS) for line_id, line in lines.items()},
        shipments={name: _shipment(said, of) for (name, said), of in zip(shipments.items(), days, strict=True)},
    )


def _shipment(said: Mapping[str, Any], days: Mapping[str, str]) -> dict[str, Any]:
    """Return what is kept of a shipment. Where no day was promised, it has `NO_DAY`."""
    line_ids = list(dict.fromkeys(said["line_ids"]))
    return {**_some(said, SHIPMENT_FIELDS), "promised_until": NO_DAY, **days, "line_ids": line_ids}


def _refunded(fields: Mapping[str, Any], of_message: Version, spoken: Mapping[str, Any]) -> Refunded:
    amount = fields["amount"]
    when_and_how_much = f"{spoken['occurred_at']} {amount['amount']} {amount['currency']}"
    return Refunded(
        order_id=fields["order_id"],
        refund=" ".join(filter(None, (fields.get("refund_due_id"), when_and_how_much))),
        said=Said(version=of_message, fields={**_some(fields, ("amount", "refund_due_id")), **spoken}),
    )


def _happened(
    order_id: str, kind: str, said: Mapping[str, Any], of_message: Version, spoken: Mapping[str, Any]
) -> Happened:
    fields = _some(said, HAPPENED[kind])
    line_ids, shipment_id = fields.get("line_ids"), fields.get("shipment_id")
    if day(fields, "eta") is None:
        fields.pop("eta", None)
    content = _some(fields, ("eta", "cause", "state", "carrier"))
    if fields.get("tracking_url", "").lower().startswith(("https://", "http://")):
        content["tracking_url"] = fields["tracking_url"]
    if "raw" in fields and size(fields["raw"]) <= RAW_BYTES:
        content["raw"] = fields["raw"]
    if line_ids is not None:
        about = tuple(About(kind, LINE, line_id) for line_id in dict.fromkeys(line_ids))
    else:
        about = (About(kind) if shipment_id is None else About(kind, SHIPMENT, shipment_id),)
    if kind == TRACKED:
        about = tuple(each._replace(kind=name) for each in about for name in (kind, tracked(fields["state"])))
    if line_ids is not None and shipment_id is not None:
        content["shipment_id"] = shipment_id
    step = _some({**fields, **spoken}, STEP_FIELDS)
    if line_ids is not None:
        step["lines"] = str(len(about))
    return Happened(
        order_id=order_id,
        said=Said(version=of_message, fields={**content, **spoken}),
        about=about,
        step=Step(of_message[0], of_message[-1], kind, tuple(sorted(step.items()))),
    )


def _customer(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a customer. What cannot be an address is left out: the order counts without it."""
    customer = _some(said, CUSTOMER)
    email = _mailable(typed(customer.pop("email", "")))
    return customer if email is None else {**customer, "email": email}


def _mailable(email: str) -> str | None:
    """Return an address as the waitlist has it, by which who leaves or is erased is found; ``None`` for none."""
    if not email.isascii():
        from standby.platform.mailable import AddressError, mailable  # noqa: PLC0415 - a quarter of a cold start

        try:
            return mailable(email)
        except AddressError:
            return None
    name, at, domain = email.partition("@")
    odd = "@" in domain or any(letter.isspace() or letter in "<>,;" for letter in email)
    return None if odd or not (name and at and domain) else email


def _by_id(listed: Iterable[Mapping[str, Any]], kind: str) -> dict[str, Mapping[str, Any]]:
    """Return what a list says, by id. Raises `PoisonError` where an id stands there twice."""
    by_id: dict[str, Mapping[str, Any]] = {}
    for place, each in enumerate(listed):
        named = each[f"{kind}_id"]
        if named in by_id:
            raise PoisonError(f"{kind}s.{place}.{kind}_id: {named:.80} stands there twice")
        by_id[named] = each
    return by_id


def _days(fields: Mapping[str, Any], place: str) -> Mapping[str, str]:
    """Return the days that a shipment says."""
    try:
        return {name: said for name in DAYS if (said := day(fields, name)) is not None}
    except PoisonError as poison:
        raise PoisonError(f"{place}.{poison.reason}") from poison


def _some(fields: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: fields[name] for name in names if fields.get(name) is not None}


def _filled(message: object, *, nested: bool = True) -> object:
    """Return a message without texts of no characters, by which many systems say that there is nothing."""
    if isinstance(message, list):
        return [_filled(each, nested=False) for each in message]
    if not isinstance(message, dict):
        return message
    filled = {name: value for name, value in message.items() if not (isinstance(value, str) and not value.strip())}
    if nested:
        filled |= {name: _filled(filled[name], nested=False) for name in NESTED if name in filled}
    return filled
