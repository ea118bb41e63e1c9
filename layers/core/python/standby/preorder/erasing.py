"""What becomes of the reservations of a customer who is erased (``CustomerErased``), a page of the table per message.

One that has ended is known by nobody's address any more. One that lives keeps address and language, because its order
must still be fulfilled and its customer told, and is marked: it loses them once it has ended and that was told
(`standby.preorder.erasure_model`). Reservations that were made after the erasure are not touched.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from standby.platform.backoff import Backoff
from standby.platform.cursor import Cursor, CursorError
from standby.platform.frozen import frozen
from standby.platform.one_by_one import one_by_one
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.preorder.erasure_model import marked
from standby.preorder.erasure_repository import Theirs
from standby.preorder.repository import ChangedMeanwhileError, PreorderRepository
from standby.preorder.telling import Announcer

BEGINS_AFTER_SECONDS = 60
"""A request that was under way when its customer was erased has written by then: none takes so long."""


class Everybody(Protocol):
    """Whose reservations are whose."""

    def page(self, cursor: Cursor | None) -> tuple[list[Theirs], Cursor | None]:
        """Return whose the reservations of a page are, and where the next begins. Raises `CursorError`."""
        ...

    def uninvite(self, address: str) -> None:
        """Delete that an address may pre-order before campaigns open to all."""
        ...


@frozen(kw_only=True)
class Erasing:
    """Forgets a customer, a page per message."""

    everybody: Everybody
    preorders: PreorderRepository
    announcer: Announcer
    records: Queue
    backoff: Backoff

    def begin(self, address: str, at: str) -> None:
        """Have an address, by its key, forgotten in what was reserved until ``at``."""
        self.records.send([Outgoing.of({"erase": address, "at": at}, delay_seconds=BEGINS_AFTER_SECONDS)])

    def handle(self, content: Mapping[str, Any]) -> None:
        """Handle ``{"erase": address, "at"}``, from a ``cursor`` or of one ``reservation``. Raises `PoisonError`."""
        match content:
            case {"erase": str(), "at": str(at), "reservation": str(reservation_id)}:
                self._forget(reservation_id, at)
            case {"erase": str(address), "at": str(at)}:
                try:
                    self._page(address, at, content.get("cursor"))
                except CursorError as error:
                    raise PoisonError(f"cursor: {error}") from error
            case _:
                raise PoisonError("erase: must be an address's key, with the instant of its erasure")

    def _page(self, address: str, at: str, cursor: Cursor | None) -> None:
        if cursor is None:
            self.everybody.uninvite(address)
        found, after = self.everybody.page(cursor)
        theirs = [each.reservation_id for each in found if each.address == address and each.created_at <= at]
        failed = one_by_one(theirs, lambda reservation_id: self._forget(reservation_id, at))
        again: list[Mapping[str, Any]] = [{"erase": address, "at": at, "reservation": each} for each in failed]
        if after is not None:
            again.append({"erase": address, "at": at, "cursor": after})
        self.records.send([Outgoing.of(each) for each in again])

    def _forget(self, reservation_id: str, at: str) -> None:
        """Mark a reservation, once: what is over and told is forgotten as it is written."""
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            if known is None:
                return
            if known.erased_at is None:
                known = replace(marked(known, at), edition=known.edition + 1)
                try:
                    self.preorders.update(known)
                except ChangedMeanwhileError:
                    continue
            self.announcer.tell(known)
            return
