"""Claims: units that somebody has a right to, taken only while they are there (design §4, promise 1).

A claim is *taken* (its units are no longer free), perhaps *settled* (the ERP knows its order), and ends *returned*
(its units are free again) or *dropped* (the ERP's own numbers contain it: by netting, or because it was shipped).
One that was shipped lives on until no level counts its units any more; it is over for everybody else (`netting`).
One that waits for goods is *netted* before it ends (`netting`).

An ended claim is kept for a while, so that a repeated request does nothing. It lies under another prefix than claims
that live, so that a level's netting reads those only. A claim moves there in the transaction that ends it, and never
back: who reads first where it lives and then where it ends misses none.

A claim that is counted as *owed* is a promise: its units need not be there, and free may become negative. As goods
come, its units are *given* to it, some or all: they count as held then, and are nobody else's.

A claim on a kit takes its components' units in the same transaction, as a *part* with each component: a claim like any
other, which settles with the whole and which a level of the component may drop. The whole ends with its parts.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal

from standby.ledger import items
from standby.ledger.claim_items import Claim as Claim  # noqa: PLC0414 - re-exported: callers take one
from standby.ledger.claim_items import (
    Found,
    as_read,
    claim_of,
    ended,
    explained,
    gone,
    live,
    live_claims,
    live_parts,
    numbers_moved,
    watched,
    watching,
)
from standby.ledger.claim_items import Status as Status  # noqa: PLC0414 - re-exported: as above
from standby.ledger.claim_items import Watch as Watch  # noqa: PLC0414 - re-exported: callers pass one
from standby.ledger.giving import EndedError as EndedError  # noqa: PLC0414 - re-exported: callers catch it
from standby.ledger.giving import Giving
from standby.ledger.giving import NothingToGiveError as NothingToGiveError  # noqa: PLC0414 - as above
from standby.ledger.model import Level
from standby.ledger.netting import (
    CLAIMS_PER_WRITE,
    LEVELS_PER_NETTING,
    RULES,
    Netting,
    ahead,
    counted_still,
    levels_of,
    says,
)
from standby.ledger.numbers import Change, moved_numbers
from standby.ledger.table import BesideError as BesideError  # noqa: PLC0414 - re-exported: callers catch it
from standby.ledger.table import LedgerTable
from standby.ledger.table import TooManyError as TooManyError  # noqa: PLC0414 - as above
from standby.ledger.taking import KitError as KitError  # noqa: PLC0414 - re-exported: callers catch it
from standby.ledger.taking import SoldOutError as SoldOutError  # noqa: PLC0414 - as above
from standby.ledger.taking import Taking
from standby.platform.clock import to_text
from standby.platform.dynamodb import Item
from standby.platform.frozen import frozen
from standby.platform.table import ConditionCheck, Update, Write

Beside = Sequence[Write | ConditionCheck]
"""What a caller writes in the same transaction, in whichever table (`Guarded.elsewhere`)."""


@frozen()
class Look:
    """What somebody saw of a SKU's live claims."""

    claims: Sequence[Claim]
    settlements: int
    """How many claims had been settled before the claims were read."""


@frozen()
class ClaimBook:
    """Keeps the claims. Taking and ending are idempotent per claim id. `BusyError` is raised rather than guessed."""

    table: LedgerTable

    def take(self, claim: Claim, *, now: datetime) -> Claim:
        """Take a claim's units, if that many are free or they are counted as owed, and return the claim.

        Of a kit, the units of all its components are taken or none. A claim id that was taken before takes nothing and
        returns the claim as it is now. Raises `SoldOutError`, with how many kits there could be, and `BusyError`.
        """
        return self.take_together([claim], now=now)[0]

    def take_together(
        self,
        claims: Sequence[Claim],
        *,
        now: datetime,
        beside: Beside = (),
        promised_by_incoming: Collection[str] = (),
        kits_owed: bool = True,
        room: int = 0,
    ) -> list[Claim]:
        """Take all of the claims, and do what the caller writes beside them, or nothing; return the claims.

        ``promised_by_incoming`` are ids of claims that are counted as owed, and are taken only while what is free and
        what is on its way make up for their units. Others that are owed need nothing, and begin a SKU that the ERP
        never named. Without ``kits_owed`` none of those may be on a kit: `KitError`.

        Claims that were all taken before take nothing, and are returned as they are now: what was to be written beside
        them was written then. Raises `BesideError` where a condition of the caller's did not hold, whatever else did
        not; `SoldOutError`, with the first SKU of which there were too few; `TooManyError` (a ``ValueError``) for more
        than one transaction takes, less the ``room`` that ending them needs beside what taking them does: a claim is
        four writes, and three for each component of a kit; ``ValueError`` where
        only some were taken before; `BusyError`.
        """
        promised = promised_by_incoming
        taking = Taking(
            table=self.table,
            claims=claims,
            promised=promised,
            beside=beside,
            now=now,
            kits_owed=kits_owed,
            room=room,
        )
        return self.table.retried(taking.attempt)

    def give(
        self,
        sku: str,
        claim_id: str,
        units: int,
        *,
        now: datetime,
        beside: Beside = (),
        watch: Watch | None = None,
    ) -> Claim:
        """Set units aside for a claim that is owed them, and return the claim after it.

        They are given only while they are there (`SkuStock.givable`), and never more than the claim lacks; of a kit,
        those of all its components. What is free stays as it is. Giving again gives more: a caller who may repeat
        itself says in ``beside`` what must not have changed. ``watch`` says from when on a
        claim that lacks nothing is found if it does not end; ``None``: from now on. Raises `BesideError` where that
        did not hold, whatever else did not; `NothingToGiveError` with how many could be given; `EndedError`;
        `TooManyError`; `BusyError`.
        """
        giving = Giving(table=self.table, sku=sku, claim_id=claim_id, units=units, beside=beside, now=now, watch=watch)
        return self._move(giving)

    def take_back(
        self,
        sku: str,
        claim_id: str,
        units: int,
        *,
        now: datetime,
        beside: Beside = (),
        watch: Watch | None = None,
    ) -> Claim:
        """Owe a claim units again that were given to it and are not there, and return the claim after it.

        Raises as `give` does; `NothingToGiveError` tells how many were given.
        """
        giving = Giving(table=self.table, sku=sku, claim_id=claim_id, units=-units, beside=beside, now=now, watch=watch)
        return self._move(giving)

    def watch(self, watch: Watch) -> None:
        """Have claims that lack nothing found if they do not end (`give`)."""
        self.table.retried(partial(self._watch, watch))

    def give_back(self, sku: str, claim_id: str, *, now: datetime) -> bool:
        """Free a live claim's units again; tell whether this call did it."""
        return self.end_together([(sku, claim_id)], "returned", now=now)

    def shipped(self, sku: str, claim_id: str, *, now: datetime) -> bool:
        """End a live claim whose goods leave the house now; tell whether this call did it."""
        return self.end_together([(sku, claim_id)], "dropped", now=now, shipped_at=to_text(now))

    def end_together(
        self,
        keys: Sequence[tuple[str, str]],
        status: Literal["returned", "dropped"],
        *,
        now: datetime,
        beside: Beside = (),
        shipped_at: str | None = None,
    ) -> bool:
        """End those claims that live, by SKU and id, and do what the caller writes beside them, or nothing.

        Units that left the house at ``shipped_at`` are kept from everybody as long as a level may count them.

        Tell whether any ended. Where all had ended before, what the caller writes is still done. Raises `BesideError`,
        `TooManyError`, `BusyError`.
        """
        stays: list[Claim] = []
        ended = self.table.retried(partial(self._end, keys, status, now, beside, shipped_at=shipped_at, stays=stays))
        self._look_again(stays, now=now)
        return ended

    def reduce(
        self,
        sku: str,
        claim_id: str,
        units: int,
        *,
        piece: str,
        now: datetime,
        beside: Beside = (),
        watch: Watch | None = None,
        shipped_at: str | None = None,
    ) -> None:
        """Give back some units of a live claim, once, and do what the caller writes beside them, or nothing.

        They become a claim of the id ``piece`` that was returned. Those that were not set aside go first. Of units that
        left the house at ``shipped_at`` those go first that were, and they are kept from everybody as `end_together`
        does. ``watch`` as in `give`; ``None``: as before. Where the claim had ended, or had lost them, what the caller
        writes is still done. Raises `BesideError`, ``ValueError`` for all units or none, `TooManyError`, `BusyError`.
        """
        from standby.ledger.reducing import Reducing  # noqa: PLC0415 - some units of a claim are seldom cancelled

        reducing = Reducing(
            table=self.table,
            sku=sku,
            claim_id=claim_id,
            units=units,
            piece=piece,
            beside=beside,
            now=now,
            watch=watch,
            shipped_at=shipped_at,
        )
        self._look_again(self.table.retried(reducing.attempt), now=now)
        self.drop_contained(sku, now=now)  # what is left of it may be what a level shows as committed

    def left_all_the_same(self, sku: str, claim_id: str, units: int, *, shipped_at: str, now: datetime) -> None:
        """Hold units for nobody that left although their claim was given back, as long as a level may count them.

        ``units`` are all that left so far. Idempotent. Claims that live, or ended otherwise, are left alone. Raises
        `BusyError`.
        """
        from standby.ledger import leaving  # noqa: PLC0415 - what was cancelled seldom leaves

        leaving.left_all_the_same(self.table, sku, claim_id, units, shipped_at=shipped_at, now=now)

    def let_go(self, sku: str, claim_id: str, *, now: datetime) -> None:
        """Drop a claim that was shipped, as no level counts its units any more; no other claim."""
        self.table.retried(partial(self._let_go, sku, claim_id, now))

    def settle(self, sku: str, claim_id: str, *, settled_at: str, now: datetime) -> None:
        """Note since when the ERP knows a claim's order, and drop the claim if a level contains that order already."""
        known = self.table.retried(partial(self._settle, sku, claim_id, settled_at, now))
        for part in known.parts() if known else ():
            self.drop_contained(part.sku, now=now)
        if known and known.components:
            self.drop_emptied(sku, now=now)
        else:
            self.drop_contained(sku, now=now)

    def drop_contained(self, sku: str, *, now: datetime, seen: Look | None = None) -> int:
        """Drop or net the settled claims that the levels contain already and return how many they were (`Netting`).

        ``seen`` are the claims as a level's write left them: they are not read again unless one was settled since.
        """
        if seen is not None and settlements(self.table.item(items.settlements_key(sku))) == seen.settlements:
            known = [claim for claim in seen.claims if claim.status != "taken" or claim.shipped_at]
            if not known or not Netting.of(known, levels_of(self.table, sku)).claims:
                return 0
        dropped = 0
        while count := self.table.retried(partial(self._drop_contained, sku, now)):
            dropped += count
        return dropped

    def drop_emptied(self, sku: str, *, now: datetime) -> int:
        """Drop the settled claims on a kit of which no part is left, and return how many they were.

        The levels of all components contain them.
        """
        dropped = 0
        for claim in live_claims(self.table, sku):
            if claim.components and claim.status == "settled":
                dropped += self.table.retried(partial(self._end, [(sku, claim.claim_id)], "dropped", now, emptied=True))
        return dropped

    def claim(self, sku: str, claim_id: str) -> Claim | None:
        """Return a claim, ended ones too."""
        return claim_of(self.table, sku, claim_id)

    def live(self, sku: str) -> list[Claim]:
        """Return a SKU's claims that are somebody's still, by when they were taken."""
        theirs = (claim for claim in live_claims(self.table, sku) if not claim.shipped_at)
        return sorted(theirs, key=lambda claim: (claim.taken_at, claim.claim_id))

    def given(self, sku: str) -> list[Claim]:
        """Return the claims that were owed units of a SKU and were given some, by when they were taken."""
        return [claim for claim in self.live(sku) if claim.counted_as == "owed" and claim.given]

    def _look_again(self, stays: Iterable[Claim], *, now: datetime) -> None:
        """Drop what was shipped if a level came between our look at the levels and our write."""
        for claim in stays:
            if not counted_still(claim, levels_of(self.table, claim.sku)):
                self.let_go(claim.sku, claim.claim_id, now=now)

    def _move(self, giving: Giving) -> Claim:
        if not giving.units:
            message = "no units are to be moved"
            raise ValueError(message)
        return self.table.retried(giving.attempt)

    def _watch(self, watch: Watch) -> None:
        found: Found = self.table.items(items.claim_key(*other) for other in watch.others)
        writes = watching(watch, found)
        if writes:
            self.table.apply(writes)

    def _end(
        self,
        keys: Iterable[tuple[str, str]],
        status: Status,
        now: datetime,
        beside: Beside = (),
        *,
        emptied: bool = False,
        shipped_at: str | None = None,
        stays: list[Claim] | None = None,
    ) -> bool:
        """End claims that live; tell whether any did. ``emptied``: only if no part of them is left.

        ``stays`` becomes those that were shipped and that levels may count.
        """
        found: Found = self.table.items(
            key for sku, name in keys for key in (items.claim_key(sku, name), items.sku_key(sku))
        )
        wholes = [
            claim for sku, name in dict.fromkeys(keys) if (claim := live(found, sku, name)) and not claim.shipped_at
        ]
        parts, found = live_parts(self.table, wholes, found)
        if (emptied and parts) or not (wholes or beside):
            return False
        over, rule = [*wholes, *parts], "an ended claim's units count as free again"
        left: dict[tuple[str, str], Claim] = {}
        if shipped_at is not None:
            from standby.ledger import leaving  # noqa: PLC0415 - most functions end no claims whose goods leave

            left = leaving.staying(self.table, over, found, shipped_at=shipped_at, now=now)
        if stays is not None:
            stays[:] = left.values()
        by_sku: dict[str, list[Claim]] = {}
        for claim in over:
            by_sku.setdefault(claim.sku, []).append(claim)
        kept = {sku: [left[key] for each in claims if (key := each.key) in left] for sku, claims in by_sku.items()}
        freed = {sku: freed_by_netting(claims, kept[sku]) for sku, claims in by_sku.items()}
        if status == "returned":
            freed = {sku: replace(change, netted_units=0) for sku, change in freed.items()}
        numbers = {sku: numbers_moved(sku, change, found, now=now) for sku, change in freed.items()}
        leaves: list[Write] = []
        if left:
            leaves = [
                each for claim in over if claim.key in left for each in leaving.moved(claim, left[claim.key], now=now)
            ]
        self.table.beside(
            [
                *(write for claim in wholes if claim.key not in left for write in ended(claim, status, now=now)),
                *(gone(part) for part in parts if part.key not in left),
                *numbers.values(),
                *(
                    explained(claim, f"claim.{status}", rule, claim.freed(), now=now)
                    for claim in over
                    if claim.key not in left
                ),
                *leaves,
            ],
            beside,
        )
        return bool(wholes)

    def _let_go(self, sku: str, claim_id: str, now: datetime) -> None:
        found: Found = self.table.items([items.claim_key(sku, claim_id), items.sku_key(sku)])
        claim = live(found, sku, claim_id)
        if claim is None or not claim.shipped_at:
            return
        change = freed_by_netting([claim])
        self.table.apply(
            [
                *ended(claim, "dropped", now=now),
                numbers_moved(sku, change, found, now=now),
                explained(claim, "claim.gone", RULES["claim.gone"], change, now=now),
            ]
        )

    def _settle(self, sku: str, claim_id: str, settled_at: str, now: datetime) -> Claim | None:
        known = self.claim(sku, claim_id)
        if known is None or known.status != "taken":
            return known
        assign = {"status": "settled", "settled_at": settled_at}
        writes: list[Write] = []
        for claim in (known, *known.parts()):
            found = watched(replace(claim, status="settled"), now=now) if claim.counted_as == "held" else {}
            writes += [
                Update(items.claim_key(claim.sku, claim.claim_id), assign={**assign, **found}, **as_read(claim)),
                Update(items.settlements_key(claim.sku), add={"settlements": 1}),
            ]
        self.table.apply(writes)
        return known

    def _drop_contained(self, sku: str, now: datetime) -> int:
        claims = live_claims(self.table, sku)
        if all(claim.status == "taken" and not claim.shipped_at for claim in claims):
            return 0
        levels = levels_of(self.table, sku)
        if any(ahead(claim) for claim in claims):
            claims = live_claims(self.table, sku)  # behind the levels, so that whoever netted some since is noticed
        some = Netting.of(claims, levels)
        if len(says(levels)) > LEVELS_PER_NETTING:
            some = replace(some, netted=())
        some = some.first(CLAIMS_PER_WRITE)
        if some.claims:
            touched = [kept(sku, level) for level in says(levels)] if some.netted else []
            self.table.apply(
                [*some.writes(now=now), moved_numbers(sku, some.change, now=now), some.explained(now=now), *touched]
            )
        return len(some.claims)


def kept(sku: str, level: Level) -> Update:
    """Return the write on the condition that nobody wrote a level since it was read, and after which others notice.

    What is netted by a level must not be netted while another word about the level is written.
    """
    key = items.level_key(sku, level.location_id)
    return Update(key, assign={"edition": level.edition + 1}, equal={"edition": level.edition})


def freed_by_netting(claims: Iterable[Claim], kept: Iterable[Claim] = ()) -> Change:
    """Return the change of a SKU's numbers when claims are dropped because the levels contain them.

    ``kept`` are those that have some of the units still.
    """
    change = sum((claim.freed() for claim in claims), sum((claim.taken() for claim in kept), Change()))
    return replace(change, netted_units=change.free)


def settlements(item: Item | None) -> int:
    """Return how many claims of a SKU were settled so far."""
    return item["settlements"] if item else 0
