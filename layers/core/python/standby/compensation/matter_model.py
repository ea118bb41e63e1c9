"""What is to be decided of a delay, and what is known once nothing more is granted, or somebody is to call."""

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from standby.compensation.model import NO_ROOM, Hand, Late, Refusal, Remedies, Wanted
from standby.compensation.policy_model import HELD_OUT, NO_BUDGET, Entitled, Policy
from standby.compensation.seen_model import Facts, Seen
from standby.platform.clock import from_text, to_text


class Matter(NamedTuple):
    """What is to be decided: a delay, by a policy."""

    policy: Policy
    known: Remedies
    """With the delay, at the edition that is to be written."""
    shipment_id: str
    at: datetime
    hand: Hand | None = None
    """Who decided it, where the policy does not."""

    @property
    def late(self) -> Late:
        """Return what was told of the shipment."""
        return self.known.late[self.shipment_id]

    @property
    def days_late(self) -> int:
        """Return how late it is."""
        return self.late.days

    def seen(self, facts: Facts | None, *, grace_hours: int = 0, looked: bool = False) -> "Matter":
        """Return this with a note of what is decided on, or waits."""
        late = self.late
        seen = Seen(to_text(self.at), self.shipment_id, late.days, late.cause, late.policy, facts, grace_hours, looked)
        return self._replace(known=self.known.seeing(seen))

    def calling(self, rule: str, level: int, line_ids: Iterable[str], *, zone: tzinfo) -> "Matter":
        """Return this once a person is to call the customer about lines, by a rule's level."""
        wanted = Wanted(
            to_text(self.at),
            self.shipment_id,
            self.days_late,
            level,
            rule,
            self.policy.version,
            line_ids=tuple(sorted(line_ids)),
        )
        day = self.at.astimezone(zone).date()
        known = self.known.calling(wanted, lambda at: from_text(at).astimezone(zone).date() == day)
        return self._replace(known=known)

    def refused(
        self, why: str, found: Entitled | None = None, amount: int = 0, numbers: Mapping[str, Any] | None = None
    ) -> Remedies:
        """Return what is known after nothing more was granted. Of some reasons others are still to hear.

        ``numbers`` are fields of the `Refusal` that say on what that hangs.
        """
        made = Refusal(
            at=to_text(self.at),
            shipment_id=self.shipment_id,
            days_late=self.days_late,
            why=why,
            policy_version=self.policy.version,
            amount=amount,
            told=why not in (NO_BUDGET, HELD_OUT, NO_ROOM),
        )
        if found is not None:
            made = made._replace(rule=found.rule, currency=found.currency, level=found.level, worth=found.value)
        return self.known.refusing(made._replace(**(numbers or {})))
