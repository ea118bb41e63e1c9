"""The waitlist as a person would keep it on paper: what each wish does to a line, and how everybody in it ended."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from standby.platform.clock import from_text
from standby.waitlist.reference import Reference

from tests.promises.waitlist_view import Listed, News, Waiting
from tests.promises.witness import Person, Witness

WaitingLine = Mapping[str, tuple[str, int]]
"""What one address waits for: by SKU, the entry and the quantity."""
OUTCOMES = ("told", "left", "refused")
REFUSING = {"rejected", "suppressed", "unconsented"}
LEAVING = {"left", "erased"}
LAPSING = timedelta(hours=25, days=15)
"""How long after its last day an entry is closed though nothing was heard of its last notice."""


def confirmed(line: WaitingLine, entry_id: str, skus: Iterable[str], quantity: int) -> dict[str, tuple[str, int]]:
    """Return the line of somebody who asks for SKUs for good.

    A SKU that is waited for already keeps its place. An entry that is about nothing else takes over the new quantity;
    from one that is about more, the SKUs go to the new entry and the others stay as they are.
    """
    wanted = set(skus)
    wider = {entry for sku, (entry, _) in line.items() if sku not in wanted}
    own = {sku for sku in wanted if sku not in line or line[sku][0] in wider}
    after = {sku: (entry, quantity if sku in wanted else before) for sku, (entry, before) in line.items()}
    return after | dict.fromkeys(own, (entry_id, quantity))


def edited(line: WaitingLine, entry_id: str, skus: Iterable[str] | None, quantity: int) -> dict[str, tuple[str, int]]:
    """Return the line after a change of one entry; what other entries wait for stays theirs."""
    others = without(line, entry_id)
    kept = [sku for sku, (entry, _) in line.items() if entry == entry_id] if skus is None else skus
    return others | {sku: (entry_id, quantity) for sku in kept if sku not in others}


def without(line: WaitingLine, entry_id: str) -> dict[str, tuple[str, int]]:
    """Return the line after an entry ended."""
    return {sku: known for sku, known in line.items() if known[0] != entry_id}


@dataclass
class Account:
    """Counts how places in line may have ended: the product's figures must lie between the least and the most.

    ``None`` is an end that no figure counts: the mail was about another SKU of the entry, or the entry was changed, or
    is over.
    """

    people: Mapping[str, Person]
    news: News
    witness: Witness
    refused: Collection[str]
    """Addresses that the mail service refuses now and then."""
    least: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    most: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    def ended(self, place: Listed, known: Waiting, now: str) -> None:
        """Note that a place is gone. Fails where nothing may have ended it: somebody is lost."""
        ways = self._ways(place, known, now)
        assert ways, f"lost: {place}"
        self.most.update((place.sku, way) for way in ways)
        if len(ways) == 1:
            self.least.update((place.sku, way) for way in ways)

    def asked(self, place: Listed, how: str | None) -> None:
        """Note that a place ended because its owner said so just now."""
        self.least[place.sku, how] += 1
        self.most[place.sku, how] += 1

    def _ways(self, place: Listed, known: Waiting, now: str) -> set[str | None]:
        person = self.people[place.email]
        ways: set[str | None] = set()
        for about in self.news.accepted:
            if about.entry_id == known.entry_id:
                ways |= self._by_mail(about, place, known, now)
        for about, why in self.news.refused.items():
            if about.entry_id == known.entry_id and why & (REFUSING | LEAVING):
                here = (about.sku, about.place) == (place.sku, place.place) and about.of_wave
                ways |= {("left" if why & LEAVING else "refused") if here else None}
        if person.stopped_since(known.consent):
            ways.add("left")
        if person.suppressed:
            ways.add("refused")
        if from_text(now) >= from_text(known.expires_at) + LAPSING:
            noticed = any(job.split("#")[1] == known.entry_id for job in self.witness.noticed)
            silent = self.witness.broken or person.suppressed or place.email in self.refused
            assert noticed or silent, f"closed without a last notice: {place}"
            ways.add(None)
        return ways

    def _by_mail(self, about: Reference, place: Listed, known: Waiting, now: str) -> set[str | None]:
        if not about.of_wave:
            # A last notice is about the last day that it names; who has chosen a later one meanwhile goes on waiting.
            return {None} if known.expires_at <= now else set()
        if about.sku == place.sku:
            return {"told"} if about.place == place.place else set()
        return {None} if about.any_of else set()
