"""Who waits to be told of a delay, and how many were told lately, in the Deliveries table.

==================  ===================  ==============================================================================
pk                  sk                   holds
==================  ===================  ==============================================================================
``PACE``            ``NOTICES``          how many notices left in each of the last minutes, and whether any wait
``CUSTOMER#<key>``  ``TURN#<order_id>``  an order that waits for its turn; in the index ``due``, in shards of its own
``CUSTOMER#<key>``  ``TURN!``            a mail about several orders that is being sent
``CUSTOMER#<key>``  ``LETTER#<name>``    of which orders such a mail told
==================  ===================  ==============================================================================

These are counts that many change at once, so they are changed by adding, on conditions, and whoever is refused is told
how things stand: `standby.platform.table` writes that, and PynamoDB does not.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from heapq import merge
from typing import Any, NamedTuple
from zlib import crc32

from standby.platform.clock import to_text
from standby.platform.dynamodb import ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.json_text import from_json, to_json
from standby.platform.kept import TURNS
from standby.platform.table import Delete, Index, Key, Put, Query, Table, Update

DUE = Index("due", "due_shard", "due_at")
SHARDS = tuple(f"TURN#{number}" for number in range(8))
PAGE = 500
PACE: Key = {"pk": "PACE", "sk": "NOTICES"}
CUSTOMER, TURN, LETTER = "CUSTOMER#", "TURN#", "LETTER#"
SENDING = "TURN!"
TURNS_AND_LETTER = "TURN"
MOST_LOOKED = 200
"""Orders of one customer that are looked at for one mail."""
NO_DAY = "9999"
"""Stands behind every instant: the law names none for this order."""
KEPT_MINUTES = 65
"""An hour, and what may lie between a slot and its use (`standby.delivery.pacing.GOOD_FOR`), clocks included."""


class Turn(NamedTuple):
    """An order that waits to be told of."""

    due_at: str
    """The instant by which the law wants it told, or `NO_DAY`; then since when it waits. Nearer ones come first."""
    customer: str
    """The key of the address."""
    order_id: str
    version: int = 0
    """How often it was put there. Who looks after it takes away only what he knew."""

    @property
    def send_by(self) -> str | None:
        """Return the instant by which the law wants it told."""
        day = self.due_at.partition(" ")[0]
        return None if day == NO_DAY else day


class Letter(NamedTuple):
    """A mail about several orders of one customer, and what each of them notes then."""

    name: str
    job: Mapping[str, Any]
    """As its queue takes it."""
    notices: Mapping[str, Sequence[Sequence[Any]]]
    """By order, as `standby.delivery.model.Notice`."""
    versions: Mapping[str, int]
    """Of their turns."""


class Counted(NamedTuple):
    """How many notices left lately, as it was last written."""

    minute: int = -1
    """The newest minute in which any left, since the epoch."""
    taken: int = 0
    """In it."""
    past: Sequence[Sequence[int]] = ()
    """Each minute before it in which any left, and how many."""
    left: int = 0
    """How many may still leave in it."""
    queued_at: str | None = None
    """When one was last put away to wait. While there is this, none goes past those that wait."""
    leased_until: str | None = None
    """Until when somebody hands out the turns."""

    def free(self, minute: int, most: int) -> int:
        """Return how many may leave in a minute where ``most`` may in an hour."""
        if minute <= self.minute:
            return self.left
        return most - sum(number for _, number in self.since(minute))

    def since(self, minute: int) -> list[list[int]]:
        """Return the minutes that count still in a later one."""
        minutes = [*self.past, [self.minute, self.taken]]
        return [[at, number] for at, number in minutes if number and at > minute - KEPT_MINUTES]


@frozen()
class TurnBook:
    """Turns and counts, on DynamoDB."""

    table: Table

    def counted(self) -> Counted:
        """Return how many left lately."""
        item = self.table.item(PACE)
        return Counted() if item is None else _counted(item)

    def begin(self, number: int, minute: int, *, most: int) -> tuple[bool, Counted]:
        """Take slots where none left for an hour; tell whether they were taken, and how it stands. Raises `BusyError`.

        An order now and then needs no more requests than this one.
        """
        values: dict[str, Any] = {"minute": minute, "taken": number, "past": [], "left": most - number}
        idle = {"minute": minute - KEPT_MINUTES}
        return self._taken(Update(PACE, assign=values, at_most=idle, absent=("queued_at",), or_absent="minute"))

    def take(
        self, known: Counted, number: int, minute: int, *, most: int, beyond: bool = False, lease: str | None = None
    ) -> tuple[bool, Counted]:
        """Take slots, if it stands as it was known; tell whether they were taken, and how it stands.

        ``beyond``: even where there are no more. ``lease`` is until when turns are handed out, by nobody else
        meanwhile; without one nothing is taken while others wait, unless it goes beyond. Raises `BusyError`.
        """
        at = max(minute, known.minute)
        equal: dict[str, Any] = {"minute": known.minute} if known.minute >= 0 else {}
        absent = [] if known.minute >= 0 else ["minute"]
        assign: dict[str, Any] = {}
        if lease is not None:
            assign["leased_until"] = lease
            equal |= {} if known.leased_until is None else {"leased_until": known.leased_until}
            absent += ["leased_until"] if known.leased_until is None else []
        elif not beyond:
            absent.append("queued_at")
        if at == known.minute:
            least = {} if beyond else {"left": number}
            add = {"taken": number, "left": -number}
            return self._taken(Update(PACE, assign=assign, add=add, equal=equal, at_least=least, absent=absent))
        equal |= {} if known.minute < 0 else {"taken": known.taken}
        past, left = known.since(at), known.free(at, most) - number
        assign |= {"minute": at, "taken": number, "past": past, "left": left}
        return self._taken(Update(PACE, assign=assign, equal=equal, absent=absent))

    def _taken(self, update: Update) -> tuple[bool, Counted]:
        try:
            return True, _counted(self.table.change(update))
        except ConditionFailedError as error:
            return False, _counted(error.reasons[0] or {})

    def give_back(self, number: int, minute: int) -> None:
        """Give slots back that were taken in a minute and not used, unless that is over."""
        with suppress(ConditionFailedError):
            self.table.write(Update(PACE, add={"taken": -number, "left": number}, equal={"minute": minute}))

    def mark(self, now: datetime) -> None:
        """Note that something is going to wait."""
        self.table.write(Update(PACE, assign={"queued_at": to_text(now)}))

    def unmark(self, queued_at: str) -> None:
        """Note that nothing waits, unless something was put away since."""
        with suppress(ConditionFailedError):
            self.table.write(Update(PACE, assign={"queued_at": None}, equal={"queued_at": queued_at}))

    def put_away(self, customer: str, order_id: str, send_by: str | None, now: datetime) -> None:
        """Let an order wait. One that waits already keeps its place, unless the law names another instant now."""
        due_at = f"{send_by or NO_DAY} {to_text(now)}"
        shard = SHARDS[crc32(customer.encode()) % len(SHARDS)]
        item = self.table.change(
            Update(
                _key(customer, order_id),
                assign={"due_shard": shard, "ttl": int((now + TURNS).timestamp())},
                first={"due_at": due_at},
                add={"version": 1},
            )
        )
        by, _, since = str(item["due_at"]).partition(" ")
        if by != (send_by or NO_DAY):
            with suppress(ConditionFailedError):  # who put it there again knows better
                newest = {"due_at": f"{send_by or NO_DAY} {since}"}
                self.table.write(Update(_key(customer, order_id), assign=newest, equal={"version": item["version"]}))

    def put_last(self, turn: Turn, now: datetime) -> None:
        """Let an order wait behind all others, unless it was put there again since."""
        due_at = f"{NO_DAY} {to_text(now)}"
        with suppress(ConditionFailedError):
            key = _key(turn.customer, turn.order_id)
            self.table.write(Update(key, assign={"due_at": due_at}, equal={"version": turn.version}))

    def take_away(self, turn: Turn) -> None:
        """Forget that an order waits, unless it was put there again since."""
        with suppress(ConditionFailedError):
            self.table.write(Delete(_key(turn.customer, turn.order_id), equal={"version": turn.version}))

    def of(self, customer: str) -> tuple[Letter | None, list[Turn]]:
        """Return a mail to a customer that is being sent, and which orders wait, those with the nearest day first."""
        wanted = Query(f"{CUSTOMER}{customer}", starting=TURNS_AND_LETTER, consistent=True, limit=MOST_LOOKED)
        turns, letter = [], None
        for item in self.table.page(wanted).items:
            if item["sk"] == SENDING:
                letter = _letter(item["letter"])
            else:
                turns.append(Turn(item["due_at"], customer, item["sk"].removeprefix(TURN), item["version"]))
        return letter, sorted(turns)

    def begin_letter(self, customer: str, letter: Letter, now: datetime) -> Letter:
        """Write a mail down before it is sent; return that which is being sent already, if any."""
        key, ttl = {"pk": f"{CUSTOMER}{customer}", "sk": SENDING}, int((now + TURNS).timestamp())
        try:
            self.table.write(Put({**key, "letter": to_json(letter._asdict()), "ttl": ttl}, absent=("pk",)))
        except ConditionFailedError as error:
            return _letter((error.reasons[0] or {})["letter"])
        return letter

    def keep_letter(self, customer: str, letter: Letter, now: datetime) -> None:
        """Write down of which orders a mail tells."""
        key, ttl = {"pk": f"{CUSTOMER}{customer}", "sk": f"{LETTER}{letter.name}"}, int((now + TURNS).timestamp())
        self.table.write(Put({**key, "orders": list(letter.notices), "ttl": ttl}))

    def end_letter(self, customer: str, letter: Letter) -> None:
        """Note that a mail was sent, and all its orders know."""
        with suppress(ConditionFailedError):
            key, text = {"pk": f"{CUSTOMER}{customer}", "sk": SENDING}, to_json(letter._asdict())
            self.table.write(Delete(key, equal={"letter": text}))

    def orders_of(self, customer: str, name: str) -> list[str]:
        """Return the orders of which a mail tells."""
        item = self.table.item({"pk": f"{CUSTOMER}{customer}", "sk": f"{LETTER}{name}"})
        return [] if item is None else item["orders"]

    def waiting(self, between: tuple[str, str] | None = None) -> Iterator[Turn]:
        """Yield all that wait, in the order of their turns, a page of each shard at a time.

        ``between``: those of which the law's instant is between these two.
        """
        return merge(*(self._shard(shard, between) for shard in SHARDS))

    def _shard(self, shard: str, between: tuple[str, str] | None) -> Iterator[Turn]:
        cursor = None
        while True:
            page = self.table.page(Query(shard, index=DUE, between=between, limit=PAGE), cursor)
            for item in page.stored:
                customer, order_id = item["pk"]["S"].removeprefix(CUSTOMER), item["sk"]["S"].removeprefix(TURN)
                yield Turn(item["due_at"]["S"], customer, order_id)
            cursor = page.cursor
            if cursor is None:
                return


def _key(customer: str, order_id: str) -> Key:
    return {"pk": f"{CUSTOMER}{customer}", "sk": f"{TURN}{order_id}"}


def _letter(text: str) -> Letter:
    return Letter(**from_json(text))


def _counted(item: Item) -> Counted:
    return Counted(
        minute=item.get("minute", -1),
        taken=item.get("taken", 0),
        past=item.get("past", ()),
        left=item.get("left", 0),
        queued_at=item.get("queued_at"),
        leased_until=item.get("leased_until"),
    )
