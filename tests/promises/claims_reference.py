"""Claims as plain arithmetic: who has a right to what, and so what the ledger's numbers must be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from standby.platform.identifier import joined

LIVE = {"taken", "settled", "netted"}


@dataclass
class Right:
    """Units that are somebody's. A kit's are units of each component."""

    claim_id: str
    sku: str
    units: int
    counted_as: str
    recipe: Mapping[str, int] = field(default_factory=dict)
    given: int = 0
    status: str = "taken"
    settled_at: int = 0
    netted: set[str] = field(default_factory=set)
    """Components whose levels contain the order already."""
    left: bool = False
    """Its goods left the house, so it is nobody's, and a level may count them still."""

    @property
    def held(self) -> int:
        return self.units if self.left or self.counted_as == "held" else self.given

    @property
    def lacks(self) -> int:
        return self.units - self.held

    def uses(self) -> Iterator[tuple[str, int]]:
        """Yield each SKU of which it has units, and how many of it one unit of the claim is."""
        if self.status in LIVE and self.status != "netted":
            yield self.sku, 1
            yield from ((sku, n) for sku, n in self.recipe.items() if sku not in self.netted)


@dataclass(frozen=True)
class Line:
    """What somebody asks for."""

    sku: str
    units: int
    counted_as: str
    promised: bool
    """It may be owed only as long as what is free and on its way make up for it."""


@dataclass
class ClaimsPaper:
    """What the ERP said, and everybody's rights."""

    kit: str
    recipe: Mapping[str, int]
    on_hand: dict[str, int] = field(default_factory=dict)
    committed: dict[str, int] = field(default_factory=dict)
    incoming: dict[str, int] = field(default_factory=dict)
    landed: dict[str, int] = field(default_factory=dict)
    """Units that may be counted twice, on hand and as on their way."""
    netted_until: dict[str, int] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    """When each SKU was counted last."""
    rights: dict[str, Right] = field(default_factory=dict)
    left: int = 0
    """How many more reservations the campaign takes."""

    def known(self, sku: str) -> bool:
        """Tell whether there are numbers of a SKU: of those that the ERP named, or that anybody was promised."""
        return sku in self.on_hand or any(sku in {right.sku, *right.recipe} for right in self.rights.values())

    def owed(self, sku: str) -> int:
        return sum(right.lacks * n for right in self.rights.values() for used, n in right.uses() if used == sku)

    def held(self, sku: str) -> int:
        return sum(right.held * n for right in self.rights.values() for used, n in right.uses() if used == sku)

    def awaited(self, sku: str) -> int:
        return sum(right.lacks for right in self.rights.values() if right.sku == sku and right.status == "netted")

    def free(self, sku: str) -> int:
        if sku == self.kit:
            return max(0, min(self.free(part) // n for part, n in self.recipe.items()))
        return self.on_hand.get(sku, 0) - self.committed.get(sku, 0) - self.owed(sku) - self.held(sku)

    def counts(self, sku: str, on_hand: int, at: int) -> None:
        """Count a SKU anew. What is there more of may be some of what is on its way; what left is counted no more."""
        self.counted[sku] = at
        for right in self.rights.values():
            if right.left and right.sku == sku and right.status in LIVE:
                right.status = "dropped"
        if self.known(sku):
            more = on_hand - self.on_hand.get(sku, 0)
            before = self.landed.get(sku, 0)
            self.landed[sku] = max(before, min(before + more, self.incoming.get(sku, 0)))
        self.on_hand[sku] = on_hand

    def sure(self, sku: str) -> int:
        """Return how many units are on their way and not counted yet."""
        return max(0, self.incoming.get(sku, 0) - self.landed.get(sku, 0))

    def sold_out(self, lines: Sequence[Line]) -> bool:
        """Tell whether anything that is asked for is not there."""
        held: dict[str, int] = {}
        owed: dict[str, int] = {}
        promised: set[str] = set()
        for line in lines:
            for sku, n in (self.recipe if line.sku == self.kit else {line.sku: 1}).items():
                counter = held if line.counted_as == "held" else owed
                counter[sku] = counter.get(sku, 0) + n * line.units
                promised |= {sku} if line.promised else set()
        return any(self.free(sku) < units for sku, units in held.items()) or any(
            self.free(sku) + self.sure(sku) < owed.get(sku, 0) + held.get(sku, 0) for sku in promised
        )

    def givable(self, right: Right) -> int:
        """Return how many units there are to be given to somebody."""
        if right.counted_as == "held" or right.status not in LIVE:
            return 0
        parts = [(right.sku, 1)] if right.status == "netted" else [each for each in right.uses() if each[0] != self.kit]
        there = [max(0, self.free(sku) + self.owed(sku) + self.awaited(sku)) // n for sku, n in parts]
        return min([right.lacks, *there])

    def gives_back(self, right: Right, units: int, piece: str) -> None:
        """End some units of a right; those that were not given go first."""
        given = min(right.given, right.units - units)
        lost = replace(right, claim_id=piece, units=units, given=right.given - given, status="returned")
        right.units, right.given, self.rights[piece] = right.units - units, given, lost

    def leaves(self, right: Right, units: int, piece: str, at: int) -> None:
        """Let some units of a right leave the house: those that were given first, as they lay there.

        They are nobody's, but counted until a level says otherwise that was observed since. Of a kit its components do.
        """
        given = min(right.given, units)
        over = replace(right, claim_id=piece, units=units, given=given)
        parts = [each for each in right.uses() if each[0] != right.sku] if right.recipe else [(right.sku, 1)]
        self.rights[piece] = replace(over, status="dropped")
        for sku, n in parts:
            name = joined(piece, right.sku) if right.recipe else piece
            part = replace(over, claim_id=name, sku=sku, units=units * n, given=given * n, recipe={}, left=True)
            unseen = right.counted_as == "owed" and given < units and sku not in self.counted
            if unseen or self.counted.get(sku, at) < at:
                key, counted = (joined(name, sku), "held") if right.recipe else (name, right.counted_as)
                self.rights[key] = replace(part, counted_as=counted)
        right.units, right.given = right.units - units, right.given - given

    def net(self, sku: str = "") -> None:
        """Drop the rights that the ERP's levels contain; those of orders ahead of their goods live on.

        Those of a SKU alone, where there is one.
        """
        shown = dict(self.committed)
        ahead = [right for right in self.rights.values() if right.counted_as == "owed" and not right.recipe]
        for right in sorted(ahead, key=lambda each: (each.settled_at, each.claim_id)):
            if right.status in {"settled", "netted"} and sku in {"", right.sku}:
                told = self.netted_until.get(right.sku, -1) >= right.settled_at
                right.status = "netted" if told and shown.get(right.sku, 0) >= right.units else "settled"
                shown[right.sku] = shown.get(right.sku, 0) - right.units * (right.status == "netted")
        for right in self.rights.values():
            if right.status != "settled" or right in ahead or sku:
                continue
            for part in right.recipe or (right.sku,):
                if self.netted_until.get(part, -1) >= right.settled_at:
                    right.netted.add(part)
            if right.netted >= set(right.recipe or (right.sku,)):
                right.status = "dropped"
