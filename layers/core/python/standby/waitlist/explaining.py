"""What operators ask: how many wait for a SKU, and who was told why."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.waitlist.catalogue import Shelf

if TYPE_CHECKING:
    from standby.platform.answers import Step
    from standby.shelf.model import Row
    from standby.waitlist.answers import CountsShown, WaitlistExplained


class Counted(Protocol):
    """Where the counts are."""

    def counts(self, sku: str) -> dict[str, int]:
        """Return a SKU's counts."""
        ...


class Told(Protocol):
    """Where the waves are."""

    def steps(self, sku: str) -> Iterable[Mapping[str, Any]]:
        """Return the newest steps of a SKU's waves, oldest first."""
        ...


@frozen()
class Explainer:
    """Answers operators. Entries name who was told; they lead to nobody once the list has forgotten them."""

    counted: Counted
    waves: Told
    shelf: Shelf
    clock: Clock

    def counts(self, sku: str) -> "CountsShown":
        """Return the counts of a SKU.

        Unconfirmed, waiting and units wanted count what is so now; the others count since the beginning.
        """
        counted = self.counted.counts(sku)
        return {
            "sku": sku,
            "unconfirmed": counted["unconfirmed"],
            "waiting": counted["waiting"],
            "units_wanted": counted["units_wanted"],
            "invited": counted["invited"],
            "told": counted["told"],
            "left": counted["left"],
            "refused": counted["refused"],
            "as_of": to_text(self.clock.now()),
        }

    def why(self, sku: str) -> "WaitlistExplained":
        """Return the steps by which customers were told or passed over, and whether the list is closed."""
        steps = [_shown(step) for step in self.waves.steps(sku)]
        row = self.shelf.rows([sku]).get(sku)
        if row is not None and row.variant.discontinued:
            steps = sorted([*steps, _closed(row)], key=lambda step: step["at"])
        return {"subject": f"waitlist:{sku}", "steps": steps}


def _closed(row: "Row") -> "Step":
    """Say that nobody can wait for a SKU any more. Those who wait are told once its last units are sold."""
    variant = row.variant
    numbers = {"edition": variant.edition, "can_be_sold": row.supply.sellable}
    return {"at": variant.as_of, "event": "ProductDiscontinued", "rule": "does_not_come_back", "numbers": numbers}


def _shown(step: Mapping[str, Any]) -> "Step":
    if "members" not in step:
        wave = {"wave": step["wave"]} if "wave" in step else {}
        return {"at": step["at"], "event": step["event"], "rule": step["rule"], "numbers": {**wave, **step["numbers"]}}
    members = [line.split("~") for line in step["members"]]
    return {
        "at": step["at"],
        "event": "CustomersInvited",
        "rule": "order_of_confirmation",
        "numbers": {
            "restock": step["revision"],
            "wave": step["wave"],
            "page": step["number"],
            "customers": len(members),
            "units": step["units"],
            "units_left": step.get("units_left", "all"),
            "skipped": step["skipped"],
            "told": [
                {"entry": member[3], "confirmed_at": member[2], "quantity": int(member[-2])} for member in members
            ],
        },
    }
