"""The Preorders table: what is read, and the writes of which the use cases make transactions."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from standby.platform import kept
from standby.platform.clock import from_text, to_text
from standby.platform.code_model import MOST_TRIES, Code
from standby.platform.cursor import Cursor
from standby.platform.dynamodb import ConditionFailedError, Item
from standby.platform.frozen import frozen
from standby.platform.table import Delete, Key, Put, Query, Table, Update, Write
from standby.preorder import items
from standby.preorder.counter_model import CREDIT_KEPT, Counter, CounterName, credit_name, shares
from standby.preorder.model import AHEAD_MOST, MOST_SHARDS, Campaign, Line, Place, Reservation, Told
from standby.preorder.pricing import Priced

DUE_PAGE = 100
LINE_PAGE = 50
CAMPAIGNS_PAGE = 100


class ChangedMeanwhileError(Exception):
    """Somebody else wrote the campaign or the reservation since it was read."""


@frozen()
class PreorderRepository:
    """Keeps campaigns, their counters, reservations, their lines and the customers' limits."""

    table: Table

    def campaign(self, sku: str) -> tuple[Campaign | None, list[Counter]]:
        """Return a SKU's campaign and its counters, consistently; ``None`` where there never was one."""
        campaign, counters, _ = self.looked(sku)
        return campaign, counters

    def looked(self, sku: str) -> tuple[Campaign | None, list[Counter], Told]:
        """Return a SKU's campaign, its counters, and what was told of it, consistently."""
        found = {item["sk"]: item for item in self.table.page(self._of(sku)).items}
        if items.CAMPAIGN not in found:
            return None, [], Told()
        told = found.get(items.TOLD, {})
        campaign = items.campaign(sku, found[items.CAMPAIGN], told)
        own = items.counters_of(campaign.number)
        counters = [items.counter(item) for key, item in found.items() if key.startswith(own)]
        return campaign, counters, items.told(told)

    def tells(self, sku: str, told: Told, *, was: Told) -> None:
        """Write what is going to be told of a SKU's campaign, and that it is owed. Raises `ChangedMeanwhileError`."""
        assign = {"looks": told.looks, "units": told.units, **items.campaign_due(sku, owed=True)}
        self._transact([Update(items.told_key(sku), assign=assign, **_told_as(was))])

    def has_told(self, sku: str, told: Told) -> None:
        """Write that it was told. Raises `ChangedMeanwhileError` where somebody told or asked meanwhile."""
        self._transact([Update(items.told_key(sku), assign=items.campaign_due(sku, owed=False), **_told_as(told))])

    def invite(self, sku: str, number: int, addresses: Sequence[str], until: str) -> None:
        """Let addresses reserve of a campaign before it opens to all, which is ``until``."""
        ttl = int((from_text(until) + kept.EARLY).timestamp())
        for address in addresses:
            self.table.write(Update(items.invited_key(sku, number, address), assign={"ttl": ttl}))

    def is_invited(self, sku: str, number: int, address: str) -> bool:
        """Tell whether an address may reserve of a campaign before it opens to all."""
        return bool(self.table.item(items.invited_key(sku, number, address)))

    def delays(self, campaign: Campaign, until: str | None, *, short: bool) -> None:
        """Write until when a campaign promises from now on, and whether goods are short; others must be told."""
        asked = _asked(campaign.sku)
        delayed = {"delayed_until": until, "short": short or None, "delayed": campaign.number}
        self._transact([replace(asked, assign={**asked.assign, **delayed})])

    def promise(self, reservation: Reservation, line: Line) -> None:
        """Write what a line is promised now, with its place. Raises `ChangedMeanwhileError`."""
        key = items.line_key(line.sku, reservation)
        place = Update(key, assign={"promised": line.promised_until, "first": line.first_promise}, present=("pk",))
        self._transact([changed(reservation), place])

    def campaign_skus(self, after: str | None) -> tuple[list[str], str | None]:
        """Return SKUs that have campaigns, and where the next page begins; ``None`` behind the last."""
        page = self.table.page(Query(items.CAMPAIGNS, after=after, limit=CAMPAIGNS_PAGE))
        skus = [item["sk"] for item in page.items]
        return skus, skus[-1] if page.cursor is not None else None

    def prices(self, sku: str) -> list[Priced]:
        """Return the prices of a SKU's campaigns, consistently, the newest last."""
        return items.prices(self.table.item(items.campaign_key(sku)) or {})

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        item = self.table.item(items.reservation_key(reservation_id))
        return items.reservation(item) if item else None

    def counter(self, name: CounterName) -> Counter | None:
        """Return a counter, consistently."""
        item = self.table.item(items.counter_key(*name))
        return items.counter(item) if item else None

    def due(self, shard: str, now: str, cursor: Cursor | None) -> tuple[list[str | CounterName], Cursor | None]:
        """Return a page of what is due, reservations by id (`items.sku_due`), counters, and what comes next."""
        page = self.table.page(Query(shard, items.DUE, up_to=now, limit=DUE_PAGE), cursor)
        return [items.counter_of(item) or items.reservation_id_of(item) for item in page.items], page.cursor

    def not_due(self, name: CounterName, counter: Counter) -> None:
        """Write that nothing of a counter's credit goes back any more, unless it was granted some since."""
        nobody = {"due_shard": None, "due_at": None}
        with suppress(ConditionFailedError):
            self.table.write(Update(items.counter_key(*name), assign=nobody, equal={"due_at": counter.due_at}))

    def line(self, sku: str, after: str | None) -> tuple[list[Place], bool]:
        """Return a page of the line for a SKU, consistently, and whether more stand behind it."""
        wanted = Query(items.line_partition(sku), after=after, consistent=True, limit=LINE_PAGE)
        page = self.table.page(wanted)
        return [items.place(item) for item in page.items], page.cursor is not None

    def ahead(self, sku: str, place: str) -> int:
        """Return how many stand in front of a place in line for a SKU, at most 1,000; who came just now may lack."""
        return self.table.count(Query(items.line_partition(sku), before=place, limit=AHEAD_MOST))

    def begin(self, campaign: Campaign) -> None:
        """Write a SKU's new campaign with its counters. Raises `ChangedMeanwhileError`."""
        key, values = items.campaign_key(campaign.sku), items.campaign_values(campaign)
        guard = {"edition": campaign.edition - 1}
        new = campaign.edition == 1
        first = Put({**key, **values}, absent=("pk",)) if new else Put({**key, **values}, equal=guard)
        terms = campaign.terms
        units = [0] * terms.shards if terms.capacity is None else shares(terms.capacity, terms.shards)
        counters = [
            Put(
                {
                    **items.counter_key(campaign.sku, campaign.number, shard),
                    "open": True,
                    "remaining": remaining,
                    "credit": 0,
                }
            )
            for shard, remaining in enumerate(units)
        ]
        listed = Put(items.register_key(campaign.sku))
        self._transact([first, _asked(campaign.sku), listed, *counters])

    def change(self, campaign: Campaign, moved: Sequence[tuple[int, int]] = ()) -> None:
        """Write what changed of a campaign. ``moved``: counters, and by how much what remains of each changes.

        Raises `ChangedMeanwhileError`, also where a counter no longer has what is taken off it.
        """
        key, values = items.campaign_key(campaign.sku), items.campaign_values(campaign)
        counters = [
            Update(
                items.counter_key(campaign.sku, campaign.number, shard),
                add={"remaining": units, **({"returned": units} if units > 0 else {})},
                at_least={"remaining": -units} if units < 0 else {},
                present=("pk",),
            )
            for shard, units in moved
            if units
        ]
        put = Put({**key, **values}, equal={"edition": campaign.edition - 1})
        self._transact([put, _asked(campaign.sku), *counters])

    def close(self, campaign: Campaign) -> None:
        """Write that a campaign is closed; no counter gives anything from then on. Raises `ChangedMeanwhileError`."""
        key, values = items.campaign_key(campaign.sku), items.campaign_values(campaign)
        shut = [
            Update(items.counter_key(campaign.sku, campaign.number, shard), assign={"open": False}, present=("pk",))
            for shard in range(campaign.terms.shards)
        ]
        put = Put({**key, **values}, equal={"edition": campaign.edition - 1})
        self._transact([put, _asked(campaign.sku), *shut])

    def update(self, reservation: Reservation, beside: Sequence[Write] = ()) -> None:
        """Write what changed of a reservation that stays alive. Raises `ChangedMeanwhileError`."""
        self._transact([changed(reservation), *beside])

    def confirm(self, reservation: Reservation, *, was: Reservation) -> None:
        """Write that a reservation is confirmed, and what follows from it. Raises `ChangedMeanwhileError`."""
        self._transact([changed(reservation), *confirmed(was)])

    def accept(self, reservation: Reservation) -> None:
        """Write that an offer is accepted: who stops all mails keeps it from now on. Raises `ChangedMeanwhileError`."""
        self._transact([changed(reservation), *unoffered(reservation)])

    def offered(self, address: str) -> list[str]:
        """Return the ids of the offers that an address, by its key, may still accept; at most a page of them."""
        found = self.table.page(Query(items.offered_partition(address), consistent=True, limit=LINE_PAGE)).items
        return [item["sk"] for item in found]

    def note(self, reservation: Reservation) -> Reservation:
        """Write that an offer could not be made, once, and return it, or the one that was there."""
        key, values = items.reservation_key(reservation.reservation_id), items.reservation_values(reservation)
        due = items.due(reservation.reservation_id, _due_at(reservation))
        try:
            self.table.write(Put({**key, **values, **due, "ttl": _ttl(reservation)}, absent=("pk",)))
        except ConditionFailedError:
            return self.reservation(reservation.reservation_id) or reservation
        return reservation

    def code(self, reservation_id: str) -> Code | None:
        """Return the newest code of a reservation."""
        item = self.table.item(items.code_key(reservation_id))
        return items.code(item) if item else None

    def make_code(self, reservation_id: str, code: Code) -> None:
        """Write a new code over the one before it. Raises `ChangedMeanwhileError`."""
        values = {**items.code_key(reservation_id), **items.code_values(code)}
        values["ttl"] = int((from_text(code.made_at) + kept.CODES).timestamp())
        first = code.number == 1
        self._transact([Put(values, absent=("pk",)) if first else Put(values, equal={"number": code.number - 1})])

    def try_code(self, reservation_id: str, number: int) -> int:
        """Count one more try of a code and return how many there were. Raises `ChangedMeanwhileError`: no more."""
        one_more = Update(
            items.code_key(reservation_id),
            add={"tries": 1},
            equal={"number": number},
            at_most={"tries": MOST_TRIES - 1},
            absent=("used",),
        )
        try:
            return int(self.table.change(one_more)["tries"])
        except ConditionFailedError as error:
            raise ChangedMeanwhileError from error

    def told(self, reservation: Reservation) -> None:
        """Write that all of a reservation's events were published, unless it was changed since."""
        due = items.due(reservation.reservation_id, reservation.looked_at)
        said = replace(reservation, owed=())
        try:
            self.table.write(
                Update(
                    items.reservation_key(reservation.reservation_id),
                    assign={"owed": None, **(items.reservation_values(said) if said.forgets else {}), **due},
                    equal={"edition": reservation.edition},
                )
            )
        except ConditionFailedError:
            return  # whoever changed it tells what it owes

    def _transact(self, writes: Sequence[Write]) -> None:
        try:
            if len(writes) == 1:
                self.table.write(writes[0])
            else:
                self.table.transact(writes)
        except ConditionFailedError as error:
            raise ChangedMeanwhileError from error

    def _of(self, sku: str) -> Query:
        """Ask for a campaign, what was told of it, and its counters. Those of former campaigns stand behind them."""
        between = (items.CAMPAIGN, f"{items.COUNTERS}\U0010ffff")
        return Query(items.campaign_partition(sku), between=between, consistent=True, limit=2 + MOST_SHARDS)


@frozen()
class Writes:
    """The writes to the table Preorders that share a transaction with the ledger's."""

    table: str

    def begun(self, reservation: Reservation) -> list[Write]:
        """Return the writes by which a reservation begins, its own first, on the condition that it never did."""
        due = items.due(reservation.reservation_id, reservation.expires_at)
        key = items.reservation_key(reservation.reservation_id)
        put = Put({**key, **items.reservation_values(reservation), **due}, absent=("pk",), elsewhere=self.table)
        places = [
            Put({**items.line_key(line.sku, reservation), **items.place_values(line, key["pk"])}, elsewhere=self.table)
            for line in reservation.lines
            if line.campaign is not None
        ]
        return [put, *places, *self._offered(reservation)]

    def taken(self, line: Line, *, bounded: bool) -> list[Write]:
        """Return the writes by which a campaign's counters give units. ``bounded``: only units that remain."""
        of = _taken_from(line)
        return [
            Update(
                _counter(line, shard),
                add={"reserved": units, of: -units},
                equal={"open": True},
                at_least={of: units} if bounded else {},
                elsewhere=self.table,
            )
            for shard, units in line.shards.items()
        ]

    def limited(self, names: Iterable[str], units: int, most: int | None, now: datetime) -> list[Write]:
        """Return the writes that raise the counters of a customer's limit, if none gets above it.

        ``most`` is ``None`` where there is no limit; one that is set later counts what was reserved before it.
        """
        return [
            Update(
                items.limit_key(name),
                assign={"ttl": int((now + kept.LIMITS).timestamp())},
                add={"units": units},
                at_most=None if most is None else {"units": most - units},
                or_absent="units",
                elsewhere=self.table,
            )
            for name in names
        ]

    def given(self, reservation: Reservation, line: Line, units: int) -> list[Write]:
        """Return the writes that note that units were set aside for a line, on the condition that all is as read."""
        key = items.line_key(line.sku, reservation)
        if line.given == line.quantity:
            place: Write = Delete(key, elsewhere=self.table)
        else:
            place = Update(key, add={"given": units}, present=("pk",), elsewhere=self.table)
        return [changed(reservation, elsewhere=self.table), place]

    def taken_back(self, reservation: Reservation, line: Line) -> list[Write]:
        """Return the writes that note that a line lacks units again, on the condition that all is as read."""
        pk = items.reservation_key(reservation.reservation_id)["pk"]
        place = {**items.place_values(line, pk), "confirmed": True}
        back = Update(items.line_key(line.sku, reservation), assign=place, elsewhere=self.table)
        return [changed(reservation, elsewhere=self.table), back]

    def fulfilled(self, reservation: Reservation) -> list[Write]:
        """Return the writes that note that a reservation's goods left the house, on the condition that it is as read.

        Its units stay counted for campaign and limit: they were sold.
        """
        return [changed(reservation, elsewhere=self.table), *self._left(reservation.lines, reservation)]

    def parted(self, reservation: Reservation, lines: Sequence[Line]) -> list[Write]:
        """Return the writes by which lines end before others, all in one way, on the condition that it is as read."""
        cancelled = [line for line in lines if line.fate == "cancelled"]
        back = (write for line in cancelled for write in self._given_back(line, reservation))
        left = self._left([line for line in lines if line.fate != "cancelled"], reservation)
        return [changed(reservation, elsewhere=self.table), *back, *left]

    def ended(self, reservation: Reservation) -> list[Write]:
        """Return the writes that end a reservation and give back what it took, on the condition that it is as read."""
        gone = changed(reservation, elsewhere=self.table)
        back = (write for line in reservation.lines for write in self._given_back(line, reservation))
        return [gone, *back, *unoffered(reservation, elsewhere=self.table)]

    def _offered(self, reservation: Reservation) -> list[Write]:
        if reservation.offer is None:
            return []
        key = items.offered_key(reservation.offer.address, reservation.reservation_id)
        ttl = int((from_text(reservation.created_at) + kept.OFFERS).timestamp())
        return [Put({**key, "ttl": ttl}, elsewhere=self.table)]

    def used(self, reservation_id: str, number: int) -> list[Write]:
        """Return the write by which a code is used, on the condition that it was not."""
        key = items.code_key(reservation_id)
        return [Update(key, assign={"used": True}, equal={"number": number}, absent=("used",))]

    def confirmed(self, reservation: Reservation, was: Reservation) -> list[Write]:
        """Return the writes that confirm a reservation, on the condition that it is as read."""
        return [changed(reservation, elsewhere=self.table), *confirmed(was, elsewhere=self.table)]

    def changed(self, reservation: Reservation) -> list[Write]:
        """Return the write of what changed of a reservation, on the condition that it is as read."""
        return [changed(reservation, elsewhere=self.table)]

    def granted(self, name: CounterName, units: int, credit: int, until: str) -> Update:
        """Return the write by which units that remain are owed to a counter ahead, as long as its campaign is open.

        It has no more than ``credit`` before: of many who see it empty one grants it some.
        """
        return Update(
            items.counter_key(*name),
            assign=items.due(credit_name(name), until),
            add={"remaining": -units, "credit": units},
            equal={"open": True},
            at_least={"remaining": units},
            at_most={"credit": credit},
            elsewhere=self.table,
        )

    def credit_returned(self, name: CounterName, counter: Counter) -> Update:
        """Return the write by which all of a counter's credit remains again, on the condition that it is as read."""
        return Update(
            items.counter_key(*name),
            assign={"due_shard": None, "due_at": None},
            add={"remaining": counter.credit, "credit": -counter.credit},
            equal={"credit": counter.credit},
            elsewhere=self.table,
        )

    def _left(self, lines: Sequence[Line], reservation: Reservation) -> list[Write]:
        places = (items.line_key(line.sku, reservation) for line in lines if line.campaign is not None)
        return [Delete(place, elsewhere=self.table) for place in places]

    def _given_back(self, line: Line, reservation: Reservation) -> list[Write]:
        confirmed = reservation.confirmed_at is not None
        back: list[Write] = [
            Update(
                _counter(line, shard),
                assign=_idle(line, shard, reservation) if line.on_credit else {},
                add={
                    "reserved": -units,
                    _taken_from(line): units,
                    "returned": units,
                    **({"confirmed": -units} if confirmed else {}),
                },
                elsewhere=self.table,
            )
            for shard, units in line.shards.items()
        ]
        back += unlimited(line, elsewhere=self.table)
        if line.campaign is not None:
            back.append(Delete(items.line_key(line.sku, reservation), elsewhere=self.table))
        return back


def _asked(sku: str) -> Update:
    """Return the write by which what an operator changed of a campaign must be told."""
    return Update(items.told_key(sku), add={"asked": 1}, assign=items.campaign_due(sku, owed=True))


def _told_as(told: Told) -> dict[str, Any]:
    """Return the conditions under which what was told is as it was read."""
    numbers = {"looks": told.looks, "asked": told.asked}
    known = {name: number for name, number in numbers.items() if number}
    return {"equal": known, "absent": [name for name in numbers if name not in known]}


def unoffered(reservation: Reservation, *, elsewhere: str | None = None) -> list[Write]:
    """Return the write after which an offer is not found by its customer's address any more."""
    if reservation.offer is None:
        return []
    key = items.offered_key(reservation.offer.address, reservation.reservation_id)
    return [Delete(key, elsewhere=elsewhere)]


def unlimited(line: Line, *, elsewhere: str | None = None) -> list[Update]:
    """Return the writes by which a line no longer counts for its customer's limit."""
    return [Update(items.limit_key(name), add={"units": -line.quantity}, elsewhere=elsewhere) for name in line.limits]


def confirmed(was: Reservation, *, elsewhere: str | None = None) -> list[Write]:
    """Return the writes beside a reservation that is confirmed: its places in line, and the campaigns' counts.

    What is held at checkout counts for its limit no longer: it was bought.
    """
    writes: list[Write] = []
    for line in was.lines:
        if was.kind == "checkout":
            writes += unlimited(line, elsewhere=elsewhere)
        if line.campaign is not None:
            place = items.line_key(line.sku, was)
            writes.append(Update(place, assign={"confirmed": True}, present=("pk",), elsewhere=elsewhere))
        writes += [
            Update(_counter(line, shard), add={"confirmed": units}, elsewhere=elsewhere)
            for shard, units in line.shards.items()
        ]
    return writes


def changed(reservation: Reservation, *, elsewhere: str | None = None) -> Update:
    """Return the update of a reservation that was read one edition ago, on the condition that it is as it was read."""
    at = _due_at(reservation)
    return Update(
        items.reservation_key(reservation.reservation_id),
        assign={
            **items.reservation_values(reservation),
            **items.due(reservation.reservation_id, at),
            "ttl": _ttl(reservation),
        },
        equal={"edition": reservation.edition - 1},
        elsewhere=elsewhere,
    )


def _ttl(reservation: Reservation) -> int | None:
    if reservation.ended_at is None:
        return None
    return int((from_text(reservation.ended_at) + kept.RESERVATIONS).timestamp())


def _due_at(reservation: Reservation) -> str | None:
    """Return when a reservation must be looked at: at once for what was not told, else when its hold ends."""
    if reservation.owed:
        return reservation.ended_at or reservation.allocated_at or reservation.confirmed_at or reservation.created_at
    return reservation.looked_at


def _counter(line: Line, shard: int) -> Key:
    return items.counter_key(line.sku, line.campaign or 0, shard)


def _taken_from(line: Line) -> str:
    return "credit" if line.on_credit else "remaining"


def _idle(line: Line, shard: int, reservation: Reservation) -> Item:
    """Return what makes a counter due to which units come back: they are owed until somebody reserves them again."""
    ended = from_text(reservation.ended_at or reservation.created_at)
    return items.due(credit_name(CounterName(line.sku, line.campaign or 0, shard)), to_text(ended + CREDIT_KEPT))
