"""Recording what became of the mails: who was told leaves the line, who could not be mailed is closed or stays.

A reference carries all that is needed, so an event of 50 recipients is one transaction and no read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from standby.platform.clock import Clock, to_text
from standby.platform.queue import PoisonError
from standby.waitlist.closing import ERASED, Closing
from standby.waitlist.model import Counts
from standby.waitlist.reference import Reference, read
from standby.waitlist.service import Count

CLOSING = {
    "rejected": Counts(refused=1),
    "suppressed": Counts(refused=1),
    "unconsented": Counts(refused=1),
    "left": Counts(left=1),
    "erased": Counts(left=1),
}
"""Reasons after which an entry is over, and how that is counted. The wave's units go to the next in line."""
STAYING = frozenset({"cancelled", "expired"})
"""Reasons after which somebody goes on waiting at the same place: the mail was called off, not the wish."""
BACK = frozenset({"bounced", "complained"})


class Outcomes(Protocol):
    """Where outcomes are written."""

    def end(self, references: Sequence[Reference], how: Counts, *, now: str) -> Sequence[Reference]:
        """Take listings out of line, count each with ``how``, and return those that were still there.

        A last notice ends only what is over by ``now``.
        """
        ...

    def stay(self, references: Sequence[Reference]) -> None:
        """Let the listings be invited again."""
        ...

    def return_units(self, sku: str, revision: int, wave: int, units: int, *, at: str) -> None:
        """Give units back to a wave whose people could not be mailed, if it is still the chain's."""
        ...


@dataclass(frozen=True)
class Recorder:
    """Writes outcomes down."""

    outcomes: Outcomes
    closing: Closing
    clock: Clock
    count: Count

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle `MailAccepted`, `MailRefused` or `CustomerErased`. Raises `PoisonError` for anything else."""
        match content:
            case {"detail-type": "MailAccepted", "detail": {"references": list(references)}}:
                told = self.outcomes.end(_listings(references), Counts(told=1), now=self._now())
                self.count("CustomersTold", sum(known.of_wave for known in told))
            case {"detail-type": "MailRefused", "detail": {"reason": str(reason)}}:
                self._refused(reason, content["detail"])
            case {"detail-type": "CustomerErased", "detail": {"address": str(address), "at": str(at)}}:
                self.closing.close_all(address, at=at, how=Counts(left=1), remember=ERASED)
            case _:
                raise PoisonError(f"not an outcome: {str(content)[:200]}")

    def _refused(self, reason: str, detail: Mapping[str, Any]) -> None:
        references = _listings(detail.get("references") or ())
        if reason in STAYING:
            self.outcomes.stay(references)
        elif reason in CLOSING:
            ended = self.outcomes.end(references, CLOSING[reason], now=self._now())
            self.count("CustomersRefused", len(ended))
            self._return_units(ended)
        elif reason in BACK:
            address, at = detail.get("address"), detail.get("at")
            if isinstance(address, str) and isinstance(at, str):
                self.closing.close_all(address, at=at, how=Counts(refused=1), remember=None)
        else:
            raise PoisonError(f"not a reason: {reason}")

    def _return_units(self, references: Sequence[Reference]) -> None:
        units: dict[tuple[str, int, int], int] = {}
        for known in references:
            if known.of_wave:
                wave = (known.sku, known.revision, known.wave)
                units[wave] = units.get(wave, 0) + known.quantity
        for (sku, revision, wave_number), number in units.items():
            self.outcomes.return_units(sku, revision, wave_number, number, at=self._now())

    def _now(self) -> str:
        return to_text(self.clock.now())


def _listings(references: Iterable[Any]) -> list[Reference]:
    """Read the references that are about listings; others (a confirmation's) end here."""
    known = (read(text) for text in references if isinstance(text, str))
    return list({found.text(): found for found in known if found is not None}.values())
