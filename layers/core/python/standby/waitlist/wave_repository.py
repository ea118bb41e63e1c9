"""The chains, waves and pages of the Waitlist table, and the line as a wave reads it.

``CHAIN#<sku>`` is how far a SKU's chain is; every step of a wave is one conditional write on its version.
``WAVE#<sku>`` holds what was done, for the explanation and for pages that are delivered twice; a page's key ends in the
last place it covers, so that it can be found by its members. ``OPEN#<sku>`` holds, per job whose outcome is not known,
the entries under way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING, Any

from standby.platform.dynamodb import (
    Backoff,
    ConditionFailedError,
    Item,
    batch_get,
    client,
    from_item,
    to_item,
    to_value,
    write,
)
from standby.waitlist import items
from standby.waitlist.model import SHARDS, ChangedMeanwhileError, Counts, Listing, Place, shard_of
from standby.waitlist.reference import Reference, wave_reference
from standby.waitlist.wave import Chain, Chunk, InvitedElsewhereError, Member, Page, Stretch

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARD_READ = 75
"""Listings read per shard and page: about 300 a page, of which every one that is in merged order is used."""
KEPT = timedelta(days=90)
WAVES_SEARCHED = 50
STEPS = 200
LAST = "~"
SEPARATOR = "~"


@dataclass(frozen=True)
class WaveRepository:
    """Chains, waves, pages."""

    table: str
    dynamodb: "DynamoDBClient"
    backoff: Backoff = field(default_factory=Backoff)
    shard_read: int = SHARD_READ

    def chain(self, sku: str) -> Chain | None:
        """Return a SKU's chain."""
        answer = self.dynamodb.get_item(TableName=self.table, Key=to_item(chain_key(sku)), ConsistentRead=True)
        return _chain(sku, from_item(answer["Item"])) if "Item" in answer else None

    def save(self, chain: Chain, step: Mapping[str, Any] | None = None) -> None:
        """Store a chain on the version that it was read with, and a step for the explanation.

        Raises `ChangedMeanwhileError`.
        """
        entries = [self._put_chain(chain)]
        if step is not None:
            entries.append({"Put": {"TableName": self.table, "Item": to_item(_step_item(chain, step))}})
        self._transact(entries)

    def stretch(self, sku: str, after: str) -> Stretch:
        """Read the next stretch of a SKU's line behind a key: one query per shard, merged in order of confirmation.

        It ends where a shard's answer ends while the shard goes on, because what follows is not known in order.
        """
        lines = [self._shard(sku, shard, after) for shard in range(SHARDS)]
        known_to = min((line[-1].key for line, more in lines if more), default=None)
        listings = list(merge(*(line for line, _ in lines), key=lambda listing: listing.key))
        if known_to is not None:
            listings = [listing for listing in listings if listing.key <= known_to]
        return Stretch(listings, exhausted=known_to is None)

    def anybody(self, sku: str) -> bool:
        """Tell whether anybody is in line."""
        return any(self._query_shard(sku, shard, "", 1)["Items"] for shard in range(SHARDS))

    def under_way_before(self, chain: Chain) -> bool:
        """Tell whether mails of earlier waves of this SKU are still without an outcome."""
        return bool(self._open(chain.sku, "", _wave_prefix(chain.revision, chain.wave), 1)["Items"])

    def under_way(self, chain: Chain, after: str, end: str) -> frozenset[str]:
        """Return the entry ids in a stretch of the line whose mails of earlier waves are without an outcome.

        The pages of one wave follow one another in the line, so a wave's pages are read from the first that reaches
        behind ``after`` to the last that starts before ``end``; then the next wave that has any.
        """
        before = _wave_prefix(chain.revision, chain.wave)
        found: set[str] = set()
        position = ""
        while True:
            first = self._open(chain.sku, position, before, 1)["Items"]
            if not first:
                return frozenset(found)
            prefix = "#".join(first[0]["sk"]["S"].split("#", 2)[:2])
            found |= self._under_way_of_wave(chain.sku, prefix, after, end)
            position = f"{prefix}#{LAST}"

    def persist(self, chain: Chain, page: Page) -> None:
        """Store a page, once, together with the step of the chain, the entries under way and the marks of any-of.

        Raises `ChangedMeanwhileError` when the chain moved on, `InvitedElsewhereError` when the marks say so.
        """
        tied = [member for chunk in page.chunks for member in chunk.members if member.any_of]
        entries: Any = [self._put_chain(chain), {"Put": {"TableName": self.table, "Item": to_item(_page_item(page))}}]
        marks_from = len(entries)
        entries += [self._mark(page, member) for member in tied]
        entries += [self._put_open(page, chunk) for chunk in page.chunks]
        if page.customers:
            counts = Counts(invited=page.customers)
            entries.append(items.counts_update(self.table, page.sku, f"{page.wave}#{page.end}", counts))
        try:
            write(partial(self.dynamodb.transact_write_items, TransactItems=entries), backoff=self.backoff)
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
        keys = [items.listing_key(place) for place in places]
        found = batch_get(self.dynamodb, self.table, keys, backoff=self.backoff)
        listings = [items.listing(sku, to_item(item)) for item in found]
        return {listing.entry_id: listing for listing in listings}

    def invitation(self, place: Place) -> Reference | None:
        """Return the reference of the mail that a place was invited with by the SKU's present restock, if it was.

        Searches the newest 50 waves, one query each.
        """
        chain = self.chain(place.sku)
        if chain is None:
            return None
        for wave in range(chain.wave, max(0, chain.wave - WAVES_SEARCHED), -1):
            prefix = f"{_wave_prefix(chain.revision, wave)}#1#"
            page = self._page_from(place.sku, prefix, f"{prefix}{place.key}")
            for chunk in page.chunks if page else ():
                for member in chunk.members:
                    if member.entry_id == place.entry_id and page is not None:
                        return wave_reference(page, chunk, member)
        return None

    def steps(self, sku: str) -> list[Item]:
        """Return the newest 200 steps of a SKU's waves, oldest first."""
        answer = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues={":pk": {"S": f"WAVE#{sku}"}},
            ScanIndexForward=False,
            Limit=STEPS,
        )
        return [from_item(item) for item in reversed(answer["Items"])]

    def due(self, shard: str, now: str, cursor: Mapping[str, str] | None) -> tuple[list[str], dict[str, str] | None]:
        """Return a page of the SKUs whose chain is due, and where the next page starts."""
        start: dict[str, Any] = {"ExclusiveStartKey": to_item(cursor)} if cursor else {}
        answer = self.dynamodb.query(
            TableName=self.table,
            IndexName=items.DUE,
            KeyConditionExpression="#shard = :shard AND #due_at <= :now",
            ExpressionAttributeNames={"#shard": "due_shard", "#due_at": "due_at"},
            ExpressionAttributeValues={":shard": {"S": shard}, ":now": {"S": now}},
            Limit=STEPS,
            **start,
        )
        after = answer.get("LastEvaluatedKey")
        skus = [item["pk"]["S"].removeprefix("CHAIN#") for item in answer["Items"]]
        return skus, from_item(after) if after else None

    def _shard(self, sku: str, shard: int, after: str) -> tuple[list[Listing], bool]:
        answer = self._query_shard(sku, shard, after, self.shard_read)
        found = [items.listing(sku, item) for item in answer["Items"]]
        return found, "LastEvaluatedKey" in answer and bool(found)

    def _query_shard(self, sku: str, shard: int, after: str, most: int) -> Any:  # noqa: ANN401 - DynamoDB's answer
        return self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="#pk = :pk AND #sk > :after",
            ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
            ExpressionAttributeValues={":pk": {"S": items.list_partition(sku, shard)}, ":after": {"S": after or "!"}},
            ConsistentRead=True,
            Limit=most,
        )

    def _open(self, sku: str, position: str, before: str, most: int) -> Any:  # noqa: ANN401 - DynamoDB's answer
        return self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="#pk = :pk AND #sk BETWEEN :position AND :before",
            ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
            ExpressionAttributeValues={
                ":pk": {"S": f"OPEN#{sku}"},
                ":position": {"S": position or "!"},
                ":before": {"S": before},
            },
            ConsistentRead=True,
            Limit=most,
        )

    def _under_way_of_wave(self, sku: str, prefix: str, after: str, end: str) -> set[str]:
        found: set[str] = set()
        position = f"{prefix}#{after}#{LAST}" if after else f"{prefix}#"
        while True:
            answer = self._open(sku, position, f"{prefix}#{LAST}", SHARD_READ)
            for item in answer["Items"]:
                known = from_item(item)
                if known["page_after"] >= end:
                    return found
                found |= known.get("entries", frozenset())
            if "LastEvaluatedKey" not in answer:
                return found
            position = f"{answer['LastEvaluatedKey']['sk']['S']}!"

    def _page_from(self, sku: str, prefix: str, position: str) -> Page | None:
        answer = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="#pk = :pk AND #sk BETWEEN :position AND :last",
            ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
            ExpressionAttributeValues={
                ":pk": {"S": f"WAVE#{sku}"},
                ":position": {"S": position},
                ":last": {"S": f"{prefix}{LAST}"},
            },
            ConsistentRead=True,
            Limit=1,
        )
        return _page(sku, from_item(answer["Items"][0])) if answer["Items"] else None

    def _put_chain(self, chain: Chain) -> dict[str, Any]:
        values = {**asdict(chain), "version": chain.version + 1, **chain_key(chain.sku)}
        del values["sku"]
        if chain.due_at is not None:
            values["due_shard"] = items.CHAINS_DUE[shard_of(chain.sku, len(items.CHAINS_DUE))]
        return {
            "Put": {
                "TableName": self.table,
                "Item": to_item(values),
                "ConditionExpression": "attribute_not_exists(#pk)" if chain.version == 0 else "#version = :version",
                "ExpressionAttributeNames": {"#pk": "pk"} if chain.version == 0 else {"#version": "version"},
                **({} if chain.version == 0 else {"ExpressionAttributeValues": {":version": to_value(chain.version)}}),
            }
        }

    def _mark(self, page: Page, member: Member) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self.table,
                "Key": to_item(items.entry_key(member.entry_id)),
                "UpdateExpression": "SET #invited_by = :wave",
                "ConditionExpression": "attribute_exists(#pk) AND attribute_not_exists(#invited_by)",
                "ExpressionAttributeNames": {"#pk": "pk", "#invited_by": "invited_by"},
                "ExpressionAttributeValues": {":wave": to_value(page.wave_id)},
            }
        }

    def _put_open(self, page: Page, chunk: Chunk) -> dict[str, Any]:
        return {
            "Put": {
                "TableName": self.table,
                "Item": to_item(
                    {
                        **open_key(page.sku, page.revision, page.wave, page.end, chunk.number),
                        "page_after": page.after,
                        "entries": {member.entry_id for member in chunk.members},
                        "ttl": _kept_until(page.at),
                    }
                ),
            }
        }

    def _transact(self, entries: Sequence[Any]) -> None:
        try:
            write(partial(self.dynamodb.transact_write_items, TransactItems=entries), backoff=self.backoff)
        except ConditionFailedError as error:
            raise ChangedMeanwhileError("chain") from error


def connect(table: str) -> WaveRepository:
    """Return the repository over this table."""
    return WaveRepository(table, client())


def chain_key(sku: str) -> items.Key:
    """How far a SKU's chain of waves is."""
    return {"pk": f"CHAIN#{sku}", "sk": "CHAIN"}


def open_key(sku: str, revision: int, wave: int, end: str, chunk: int) -> items.Key:
    """The entries of one job whose outcome is not known."""
    return {"pk": f"OPEN#{sku}", "sk": f"{_wave_prefix(revision, wave)}#{end}#{chunk:03d}"}


def _wave_prefix(revision: int, wave: int) -> str:
    return f"{revision:012d}#{wave:06d}"


def _chain(sku: str, item: Item) -> Chain:
    values = {name: value for name, value in item.items() if name not in {"pk", "sk", "due_shard"}}
    values.setdefault("units_left", None)
    return Chain(sku=sku, **values)


def _step_item(chain: Chain, step: Mapping[str, Any]) -> Item:
    kind = "9" if not chain.live else "0"
    at: str = step["at"]
    return {
        "pk": f"WAVE#{chain.sku}",
        "sk": f"{_wave_prefix(chain.revision, chain.wave)}#{kind}#{at}",
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
                    member.address,
                    str(member.quantity),
                    "a" if member.any_of else "s",
                )
            )
            for chunk, member in lines
        ],
        "units": page.units,
        "units_left": page.units_left,
        "skipped": page.skipped,
        "revision": page.revision,
        "wave": page.wave,
        "ttl": _kept_until(page.at),
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
    )


def _member(line: Sequence[str]) -> Member:
    _, _, place, entry_id, address, quantity, flags = line
    return Member(place=place, entry_id=entry_id, address=address, quantity=int(quantity), any_of=flags == "a")


def _kept_until(at: str) -> int:
    return int((datetime.fromisoformat(at) + KEPT).timestamp())
