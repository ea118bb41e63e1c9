"""The parcels of a mail about a delay of which mail programs may tell by themselves (`standby.mail.parcel_markup`).

Only what a carrier has, as somebody said, and expects on a day: what has not left is no parcel yet. The day is that of
the tracking page.
"""

import re
from collections.abc import Collection
from datetime import datetime, tzinfo
from typing import Any

from standby.delivery.mailing import skus_of
from standby.delivery.model import Order
from standby.delivery.standing import Parcel, standing

LINK = re.compile(r"https?://[^\s<>\"'`{}\\]+")
"""As the data of a mail may have one."""
LEFT = frozenset({"shipped", "out", "attempted"})
MOST_PARCELS = 20


def on_the_way(order: Order, shipment_ids: Collection[str], now: datetime, zone: tzinfo) -> dict[str, Any]:
    """Return what the data of a mail says of the parcels among some shipments; nothing where none is on its way."""
    parcels = [
        _said(order, parcel, parcel.carrier, parcel.expected)
        for parcel in standing(order, zone, now).parcels
        if parcel.promise.shipment_id in shipment_ids and parcel.state in LEFT
        if parcel.carrier is not None and parcel.expected is not None
    ]
    return {"parcels": parcels[:MOST_PARCELS]} if parcels else {}


def _said(order: Order, parcel: Parcel, carrier: str, expected: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "carrier": carrier,
        "expected": expected,
        "skus": skus_of(order, [each for each in parcel.promise.coming if each not in order.given_up]),
    }
    url = parcel.tracking_url
    return {**said, "tracking_url": url} if url is not None and LINK.fullmatch(url) else said
