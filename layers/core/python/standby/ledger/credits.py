"""Credits: units that are owed ahead of the claims on them, so that those who come in a rush need not meet at a SKU.

One write of the SKU's numbers grants many units. They count as owed from then on, whether or not anybody took them, so
nothing is sold to two. A credit lies among the SKU's live claims and ends as they do not: its units rise when they
are granted, and fall when a claim *draws* them or they are given back. How many of its units are taken, who has it
knows: it writes that in the same transactions (``beside``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from standby.ledger import items
from standby.ledger.claim_items import Claim, Found, begun, explained, live, numbers_moved, values
from standby.ledger.claims import Beside
from standby.ledger.numbers import Change, first_numbers, moved_numbers
from standby.ledger.settings_book import SettingsBook
from standby.ledger.table import LedgerTable
from standby.ledger.taking import KitError as KitError  # noqa: PLC0414 - re-exported: callers catch it
from standby.platform.dynamodb import ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.table import TRANSACTION_ITEMS, Delete, Update, Write

GRANTING = 2
"""Attempts at a grant: a SKU that is not there is found by the first."""
CREDIT = "credit"
"""The kind of a claim that is a credit."""
GRANTED_RULE = "units are owed to a campaign ahead of its reservations, so that a rush does not meet at the SKU"
DRAWN_RULE = "units that were owed to a campaign ahead of its reservations are a reservation's own"
BACK_RULE = "units that were owed to a campaign and that nobody reserved are owed no longer"


@frozen(kw_only=True)
class Drawing:
    """A claim, and from which credits its units come. All of them are owed."""

    claim: Claim
    units: Mapping[str, int]


@frozen()
class CreditBook:
    """Keeps the credits. Nothing is idempotent by itself: ``beside`` says what must not have changed.

    All raise `BesideError` where a condition of the caller's did not hold, and `BusyError`.
    """

    table: LedgerTable

    def grant(self, sku: str, units: Mapping[str, int], *, now: datetime, beside: Beside) -> None:
        """Owe units ahead, by the credits' names. Raises `KitError`; and `BusyError` soon, as others may grant them."""
        table = replace(self.table, backoff=replace(self.table.backoff, attempts=GRANTING))
        table.retried(partial(self._grant, table, sku, units, now, beside, seen={}))

    def draw(self, drawings: Sequence[Drawing], *, now: datetime, beside: Beside) -> None:
        """Let claims begin whose units come from credits; the SKUs' numbers stay as they are. Raises `TooManyError`."""
        writes = [write for each in drawings for write in _drawn(each, now=now)]
        self.table.retried(lambda: self.table.beside(writes, beside))

    @staticmethod
    def fit(drawings: Sequence[Drawing], *, now: datetime, beside: Beside) -> bool:
        """Tell whether one transaction takes all that drawing them writes."""
        return sum(len(_drawn(each, now=now)) for each in drawings) + len(beside) <= TRANSACTION_ITEMS

    def give_back(self, sku: str, units: Mapping[str, int], *, now: datetime, beside: Beside) -> None:
        """Owe units no longer that nobody took, by the credits' names."""
        self.table.retried(partial(self._give_back, sku, units, now, beside))

    @staticmethod
    def _grant(
        table: LedgerTable, sku: str, units: Mapping[str, int], now: datetime, beside: Beside, *, seen: dict[str, Item]
    ) -> None:
        change = Change(owed=sum(units.values()))
        if not seen:
            numbers = moved_numbers(sku, change, now=now)
        elif items.KIT_PARTS in seen[sku]:
            raise KitError(sku)
        else:
            settings, _ = SettingsBook(table).resolve(sku)
            numbers = first_numbers(sku, change, settings=settings, now=now)
        grants = [
            Update(
                items.claim_key(sku, name),
                assign={key: value for key, value in values(_credit(sku, name, 0)).items() if key != "units"},
                add={"units": count},
            )
            for name, count in units.items()
        ]
        try:
            table.beside([numbers, *grants, _granted(sku, units, change, now=now)], beside)
        except ConditionFailedError as error:
            reason = error.reasons[0]
            seen.clear()
            if reason is not None:
                seen[sku] = reason
            raise

    def _give_back(self, sku: str, units: Mapping[str, int], now: datetime, beside: Beside) -> None:
        keys = [items.claim_key(sku, name) for name in units]
        found: Found = self.table.items([*keys, items.sku_key(sku)])
        change = Change(owed=-sum(units.values()))
        writes: list[Write] = []
        for (name, count), key in zip(units.items(), keys, strict=True):
            known = live(found, sku, name)
            if known is not None and known.units == count:
                writes.append(Delete(key, equal={"units": count}))
            else:
                writes.append(Update(key, add={"units": -count}, at_least={"units": count}))
        writes += [numbers_moved(sku, change, found, now=now), _returned(sku, units, change, now=now)]
        self.table.beside(writes, beside)


def _credit(sku: str, name: str, units: int) -> Claim:
    return Claim(claim_id=name, sku=sku, kind=CREDIT, units=units, counted_as="owed")


def _drawn(drawing: Drawing, *, now: datetime) -> list[Write]:
    claim = drawing.claim
    less = [
        Update(items.claim_key(claim.sku, name), add={"units": -units}, at_least={"units": units})
        for name, units in drawing.units.items()
    ]
    return [*begun(claim), *less, explained(claim, "claim.taken", DRAWN_RULE, Change(), now=now)]  # type: ignore[list-item]


def _granted(sku: str, units: Mapping[str, int], change: Change, *, now: datetime) -> Write:
    return _explained(sku, units, ("credit.granted", GRANTED_RULE), change, now=now)


def _returned(sku: str, units: Mapping[str, int], change: Change, *, now: datetime) -> Write:
    return _explained(sku, units, ("credit.returned", BACK_RULE), change, now=now)


def _explained(sku: str, units: Mapping[str, int], what: tuple[str, str], change: Change, *, now: datetime) -> Write:
    name, (event, rule) = min(units), what
    return explained(_credit(sku, name, units[name]), event, rule, change, now=now, about=f":{len(units)}")
