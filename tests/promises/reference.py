"""The ledger as a person would keep it on paper: every word of the ERP is kept, and the newest of each thing counts.

It has no revisions and no guards, and the order of arrival only breaks the last ties. At rest the ledger must agree
with it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from standby.platform.clock import from_text

SHIPPING_ONLY_WHEN_TOLD = {"quarantine", "returns", "transit"}
DEFAULTS = {"safety_stock": 0, "low_stock": 3, "minimum_restock": 1, "settle_seconds": 0}
LIVE = {"taken", "settled", "left"}
NEVER: "Order" = (0.0, 0, 0, 0)

Order = tuple[float, int, int, int]
Counted = tuple[int, int]
"""Units on hand and committed."""


@dataclass(frozen=True)
class Claim:
    """Units that somebody has a right to."""

    claim_id: str
    sku: str
    units: int
    counted_as: str
    location_id: str | None
    status: str = "taken"
    settled_at: str = ""


@dataclass
class Count:
    """A full count of a location, as its pages came."""

    snapshot_id: str
    location_id: str
    at: float
    pages: int
    doubt: bool
    came: set[int] = field(default_factory=set)
    named: dict[str, int] = field(default_factory=dict)
    spared: set[str] = field(default_factory=set)
    """SKUs that it names and does not count."""
    first_at: int = 0
    """When its first page was received."""

    @property
    def mentioned(self) -> set[str]:
        """Return the SKUs of which it does not say by its silence that they are gone."""
        return {*self.named, *self.spared}

    @property
    def complete(self) -> bool:
        """Tell whether all pages came."""
        return len(self.came) == self.pages


@dataclass
class Paper:
    """Everything that was ever said, by the thing that it is about."""

    said: dict[tuple[str, ...], list[tuple[Order, Mapping[str, Any]]]] = field(default_factory=dict)
    settings: dict[str, dict[str, int]] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    counts: dict[tuple[str, str], Count] = field(default_factory=dict)
    """Full counts by id and location."""
    emptied: dict[tuple[str, str], str] = field(default_factory=dict)
    """What became of a full count's zeros: ``done``, or ``doing`` while they are being written."""
    says_by_silence: set[tuple[str, str]] = field(default_factory=set)
    """Full counts by which what they do not name is gone. Those in doubt are none, unless somebody approved them."""
    _zeros: dict[tuple[str, ...], list[tuple[Order, tuple[str, str]]]] = field(default_factory=dict)

    # ---- what is said ----

    def hear(self, message: Mapping[str, Any], *, received_at: int, index: int) -> None:
        """Write a message down. ``received_at`` is in milliseconds, ``index`` its place in its batch."""
        moment = message.get("occurred_at" if message["type"] == "stock.received" else "as_of")
        at = from_text(moment).timestamp() if moment else received_at / 1000
        order = (at, message.get("sequence") or 0, received_at, index)
        if message["type"] == "stock.snapshot":
            self._hear_page(message, order)
            return
        about: tuple[str, ...] = (message["type"],)
        about += tuple(message[name] for name in ("sku", "location_id", "purchase_order_id") if name in message)
        self.said.setdefault(about, []).append((order, message))

    def _hear_page(self, page: Mapping[str, Any], order: Order) -> None:
        key = (page["snapshot_id"], page["location_id"])
        fresh = Count(*key, at=order[0], pages=page["pages"], doubt="doubt" in page, first_at=order[2])
        count = self.counts.setdefault(key, fresh)
        count.came.add(page["page"])
        for level in page["levels"]:
            about = ("stock.level", level["sku"], page["location_id"])
            if level.get("counted") is False:
                count.spared.add(level["sku"])
                continue
            count.named[level["sku"]] = _units(level["on_hand"])
            if count.named[level["sku"]]:
                self.said.setdefault(about, []).append((order, level))
            else:
                self._zeros.setdefault(about, []).append((order, key))

    def adjust(self, scope: str, changes: Mapping[str, int | None]) -> None:
        """Set fields of a scope; ``None`` unsets one."""
        known = self.settings.setdefault(scope, {})
        for name, value in changes.items():
            if value is None:
                known.pop(name, None)
            else:
                known[name] = value

    def claim(self, claim_id: str, **change: str | int) -> None:
        """Note what became of a claim."""
        self.claims[claim_id] = replace(self.claims[claim_id], **change)  # type: ignore[arg-type]

    # ---- what must be ----

    def setting(self, sku: str, name: str) -> int:
        """Return what holds for a SKU: its own, else the shop's, else the default."""
        for scope in (f"sku:{sku}", "shop"):
            if name in self.settings.get(scope, {}):
                return self.settings[scope][name]
        return DEFAULTS[name]

    def numbers(self, sku: str, levels: Mapping[str, Counted]) -> dict[str, int]:
        """Return what the ledger must say where these are the levels."""
        counted = [self.buffered(place, level) for place, level in levels.items() if self.counts_online(place)]
        on_hand, committed = (sum(level[part] for level in counted) for part in (0, 1))
        incoming = 0
        for line in {about[2] for about in self.said if about[0] in _LINES and about[1] == sku}:
            ordered = self._newest(("stock.incoming", sku, line)) or {"quantity": 0}
            received = self._newest(("stock.received", sku, line)) or {"quantity": 0}
            incoming += max(0, _units(ordered["quantity"]) - _units(received["quantity"]))
        taken = {
            counted_as: sum(claim.units for claim in self.live(sku) if claim.counted_as == counted_as)
            for counted_as in ("owed", "held")
        }
        safety = self.setting(sku, "safety_stock")
        free = on_hand - committed - safety - sum(taken.values())
        over_the_counter = [self.over_the_counter(place, level) for place, level in levels.items()]
        return {
            "on_hand": on_hand,
            "committed": committed,
            "safety": safety,
            **taken,
            "free": free,
            "sellable": max(0, free),
            "incoming": incoming,
            "in_store": sum(over_the_counter),
        }

    def level(self, sku: str, place: str) -> set[Counted]:
        """Return what a location's level may be: one value, or two while nobody has applied a count that says zero.

        Such a zero counts at once only where there was nothing to empty when it came.
        """
        about = ("stock.level", sku, place)
        order, word = self._last(about)
        certain = _counted(word)
        doubtful = [zero for zero, key in self._zeros.get(about, ()) if key not in self.emptied and zero > order]
        doing = [key for key, state in self.emptied.items() if state == "doing" and key[1] == place]
        return {certain} | ({(0, 0)} if doubtful or doing else set())

    def must_be_empty(self, sku: str, place: str) -> bool:
        """Tell whether something that counts has emptied a location."""
        doing = any(state == "doing" and key[1] == place for key, state in self.emptied.items())
        return doing or _counted(self._last(("stock.level", sku, place))[1])[0] == 0

    def named(self, sku: str) -> bool:
        """Tell whether the SKU was ever counted anywhere."""
        return any(about[:2] == ("stock.level", sku) for about in (*self.said, *self._zeros))

    def live(self, sku: str) -> list[Claim]:
        """Return the claims whose units are somebody's."""
        return [claim for claim in self.claims.values() if claim.sku == sku and claim.status in LIVE]

    def contained(self, claim: Claim) -> tuple[bool, bool]:
        """Tell whether a settled claim must be, and whether it may be, in the ERP's own levels by now."""
        known = {about[2] for about in self.said if about[:2] == ("stock.level", claim.sku)}
        here = known if claim.location_id is None else known & {claim.location_id}
        words = {place: self.said["stock.level", claim.sku, place] for place in here}
        may = any(_nets(word, claim) for said in words.values() for _, word in said)
        newest = self._newest(("stock.level", claim.sku, str(claim.location_id)))
        if claim.counted_as == "owed":
            return False, may  # how much of its location's committed units others need is not on this paper
        settled = claim.location_id is not None and len(self.level(claim.sku, claim.location_id)) == 1
        return settled and newest is not None and _nets(newest, claim), may

    def counts_online(self, location_id: str) -> bool:
        """Tell whether a location's units may be sold online."""
        told = self._newest(("location.upserted", location_id))
        if told is None:
            return True
        if told["kind"] == "store":
            return bool(told.get("sells_online") or told.get("ships_orders"))
        if told["kind"] in SHIPPING_ONLY_WHEN_TOLD:
            return told.get("sells_online") is True
        return told.get("sells_online") is not False

    def over_the_counter(self, location_id: str, level: Counted) -> int:
        """Return a store's free units for those who come: its buffer, or all where none is sold online."""
        told, free = self._newest(("location.upserted", location_id)), max(0, level[0] - level[1])
        if told is None or told["kind"] != "store":
            return 0
        return min(free, told.get("buffer", 0)) if self.counts_online(location_id) else free

    def buffered(self, location_id: str, level: Counted) -> Counted:
        """Return what a level adds where the location keeps some of its free units for itself."""
        told = self._newest(("location.upserted", location_id)) or {}
        (on_hand, committed), free = level, level[0] - level[1]
        return (on_hand - free + max(0, free - told.get("buffer", 0)), committed) if free > 0 else level

    def _last(self, about: tuple[str, ...]) -> tuple[Order, Mapping[str, Any]]:
        """Return the newest word about a level. The zeros and the silence of applied counts are words, too."""
        words = [(NEVER, _NOTHING), *self.said.get(about, ())]
        words += [(order, _NOTHING) for order, key in self._zeros.get(about, ()) if self.emptied.get(key) == "done"]
        for key, state in self.emptied.items():
            silent = about[1] not in self.counts[key].mentioned and key in self.says_by_silence
            if state == "done" and key[1] == about[2] and silent:
                words.append(((self.counts[key].at, -1, 0, 0), _NOTHING))
        return max(words, key=lambda word: word[0])

    def _newest(self, about: tuple[str, ...]) -> Mapping[str, Any] | None:
        words = self.said.get(about)
        return max(words, key=lambda word: word[0])[1] if words else None


_LINES = {"stock.incoming", "stock.received"}
_NOTHING: Mapping[str, Any] = {"on_hand": 0}


def _counted(word: Mapping[str, Any]) -> Counted:
    if "on_hand" in word:
        short = _units(-word["on_hand"]) if word.get("committed") is None and word.get("netted_until") else 0
        return _units(word["on_hand"]), short or _units(word.get("committed") or 0)
    # Orders ahead of their goods are what an ERP that nets them is below zero by.
    return _units(word["available"]), _units(-word["available"]) if word.get("netted_until") else 0


def _nets(word: Mapping[str, Any], claim: Claim) -> bool:
    until = word.get("netted_until")
    return until is not None and from_text(until) >= from_text(claim.settled_at)


def _units(quantity: float) -> int:
    return max(0, math.floor(quantity))
