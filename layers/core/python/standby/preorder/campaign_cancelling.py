"""A shop cancels all that is in line for a SKU: asked for, looked at, approved, done in pages.

What was set aside whole for somebody stays theirs. The catalogue asks for it, too, where a product does not
come back: nothing more of it is sold ahead from then on, and somebody decides about those who wait. Approving and
rejecting are harmless to repeat, and so is a page: who is cancelled stands in line no longer.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import Outgoing, Queue
from standby.preorder.cancellation_model import Cancellation, DecidedError
from standby.preorder.counter_model import Counter
from standby.preorder.model import Campaign
from standby.preorder.repository import ChangedMeanwhileError

if TYPE_CHECKING:
    from standby.events.catalog import ProductDiscontinued
    from standby.preorder.answers import CancellationPage, CancellationShown

CATALOGUE = "catalogue"
log = logger("preorder")


class Cancellations(Protocol):
    """Where cancellations are kept."""

    def cancellation(self, sku: str) -> Cancellation | None:
        """Return a SKU's newest cancellation."""
        ...

    def write(self, made: Cancellation) -> None:
        """Write a new cancellation, or what changed of one. Raises `ChangedMeanwhileError`."""
        ...

    def waiting(self, after: str | None) -> tuple[list[str], bool]:
        """Return a page of the SKUs about which somebody must decide, and whether more follow."""
        ...

    def in_line(self, sku: str, up_to: int | None) -> tuple[int, int, bool]:
        """Return how many stand in line for a SKU, the units that they lack, and whether there are more.

        Of campaigns ``up_to`` a number; ``None``: of all.
        """
        ...


class Campaigns(Protocol):
    """Where campaigns are kept."""

    def campaign(self, sku: str) -> tuple[Campaign | None, list[Counter]]:
        """Return a SKU's campaign and its counters."""
        ...

    def close(self, campaign: Campaign) -> None:
        """Write that a campaign is closed. Raises `ChangedMeanwhileError`."""
        ...


@frozen(kw_only=True)
class CampaignCancelling:
    """Takes the wish to cancel, shows what would be lost, and takes the decision."""

    cancellations: Cancellations
    campaigns: Campaigns
    records: Queue
    clock: Clock
    backoff: Backoff

    def ask(self, sku: str, *, by: str) -> "CancellationShown | None":
        """Ask that all in line for a SKU are cancelled; ``None``: it never had a campaign. Nothing happens yet."""
        campaign, _ = self.campaigns.campaign(sku)
        return None if campaign is None else self._shown(self._asked(sku, by, 0))

    def show(self, sku: str) -> "CancellationShown | None":
        """Return a SKU's newest cancellation and who is in line now; ``None``: nobody ever asked for one."""
        known = self.cancellations.cancellation(sku)
        return None if known is None else self._shown(known)

    def approve(self, sku: str, *, by: str) -> "CancellationShown | None":
        """Close the campaign and begin to cancel. Raises `DecidedError` for one that was rejected."""
        for _ in self.backoff.tries(sku):
            known = self.cancellations.cancellation(sku)
            if known is None or known.status == "cancelled":
                return None if known is None else self._shown(known)
            if known.status == "rejected":
                raise DecidedError(known.status)
            try:
                if known.status == "waiting":
                    cancelled = {"campaign": self._close(sku), "decided_by": by, "decided_at": self._now()}
                    known = self._changed(known, status="cancelling", **cancelled)
            except ChangedMeanwhileError:
                continue
            self.records.send([Outgoing.of({"cancellation": sku})])
            return self._shown(known)
        raise AssertionError

    def reject(self, sku: str, *, by: str) -> "CancellationShown | None":
        """Leave all in line as it is. Raises `DecidedError` for what was approved."""
        for _ in self.backoff.tries(sku):
            known = self.cancellations.cancellation(sku)
            if known is None or known.status == "rejected":
                return None if known is None else self._shown(known)
            if known.status != "waiting":
                raise DecidedError(known.status)
            try:
                known = self._changed(known, status="rejected", decided_by=by, decided_at=self._now())
            except ChangedMeanwhileError:
                continue
            return self._shown(known)
        raise AssertionError

    def waiting(self, after: str | None) -> "CancellationPage":
        """Return a page of the cancellations that wait for a decision, by SKU."""
        skus, more = self.cancellations.waiting(after)
        shown = [self._shown(known) for sku in skus if (known := self.cancellations.cancellation(sku)) is not None]
        return {"items": [each for each in shown if each["status"] == "waiting"], "next": skus[-1] if more else None}

    def discontinued(self, event: "ProductDiscontinued") -> bool:
        """Sell nothing more ahead of what does not come back, and tell whether its line now waits for a decision."""
        return self._ends(event.sku, event.edition)

    def became_kit(self, sku: str) -> bool:
        """Sell nothing more ahead of what is a kit now: its units lie nowhere. Tell whether its line waits."""
        log.warning("a SKU with a campaign became a kit: who reserved it can be given none", extra={"sku": sku})
        return self._ends(sku, 0)

    def _ends(self, sku: str, product_edition: int) -> bool:
        for _ in self.backoff.tries(sku):
            try:
                if not self._close(sku) or not self.cancellations.in_line(sku, None)[0]:
                    return False
                return self._asked(sku, CATALOGUE, product_edition).status == "waiting"
            except ChangedMeanwhileError:
                continue
        raise AssertionError

    def _asked(self, sku: str, by: str, product_edition: int) -> Cancellation:
        """Return the cancellation that is under way, else a new one. What the catalogue said before asks no more."""
        for _ in self.backoff.tries(sku):
            known = self.cancellations.cancellation(sku)
            heard = known is not None and 0 < product_edition <= known.product_edition
            if known is not None and (known.open or heard):
                return known
            version, newest, cancelled = (1, 0, 0)
            if known is not None:
                version, newest, cancelled = known.version + 1, known.product_edition, known.campaign
            made = Cancellation(
                sku=sku,
                status="waiting",
                asked_at=self._now(),
                asked_by=by,
                version=version,
                product_edition=max(newest, product_edition),
                campaign=cancelled,
            )
            try:
                self.cancellations.write(made)
            except ChangedMeanwhileError:
                continue
            log.warning("a cancellation waits for approval", extra={"sku": sku, "asked_by": by})
            return made
        raise AssertionError

    def _close(self, sku: str) -> int:
        """Close a SKU's campaign and return its number; 0: it never had one. Raises `ChangedMeanwhileError`."""
        campaign, _ = self.campaigns.campaign(sku)
        if campaign is not None and campaign.closed_at is None:
            self.campaigns.close(replace(campaign, closed_at=self._now(), edition=campaign.edition + 1))
        return 0 if campaign is None else campaign.number

    def _changed(self, known: Cancellation, **changes: Any) -> Cancellation:  # noqa: ANN401 - of its fields
        made = replace(known, version=known.version + 1, **changes)
        self.cancellations.write(made)
        return made

    def _now(self) -> str:
        return to_text(self.clock.now())

    def _shown(self, known: Cancellation) -> "CancellationShown":
        decided = known.status in {"cancelling", "cancelled"}
        people, units, more = self.cancellations.in_line(known.sku, known.campaign if decided else None)
        return {
            "sku": known.sku,
            "status": known.status,
            "asked_at": known.asked_at,
            "asked_by": known.asked_by,
            "decided_at": known.decided_at,
            "decided_by": known.decided_by,
            "ended_at": known.ended_at,
            "reservations": people,
            "units": units,
            "more": more,
        }
