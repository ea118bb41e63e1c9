"""Outcomes of mails in the Waitlist table: one transaction per job, written from what the references carry."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from standby.platform.batching import groups
from standby.platform.dynamodb import ConditionFailedError
from standby.platform.frozen import frozen
from standby.platform.table import Delete, Key, Table, Update, Write
from standby.waitlist import items
from standby.waitlist.model import Counts, Place
from standby.waitlist.reference import Reference
from standby.waitlist.wave_repository import chain_key, open_key, told_until, unsent_key

ROOM = 90
"""How many items of a transaction (at most 100) listings, ties and their counts may fill; open jobs take the rest."""
MOST_REFERENCES = 50
ENTRY = "entry"
COUNTS = "counts"
UNSENT = "unsent"

Target = Hashable
"""Names what one write of a transaction is about."""


@frozen()
class OutcomeRepository:
    """The line, the open jobs and the ties, as outcomes change them."""

    table: Table

    def end(self, references: Sequence[Reference], how: Counts, *, now: str) -> list[Reference]:
        """Take listings out of line, count each with ``how``, and return those that were still there.

        A listing's key holds the entry's id, so a customer who joined again meanwhile stays in line. After a last
        notice, a customer who has chosen a later day stays too. What is gone already is left out and the rest is
        written again, so a repeated event changes nothing.
        """
        elsewhere = self._other_listings(references)
        ended: list[Reference] = []
        transactions = list(_groups(references, elsewhere))
        for group in transactions:
            ended += self._end(group, elsewhere, how, now)
        self._clean(job for job in _jobs(references) if len(transactions) > 1 or not job.complete)
        return ended

    def owner(self, place: Place) -> str | None:
        """Return the key of the address that has a place in line; ``None`` once the place is gone."""
        item = self.table.item(items.listing_key(place))
        return None if item is None else item["address"]

    def stay(self, references: Sequence[Reference], *, now: str) -> None:
        """Let the listings be invited again: no longer under way, without any-of marks, not counted as invited."""
        for known in references:
            if known.any_of and known.of_wave:
                self._unmark(known)
        for job in _jobs(references):
            self._reopen(job, now)
        self._clean(job for job in _jobs(references) if not job.complete)

    def return_units(self, sku: str, revision: int, wave: int, units: int, *, at: str) -> None:
        """Give back the units of customers who could not be mailed, and make the chain due.

        Nothing happens when the units were counted anew since that wave.
        """
        returned = Update(
            chain_key(sku),
            assign={"due_at": at},
            add={"returned": units, "version": 1},
            equal={"revision": revision},
            at_most={"counted_wave": wave},
            present=("due_at",),
        )
        with suppress(ConditionFailedError):
            self.table.write(returned)

    def _end(
        self, group: Sequence[Reference], elsewhere: Mapping[str, list[Place]], how: Counts, now: str
    ) -> list[Reference]:
        gone: set[Target] = set()
        quantities: dict[Place, int] = {}  # those that customers changed since the mail was planned
        while True:
            present = [known for known in group if known.listing not in gone]
            taken = [(known, known.listing) for known in present]
            taken += [
                (known, place) for known in present for place in elsewhere.get(known.entry_id, ()) if place not in gone
            ]
            counted = [(known, place, quantities.get(place, known.quantity)) for known, place in taken]
            writes: list[tuple[Target, Write]] = [
                (place, _unlist(place, quantity, over_by=None if known.of_wave else now))
                for known, place, quantity in counted
            ]
            writes += [(job.target, _close(job)) for job in _jobs(group) if job.target not in gone]
            if not how.told:
                writes += [(UNSENT, _unsent(job, now)) for job in _jobs(group) if job.target not in gone]
            writes += [(ENTRY, Delete(items.entry_key(known.entry_id))) for known in present if known.any_of]
            writes += [(COUNTS, update) for update in _counted(counted, how)]
            if not writes:
                break
            tried = {place: quantity for _, place, quantity in counted}
            try:
                self.table.transact(write for _, write in writes)
            except ConditionFailedError as error:
                for (target, _), why in zip(writes, error.reasons, strict=True):
                    if why and isinstance(target, Place) and why.get("quantity", tried[target]) != tried[target]:
                        quantities[target] = why["quantity"]
                    elif why is not None:
                        gone.add(target)
                continue
            break
        for known in group:
            if known.any_of and known.of_wave and known.listing in gone:
                # The customer gave up this SKU while the mail was under way, and goes on waiting for the others.
                self._unmark(known)
        return present

    def _reopen(self, job: "_Job", now: str) -> None:
        """Take entries out of those under way and out of the count of invited ones, once."""
        closing = Delete(job.key, containing={"entries": job.entry_ids[0]}) if job.complete else _close(job)
        counts = items.counts_update(job.sku, job.entry_ids[0], Counts(invited=-len(job.entry_ids)))
        with suppress(ConditionFailedError):
            self.table.transact([closing, _unsent(job, now), counts])

    def _clean(self, jobs: Iterable["_Job"]) -> None:
        """Remove open jobs that were closed in parts, once nobody is under way any more."""
        for job in jobs:
            with suppress(ConditionFailedError):
                self.table.write(Delete(job.key, absent=("entries",)))

    def _unmark(self, tied: Reference) -> None:
        """Take off the mark that an any-of entry is being told about one of its SKUs, if this wave made it."""
        wave = f"{tied.sku}@{tied.revision}#{tied.wave}"
        with suppress(ConditionFailedError):
            self.table.write(
                Update(items.entry_key(tied.entry_id), assign={"invited_by": None}, equal={"invited_by": wave})
            )

    def _other_listings(self, references: Sequence[Reference]) -> dict[str, list[Place]]:
        """Return, for any-of entries, their places in the lines of the other SKUs."""
        tied = {known.entry_id: known for known in references if known.any_of}
        if not tied:
            return {}
        found = self.table.batch(map(items.entry_key, tied))
        places: dict[str, list[Place]] = {}
        for item in found:
            entry_id = item["pk"].removeprefix(f"{items.ENTRY}#")
            mine = tied[entry_id].sku
            places[entry_id] = [Place(sku, place, entry_id) for sku, place in item["places"].items() if sku != mine]
        return places


@frozen()
class _Job:
    """The part of one job that an event is about."""

    of: Reference
    """The mail to one of its recipients."""
    entry_ids: tuple[str, ...]

    @property
    def sku(self) -> str:
        """The SKU that the job is about."""
        return self.of.sku

    @property
    def complete(self) -> bool:
        """Tell whether the event is about everybody in the job."""
        return len(self.entry_ids) >= self.of.size

    @property
    def target(self) -> Target:
        """Names the open job among the writes of a transaction."""
        return ("job", *self.key.values())

    @property
    def key(self) -> Key:
        """The key of the open job."""
        return open_key(self.of)


def _unlist(place: Place, quantity: int, *, over_by: str | None) -> Delete:
    """Delete a place in line, if it still has this quantity and, with ``over_by``, its last day is over by then.

    When the place exists but differs, the failed condition's reason is the stored item.
    """
    at_most = None if over_by is None else {"expires_at": over_by}
    return Delete(items.listing_key(place), equal={"quantity": quantity}, at_most=at_most)


def _close(job: _Job) -> Delete | Update:
    """Take entries out of those under way. An event about everybody in the job deletes its item."""
    if job.complete:
        return Delete(job.key)
    return Update(job.key, take={"entries": frozenset(job.entry_ids)}, containing={"entries": job.entry_ids[0]})


def _unsent(job: _Job, now: str) -> Update:
    """Remember that these entries were invited, but not mailed: whoever of them joins again was not told."""
    key, ttl = unsent_key(job.of), told_until(now)
    return Update(key, assign={"ttl": ttl}, add={"entries": frozenset(job.entry_ids)})


def _counted(taken: Iterable[tuple[Reference, Place, int]], how: Counts) -> Iterator[Update]:
    changes: dict[str, Counts] = {}
    spread = ""
    for known, place, quantity in taken:
        spread = spread or known.entry_id
        change = Counts(waiting=-1, units_wanted=-quantity)
        if place == known.listing and known.of_wave:
            change += how
        changes[place.sku] = changes.get(place.sku, Counts()) + change
    for sku, change in changes.items():
        yield items.counts_update(sku, spread, change)


def _jobs(references: Iterable[Reference]) -> list[_Job]:
    jobs: dict[tuple[str, str], list[Reference]] = {}
    for known in references:
        if known.of_wave:
            key = open_key(known)
            jobs.setdefault((key["pk"], key["sk"]), []).append(known)
    return [_Job(mails[0], tuple(known.entry_id for known in mails)) for mails in jobs.values()]


def _groups(references: Sequence[Reference], elsewhere: Mapping[str, list[Place]]) -> Iterator[list[Reference]]:
    """Cut references into transactions, by the items that each writes."""

    def weight(known: Reference) -> int:
        others = elsewhere.get(known.entry_id, [])
        return 1 + known.any_of + 2 * len(others)

    yield from groups(references, most=MOST_REFERENCES, most_weight=ROOM, weight=weight)
