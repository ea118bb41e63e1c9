"""Sees every wave planned and every mail leave, with the job that it was part of and what was known at that moment."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from standby.platform.address import address_key
from standby.platform.clock import to_text
from standby.platform.dynamodb import from_item
from standby.waitlist.reference import Reference, read

from tests.crashes import Make
from tests.promises.unruly import BreakOnce
from tests.world import ENVIRONMENT, World


@dataclass
class Person:
    """What an honest bystander knows of a customer."""

    email: str
    consents: list[str] = field(default_factory=list)
    """When they confirmed, or the shop brought their consent."""
    stops: list[tuple[str, str]] = field(default_factory=list)
    """When they left, were erased, bounced or complained, and which of these it was."""
    erasures: int = 0
    active_at: str = ""
    """When they last told us anything about themselves."""

    @property
    def address(self) -> str:
        """The key of the address."""
        return address_key(self.email)

    @property
    def suppressed(self) -> bool:
        """Tell whether the address bounced or complained, ever."""
        return any(kind in {"bounced", "complained"} for _, kind in self.stops)

    def stopped_since(self, consent: str) -> bool:
        """Tell whether they left or were erased after this consent."""
        return any(kind in {"left", "erased"} and at >= consent for at, kind in self.stops)

    def erased_for_good(self) -> bool:
        """Tell whether they were erased and have not come back."""
        return any(kind == "erased" and at > self.active_at for at, kind in self.stops)


@dataclass(frozen=True)
class Told:
    """A back-in-stock mail."""

    email: str
    about: Reference
    life: int
    """How often the customer had been erased by then; who was erased is a stranger afterwards."""

    @property
    def restock(self) -> tuple[str, int, str, int]:
        """Names the customer and the restock."""
        return (self.email, self.life, self.about.sku, self.about.revision)


@dataclass
class Witness:
    """A world's tap: watches the waves, the jobs and the mails, and breaks a call when asked to."""

    world: World
    people: Mapping[str, Person]
    breaker: BreakOnce | None = None
    broken: int = 0
    resting: bool = False
    """Nothing breaks while a test looks."""
    told: list[Told] = field(default_factory=list)
    noticed: Counter[str] = field(default_factory=Counter)
    """Last notices by entry and last day, as ``last_notice#entry#day``."""
    jobs: dict[str, dict[str, str]] = field(default_factory=dict)
    """By job id and address, the reference that comes back."""
    invited: set[tuple[str, str, int]] = field(default_factory=set)
    """Addresses (keys) that a wave chose: the SKU and the restock's revision."""
    _job: str = ""

    def __call__(self, service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        if operation == "SendMessageBatch" and parameters["QueueUrl"].startswith("Mail"):
            for entry in parameters["Entries"]:
                self._handed_over(json.loads(entry["MessageBody"]))
        key = parameters.get("Key", {}).get("pk", {}).get("S", "") if operation == "UpdateItem" else ""
        if key.startswith("JOB#"):
            self._job = key.removeprefix("JOB#")
        page = _page(parameters) if operation == "TransactWriteItems" else None
        line = self._line(page) if page else []
        before = len(self.world.mails)
        try:
            if self.breaker is None or self.resting:
                return make()
            return self.breaker(service, operation, parameters, make)
        finally:
            for mail in self.world.mails[before:]:
                self._mailed(mail.email)
            if page and _stored(self.world, page):
                self._planned(page, line)

    def repeated(self) -> dict[tuple[str, int, str, int], int]:
        """Count the mails beyond the first about one restock to one customer."""
        counts = Counter(told.restock for told in self.told)
        return {restock: count - 1 for restock, count in counts.items() if count > 1}

    def waiting_in_mail(self, person: Person) -> bool:
        """Tell whether a word about the person has not reached Mail yet."""
        bodies = [message.body for message in self.world.queues["MailFeedback"]]
        return any(person.address in body or person.email in body for body in bodies)

    def _handed_over(self, job: Mapping[str, Any]) -> None:
        known = self.jobs.setdefault(job["job_id"], {})
        for recipient in job["recipients"]:
            known[recipient["email"]] = recipient["reference"]

    # ---- fair order ----

    def _line(self, page: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """Return everybody in line behind the page before this one, each with what speaks against telling them.

        They come in the order of the line for the page's SKU, as it is before the page is written.
        """
        sku, revision = page["pk"].removeprefix("WAVE#"), page["revision"]
        now = to_text(self.world.clock.now())
        tables = self.world.memory.tables["Waitlist"].items
        found = []
        for pk, folder in tables.items():
            for key, raw in folder.items() if pk.startswith(f"LIST#{sku}#") else ():
                item = from_item(raw)
                tie = from_item(tables.get(f"ENTRY#{key.partition('#')[2]}", {}).get("ENTRY", {}))
                chosen = any((item["address"], sku, each) in self.invited for each in self._since(sku, revision))
                item["passed"] = item["expires_at"] <= now or chosen or "invited_by" in tie
                if key > page["page_after"]:
                    found.append((key, item))
        return sorted(found, key=lambda pair: pair[0])

    def _since(self, sku: str, revision: int) -> Iterator[int]:
        return (each for _, about, each in self.invited if about == sku and each >= revision)

    def _planned(self, page: Mapping[str, Any], line: list[tuple[str, dict[str, Any]]]) -> None:
        """Check promise 5: nobody ahead who wants no more units than those told is passed over without a reason."""
        sku = page["pk"].removeprefix("WAVE#")
        members = {f"{place}#{entry}" for _, _, place, entry, *_ in (each.split("~") for each in page["members"])}
        people = dict(line)
        assert members <= people.keys(), f"{sku}: told and not in line"
        assert page.get("units_left", 0) >= 0, f"{sku}: a wave promises more than it has"
        last = max(members, default="")
        for key, item in line:
            behind = [people[member]["quantity"] for member in members if member > key]
            if key not in members and key < last and not item["passed"]:
                assert item["quantity"] > max(behind), f"{sku}: {key} was passed over for somebody behind"
        self.invited |= {(people[member]["address"], sku, page["revision"]) for member in members}

    # ---- mails ----

    def _mailed(self, email: str) -> None:
        person = self.people[email]
        heard = not self.waiting_in_mail(person)
        assert not (heard and person.suppressed), f"{email}: mailed after a bounce or complaint"
        about = read(self.jobs[self._job][email])
        if about is None:
            return
        assert person.consents, f"{email}: told without having confirmed"
        left = [at for at, kind in person.stops if kind in {"left", "erased"} and at >= about.place]
        assert not (heard and left), f"{email}: told after {person.stops}"
        if about.of_wave:
            self.told.append(Told(email, about, person.erasures))
        else:
            kind, entry_id, until, *_ = self._job.split("#")
            assert self.world.clock.now() >= over(until), f"{email}: a last notice before the last day was over"
            self.noticed[f"{kind}#{entry_id}#{until}"] += 1


def over(day: str) -> datetime:
    """Return the instant at which a day is over in the shop."""
    zone = ZoneInfo(ENVIRONMENT["SHOP_TIME_ZONE"])
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), zone)


def _page(parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the page of a wave that a transaction writes."""
    for entry in parameters["TransactItems"]:
        item = entry.get("Put", {}).get("Item", {})
        if "members" in item and item["pk"]["S"].startswith("WAVE#"):
            return from_item(item)
    return None


def _stored(world: World, page: Mapping[str, Any]) -> bool:
    return page["sk"] in world.memory.tables["Waitlist"].items.get(page["pk"], {})
