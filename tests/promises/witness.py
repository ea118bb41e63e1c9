"""Sees every mail leave, with the job that it was part of and what was known at that moment."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standby.platform.address import address_key
from standby.waitlist.reference import Reference, read

from tests.crashes import Make
from tests.promises.unruly import BreakOnce
from tests.world import World


@dataclass
class Person:
    """What an honest bystander knows of a customer."""

    email: str
    consents: list[str] = field(default_factory=list)
    """When they confirmed, or the shop brought their consent."""
    stops: list[tuple[str, str]] = field(default_factory=list)
    """When they left, were erased, bounced or complained, and which of these it was."""
    erasures: int = 0

    @property
    def address(self) -> str:
        """The key of the address."""
        return address_key(self.email)

    @property
    def suppressed(self) -> bool:
        """Tell whether the address bounced or complained, ever."""
        return any(kind in {"bounced", "complained"} for _, kind in self.stops)


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
    """A world's tap: watches the jobs and the mails, and breaks a call when asked to."""

    world: World
    people: Mapping[str, Person]
    breaker: BreakOnce | None = None
    broken: int = 0
    resting: bool = False
    """Nothing breaks while a test looks."""
    told: list[Told] = field(default_factory=list)
    jobs: dict[str, dict[str, str]] = field(default_factory=dict)
    """By job id and address, the reference that comes back."""
    _job: str = ""

    def __call__(self, service: str, operation: str, parameters: Mapping[str, Any], make: Make) -> Any:
        if operation == "SendMessageBatch" and parameters["QueueUrl"].startswith("Mail"):
            for entry in parameters["Entries"]:
                self._handed_over(json.loads(entry["MessageBody"]))
        key = parameters.get("Key", {}).get("pk", {}).get("S", "") if operation == "UpdateItem" else ""
        if key.startswith("JOB#"):
            self._job = key.removeprefix("JOB#")
        before = len(self.world.mails)
        try:
            if self.breaker is None or self.resting:
                return make()
            return self.breaker(service, operation, parameters, make)
        finally:
            for mail in self.world.mails[before:]:
                self._mailed(mail.email)

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

    def _mailed(self, email: str) -> None:
        person = self.people[email]
        heard = not self.waiting_in_mail(person)
        assert not (heard and person.suppressed), f"{email}: mailed after a bounce or complaint"
        about = read(self.jobs[self._job][email])
        if about is None:
            return
        assert person.consents, f"{email}: told without having confirmed"
        assert about.revision, "a last notice long before its time"
        left = [at for at, kind in person.stops if kind in {"left", "erased"} and at >= about.place]
        assert not (heard and left), f"{email}: told after {person.stops}"
        self.told.append(Told(email, about, person.erasures))
