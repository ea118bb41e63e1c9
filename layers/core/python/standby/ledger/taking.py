"""Taking claims, and what the caller writes beside them, in one transaction (design §4, promise 1).

The numbers of each SKU move once, whichever claims and parts of kits need units of it. The first attempt reads nothing
and takes every SKU for an ordinary one that is there: where it is not, the refusal shows the SKU as it is, and the next
attempt knows. DynamoDB's conditions have no arithmetic: for units that incoming goods promise, the SKU is read, and
the condition is that no less is on its way than was seen, and that what is free makes up for the rest. Units that may
be counted twice, on hand and on their way (`standby.ledger.landing`), promise nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import field, replace
from datetime import datetime

from standby.ledger import items
from standby.ledger.claim_items import Claim, begun, claim_of, explained, values
from standby.ledger.landing import while_landed
from standby.ledger.model import Kit
from standby.ledger.numbers import Change, claimed_of_kit, first_numbers, moved_numbers
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.platform.clock import to_text
from standby.platform.dynamodb import ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.table import ConditionCheck, Put, Update, Write

HELD_RULE = "units are taken only while they are free"
OWED_RULE = "units are owed whether or not they are free"
PROMISED_RULE = "units are owed only while what is free and what is on its way make up for them"
KIT_RULE = "; of a kit, those of each of its components"


class SoldOutError(Exception):
    """Fewer units were there than were asked for; ``free`` says how many of the ``sku`` there were at that moment.

    Where goods on their way count, they are in it. It may be negative.
    """

    def __init__(self, sku: str, units: int, free: int) -> None:
        super().__init__(f"{sku}: {units} wanted, {free} free")
        self.sku = sku
        self.units = units
        self.free = free


class KitError(Exception):
    """The SKU has become a kit, of which nothing is owed ahead."""


@frozen()
class Needed:
    """The units of a SKU that claims and parts of claims need together."""

    owed: int = 0
    held: int = 0
    promised: bool = False
    """Some of what is owed needs goods that are free or on their way."""

    def more(self, claim: Claim, *, promised: bool) -> "Needed":
        """Return what is needed with a claim's units."""
        change = claim.taken()
        return Needed(self.owed + change.owed, self.held + change.held, self.promised or promised)

    def at_least(self, seen: Item | None, at: str) -> dict[str, int]:
        """Return the condition on which the units may be taken at a moment of a SKU that was seen so."""
        if not self.promised:
            return {"free_units": self.held} if self.held else {}
        incoming = (seen or {}).get("incoming", 0)
        free = self.owed + self.held - (items.stock(seen).sure(at) if seen else 0)
        return {"incoming": incoming, "free_units": max(free, self.held) if self.held else free}

    def missed(self, item: Item, at: str, *, component: bool) -> int | None:
        """Return how many units a SKU has that was refused at a moment, ``None`` where so many are there or need not.

        A component that is a kit itself, or that the ERP never named, has none.
        """
        if component and items.KIT_PARTS in item:
            return 0
        free = item.get("free_units", 0)
        if items.KIT_PARTS in item or not (self.held or self.promised):
            return None
        if self.held and free < self.held:
            return int(free)
        sure = items.stock(item).sure(at) if item else 0
        if self.promised and free + sure < self.owed + self.held:
            return int(free + sure)
        return None


@frozen(kw_only=True)
class Taking:
    """Claims that are taken together, or not at all."""

    table: LedgerTable
    claims: Sequence[Claim]
    promised: Collection[str]
    """Ids of the claims of which goods that are free or on their way must make up for what is owed."""
    beside: Sequence[Write | ConditionCheck]
    now: datetime
    kits_owed: bool = True
    """Whether claims that are counted as owed may be on kits."""
    room: int = 0
    """How many more writes it takes to end the claims than to take them."""
    seen: dict[str, Item | None] = field(default_factory=dict)
    """SKUs' numbers as they were seen last; ``None``: there are none."""

    def attempt(self) -> list[Claim]:
        """Take the claims and return them, or as they are now if they were taken before.

        Raises `KitError`, `SoldOutError`, `BesideError`, `TooManyError`, `BusyError`; and `ConditionFailedError` where
        something changed meanwhile, twice: then another attempt may succeed.
        """
        try:
            return self._once()
        except ConditionFailedError:
            return self._once()  # by what was seen now

    def _once(self) -> list[Claim]:
        self._look(claim.sku for claim in self.claims if claim.claim_id in self.promised)
        wholes = [replace(self._whole(claim), taken_at=to_text(self.now)) for claim in self.claims]
        self._look(sku for whole in wholes if whole.claim_id in self.promised for sku, _ in whole.components)
        parts = [part for whole in wholes for part in whole.parts()]
        components = {part.sku for part in parts}
        needed = self._needed(wholes)
        own = [write for whole in wholes for write in begun(whole)]
        numbers = [self._numbers(sku, units, component=sku in components) for sku, units in needed.items()]
        rest = [
            *(Put({**items.claim_key(part.sku, part.claim_id), **values(part)}) for part in parts),
            *(self._explained(whole, claim) for whole in wholes for claim in (whole, *whole.parts())),
        ]
        try:
            self.table.beside([*own, *numbers, *rest], self.beside, room=self.room)
        except ConditionFailedError as error:
            if any(reason is not None for reason in error.reasons[: len(own)]):
                return self._known()
            reasons = error.reasons[len(own) : len(own) + len(numbers)]
            refused = {sku: item for sku, item in zip(needed, reasons, strict=True) if item is not None}
            self.seen.update({sku: item or None for sku, item in refused.items()})
            at = to_text(self.now)
            missed = {sku: needed[sku].missed(item, at, component=sku in components) for sku, item in refused.items()}
            _sold_out(wholes, {sku: left for sku, left in missed.items() if left is not None})
            raise
        return wholes

    def _look(self, skus: Iterable[str]) -> None:
        """See the numbers of SKUs that were not seen yet."""
        fresh = {sku: items.sku_key(sku) for sku in skus if sku not in self.seen}
        if fresh:
            found = self.table.items(fresh.values())
            self.seen.update({sku: found.get((key["pk"], key["sk"])) for sku, key in fresh.items()})

    def _kit(self, sku: str) -> Kit | None:
        item = self.seen.get(sku)
        return items.stock(item).kit if item and items.KIT_PARTS in item else None

    def _whole(self, claim: Claim) -> Claim:
        kit = self._kit(claim.sku)
        if kit and claim.counted_as == "owed" and not self.kits_owed:
            raise KitError(claim.sku)
        return replace(claim, components=kit.components) if kit else claim

    def _needed(self, wholes: Iterable[Claim]) -> dict[str, Needed]:
        needed: dict[str, Needed] = {}
        for whole in wholes:
            for claim in (whole, *whole.parts()):
                before = needed.get(claim.sku, Needed())
                needed[claim.sku] = before.more(claim, promised=whole.claim_id in self.promised)
        return needed

    def _numbers(self, sku: str, needed: Needed, *, component: bool) -> Update:
        change = Change(owed=needed.owed, held=needed.held)
        kit = None if component else self._kit(sku)
        if kit is not None:
            return claimed_of_kit(sku, change, now=self.now, equal={items.KIT_EDITION: kit.edition})
        seen = self.seen.get(sku)
        at_least = needed.at_least(seen, to_text(self.now))
        if not at_least and self.seen.get(sku, ()) is None:
            settings, _ = SettingsBook(self.table).resolve(sku)
            return first_numbers(sku, change, settings=settings, now=self.now)
        moved = moved_numbers(sku, change, now=self.now, at_least=at_least)
        return while_landed(moved, items.stock(seen)) if needed.promised and seen else moved

    def _explained(self, whole: Claim, claim: Claim) -> Put:
        rule = HELD_RULE if claim.counted_as == "held" else OWED_RULE
        if whole.claim_id in self.promised:
            rule = PROMISED_RULE
        return explained(
            claim, "claim.taken", rule + KIT_RULE if whole.components else rule, claim.taken(), now=self.now
        )

    def _known(self) -> list[Claim]:
        """Return claims that were taken before, as they are now."""
        known = [claim_of(self.table, claim.sku, claim.claim_id) for claim in self.claims]
        if None in known:
            message = "some of these claims were taken before, and others were not"
            raise ValueError(message)
        return [claim for claim in known if claim]


def _sold_out(wholes: Iterable[Claim], missed: dict[str, int]) -> None:
    """Raise `SoldOutError` for the first claim that needs a SKU of which too few are there."""
    for whole in wholes:
        made_of = whole.components or ((whole.sku, 1),)
        if counts := [missed[sku] // quantity for sku, quantity in made_of if sku in missed]:
            raise SoldOutError(whole.sku, whole.units, min(counts))
