"""Looking at the pictures that the catalogue names, each once, and again after a while where that fails.

An event only notes which picture is a product's, and sends a job that says how often it was looked at by then. A job
looks if that is still so. So whatever is repeated or comes late, a picture is fetched once for each try; and whatever
is killed, somebody still has the message from which it goes on.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from standby.availability.hears import PICTURES
from standby.availability.pictures.model import UnseenError
from standby.events.catalog import ProductChanged
from standby.events.hearing import hear
from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import Message, Outgoing, PoisonError, Queue
from standby.shelf.pictures import AWAITED, SEEN, Picture

LOOK = "look"
"""The field by which a job is known; it holds the product's id."""
TRIES = "tries"
LATER_SECONDS = (0, 60, 300, 900, 900)
"""How long a picture waits for its turn, by how often it was looked at in vain."""
WRITES = 5
"""How often somebody else may be quicker."""
log = logger("availability")


class ContendedError(Exception):
    """Somebody else wrote a picture each time."""


class Pictures(Protocol):
    """What is known of pictures."""

    def picture(self, product_id: str) -> Picture:
        """Return what is known of a product's picture; its edition is 0 where nothing is."""
        ...

    def keep(self, before: Picture, after: Picture) -> bool:
        """Write a picture if nobody wrote it since ``before`` was read; tell whether it was."""
        ...


@frozen(kw_only=True)
class Viewer:
    """Looks at pictures."""

    pictures: Pictures
    fetch: Callable[[str], bytes]
    """Returns what stands at a web address. Raises `UnseenError`."""
    looks: Callable[[bytes], int]
    """Returns a picture's 64 bits. Raises `UnseenError`."""
    jobs: Queue
    clock: Clock

    def handle(self, message: Message) -> None:
        """Take in an event, or look at a picture. Raises `PoisonError`, `ContendedError`."""
        content = message.json()
        if isinstance(content, dict) and LOOK in content:
            self._look(*read_job(content))
            return
        event = hear(content, PICTURES)
        if event is None:
            raise PoisonError("neither a product nor a picture to look at")
        if says_which(event):
            self._note(event)

    def _note(self, event: ProductChanged) -> None:
        """Note which picture a product has, and have it looked at where nobody did."""

        def named(known: Picture) -> Picture:
            return known.named(event.edition, address_in(event), self.clock.now())

        known = self._changed(event.product_id, named)
        if known.state == AWAITED and known.address == address_in(event):
            self._await(known)

    def _look(self, product_id: str, tries: int) -> None:
        """Look at a picture whose turn it is. A job that came before, or is about another picture, does nothing."""
        wanted = self.pictures.picture(product_id)
        if wanted.state != AWAITED or wanted.tries != tries or wanted.address is None:
            return
        change = self._looked_at(wanted.address)
        after = change(wanted)
        if after.state != SEEN:
            about = {"product_id": product_id, "reason": after.reason, "tries": after.tries, "state": after.state}
            log.warning("a picture was not seen", extra=about)
        if after.state == AWAITED:
            # Before it is written that it was tried: a job whose turn has not come does nothing.
            self._await(after)
        self._changed(product_id, lambda known: change(known) if _same(known, wanted) else known)

    def _looked_at(self, address: str) -> Callable[[Picture], Picture]:
        """Look at what stands at an address, and return what that changes."""
        try:
            return partial(Picture.seen, looks=self.looks(self.fetch(address)), now=self.clock.now())
        except UnseenError as unseen:
            return partial(Picture.unseen, reason=unseen.reason, again=unseen.again, now=self.clock.now())

    def _changed(self, product_id: str, change: Callable[[Picture], Picture]) -> Picture:
        """Change what is known of a picture, and return it as it is then. Raises `ContendedError`."""
        for _ in range(WRITES):
            before = self.pictures.picture(product_id)
            after = change(before)
            if after == before or self.pictures.keep(before, after):
                return after
        raise ContendedError(product_id)

    def _await(self, known: Picture) -> None:
        delay = LATER_SECONDS[min(known.tries, len(LATER_SECONDS) - 1)]
        self.jobs.send([Outgoing.of({LOOK: known.product_id, TRIES: known.tries}, delay_seconds=delay)])


def read_job(content: Mapping[str, Any]) -> tuple[str, int]:
    """Read a job: the product, and how often its picture was looked at. Raises `PoisonError`."""
    match content:
        case {"look": str(product_id), "tries": int(tries)} if product_id:
            return product_id, tries
    raise PoisonError("a picture to look at has the texts look and the number tries")


def says_which(event: ProductChanged) -> bool:
    """Tell whether an event tells the product's picture: its own, or that of its first variant.

    A large product takes several events, and only one of them has the first variant.
    """
    return event.image is not None or _first(event) is not None


def address_in(event: ProductChanged) -> str | None:
    """Return where a product's picture is: its own, else that of its first variant."""
    first = _first(event) or {}
    return event.image or first.get("image")


def _first(event: ProductChanged) -> Mapping[str, Any] | None:
    return next((each for each in event.variants if not each["gone"] and each.get("position", 0) == 0), None)


def _same(known: Picture, wanted: Picture) -> bool:
    """Tell whether it is still the picture that was looked at, and nobody was quicker."""
    return (known.state, known.address, known.tries) == (wanted.state, wanted.address, wanted.tries)
