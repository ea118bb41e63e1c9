"""The chains, waves and pages of the Waitlist table, and the line as a wave reads it.

``CHAIN#<sku>`` is how far a SKU's chain is; every step of a wave is one conditional write on its version.
``WAVE#<sku>`` holds what was done, for the explanation and for pages that are delivered twice. A page's key ends in the
last place that it covers, so that a page is found by any of its members. ``OPEN#<sku>`` holds the entries under way, an
item per job whose outcome is not known yet. ``UNSENT#<sku>`` holds, per job, the entries that were invited and whose
mail was refused. Pages and these are kept as long as it matters who was told; the other items only explain.
"""

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from heapq import merge
from itertools import groupby
from typing import Any

from standby.platform import table as requests
from standby.platform.dynamodb import ConditionFailedError, Item, from_item, to_item
from standby.platform.frozen import frozen
from standby.platform.kept import EXPLANATIONS, TOLD
from standby.platform.table import Cursor, Key, Put, Query, Table, Update, Write
from standby.waitlist import items
from standby.waitlist.model import SHARDS, ChangedMeanwhileError, Counts, Listing, Place, shard_of
from standby.waitlist.reference import Reference, read, wave_reference
from standby.waitlist.wave import (
    PUT_OFF,
    STATES,
    Chain,
    Chunk,
    HeardBeforeError,
    InvitedElsewhereError,
    Member,
    Page,
    Stretch,
)

SHARD_READ = 75
"""Listings read per shard and page, which makes at most 300 a page."""
CHAIN_READ = 10
"""Answers of a megabyte each, in which a place is searched: the pages of some 130,000 people who were told."""
STEPS = 200
PATIENCE = timedelta(minutes=2)
"""So long the sweeper finds a chain due before it is put off."""
PUT_OFF_FOR = timedelta(hours=1)
CHAIN_VALUES = tuple(part.name for part in fields(Chain) if part.name != "sku")
LAST = "~"
SEPARATOR = "~"


@frozen()
class WaveRepository:
    """Chains, waves, pages."""

    table: Table
    shard_read: int = SHARD_READ

    def chain(self, sku: str) -> Chain | None:
        """Return a SKU's chain."""
        item = self.table.item(chain_key(sku))
        return _chain(sku, item) if item else None

    def save(self, chain: Chain, step: Mapping[str, Any] | None = None, heard: str | None = None) -> None:
        """Store a chain on the version that it was read with, a step for the explanation, and that an event was heard.

        Raises `ChangedMeanwhileError`, and `HeardBeforeError` when the event was heard before.
        """
        writes = [_put_chain(chain)]
        if heard is not None:
            writes.insert(0, _put_heard(chain.sku, heard, chain.due_at or chain.started_at))
        if step is not None:
            writes.append(Put(_step_item(chain, step)))
        try:
            self.table.transact(writes)
        except ConditionFailedError as error:
            if heard is not None and error.reasons[0] is not None:
                raise HeardBeforeError(heard) from error
            raise ChangedMeanwhileError("chain") from error

    def stretch(self, sku: str, after: str) -> Stretch:
        """Read the next stretch of a SKU's line behind a key: one query per shard, merged in order of confirmation.

        The stretch ends at the first place where a shard has more than it answered: behind it, the order of the line is
        not known yet.
        """
        lines = [self._shard(sku, shard, after) for shard in range(SHARDS)]
        known_to = min((line[-1].key for line, more, _ in lines if more), default=None)
        listings = list(merge(*(line for line, *_ in lines), key=lambda listing: listing.key))
        if known_to is not None:
            listings = [listing for listing in listings if listing.key <= known_to]
        return Stretch(listings, exhausted=known_to is None, unread=sum(unread for *_, unread in lines))

    def anybody(self, sku: str) -> bool:
        """Tell whether anybody is in line whose place can be read: nobody else can be told."""
        return any(self._shard(sku, shard, "", 1)[0] for shard in range(SHARDS))

    def under_way_before(self, chain: Chain) -> bool:
        """Tell whether mails of earlier waves of this SKU are still without an outcome."""
        return bool(self._open(chain.sku, "", _wave_prefix(chain.revision, chain.wave), 1).stored)

    def under_way(self, chain: Chain, after: str, end: str) -> frozenset[str]:
        """Return the entry ids in a stretch of the line whose mails of earlier waves are without an outcome.

        The pages of one wave follow one another in the line. So a wave's pages are read from the first that reaches
        behind ``after`` to the last that starts before ``end``; the next wave with open jobs follows.
        """
        begin = f"{after}#{LAST}" if after else ""
        return self._under_way(chain.sku, begin, end, before=_wave_prefix(chain.revision, chain.wave))

    def being_told(self, place: Place) -> bool:
        """Tell whether a mail that any wave sent about a place in line is without an outcome."""
        return place.entry_id in self._under_way(place.sku, place.key, place.key, before=LAST)

    def persist(self, chain: Chain, page: Page) -> None:
        """Store a page once, together with the chain's step, the entries under way and the marks of any-of entries.

        Raises `ChangedMeanwhileError` when the chain has moved on. Raises `InvitedElsewhereError` when any-of entries
        are marked for another of their SKUs.
        """
        tied = [member for chunk in page.chunks for member in chunk.members if member.any_of]
        writes: list[Write] = [_put_chain(chain), Put(_page_item(page))]
        marks_from = len(writes)
        writes += [_mark(page, member) for member in tied]
        writes += [_put_open(page, chunk) for chunk in page.chunks]
        if page.customers:
            counts = Counts(invited=page.customers)
            writes.append(items.counts_update(page.sku, f"{page.wave}#{page.end}", counts))
        try:
            self.table.transact(writes)
        except ConditionFailedError as error:
            if error.reasons[0] is not None:
                raise ChangedMeanwhileError(page.wave_id) from error
            failed = error.reasons[marks_from : marks_from + len(tied)]
            elsewhere = [member.entry_id for member, reason in zip(tied, failed, strict=True) if reason is not None]
            raise InvitedElsewhereError(frozenset(elsewhere)) from error

    def page(self, sku: str, revision: int, wave: int, after: str) -> Page | None:
        """Return the page of a wave that starts behind a key, if it was planned."""
        prefix = f"{_wave_prefix(revision, wave)}#1#"
        page = self._page_from(sku, prefix, f"{prefix}{after}#{LAST}" if after else prefix)
        return page if page is not None and page.after == after else None

    def listings(self, sku: str, places: Iterable[Place]) -> dict[str, Listing]:
        """Return those of a page's listings that are still in line, by entry id."""
        found = self.table.batch(items.listing_key(place) for place in places)
        return {listing.entry_id: listing for listing in items.listings(sku, map(to_item, found))}

    def invitations(self, places: Iterable[Place]) -> dict[Place, Reference]:
        """Return the references of the mails that places were invited with by their SKUs' present restocks.

        Costs one request for the chains of 100 SKUs, and one for each SKU that has a chain and megabyte of its pages,
        of which it reads the newest `CHAIN_READ`.
        """
        wanted: dict[str, list[Place]] = {}
        for place in places:
            wanted.setdefault(place.sku, []).append(place)
        chains = {item["pk"]: item for item in self.table.batch(map(chain_key, wanted))} if wanted else {}
        found: dict[Place, Reference] = {}
        for sku, searched in wanted.items():
            item = chains.get(chain_key(sku)["pk"])
            if item is not None:
                found |= self._invited(_chain(sku, item), searched)
        return found

    def _invited(self, chain: Chain, places: Sequence[Place]) -> dict[Place, Reference]:
        """Search a chain's pages, the newest first, for those that hold these places."""
        marks = {f"{SEPARATOR}{place.place}{SEPARATOR}{place.entry_id}{SEPARATOR}": place for place in places}
        between = (f"{chain.revision:012d}#", f"{chain.revision:012d}#{LAST}")
        wanted = Query(f"WAVE#{chain.sku}", between=between, newest_first=True, consistent=True)
        found: dict[Place, Reference] = {}
        cursor: Cursor | None = None
        for _ in range(CHAIN_READ):
            answer = self.table.page(wanted, cursor)
            for item in answer.stored:
                text = "".join(line["S"] for line in item.get("members", {"L": ()})["L"])
                held = {place for mark, place in marks.items() if mark in text} - found.keys()
                if held:
                    found |= _references(_page(chain.sku, from_item(item)), held)
            cursor = answer.cursor
            if cursor is None or len(found) == len(marks):
                break
        return found

    def outcomes(self, references: Iterable[Reference]) -> tuple[frozenset[Reference], frozenset[Reference]]:
        """Return those of the mails whose outcome is not known yet, and those that were not sent.

        A refusal closes the open job and names who was not mailed in one transaction. So a job that is read as closed
        is over, and what is read after it tells how it ended.
        """
        mails = frozenset(references)
        unknown = self._held(mails, open_key)
        return unknown, self._held(mails - unknown, unsent_key)

    def doubted(self, chain: Chain, listings: Iterable[Listing]) -> tuple[frozenset[str], frozenset[str]]:
        """Return, by entry ids, whose earlier mail about this restock has no outcome yet, and who got it."""
        mails = {
            listing.entry_id: mail
            for listing in listings
            if listing.doubt is not None and (mail := read(listing.doubt)) and mail.revision >= chain.revision
        }
        if not mails:
            return frozenset(), frozenset()
        unknown, unsent = self.outcomes(mails.values())
        waiting = frozenset(entry_id for entry_id, mail in mails.items() if mail in unknown)
        return waiting, frozenset(entry_id for entry_id, mail in mails.items() if mail not in unsent) - waiting

    def _held(self, mails: Iterable[Reference], key_of: Callable[[Reference], Key]) -> frozenset[Reference]:
        """Return those of the mails whose entries are in the items of their jobs."""
        wanted = {mail: key_of(mail) for mail in mails}
        found = {(item["pk"], item["sk"]): item for item in self.table.batch(wanted.values())} if wanted else {}
        return frozenset(
            mail
            for mail, key in wanted.items()
            if mail.entry_id in found.get((key["pk"], key["sk"]), {}).get("entries", ())
        )

    def steps(self, sku: str) -> list[Item]:
        """Return the newest 200 steps of a SKU's waves, oldest first."""
        return self.table.page(Query(f"WAVE#{sku}", newest_first=True, limit=STEPS)).items[::-1]

    def due(self, shard: str, now: str, cursor: Cursor | None) -> tuple[list[str], Cursor | None]:
        """Return a page of the SKUs whose chain is due, and where the next page starts."""
        page = self.table.page(Query(shard, index=items.DUE, up_to=now, limit=STEPS), cursor)
        return [item["pk"].removeprefix("CHAIN#") for item in page.items], page.cursor

    def swept(self, sku: str, now: datetime) -> None:
        """Note since when a chain is found due. One that is found again for minutes, and never moves, is put off.

        Every step of a chain begins anew, because it writes the whole item. What is put off is due again in an hour for
        the sweeper only: a planner that comes late finds it due as before.
        """
        due, key = {"due_at": items.text(now)}, chain_key(sku)
        first = {"swept_since": items.text(now), "due_since": requests.Attribute("due_at")}
        with suppress(ConditionFailedError):  # it has moved meanwhile
            found = self.table.change(Update(key, first=first, at_most=due))
            if found["swept_since"] <= items.text(now - PATIENCE):
                self.table.write(Update(key, assign={"due_at": items.text(now + PUT_OFF_FOR)}, at_most=due))

    def _shard(self, sku: str, shard: int, after: str, most: int | None = None) -> tuple[list[Listing], bool, int]:
        """Return the next places of a shard, whether it has more, and how many were passed over as unreadable."""
        unread = 0
        while True:
            answer = self._read_shard(sku, shard, after, most or self.shard_read)
            found = items.listings(sku, answer.stored)
            unread += len(answer.stored) - len(found)
            if found or answer.cursor is None:
                return found, answer.cursor is not None, unread
            after = answer.cursor["sk"]

    def _read_shard(self, sku: str, shard: int, after: str, most: int) -> requests.Page:
        wanted = Query(items.list_partition(sku, shard), after=after or "!", consistent=True, limit=most)
        return self.table.page(wanted)

    def _open(self, sku: str, position: str, before: str, most: int) -> requests.Page:
        wanted = Query(f"OPEN#{sku}", between=(position or "!", before), consistent=True, limit=most)
        return self.table.page(wanted)

    def _under_way(self, sku: str, begin: str, end: str, *, before: str) -> frozenset[str]:
        """Return the entry ids of all waves before one, in the pages from one key to another."""
        found: set[str] = set()
        position = ""
        while True:
            first = self._open(sku, position, before, 1).items
            if not first:
                return frozenset(found)
            prefix = "#".join(first[0]["sk"].split("#", 2)[:2])
            found |= self._under_way_of_wave(sku, prefix, begin, end)
            position = f"{prefix}#{LAST}"

    def _under_way_of_wave(self, sku: str, prefix: str, begin: str, end: str) -> set[str]:
        found: set[str] = set()
        position = f"{prefix}#{begin}"
        while True:
            answer = self._open(sku, position, f"{prefix}#{LAST}", SHARD_READ)
            for known in answer.items:
                if known["page_after"] >= end:
                    return found
                found |= known.get("entries", frozenset())
            if answer.cursor is None:
                return found
            position = f"{answer.cursor['sk']}!"

    def _page_from(self, sku: str, prefix: str, position: str) -> Page | None:
        wanted = Query(f"WAVE#{sku}", between=(position, f"{prefix}{LAST}"), consistent=True, limit=1)
        found = self.table.page(wanted).items
        return _page(sku, found[0]) if found else None


def _put_chain(chain: Chain) -> Put:
    """Write a chain's next version, on the condition that nobody else wrote it since it was read."""
    values = {**asdict(chain), "version": chain.version + 1, **chain_key(chain.sku)}
    del values["sku"]
    if chain.due_at is not None:
        values["due_shard"] = items.CHAINS_DUE[shard_of(chain.sku, len(items.CHAINS_DUE))]
    return Put(values, equal={"version": chain.version}) if chain.version else Put(values, absent=("pk",))


def _put_heard(sku: str, event_id: str, at: str) -> Put:
    """Note that an event was heard, which counts once however often it comes."""
    digest = hashlib.sha256(event_id.encode()).hexdigest()[:32]
    return Put({"pk": f"HEARD#{sku}", "sk": digest, "ttl": _kept_until(at)}, absent=("pk",))


def _mark(page: Page, member: Member) -> Update:
    """Mark an any-of entry as being told about one of its SKUs, unless it is being told about another."""
    assign = {"invited_by": page.wave_id}
    return Update(items.entry_key(member.entry_id), assign=assign, present=("pk",), absent=("invited_by",))


def _put_open(page: Page, chunk: Chunk) -> Put:
    return Put(
        {
            **open_key(wave_reference(page, chunk, chunk.members[0])),
            "page_after": page.after,
            "entries": {member.entry_id for member in chunk.members},
            "ttl": _kept_until(page.at),
        }
    )


def chain_key(sku: str) -> Key:
    """Return the key of a SKU's chain of waves."""
    return {"pk": f"CHAIN#{sku}", "sk": "CHAIN"}


def open_key(about: Reference) -> Key:
    """Return the key of the entries under way in a mail's job."""
    return {"pk": f"OPEN#{about.sku}", "sk": _job_key(about)}


def unsent_key(about: Reference) -> Key:
    """Return the key of the entries in a mail's job that were not mailed."""
    return {"pk": f"UNSENT#{about.sku}", "sk": _job_key(about)}


def _job_key(about: Reference) -> str:
    return f"{_wave_prefix(about.revision, about.wave)}#{about.page}#{about.chunk:03d}"


def _wave_prefix(revision: int, wave: int) -> str:
    return f"{revision:012d}#{wave:06d}"


def _chain(sku: str, item: Item) -> Chain:
    values = {name: item[name] for name in CHAIN_VALUES if name in item}
    values.setdefault("units_left", None)
    if item["state"] not in STATES:
        message = f"state: {item['state']!r} is none"
        raise ValueError(message)
    if "due_since" in item:
        values["due_at"] = item["due_since"]
    return Chain(sku=sku, **values)


def _step_item(chain: Chain, step: Mapping[str, Any]) -> Item:
    """Write a step. Putting a wave off stands once behind the wave before, however often the wave is put off."""
    at: str = step["at"]
    if step["event"] == PUT_OFF:
        kind, at_key = "8", ""
    else:
        kind, at_key = ("0" if chain.live else "9"), at
    return {
        "pk": f"WAVE#{chain.sku}",
        "sk": f"{_wave_prefix(chain.revision, chain.wave)}#{kind}#{at_key}",
        "ttl": _kept_until(at),
        **step,
    }


def _page_item(page: Page) -> Item:
    lines = [(chunk, member) for chunk in page.chunks for member in chunk.members]
    return {
        "pk": f"WAVE#{page.sku}",
        "sk": f"{_wave_prefix(page.revision, page.wave)}#1#{page.end}",
        "number": page.number,
        "page_after": page.after,
        "page_end": page.end,
        "at": page.at,
        "members": [
            SEPARATOR.join(
                (
                    str(chunk.number),
                    chunk.locale,
                    member.place,
                    member.entry_id,
                    str(member.quantity),
                    "a" if member.any_of else "s",
                )
            )
            for chunk, member in lines
        ],
        "units": page.units,
        "units_left": page.units_left,
        "skipped": page.skipped,
        "offer_hours": page.offer_hours or None,
        "offered_after": page.offered_after or None,
        "revision": page.revision,
        "wave": page.wave,
        "ttl": told_until(page.at),
    }


def _page(sku: str, item: Item) -> Page:
    lines = [line.split(SEPARATOR) for line in item["members"]]
    return Page(
        sku=sku,
        revision=item["revision"],
        wave=item["wave"],
        number=item["number"],
        after=item["page_after"],
        end=item["page_end"],
        at=item["at"],
        chunks=tuple(
            Chunk(number=int(number), locale=locale, members=tuple(_member(line) for line in group))
            for (number, locale), group in groupby(lines, key=lambda line: (line[0], line[1]))
        ),
        units=item["units"],
        units_left=item.get("units_left"),
        skipped=item["skipped"],
        offer_hours=item.get("offer_hours", 0),
        offered_after=item.get("offered_after", ""),
    )


def _references(page: Page, held: Container[Place]) -> dict[Place, Reference]:
    """Return the references of the mails of those of a page's members that have one of these places."""
    references = [wave_reference(page, chunk, member) for chunk in page.chunks for member in chunk.members]
    return {known.listing: known for known in references if known.listing in held}


def _member(line: Sequence[str]) -> Member:
    _, _, place, entry_id, *_, quantity, flags = line  # before, an address key stood between
    return Member(place=place, entry_id=entry_id, quantity=int(quantity), any_of=flags == "a")


def told_until(at: str) -> int:
    """Return until when it is kept who was told at a time, as a table's TTL."""
    return int((datetime.fromisoformat(at) + TOLD).timestamp())


def _kept_until(at: str) -> int:
    return int((datetime.fromisoformat(at) + EXPLANATIONS).timestamp())
