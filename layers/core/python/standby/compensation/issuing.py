"""What the issuer's queue brings: events about delays, and about orders, which may have taken vouchers.

And the time to mail what was gathered of an order, and, once an hour, to look whose time to choose is over; and
pages of rehearsals.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from standby.compensation import hears
from standby.compensation.gathering_model import MAIL
from standby.compensation.granting import Issuer
from standby.compensation.referring import many
from standby.events.delay import ArrivalAnswered, DelayDetected
from standby.events.delivery import OrderCancelled, OrderPlaced
from standby.events.hearing import hear
from standby.events.mail import MailRefused
from standby.platform.frozen import frozen
from standby.platform.queue import PoisonError

if TYPE_CHECKING:
    from standby.compensation.closing import Closing
    from standby.compensation.following import Follower
    from standby.compensation.long_waiting import LongWaiting
    from standby.compensation.policy_model import Policy
    from standby.compensation.rehearsals import Rehearsing
    from standby.platform.sweep import Sweep

SWEEP, REHEARSAL = "sweep", "rehearsal"
TAKEN_BACK = "left"
"""The reason of a mail that was not sent because something that it tells of was taken back."""


@frozen()
class Issuing:
    """Works off the queue CompensationRecords."""

    issuer: Issuer
    follower: "Callable[[], Follower]"
    """Loads what follows orders."""
    closing: "Callable[[], Closing]"
    """Loads what ends remedies with their order."""
    sweep: "Callable[[], Sweep]"
    """Loads what ends choices."""
    rehearsing: "Callable[[], Rehearsing]"
    """Loads what rehearses policies."""
    long_waiting: "Callable[[], LongWaiting]"
    """Loads what looks how long something waits for approval."""

    def policy(self) -> "Policy | None":
        """Return the policy that holds."""
        return self.issuer.book.policy()

    def handle(self, content: object, policy_now: "Callable[[], Policy | None]") -> None:
        """Hear an event, look what is due, or work off a page of a rehearsal. Raises `PoisonError` for all else.

        ``policy_now`` returns the policy that holds: a batch of delays reads it once.
        """
        if isinstance(content, dict) and SWEEP in content and self.sweep().handle(content):
            if [*content] == [SWEEP]:
                self.long_waiting().look()
            return
        if isinstance(content, dict) and isinstance(order_id := content.get(MAIL), str):
            self.closing().close(order_id)
            self.issuer.mail_gathered(order_id)
            return
        if isinstance(content, dict) and REHEARSAL in content:
            self.rehearsing().handle(content)
            return
        event = hear(content, hears.RECORDS)
        if event is None:
            raise PoisonError("neither a sweep, a rehearsal nor an event about a delay or an order")
        self._hear(event, policy_now)

    def _hear(self, event: hears.Record, policy_now: "Callable[[], Policy | None]") -> None:
        if isinstance(event, DelayDetected | ArrivalAnswered):
            self.issuer.hear(event, policy_now)
        elif isinstance(event, MailRefused):
            for order_id, mail in filter(None, map(many, event.references if event.reason == TAKEN_BACK else ())):
                self.closing().close(order_id, instead_of=mail)
                self.issuer.mail_gathered(order_id, instead_of=mail)
        else:
            self.follower().hear(event)
            if isinstance(event, OrderPlaced):
                self.issuer.look_again(event.order_id)
            elif isinstance(event, OrderCancelled):
                self.closing().close(event.order_id)
