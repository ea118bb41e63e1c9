"""Which incident makes a shipment late: what is late has its cause, in its words (`incident_rules`).

What the ERP or a carrier says of a shipment counts more than what is declared of many. Incidents are read where
something is late, once a minute; what is in time costs nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from standby.delivery.incident_rules import Incident, incident, incident_of
from standby.delivery.model import Order
from standby.delivery.promises import Delay
from standby.platform.clock import Clock
from standby.platform.language_codes import OLD_CODES

if TYPE_CHECKING:
    from standby.delivery.lookup_answers import IncidentShown

MINUTE = timedelta(minutes=1)


class Book(Protocol):
    """Where incidents are kept."""

    def all(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what was declared, by id."""
        ...


class Incidents:
    """The incidents that were known a minute ago, or since."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._read: tuple[datetime, list[Incident]] | None = None

    def all(self) -> list[Incident]:
        """Return them."""
        now = self._clock.now()
        if self._read is None or now - self._read[0] >= MINUTE:
            self._read = now, [incident(name, said) for name, said in self._book.all().items()]
        return self._read[1]

    def explain(self, order: Order, delays: Iterable[Delay]) -> list[Delay]:
        """Return delays with the incidents that explain them, and their causes where nobody named another."""
        return [self._explained(order, delay) for delay in delays]

    def _explained(self, order: Order, delay: Delay) -> Delay:
        found = incident_of(order, delay.promise, self.all())
        if found is None:
            return delay
        promise = delay.promise
        return delay._replace(promise=promise._replace(cause=promise.cause or found.cause), incident=found)


def words_of(delays: Iterable[Delay], locale: str) -> str | None:
    """Return what an incident that explains all of some delays says in a language."""
    known = {each.incident.incident_id if each.incident else None: each for each in delays}
    if len(known) != 1 or None in known:
        return None
    (delay,) = known.values()
    language = locale.replace("_", "-").partition("-")[0].lower()
    return own_words(delay).get(OLD_CODES.get(language, language))


def own_words(delay: Delay) -> Mapping[str, str]:
    """Return what the incident that explains a delay says of itself, by language; nothing of another cause."""
    said = delay.incident
    return {} if said is None or said.cause != delay.promise.cause else said.words


def shown(incident_id: str, said: Mapping[str, Any]) -> "IncidentShown":
    """Return an incident as operators see it."""
    region, words = said.get("region") or {}, said.get("words") or {}
    return {
        "incident_id": incident_id,
        "carrier": said.get("carrier"),
        "region": {"country": region.get("country"), "postal_prefix": region.get("postal_prefix")},
        "since": said["since"],
        "until": said.get("until"),
        "cause": said["cause"],
        "words": {"en": words.get("en"), "he": words.get("he")},
        "policy": said.get("policy"),
        "ended_at": said.get("ended_at"),
    }
