"""What an order is, what was said of it, and what became of each of its lines.

Everything that is said here only grows: of two words about one thing the newer stays. So words may come in any order
and more than once, and the same is known in the end.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, NamedTuple

from standby.delivery.choice_model import ASK, ENDING, WITHDRAW, Choice
from standby.delivery.day_model import Days, days_after, fresh
from standby.delivery.origin_model import Origin, names_of, newest, oldest, places, since_first
from standby.delivery.refund_model import MOST_REFUNDS, Refund, unpaid
from standby.delivery.told_model import carried, told_of
from standby.platform.clock import from_text, to_milliseconds
from standby.platform.code_model import Code
from standby.platform.frozen import frozen

Version = tuple[int, int, int, int]
"""Order of the ERP's words: as_of in microseconds, sequence (0 when missing), arrival, and a number made of the
content, so that only the same message has the same version."""

ETA, TRACKED = "eta", "tracked"
SHIPPED, DELIVERED, CANCELLED, RETURNED = "shipped", "delivered", "cancelled", "returned"


def tracked(state: str) -> str:
    """Return the kind of a carrier's word that says a state. Of each state the newest word is known."""
    return f"{TRACKED}.{state}"


PICK_UP, ATTEMPTED = tracked("pick_up"), tracked("attempted")
ARRIVED = (DELIVERED, tracked("delivered"), PICK_UP)
"""What tells that something is with its customer, or waits there for them."""
AT_FIRST = frozenset({PICK_UP, ATTEMPTED})
"""What carriers say again and again, and what counts by when it was so first (`origin_model.FIRST_AT`)."""
LEFT = (SHIPPED, DELIVERED, RETURNED, tracked("in_transit"), tracked("delivered"), PICK_UP)
"""What tells that something left the house, the plainest first."""
ORDER, SHIPMENT, LINE = "order", "shipment", "line"
"""What a word may be about."""
RESERVATIONS, PAID = "reservation_ids", "paid"
"""The latter is the one payment status that stops the clock of units which were set aside until they are paid."""
ARRIVALS_PER_MILLISECOND = 1_000
"""As `standby.platform.moment.Arrival` counts them in a version."""
MOST_HISTORY = 50
"""Steps of an order's history that are kept: the newest."""
BESIDE = frozenset({"reminder", "call"})
"""How a customer is told what is no news of a delay (`Notice.by`)."""
MAIL, REFUSED, NOBODY, PREORDER = "mail", "refused", "none", "preorder"
TOLD = frozenset({MAIL, PREORDER})
MAILED = frozenset({MAIL, REFUSED})
"""How a customer was written to of what is news of a delay (`Notice.by`)."""
MOST_NOTICES = 200
"""Notices of an order that are kept: the newest, and beside them the newest of each shipment."""


class About(NamedTuple):
    """What a word is about: an order (``id`` is empty), a shipment or a line, and which kind of word it is."""

    kind: str
    scope: str = ORDER
    id: str = ""


class Step(NamedTuple):
    """What happened, for the order's history."""

    as_of: int
    """Microseconds since the epoch."""
    mark: int
    kind: str
    said: tuple[tuple[str, str], ...]
    """What the message said, by its fields' names."""


class Notice(NamedTuple):
    """What a customer was told of a shipment's delay."""

    at: str
    shipment_id: str
    news: str
    """`standby.delivery.promises.Delay.news`."""
    promised_until: str
    expected: str | None
    by: str
    """``mail``; ``refused``: the mail did not go, or did not arrive; ``none``: the order has no address; ``reminder``:
    it was said again before silence decides; ``call``: a person is to tell; ``preorder``: pre-orders told it."""
    line_ids: tuple[str, ...] = ()
    """What the shipment had then; none: it is of an older form. What was told stands with the lines."""
    mail: str | None = None
    """The job of the mail, where that told of several orders."""


@frozen(kw_only=True)
class Said:
    """A word, and when it was said."""

    version: Version
    fields: Mapping[str, Any] = field(default_factory=dict)


@frozen(kw_only=True)
class Placed:
    """``order.placed``: the whole order."""

    order_id: str
    version: Version
    fields: Mapping[str, Any] = field(repr=False)
    """All about it beside its lines and shipments, ``as_of`` too. It may name a person, so no log shows it."""
    lines: Mapping[str, Mapping[str, Any]]
    """By id, in the order's own order."""
    shipments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def paid(self) -> bool:
        """Tell whether the money has come. Shops have many words for what is no payment yet; one says that it is."""
        said: str = self.fields.get("payment_status", "")
        return said.strip().casefold() == PAID


@frozen(kw_only=True)
class Happened:
    """Any other word: of the whole order, of one shipment, or of some lines."""

    order_id: str
    said: Said
    about: tuple[About, ...]
    step: Step


@frozen(kw_only=True)
class Refunded:
    """``order.refunded``. ``refund`` names it: the ERP's id of what was due, or else when and how much it was."""

    order_id: str
    refund: str
    said: Said


Word = Placed | Happened | Refunded


class Fate(NamedTuple):
    """What became of a line: `SHIPPED` or `CANCELLED`, and the word that says so."""

    outcome: str
    about: About
    said: Said


@frozen(kw_only=True)
class Order:
    """All that is known of an order."""

    order_id: str
    edition: int = 0
    """Rises with each write. 0: not in the table yet."""
    placed: Placed | None = None
    """The newest word about the order; ``None`` where others came before it."""
    shipments: Mapping[str, Said] = field(default_factory=dict)
    """The newest word of any ``order.placed`` about each shipment, by id."""
    first: Mapping[str, Said] = field(default_factory=dict)
    """The oldest word of any ``order.placed`` about each shipment, by id."""
    origin: Origin | None = None
    """The lines that it had at first, and since when it has the others; ``None`` before any ``order.placed``."""
    days: Days = field(default_factory=dict)
    """The days that were told of each line."""
    reservations: Said | None = None
    """The newest word of any ``order.placed`` that said which reservations it settles, or that it settles none."""
    words: Mapping[About, Said] = field(default_factory=dict)
    """The newest word about each thing."""
    refunds: Mapping[str, Said] = field(default_factory=dict)
    history: tuple[Step, ...] = ()
    """The newest steps, the oldest of them first."""
    told: int | None = None
    """The mark of what was heard of the order itself."""
    told_lines: Mapping[str, str] = field(default_factory=dict)
    """What was heard to have become of each line."""
    told_delays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What was heard of each shipment's delays, by its id: the newest last."""
    notices: tuple[Notice, ...] = ()
    """What the customer was told of them: the newest, the oldest of them first."""
    choices: tuple[Choice, ...] = ()
    """What the customer said, the oldest first."""
    told_choices: int = 0
    """How many of them others heard of."""
    refunds_due: tuple[Refund, ...] = ()
    """What the customer is owed, the oldest first."""
    told_refunds: int = 0
    """How many of them others heard of."""
    look_on: str | None = None
    """The day on which silence is to be looked at: it decides, or the customer is reminded before."""
    tell_at: str | None = None
    """When the shop writes to its customer again, of delays that they were not told of in a closed hour."""
    code: Code | None = None
    """What was mailed last to carry a cancellation out, but for the code itself."""

    def after(self, word: Word) -> "Order":
        """Return the order after a word; the same order where that says nothing new."""
        if isinstance(word, Placed):
            return self._placed(word)
        if isinstance(word, Refunded):
            refunds = newest(self.refunds, [(word.refund, word.said)], most=MOST_REFUNDS)
            return self if refunds == self.refunds else self._next(refunds=refunds)
        words = newest(self.words, [(about, word.said) for about in word.about])
        for about in word.about:
            if about.kind in AT_FIRST:
                words[about] = since_first(words[about], self.words.get(about), word.said)
        history = tuple(sorted({*self.history, word.step})[-MOST_HISTORY:])
        known = (words, history) == (self.words, self.history)
        return self if known else self._next(words=words, history=history)

    def heard(
        self, told: int | None, told_lines: Mapping[str, str], told_delays: Mapping[str, tuple[str, ...]]
    ) -> "Order":
        """Return the order once everybody heard of it."""
        return self._next(
            told=told,
            told_choices=len(self.choices),
            told_refunds=len(self.refunds_due),
            told_lines={**self.told_lines, **told_lines},
            told_delays={**self.told_delays, **told_delays},
        )

    def noticed_by(self, notices: Iterable[Notice]) -> "Order":
        """Return the order once its customer was told; the same where that is known."""
        known = self.noticed
        said = [each for each in notices if known.get(each.shipment_id, ())[-1:] != (each.news,)]
        return self._next(notices=_kept(self, said), tell_at=None) if said else self.waits(None)

    def refused(self, at: str | None) -> "Order":
        """Return the order once the mail of an instant was refused; the same where that is known."""
        known = tuple(each._replace(by=REFUSED) if (each.at, each.by) == (at, MAIL) else each for each in self.notices)
        return self if known == self.notices else self._next(notices=known)

    @property
    def unreached(self) -> bool:
        """Tell whether the newest mail about a delay was refused."""
        return [each.by for each in self.notices if each.by in MAILED][-1:] == [REFUSED]

    def noted(self, notices: Iterable[Notice]) -> "Order":
        """Return the order once somebody was reminded, or is to be called; the same where that is known."""
        said = [each for each in notices if not self.has_note(each.shipment_id, each.news)]
        return self._next(notices=_kept(self, said)) if said else self

    def has_note(self, shipment_id: str, news: str) -> bool:
        """Tell whether it is noted of a shipment that somebody was reminded, or is to be called."""
        return any(each.news == news for each in self.notices_of(shipment_id, BESIDE))

    @property
    def noticed(self) -> Mapping[str, tuple[str, ...]]:
        """What was told of each shipment's delays, by its id. What was not mailed counts until an address is known."""
        if not self.notices:
            return {}
        by = {*MAILED, PREORDER, *(() if self.has_address else (NOBODY,))}
        names = dict.fromkeys([*self.shipments, *(notice.shipment_id for notice in self.notices)])
        told = {name: tuple(notice.news for notice in self.notices_of(name, by)) for name in names}
        return {name: news for name, news in told.items() if news}

    def notices_of(self, shipment_id: str, by: Collection[str]) -> Sequence[Notice]:
        """Return what was told of a shipment in some ways (`standby.delivery.told_model`)."""
        among = [notice for notice in self.notices if notice.by in by]
        return told_of(among, shipment_id, self.line_ids_of(shipment_id)) if among else []

    def line_ids_of(self, shipment_id: str) -> Sequence[str]:
        """Return the lines of a shipment that are still wanted, and not cancelled."""
        if shipment_id not in self.shipments:
            return ()
        wanted = [each for each in self.shipments[shipment_id].fields["line_ids"] if each in self.lines]
        return [each for each in wanted if (part := self.fate_in(each, shipment_id)) is None or part.outcome == SHIPPED]

    def chose(self, *choices: Choice, code: Code | None) -> "Order":
        """Return the order after its customer said something; the same where that is nothing new."""
        same = not choices and code == self.code
        said = (choice.with_units(self.lines) for choice in choices)
        return self if same else self._next(choices=(*self.choices, *said), code=code)

    def waits(self, tell_at: str | None) -> "Order":
        """Return the order once it is known when its customer may be told; the same where that was known."""
        return self if tell_at == self.tell_at else self._next(tell_at=tell_at)

    def looked(self, look_on: str | None) -> "Order":
        """Return the order once it is known when silence is to be looked at next; the same where that was known."""
        return self if look_on == self.look_on else self._next(look_on=look_on)

    def owing(self, refund: Refund) -> "Order":
        """Return the order with money that is owed, written together with what makes it so."""
        return replace(self, refunds_due=(*self.refunds_due, refund))

    def rung(self, refund_ids: frozenset[str]) -> "Order":
        """Return the order once somebody was told that money is owed for too long."""
        known = tuple(each._replace(rung=each.rung or each.id in refund_ids) for each in self.refunds_due)
        return self if known == self.refunds_due else self._next(refunds_due=known)

    @property
    def unpaid_refunds(self) -> Sequence[Refund]:
        """What the customer is owed still."""
        return unpaid(self.refunds_due, [said.fields for said in self.refunds.values()])

    @property
    def untold_choices(self) -> Sequence[Choice]:
        """What the customer said that others must hear of."""
        return [choice for choice in self.choices[self.told_choices :] if choice.kind != ASK]

    @property
    def given_up(self) -> frozenset[str]:
        """Lines that the customer asked to be rid of, but for those that left since. Who withdrew did so for good."""
        given: set[str] = set()
        for choice in self.choices:
            if choice.kind in ENDING:
                left = frozenset() if choice.kind == WITHDRAW else self._left_since(choice.at)
                given.update(line_id for line_id in choice.line_ids if line_id not in left)
        return frozenset(given)

    def _left_since(self, at: str) -> frozenset[str]:
        """Return the lines of which a word that came after an instant says that they left."""
        since = to_milliseconds(from_text(at)) * ARRIVALS_PER_MILLISECOND
        shipped = {line_id: fate for line_id, fate in self.fates.items() if fate.outcome == SHIPPED}
        return frozenset(line_id for line_id, fate in shipped.items() if fate.said.version[2] >= since)

    def touched(self) -> "Order":
        """Return the same order, to be written again."""
        return self._next()

    @property
    def number(self) -> str:
        """What its customer knows it by."""
        said: str | None = None if self.placed is None else self.placed.fields.get("order_number")
        return said or self.order_id

    @property
    def reservation_ids(self) -> Sequence[str]:
        """The reservations that it settles. An ``order.placed`` that does not speak of them leaves them as they are."""
        said = self.reservations or self.placed
        return [] if said is None else said.fields.get(RESERVATIONS, [])

    @property
    def lines(self) -> Mapping[str, Mapping[str, Any]]:
        """The lines that want any units, by id."""
        lines = {} if self.placed is None else self.placed.lines
        return {line_id: line for line_id, line in lines.items() if line["quantity"] > 0}

    @property
    def fates(self) -> Mapping[str, Fate]:
        """What became of the lines; those that are still to be shipped are not in it.

        A line in several shipments waits for all of them. One that left any of them was shipped.
        """
        if not self.words:
            return {}
        places = self.places
        fates = {}
        for line_id in self.lines:
            parts = [self.fate_in(line_id, shipment_id) for shipment_id in places.get(line_id, (None,))]
            over = [part for part in parts if part is not None]
            if len(over) == len(parts):
                left = [part for part in over if part.outcome == SHIPPED]
                fates[line_id] = max(left or over, key=lambda fate: fate.said.version)
        return fates

    def _placed(self, word: Placed) -> "Order":
        listed = [(name, Said(version=word.version, fields=said)) for name, said in word.shipments.items()]
        shipments, first = newest(self.shipments, listed), oldest({**self.shipments, **self.first}, listed)
        known = [self.reservations] if self.reservations is not None else _reserves(self.placed)
        reserved = max((*known, *_reserves(word)), key=lambda said: said.version, default=None)
        days = days_after(self.days, word.version, word.shipments)
        skus = {line_id: line["sku"] for line_id, line in word.lines.items() if line["quantity"] > 0}
        origin = Origin(word.version, skus, {}) if self.origin is None else self.origin.after(word.version, skus)
        newer = self.placed is None or word.version > self.placed.version
        before = (self.shipments, self.first, self.reservations, self.days, self.origin)
        if not newer and (shipments, first, reserved, days, origin) == before:
            return self
        placed = word if newer else self.placed
        after = self._next(
            shipments=shipments, first=first, origin=origin, days=days, placed=placed, reservations=reserved
        )
        if newer and self.told_delays:
            lines = {name: after.line_ids_of(name) for name in word.shipments}
            after = replace(after, told_delays=carried(self.told_delays, self.places, lines))
        return after if self.has_address else after.to_tell_again()

    def to_tell_again(self) -> "Order":
        """Return the order with the delays unheard of which its customer could not be told, where they can now."""
        untold = [notice for notice in self.notices if notice.by == NOBODY] if self.has_address else []
        lines = {line_id for notice in untold for line_id in notice.line_ids}
        missed = {each.shipment_id for each in untold} | {e for e in self.told_delays if lines & {*self.line_ids_of(e)}}
        told = {name: news for name, news in self.told_delays.items() if name not in missed}
        return self if len(told) == len(self.told_delays) else replace(self, told_delays=told)

    @property
    def has_address(self) -> bool:
        """Tell whether its customer can be mailed."""
        return self.placed is not None and "email" in self.placed.fields.get("customer", {})

    @property
    def first_said(self) -> int:
        """Return when it was first said to be placed, in microseconds; 0 where it never was."""
        return 0 if self.origin is None else self.origin.version[0]

    @property
    def places(self) -> Mapping[str, list[str]]:
        """Return the shipments of each line: those of the newest ``order.placed``, else those of older ones."""
        return places(self.shipments, None if self.placed is None else self.placed.version)

    def fate_in(self, line_id: str, shipment_id: str | None) -> Fate | None:
        """Return what became of a line in one shipment, ``None`` while it waits.

        What left is shipped, unless a newer ``order.cancelled`` names the line or its shipment: one of the whole order
        cancels what has not left.
        """
        if not self.words:
            return None
        named = self.newest_about(CANCELLED, line_id, shipment_id, whole=False)
        for kind in LEFT:
            left = self.newest_about(kind, line_id, shipment_id)
            if left is not None and (named is None or named[1].version < self._left_at(line_id, shipment_id)):
                return Fate(SHIPPED, *left)
        cancelled = self.newest_about(CANCELLED, line_id, shipment_id)
        return None if cancelled is None else Fate(CANCELLED, *cancelled)

    def _left_at(self, line_id: str, shipment_id: str | None) -> Version:
        """Return the version of the newest word that says that a line left."""
        found = (self.newest_about(kind, line_id, shipment_id) for kind in LEFT)
        return max(said.version for _, said in filter(None, found))

    def newest_about(
        self, kind: str, line_id: str, shipment_id: str | None, *, whole: bool = True
    ) -> tuple[About, Said] | None:
        """Return the newest word of a kind that covers a line; ``whole`` says whether one of the order does.

        What was said before the line came back, and is sent again, counts no more.
        """
        found = self._newest_about(kind, line_id, shipment_id, whole=whole)
        if found is None:
            return None
        back = self.back_before(line_id, shipment_id)
        return found if back is None or found[1].version > back else None

    def covers(self, said: Said, line_id: str) -> bool:
        """Tell whether a word about the whole order is about a line, too."""
        return self.origin is None or self.origin.had(line_id, said.version[0], self.lines)

    def planned_after(self, version: Version, shipment_id: str, line_ids: Sequence[str]) -> bool:
        """Tell whether the promised day that is known of a shipment was said first after a word, and not at first."""
        day, first = self.shipments[shipment_id].fields["promised_until"], self.first[shipment_id]
        since = version if self.origin is None else max(version, self.origin.version)
        before = first.fields["promised_until"] == day and first.version <= since
        return not before and fresh(self.days, line_ids, day, since)

    def _newest_about(
        self, kind: str, line_id: str, shipment_id: str | None, *, whole: bool = True
    ) -> tuple[About, Said] | None:
        if not self.words:
            return None
        names = (shipment_id,) if kind == CANCELLED else names_of(self, shipment_id, line_id)
        covering = [About(kind, LINE, line_id), *(About(kind, SHIPMENT, name) for name in names if name is not None)]
        found = [(about, self.words[about]) for about in covering if about in self.words]
        of_all = self.words.get(About(kind)) if whole else None
        if of_all is not None and self.covers(of_all, line_id):
            found.append((About(kind), of_all))
        return max(found, key=lambda word: word[1].version, default=None)

    def back_before(self, line_id: str, shipment_id: str | None) -> Version | None:
        """Return the word by which a line of a shipment came back that was sent again since; ``None``: there is none.

        It is sent again where it was shipped later than that, or has a place, with a new day, in a later shipment.
        """
        back = self._newest_about(RETURNED, line_id, shipment_id)
        if back is None:
            return None
        version, since = back[1].version, back[1].fields["occurred_at"]
        again = self._newest_about(SHIPPED, line_id, shipment_id)
        if again is not None and again[1].version > version and again[1].fields["occurred_at"] > since:
            return version
        if shipment_id is None or shipment_id not in self.first or self.origin is None:
            return None
        later = self.first[shipment_id].version
        instead = later > version and later != self.origin.version
        return version if instead and self.planned_after(version, shipment_id, (line_id,)) else None

    def _next(self, **changes: Any) -> "Order":  # noqa: ANN401 - fields of several types
        return replace(self, edition=self.edition + 1, **changes)


def _kept(order: Order, said: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return the notices that are kept. Without the newest of a shipment its customer would be told it again."""
    more = (each._replace(line_ids=tuple(order.line_ids_of(each.shipment_id))) for each in said)
    notices = (*order.notices, *more)
    newest = {(notice.shipment_id, notice.by in BESIDE): place for place, notice in enumerate(notices)}
    first, stay = len(notices) - MOST_NOTICES, set(newest.values())
    return tuple(notice for place, notice in enumerate(notices) if place >= first or place in stay)


def _reserves(word: Placed | None) -> list[Said]:
    """Return what an ``order.placed`` says of the reservations, if anything; an older form has that nowhere else."""
    fields = {} if word is None else word.fields
    said = {name: value for name, value in fields.items() if name == RESERVATIONS}
    return [Said(version=word.version, fields=said)] if word is not None and said else []
