"""What must be known of an order's shipments on a day, computed on paper from all messages at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

ON_ITS_WAY = ("in_transit", "out", "attempted", "returning")
LEFT = ("shipped", "delivered", "returned", *ON_ITS_WAY, "carrier_delivered", "pick_up")
ARRIVED = ("delivered", "carrier_delivered", "pick_up")
AT_FIRST = ("attempted", "pick_up")
"""What carriers say again and again, and what was so when they said it first."""
Message = Mapping[str, Any]


class Known(NamedTuple):
    """What is known of a shipment."""

    promised: date
    expected: date | None
    """``None``: nobody knows, or it is over."""
    arrived: date | None
    over: bool

    def news(self, today: date) -> str | None:
        """Return what is late of it, if anything."""
        if self.over:
            return None
        if self.arrived is not None:
            return "arrived" if self.arrived > self.promised else None
        if self.expected is None:
            return "unknown"
        last = max(self.expected, self.promised)
        if today > last:
            return f"after {last}"
        return str(self.expected) if self.expected > self.promised else None


def known(messages: Sequence[Message], zone: tzinfo) -> dict[str, Known]:
    """Return what is known of each shipment. ``messages`` are all that were said, the oldest word first."""
    orders = [each for each in messages if each["type"] == "order.placed"]
    if not orders:
        return {}
    wanted = [line["line_id"] for line in orders[-1]["lines"] if line["quantity"]]
    naming = [each for each in orders if each["shipments"]] or orders
    listed = {
        shipment["shipment_id"]: (shipment, [each for each in shipment["line_ids"] if each in wanted])
        for shipment in naming[-1]["shipments"]
    }
    return {
        name: _known(shipment, lines, messages, zone)
        for name, (shipment, lines) in listed.items()
        if lines or naming[-1] is orders[-1]
    }


def _known(shipment: Message, lines: Sequence[str], messages: Sequence[Message], zone: tzinfo) -> Known:
    name, newest = shipment["shipment_id"], date.fromisoformat(shipment["promised_until"])
    left = [line for line in lines if not _over(line, name, messages)]
    due = {line: min([newest, *_told(line, name, messages)]) for line in left or lines}
    days = {line: _arrived(line, name, due[line], messages, zone) for line in left}
    came = {line: day for line, day in days.items() if day is not None}
    last = max(came.values(), default=None)
    coming = [line for line in left if line not in came]
    late = [line for line, day in came.items() if day > due[line]]
    slowest = [line for line, day in came.items() if day == last]
    promised = min([due[line] for line in coming or late or slowest or lines], default=newest)
    expected: date | None = max(newest, promised)
    about = left or lines
    etas = [
        (place, each)
        for place, each in enumerate(messages)
        if each["type"] == "order.eta"
        and (
            _is_of_any(place, each["shipment_id"], about, shipment, messages)
            if "shipment_id" in each
            else _any_had(about, each, messages)
        )
    ]
    if etas and not (about and _planned_after(etas[-1][0], name, about, messages)):
        expected = None if etas[-1][1]["eta"] is None else date.fromisoformat(etas[-1][1]["eta"])
    expected = expected if left else None
    return Known(promised, expected, None if coming else last, not left)


def _is_of_any(place: int, of: str, lines: Sequence[str], shipment: Message, messages: Sequence[Message]) -> bool:
    """Tell whether a message about a shipment is about some lines of another, or about any of that very shipment."""
    name = shipment["shipment_id"]
    among = shipment["line_ids"] if of == name else lines
    return any(is_about(place, of, line, name, messages) for line in among)


def is_about(place: int, of: str, line: str, name: str | None, messages: Sequence[Message]) -> bool:
    """Tell whether a message about a shipment, so about what it had then, is about a line in another, or in it."""
    naming = [at for at, each in enumerate(messages) if of in _held(each)]
    if not naming:
        return False
    at = max((each for each in naming if each < place), default=naming[0])
    if of == name or line not in _held(messages[at])[of]:
        return line in _held(messages[at])[of]
    return of not in places(line, messages) and line not in _held(messages[at]).get(name or "", ())


def places(line: str, messages: Sequence[Message]) -> list[str]:
    """Return the shipments in which a line is: as the newest message that says it, but for what newer ones say."""
    later = set[str]()
    for held in (_held(each) for each in reversed(messages)):
        if any(line in those for those in held.values()):
            return [name for name, those in held.items() if line in those and name not in later]
        later |= held.keys()
    return []


def _held(message: Message) -> Mapping[str, Sequence[str]]:
    """Return the lines of each shipment that a message names."""
    return {each["shipment_id"]: each["line_ids"] for each in message.get("shipments", ())}


def _any_had(lines: Sequence[str], message: Message, messages: Sequence[Message]) -> bool:
    return not lines or any(_had(line, message, messages) for line in lines)


def _had(line: str, message: Message, messages: Sequence[Message]) -> bool:
    """Tell whether the order had a line by then; the lines of its oldest word it had always."""
    orders = [each for each in messages if each["type"] == "order.placed"]
    having = [each for each in orders if line in [one["line_id"] for one in each["lines"] if one["quantity"]]]
    return not having or having[0] is orders[0] or bool(message["as_of"] >= having[0]["as_of"])


def _days(order: Message, line: str) -> dict[str, date]:
    return {
        each["shipment_id"]: date.fromisoformat(each["promised_until"])
        for each in order.get("shipments", ())
        if line in each["line_ids"]
    }


def _planned_after(place: int, name: str, lines: Sequence[str], messages: Sequence[Message]) -> bool:
    """Tell whether the newest day of a shipment was said of all of some lines, and of itself, after a message."""
    said = [
        (at, each["promised_until"])
        for at, order in enumerate(messages)
        for each in order.get("shipments", ())
        if each["shipment_id"] == name
    ]
    day = said[-1][1]
    place = max(place, next(at for at, each in enumerate(messages) if each["type"] == "order.placed"))
    if said[0][1] == day and said[0][0] <= place:
        return False
    firsts = [
        [at for at, order in enumerate(messages) if date.fromisoformat(day) in _days(order, line).values()]
        for line in lines
    ]
    return all(places and places[0] > place for places in firsts)


def _back(line: str, name: str, messages: Sequence[Message]) -> int:
    """Return the place of the message by which a line came back that was sent again since; -1: it was not."""
    back = list(_covering(["returned"], line, name, messages))
    if not back:
        return -1
    place, message = back[-1]
    again = list(_covering(["shipped"], line, name, messages))
    if again and again[-1][0] > place and again[-1][1]["occurred_at"] > message["occurred_at"]:
        return place
    orders = [at for at, each in enumerate(messages) if each["type"] == "order.placed"]
    having = [at for at in orders if line in _held(messages[at]).get(name, ())]
    later = having[0] > place and having[0] != orders[0]
    return place if later and _planned_after(place, name, [line], messages) else -1


def _told(line: str, name: str, messages: Sequence[Message]) -> Iterator[date]:
    """Yield the day that was told first of a line, and each that was told since of it in this shipment."""
    first, back = True, _back(line, name, messages)
    for place, order in enumerate(messages):
        listing = _days(order, line)
        if name in listing and place > back:
            yield listing[name]
        elif name not in listing and first and listing and place > back:
            yield max(listing.values())
        first = first and not listing


def _kind(message: Message) -> str:
    kind: str = message["type"].removeprefix("order.")
    state = message.get("state", "")
    return {"delivered": "carrier_delivered"}.get(state, state) if kind == "tracked" else kind


def _about(kinds: Sequence[str], line: str, name: str, messages: Sequence[Message]) -> Iterator[tuple[int, Message]]:
    """Yield the messages of some kinds that cover a line of a shipment, and count, and the place of each."""
    back = _back(line, name, messages)
    return (found for found in _covering(kinds, line, name, messages) if found[0] > back)


def _covering(kinds: Sequence[str], line: str, name: str, messages: Sequence[Message]) -> Iterator[tuple[int, Message]]:
    for place, message in enumerate(messages):
        if _kind(message) in kinds:
            by_line = "line_ids" in message and line in message["line_ids"]
            of = None if "line_ids" in message else message.get("shipment_id")
            may_be = of is not None and (of == name or "cancelled" not in kinds)
            by_shipment = may_be and is_about(place, of or "", line, name, messages)
            of_all = "line_ids" not in message and "shipment_id" not in message and _had(line, message, messages)
            if by_line or by_shipment or of_all:
                yield place, message


def _over(line: str, name: str, messages: Sequence[Message]) -> bool:
    if any(_about(["returned"], line, name, messages)):
        return True
    cancelled = list(_about(["cancelled"], line, name, messages))
    there = any(_about(["delivered", "carrier_delivered"], line, name, messages))
    named = [place for place, each in cancelled if "line_ids" in each or ("shipment_id" in each and not there)]
    left = [place for place, _ in _about(LEFT, line, name, messages)]
    return bool(cancelled) if not left else bool(named) and named[-1] > left[-1]


def _arrived(line: str, name: str, promised: date, messages: Sequence[Message], zone: tzinfo) -> date | None:
    days = []
    for kind in (*ARRIVED, "attempted"):
        found = list(_about([kind], line, name, messages))
        if found:
            newest = found[-1][1]
            alike = [each for _, each in found if _scope(each) == _scope(newest)]
            at = newest if kind not in AT_FIRST or _back(line, name, messages) >= 0 else min(alike, key=_occurred)
            day = _occurred(at).astimezone(zone).date()
            if kind != "attempted" or day <= promised:
                days.append(day)
    return min(days, default=None)


def _scope(message: Message) -> Any:
    return message.get("line_ids"), message.get("shipment_id")


def _occurred(message: Message) -> datetime:
    return datetime.fromisoformat(message["occurred_at"])


def today(now: datetime, zone: tzinfo) -> date:
    """Return the day of an instant where the shop is."""
    return now.astimezone(zone).date()


def after(start: datetime, hours: int) -> datetime:
    """Return an instant so many hours later."""
    return start + timedelta(hours=hours)
