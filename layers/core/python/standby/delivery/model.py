"""What an order is, what was said of it, and what became of each of its lines.

Everything that is said here only grows: of two words about one thing the newer stays. So words may come in any order
and more than once, and the same is known in the end.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from standby.delivery.choice_model import ASK, Choice
from standby.delivery.day_model import Days, LineDays, days_after, fresh, told_of_any
from standby.delivery.origin_model import Numbering, newest, numbered, oldest, since_first
from standby.delivery.refund_model import MOST_REFUNDS, Refund, having_paid
from standby.delivery.told_model import NOBODY, REFUSED, Notice, Wish, is_lost, kept, to_tell_again, told_anew, told_of
from standby.platform.clock import NO_DAY, from_text, to_milliseconds
from standby.platform.code_model import Code
from standby.platform.frozen import frozen

if TYPE_CHECKING:
    from standby.delivery.plan_model import Plan

Version = tuple[int, int, int, int]
"""Order of the ERP's words: as_of in microseconds, sequence (0 when missing), arrival, and a number made of the
content, so that only the same message has the same version."""

ETA, TRACKED = "eta", "tracked"
SHIPPED, DELIVERED, CANCELLED, RETURNED = "shipped", "delivered", "cancelled", "returned"


def tracked(state: str) -> str:
    """Return the kind of a carrier's word that says a state. Of each state the newest word is known."""
    return f"{TRACKED}.{state}"


PICK_UP, ATTEMPTED = tracked("pick_up"), tracked("attempted")
NEWEST_ALONE = frozenset({TRACKED, "moved"})
"""Kinds of words about lines of which only the newest counts, whatever its line has for a number."""
ARRIVED = (DELIVERED, tracked("delivered"), PICK_UP)
"""What tells that something is with its customer, or waits there for them."""
AT_FIRST = frozenset({PICK_UP, ATTEMPTED})
"""What carriers say again and again, and what counts by when it was so first (`origin_model.FIRST_AT`)."""
SEEN = ("in_transit", "delivered", "pick_up", "out", "attempted", "returning")
"""What a carrier says of what it has, or had."""
LEFT = (SHIPPED, DELIVERED, RETURNED, *map(tracked, SEEN))
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
MAIL, PREORDER = "mail", "preorder"
TOLD = frozenset({MAIL, PREORDER})
MAILED = frozenset({MAIL, REFUSED})
"""How a customer was written to of what is news of a delay (`Notice.by`)."""


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
        return str(self.fields.get("payment_status", "")).strip().casefold() == PAID


@frozen(kw_only=True)
class Happened:
    """Any other word: of the whole order, of one shipment, or of some lines."""

    order_id: str
    said: Said
    about: tuple[About, ...]
    step: Step


@frozen(kw_only=True)
class Refunded:
    """``order.refunded``. ``refund`` names it: which debt it names, when and how much it was."""

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
    numbering: Numbering | None = None
    """The lines that it had at first and has since, by their numbers; ``None`` before any ``order.placed``."""
    days: Days = field(default_factory=dict)
    """The days that were told of each line."""
    reservations: Said | None = None
    """The newest word of any ``order.placed`` that said which reservations it settles, or that it settles none."""
    words: Mapping[About, Said] = field(default_factory=dict)
    """The newest word about each thing."""
    earlier: Mapping[About, Sequence[Said]] = field(default_factory=dict)
    """Words about lines that newer ones of their kind followed, the newest last (`standby.delivery.line_model`)."""
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
    wishes: tuple[Wish, ...] = ()
    """What a person is to call about because the policy of remedies wants it, one of a shipment at most."""
    choices: tuple[Choice, ...] = ()
    """What the customer said, the oldest first."""
    told_choices: int = 0
    """How many of them others heard of."""
    refunds_due: tuple[Refund, ...] = ()
    """What the customer is owed, the oldest first."""
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
        words, earlier = newest(self.words, [(about, word.said) for about in word.about]), self.earlier
        for about in word.about:
            if about.kind in AT_FIRST:
                words[about] = since_first(words[about], self.words.get(about), word.said)
        again = [e for e in word.about if e.id and e.kind not in NEWEST_ALONE and e in self.words]
        if again:
            from standby.delivery.line_model import passed  # noqa: PLC0415 - few things are said twice

            earlier = passed(self, again, word.said)
        history = tuple(sorted({*self.history, word.step})[-MOST_HISTORY:])
        known = (words, earlier, history) == (self.words, self.earlier, self.history)
        return self if known else numbered(self._next(words=words, earlier=earlier, history=history))

    def heard(
        self,
        told: int | None,
        told_lines: Mapping[str, str],
        told_delays: Mapping[str, tuple[str, ...]],
        told_refunds: Collection[str] = (),
    ) -> "Order":
        """Return the order once everybody heard of it."""
        return self._next(
            told=told,
            told_choices=len(self.choices),
            refunds_due=tuple(each._replace(told=each.told or each.id in told_refunds) for each in self.refunds_due),
            told_lines={**self.told_lines, **told_lines},
            told_delays={**self.told_delays, **told_delays},
        )

    def noticed_by(self, notices: Iterable[Notice]) -> "Order":
        """Return the order once its customer was told; the same where that is known."""
        known = self.noticed
        said = [each for each in notices if known.get(each.shipment_id, ())[-1:] != (each.news,)]
        return self._next(notices=kept(self, said, BESIDE), tell_at=None) if said else self.waits(None)

    @property
    def unreached(self) -> bool:
        """Tell whether the newest mail about a delay was refused, by the address that the order has."""
        newest = [each for each in self.notices if each.by in MAILED][-1:]
        return any(each.by == REFUSED and not is_lost(self, each) for each in newest)

    def noted(self, notices: Iterable[Notice]) -> "Order":
        """Return the order once somebody was reminded, or is to be called; the same where that is known."""
        said = [each for each in notices if not self.has_note(each.shipment_id, each.news)]
        return self._next(notices=kept(self, said, BESIDE)) if said else self

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
        among = [each for each in self.notices if each.by in by and not (each.by == REFUSED and is_lost(self, each))]
        return told_of(self, among, shipment_id) if among else []

    def line_ids_of(self, shipment_id: str) -> Sequence[str]:
        """Return the lines of a shipment that are still wanted, and not cancelled."""
        if shipment_id not in self.shipments:
            return ()
        said = self.shipments[shipment_id]
        wanted = [each for each in self.now_of(said.fields["line_ids"], said.version) if each in self.lines]
        return [each for each in wanted if (part := self.fate_in(each, shipment_id)) is None or part.outcome == SHIPPED]

    def chose(self, *choices: Choice, code: Code | None) -> "Order":
        """Return the order after its customer said something; the same where that is nothing new."""
        same = not choices and code == self.code
        left = [line_id for line_id, fate in self.fates.items() if fate.outcome == SHIPPED] if choices else []
        said = (choice.with_units(self.lines, left) for choice in choices)
        return self if same else self._next(choices=(*self.choices, *said), code=code)

    def waits(self, tell_at: str | None) -> "Order":
        """Return the order once it is known when its customer may be told; the same where that was known."""
        return self if tell_at == self.tell_at else self._next(tell_at=tell_at)

    def looked(self, look_on: str | None) -> "Order":
        """Return the order once it is known when silence is to be looked at next; the same where that was known."""
        return self if look_on == self.look_on else self._next(look_on=look_on)

    def owes(self, refunds_due: tuple[Refund, ...]) -> "Order":
        """Return the order with other money that is owed."""
        return self._next(refunds_due=refunds_due)

    def rung(self, refund_ids: frozenset[str]) -> "Order":
        """Return the order once somebody was told that money is owed for too long."""
        known = tuple(each._replace(rung=each.rung or each.id in refund_ids) for each in self.refunds_due)
        return self if known == self.refunds_due else self._next(refunds_due=known)

    @property
    def untold_choices(self) -> Sequence[Choice]:
        """What the customer said that others must hear of."""
        return [choice for choice in self.choices[self.told_choices :] if choice.kind != ASK]

    @property
    def chosen(self) -> Sequence[Choice]:
        """What the customer said, the oldest first, by the numbers that the lines have now."""
        if self.numbering is None or self.numbering.plain:
            return self.choices
        from standby.delivery.line_model import chosen  # noqa: PLC0415 - the lines of few orders change

        return chosen(self)

    @property
    def given_up(self) -> frozenset[str]:
        """Lines that the customer asked to be rid of, but for those that left since. Who withdrew did so for good."""
        if not self.choices:
            return frozenset()
        from standby.delivery.fate_model import given_up  # noqa: PLC0415 - few customers choose

        return given_up(self)

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

    @cached_property
    def lines(self) -> Mapping[str, Mapping[str, Any]]:
        """The lines that want any units, by id."""
        lines = {} if self.placed is None else self.placed.lines
        return {line_id: line for line_id, line in lines.items() if line["quantity"] > 0}

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of words that were said of it."""
        return frozenset(about.kind for about in self.words)

    @property
    def fates(self) -> Mapping[str, Fate]:
        """What became of the lines; those that are still to be shipped are not in it."""
        if not self.words:
            return {}
        from standby.delivery.fate_model import fates  # noqa: PLC0415 - loaded where something was said of an order

        return fates(self)

    def _placed(self, word: Placed) -> "Order":
        listed = [(name, Said(version=word.version, fields=said)) for name, said in word.shipments.items()]
        shipments, first = newest(self.shipments, listed), oldest({**self.shipments, **self.first}, listed)
        known = [self.reservations] if self.reservations is not None else _reserves(self.placed)
        reserved = max((*known, *_reserves(word)), key=lambda said: said.version, default=None)
        days = days_after(self.days, word.version, word.shipments, word.lines)
        numbering = self.numbering and self.numbering.after(word.version, word.lines, word.shipments)
        numbering = numbering or Numbering.of(word.version, word.lines, word.shipments)
        days = numbering.kept(days)
        last = word if self.placed is None or word.version > self.placed.version else self.placed
        newer, placed = last is word, having_paid(last, self.placed, word)
        before = (self.placed, self.shipments, self.first, self.reservations, self.days, self.numbering)
        if (placed, shipments, first, reserved, days, numbering) == before:
            return self
        after = self._next(
            shipments=shipments, first=first, numbering=numbering, days=days, placed=placed, reservations=reserved
        )
        after = numbered(after)
        if newer and (self.told_delays or (self.told_lines and not numbering.plain)):
            after = told_anew(self, after)
        return after if after.email == self.email else after.to_tell_again()

    def to_tell_again(self) -> "Order":
        """Return the order with the delays unheard of which its customer could not be told, where they can now."""
        return to_tell_again(self) if self.notices and self.has_address else self

    @property
    def email(self) -> str | None:
        """The address of its customer."""
        return None if self.placed is None else self.placed.fields.get("customer", {}).get("email")

    @property
    def has_address(self) -> bool:
        """Tell whether its customer can be mailed."""
        return self.email is not None

    @property
    def first_said(self) -> int:
        """Return when it was first said to be placed, in microseconds; 0 where it never was."""
        return 0 if self.numbering is None else self.numbering.version[0]

    @cached_property
    def plan(self) -> "Plan | None":
        """In which shipments its lines are and were; ``None``: each shipment has the lines that it always had."""
        newest, first = self.shipments, self.first
        once = len({said.version for said in newest.values()}) <= 1 and all(
            said.fields["line_ids"] == first[name].fields["line_ids"] for name, said in newest.items()
        )
        if once and (self.numbering is None or self.numbering.planned_once):
            return None
        from standby.delivery.plan_model import plan_of  # noqa: PLC0415 - the shipments of few orders change

        return plan_of(self)

    @cached_property
    def places(self) -> Mapping[str, Sequence[str]]:
        """Return the shipments of each line: those that were named last, else those of older words."""
        if self.plan is not None:
            return self.plan.places
        found: dict[str, list[str]] = {}
        for name, said in self.shipments.items():
            for line_id in said.fields["line_ids"]:
                found.setdefault(line_id, []).append(name)
        return found

    def fate_in(self, line_id: str, shipment_id: str | None) -> Fate | None:
        """Return what became of a line in one shipment, ``None`` while it waits."""
        if not self.words:
            return None
        from standby.delivery.fate_model import fate_in  # noqa: PLC0415 - as above

        return fate_in(self, line_id, shipment_id)

    def newest_about(
        self, kind: str, line_id: str, shipment_id: str | None, *, whole: bool = True
    ) -> tuple[About, Said] | None:
        """Return the newest word of a kind that covers a line; ``whole`` says whether one of the order does.

        What was said before the line came back, and is sent again, counts no more.
        """
        if not self.words:
            return None
        from standby.delivery.fate_model import newest_about  # noqa: PLC0415 - as above

        return newest_about(self, kind, line_id, shipment_id, whole=whole)

    def back_before(self, line_id: str, shipment_id: str | None) -> Version | None:
        """Return the word by which a line of a shipment came back that was sent again since; ``None``: none."""
        if not self.words:
            return None
        from standby.delivery.fate_model import back_before  # noqa: PLC0415 - as above

        return back_before(self, line_id, shipment_id)

    def said_of_line(self, kind: str, line_id: str) -> tuple[About, Said] | None:
        """Return the newest word of a kind that names a line, by whatever number it had then."""
        about = About(kind, LINE, line_id)
        if self.numbering is None or self.numbering.plain:
            return (about, self.words[about]) if about in self.words else None
        from standby.delivery.line_model import of_line  # noqa: PLC0415 - the lines of few orders change

        return of_line(self, about)

    def now_of(self, line_ids: Iterable[str], version: Version) -> Sequence[str]:
        """Return the numbers that lines have now which a word of a version named; those that went away have none."""
        return tuple(line_ids) if self.numbering is None else self.numbering.now(line_ids, version)

    def now_at(self, line_ids: Iterable[str], at: str) -> Sequence[str]:
        """Return the numbers that lines have now which were named when something was noted, at an instant.

        So is read what was told, chosen and owed: it stands under the numbers of then. Those that went away have none.
        """
        if self.numbering is None or self.numbering.plain:
            return tuple(line_ids)
        return self.numbering.now(line_ids, self.version_at(at))

    def version_at(self, at: str) -> Version:
        """Return the newest word about the whole order that had come by an instant; it was placed."""
        assert self.numbering is not None  # noqa: S101 - it was placed
        return self.numbering.known_at(to_milliseconds(from_text(at)) * ARRIVALS_PER_MILLISECOND)

    def known_as(self, line_id: str) -> Sequence[str]:
        """Return every number by which a line is or was known, by the one that it has now."""
        if self.numbering is None or self.numbering.plain:
            return (line_id,)
        return tuple(dict.fromkeys([line_id, *(name.line_id for name in self.numbering.names(line_id))]))

    def days_of(self, line_id: str) -> LineDays | None:
        """Return the days that were told of a line, by all its numbers."""
        line, numbering = self.lines.get(line_id), self.numbering
        if line is None or numbering is None or numbering.plain:
            return None if line is None else self.days.get((line_id, line["sku"]))
        return told_of_any(self.days, numbering.articles(line_id, line["sku"]))

    def planned_after(self, version: Version, shipment_id: str, line_ids: Sequence[str]) -> bool:
        """Tell whether the promised day that is known of a shipment was said first after a word, and not at first."""
        day, first = self.shipments[shipment_id].fields["promised_until"], self.first[shipment_id]
        since = version if self.numbering is None else max(version, self.numbering.version)
        before = day == NO_DAY or (first.fields["promised_until"] == day and first.version <= since)
        return not before and fresh(map(self.days_of, line_ids), day, since)

    def _next(self, **changes: Any) -> "Order":  # noqa: ANN401 - fields of several types
        return replace(self, edition=self.edition + 1, **changes)


def _reserves(word: Placed | None) -> list[Said]:
    """Return what an ``order.placed`` says of the reservations, if anything; an older form has that nowhere else."""
    fields = {} if word is None else word.fields
    said = {name: value for name, value in fields.items() if name == RESERVATIONS}
    return [Said(version=word.version, fields=said)] if word is not None and said else []
