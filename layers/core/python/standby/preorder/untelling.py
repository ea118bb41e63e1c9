"""Hears which mails about a later day, or none, reached nobody (`standby.preorder.untold`)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from standby.platform.backoff import Backoff
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.preorder.model import Reservation
from standby.preorder.repository import ChangedMeanwhileError
from standby.preorder.telling import FORM, Announcer
from standby.preorder.untold import untold

if TYPE_CHECKING:
    from standby.events.mail import MailFailed, MailRefused


class Preorders(Protocol):
    """Where reservations are kept."""

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...

    def update(self, reservation: Reservation) -> None:
        """Write what changed of it. Raises `ChangedMeanwhileError`."""
        ...


@frozen(kw_only=True)
class Untelling:
    """Notes in reservations whom no mail told of their day."""

    preorders: Preorders
    announcer: Announcer
    clock: Clock
    backoff: Backoff
    count: Callable[[str, int], None]
    """Counts a metric."""

    def hear(self, event: "MailRefused | MailFailed") -> None:
        """Note it in each reservation that the event names, once, and tell what follows. Raises `BusyError`."""
        for reference in event.references:
            form, _, reservation_id = reference.partition("~")
            if form == FORM:
                self._note(reservation_id, event)

    def _note(self, reservation_id: str, event: "MailRefused | MailFailed") -> None:
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            made = None if known is None else untold(known, event, to_text(self.clock.now()))
            if made is None:
                return
            try:
                self.preorders.update(made)
            except ChangedMeanwhileError:
                continue
            self.count("SlipsUntold", 1)
            self.announcer.tell(made)
            return
        raise AssertionError
