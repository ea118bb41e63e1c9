"""Reads the tables of waitlist and mail, and what was published, without the product's code."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from standby.platform.clock import to_text
from standby.platform.dynamodb import from_item
from standby.waitlist.model import COUNTED
from standby.waitlist.reference import Reference, read

from tests.promises.witness import Person
from tests.world import World

STAYING = {"cancelled", "expired"}
"""Reasons after which somebody goes on waiting."""


@dataclass(frozen=True)
class Listed:
    """A place in line."""

    email: str
    sku: str
    place: str
    entry_id: str


@dataclass(frozen=True)
class Waiting:
    """What hangs on a place in line."""

    entry_id: str
    quantity: int
    consent: str
    expires_at: str


@dataclass
class News:
    """What was published, by what it is about. Each event is read once."""

    accepted: set[Reference] = field(default_factory=set)
    refused: dict[Reference, set[str]] = field(default_factory=dict)
    """The reasons for which a mail about a place was not sent."""
    invited: dict[str, dict[str, int]] = field(default_factory=dict)
    """By SKU and id of the event, how many customers a page handed to Mail."""
    restocks: set[tuple[str, int]] = field(default_factory=set)
    _seen: int = 0

    def catch_up(self, world: World) -> None:
        """Read what is new."""
        fresh, self._seen = world.events[self._seen :], len(world.events)
        for name, detail in fresh:
            about = [found for text in detail.get("references", ()) if (found := read(text))]
            if name == "MailAccepted":
                self.accepted.update(about)
            elif name == "MailRefused":
                for known in about:
                    self.refused.setdefault(known, set()).add(detail["reason"])
            elif name == "CustomersInvited":
                self.invited.setdefault(detail["sku"], {})[detail["id"]] = detail["customers"]
            elif name == "Restocked":
                self.restocks.add((detail["sku"], detail["revision"]))

    def invitations(self, sku: str) -> int:
        """Count the customers invited for a SKU, without those whose mail was called off."""
        stayed = [about for about, why in self.refused.items() if about.sku == sku and about.of_wave and why & STAYING]
        return sum(self.invited.get(sku, {}).values()) - len(stayed)


@dataclass
class View:
    """Looks into the tables."""

    world: World
    people: Mapping[str, Person]

    def items(self, prefix: str, table: str = "Waitlist") -> Iterator[dict[str, Any]]:
        """Yield the items whose partition starts so."""
        for pk, folder in self.world.memory.tables[table].items.items():
            if pk.startswith(prefix):
                yield from (from_item(item) for item in folder.values())

    def customers(self) -> dict[str, dict[str, Any]]:
        """Return what is stored of each address."""
        return {item["pk"].removeprefix("ADDRESS#"): item for item in self.items("ADDRESS#")}

    def listings(self) -> dict[Listed, Waiting]:
        """Return everybody in line."""
        emails = {person.address: person.email for person in self.people.values()}
        consents = {
            key: entry["consent"]["at"]
            for customer in self.customers().values()
            for key, entry in customer["entries"].items()
        }
        found = {}
        for item in self.items("LIST#"):
            place, _, entry_id = item["sk"].partition("#")
            listed = Listed(emails[item["address"]], item["pk"].split("#")[1], place, entry_id)
            found[listed] = Waiting(entry_id, item["quantity"], consents[entry_id], item["expires_at"])
        return found

    def line(self, email: str) -> dict[str, tuple[str, int]]:
        """Return what an address waits for: by SKU, the entry and the quantity."""
        return {
            listed.sku: (waiting.entry_id, waiting.quantity)
            for listed, waiting in self.listings().items()
            if listed.email == email
        }

    def unconfirmed(self, email: str | None = None) -> dict[str, dict[str, Any]]:
        """Return the unconfirmed entries (of an address), by id."""
        wanted = None if email is None else self.people[email].address
        return {
            key: entry
            for address, customer in self.customers().items()
            for key, entry in customer["entries"].items()
            if entry["status"] == "unconfirmed" and wanted in {None, address}
        }

    def counts(self, sku: str) -> dict[str, int]:
        """Return a SKU's counts as they are stored, also below 0."""
        found = list(self.items(f"COUNTS#{sku}"))
        return {name: sum(item.get(name, 0) for item in found) for name in COUNTED}

    def now_in_line(self, sku: str) -> dict[str, int]:
        """Count who waits for a SKU by looking at each."""
        here = [waiting for listed, waiting in self.listings().items() if listed.sku == sku]
        unconfirmed = [entry for entry in self.unconfirmed().values() if sku in entry["skus"]]
        return {
            "unconfirmed": len(unconfirmed),
            "waiting": len(here),
            "units_wanted": sum(waiting.quantity for waiting in here),
        }

    def quiet(self) -> bool:
        """Tell whether nothing can run now."""
        now = self.world.clock.now()
        return not any(message.visible_at <= now for _, queue in self._queues() for message in queue)

    def mail_under_way(self) -> bool:
        """Tell whether a mail waits to be sent."""
        return any(self.world.queues[name] for name in ("MailBulk", "MailUrgent"))

    def under_way(self, *texts: str) -> bool:
        """Tell whether a message of any queue names one of these."""
        return any(text in message.body for _, queue in self._queues() for message in queue for text in texts)

    def traces(self, person: Person) -> list[str]:
        """Return where more is kept of somebody than what stops their mail, or explains one by the address's key."""
        found = []
        for table in ("Waitlist", "Mail"):
            for item in self.items("", table):
                text = json.dumps(item, default=sorted)
                key = item["pk"]
                if person.email in text or (person.address in text and not key.startswith(("ADDRESS#", "WAVE#"))):
                    found.append(f"{table} {key}")
                if key == f"ADDRESS#{person.address}":
                    kept = [
                        name for name in ("email", "locale", "entries", "told", "cancelled", "soft") if item.get(name)
                    ]
                    found += [f"{table} {key}: {kept}"] if kept else []
        return found

    def returned(self) -> Counter[str]:
        """Count, by wave, the units of those whose mail was not sent."""
        back: Counter[str] = Counter()
        refused = {text for name, detail in self.world.events if name == "MailRefused" for text in detail["references"]}
        for about in filter(None, map(read, refused)):
            back[f"{about.sku}@{about.revision}#{about.wave}"] += about.quantity
        return back

    def now(self) -> str:
        """Return the time."""
        return to_text(self.world.clock.now())

    def _queues(self) -> Iterator[tuple[str, Any]]:
        return ((name, queue) for name, queue in self.world.queues.items() if "DeadLetters" not in name)
