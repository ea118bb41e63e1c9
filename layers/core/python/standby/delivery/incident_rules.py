"""Incidents: a carrier, a region and dates that share one cause, as operators declare them."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from typing import Any

from standby.delivery.model import SHIPPED, Order
from standby.delivery.promises import Promise
from standby.platform.frozen import frozen

LANGUAGES = ("en", "he")
"""In which an incident may have words of its own."""


@frozen(kw_only=True)
class Incident:
    """Why shipments are late that a carrier was to bring to a region within some days."""

    incident_id: str
    cause: str
    since: date
    until: date | None = None
    """The last promised day that it explains; ``None``: it goes on."""
    carrier: str | None = None
    country: str | None = None
    postal_prefix: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    policy: str | None = None
    """The name of the policy by which remedies are granted for it."""
    ended_at: str | None = None

    @property
    def narrowness(self) -> tuple[int, date, str]:
        """Return what of several is the nearer one: what names more, then what began later."""
        named = (self.carrier, self.country, self.postal_prefix)
        return sum(each is not None for each in named), self.since, self.incident_id


def incident_of(order: Order, promise: Promise, incidents: Iterable[Incident]) -> Incident | None:
    """Return the incident that explains why a shipment is late; of several the one that names most."""
    found = [each for each in incidents if _explains(each, order, promise)]
    return max(found, key=lambda each: each.narrowness, default=None)


def _explains(incident: Incident, order: Order, promise: Promise) -> bool:
    """Tell whether a shipment was promised for a day of an incident, by its carrier, into its region."""
    goes: Mapping[str, Any] = {} if order.placed is None else order.placed.fields.get("ship_to", {})
    return (
        incident.since <= promise.promised_until <= (incident.until or date.max)
        and incident.carrier in (None, _plain(carrier_of(order, promise)))
        and incident.country in (None, _plain(goes.get("country")))
        and (incident.postal_prefix is None or _plain(goes.get("postal_code")).startswith(incident.postal_prefix))
    )


def carrier_of(order: Order, promise: Promise) -> str | None:
    """Return who brings a shipment: as the newest word says by which it left, else as the order does."""
    name = promise.shipment_id
    left = [word[1] for line_id in promise.line_ids if (word := order.newest_about(SHIPPED, line_id, name))]
    said = max(left, key=lambda each: each.version).fields.get("carrier") if left else None
    carrier: str | None = said or order.shipments[name].fields.get("carrier")
    return carrier


def incident(incident_id: str, said: Mapping[str, Any]) -> Incident:
    """Return an incident as it was declared. Raises `ValueError` for what is no day or no name, or days in no order."""
    region = said.get("region") or {}
    since, until = date.fromisoformat(said["since"]), said.get("until")
    last = None if until is None else date.fromisoformat(until)
    if last is not None and last < since and not said.get("ended_at"):
        raise ValueError("until: before since")
    for place, names in (("", said), ("region.", region)):
        for name in ("carrier", "country", "postal_prefix"):
            if names.get(name) and not _plain(names[name]):
                raise ValueError(f"{place}{name}: names none")
    return Incident(
        incident_id=incident_id,
        cause=said["cause"],
        since=since,
        until=last,
        carrier=_plain(said.get("carrier")) or None,
        country=_plain(region.get("country")) or None,
        postal_prefix=_plain(region.get("postal_prefix")) or None,
        words={name: text for name, text in (said.get("words") or {}).items() if text},
        policy=said.get("policy"),
        ended_at=said.get("ended_at"),
    )


def _plain(text: str | None) -> str:
    """Return a name as it is compared: without spaces and hyphens, in one case."""
    return "".join(letter for letter in (text or "") if not letter.isspace() and letter != "-").casefold()
