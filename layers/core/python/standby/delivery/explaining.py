"""Why an order is as it is: which word made which promise, what became late by which rule, and who was told or not.

Everything follows from the order itself, so a step says what is known now: of what the ERP overwrote the oldest and the
newest word are known. No step names a person; nothing is stored to explain.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from standby.delivery import refund_showing
from standby.delivery.calling import FAILED, REMEDY, RETURNING, reason_of
from standby.delivery.choice_model import ARRIVED as SAID_ARRIVED
from standby.delivery.choice_model import ASK, CANCEL, MISSING, SILENCE, WAIT, WITHDRAW
from standby.delivery.model import (
    ARRIVED,
    ETA,
    LINE,
    MAIL,
    PICK_UP,
    PREORDER,
    SHIPMENT,
    TRACKED,
    Order,
    Placed,
    Said,
    tracked,
)
from standby.delivery.noticing import mails_of
from standby.delivery.promises import (
    AFTER,
    ARRIVED_LATE,
    DAY,
    MOVED,
    NOON,
    UNKNOWN,
    UNSHIPPED,
    Delay,
    Promise,
    begin,
    delay_of,
    eta_of,
    made_by,
    promises,
    today,
)
from standby.delivery.promises import at as wall
from standby.delivery.service import Lookup
from standby.delivery.showing import moment, said_at
from standby.delivery.standing import standing
from standby.delivery.told_model import EXPIRED, MOST_NOTICES, NOWHERE, REFUSED
from standby.platform.clock import NO_DAY, Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.kept import APOLOGIES

if TYPE_CHECKING:
    from standby.delivery.lookup_answers import DeliveryExplained
    from standby.platform.answers import Step

MOST_STEPS = 2_000
"""That an explanation shows: the newest."""
CAME_TOO = "who_was_told_that_it_is_late_is_not_told_that_it_came"
TOLD, NOT_TOLD = "CustomerTold", "CustomerNotTold"
RULES: Mapping[str, str] = {
    "shipped": "it_left_the_house",
    "delivered": "it_arrived",
    "cancelled": "what_has_not_left_is_not_to_come",
    "returned": "it_came_back",
    tracked("in_transit"): "the_carrier_says_that_it_left",
    tracked("delivered"): "the_carrier_says_that_it_arrived",
    PICK_UP: "ready_to_be_collected_counts_as_arrived",
    MOVED: "pre_orders_say_when_their_goods_come",
    tracked("attempted"): "an_attempt_by_the_promised_day_keeps_the_promise",
}
"""What a word means, by its kind."""
CHOICES: Mapping[str, str] = {
    WAIT: "the_customer_agreed_to_wait",
    ASK: "the_customer_asked_to_cancel_and_a_code_was_mailed",
    CANCEL: "the_code_came_and_the_erp_is_asked_to_cancel",
    WITHDRAW: "the_customer_withdrew_and_the_erp_is_asked_to_take_it_back",
    SAID_ARRIVED: "the_customer_said_that_it_is_there_so_the_delay_is_over",
    MISSING: "the_customer_said_that_it_is_not_there_so_the_delay_is_confirmed",
    SILENCE: "silence_cancels_by_law_and_the_erp_is_asked_to_cancel",
}
"""What a customer said, by its kind."""
BESIDE: Mapping[str, tuple[str, str]] = {
    "reminder": (TOLD, "before_silence_decides_they_are_reminded_once"),
    "call": ("CallTaskOpened", "whom_no_mail_reaches_a_person_tells"),
}
"""What is noted of a delay beside mails and what kept one back, by how it was told."""
CALLS: Mapping[str, tuple[str, str]] = {
    RETURNING: ("CallTaskOpened", "the_carrier_brings_it_back_and_a_person_asks"),
    FAILED: ("CallTaskOpened", "the_carrier_could_not_deliver_and_a_person_asks"),
    REMEDY: ("CallTaskOpened", "the_policy_of_remedies_wants_a_call_for_so_long_a_delay"),
}
"""Why a person calls, beside what the law wants told."""


class Apologies(Protocol):
    """Who was told how often that the shop is sorry."""

    def told(self, address: str) -> Mapping[str, str]:
        """Return the mails that said so to a customer, and when, by their jobs."""
        ...


class Word(NamedTuple):
    """What was said of an order beside ``order.placed``."""

    as_of: int
    mark: int
    kind: str
    fields: Mapping[str, Any]


@frozen(kw_only=True)
class Explainer:
    """Explains orders."""

    orders: Lookup
    apologies: Apologies
    clock: Clock
    zone: tzinfo
    """The shop's."""
    explain: Callable[[Order, list[Delay]], list[Delay]]
    """Says which incident explains what is late."""

    def why(self, order_id: str) -> "DeliveryExplained | None":
        """Return the steps of an order's explanation, the newest last; ``None`` where nothing was said of it."""
        order = self.orders.order(order_id)
        if order is None:
            return None
        steps = explained(order, self.clock.now(), self.zone, self._sorry(order))
        steps = sorted([*steps, *self._incidents(order)], key=lambda step: step["at"])
        return {"subject": f"delivery:{order_id}", "steps": steps[-MOST_STEPS:]}

    def proof(self, order_id: str) -> "list[Step] | None":
        """Return all steps of an order that follow from it alone; ``None`` where nothing was said of it."""
        order = self.orders.order(order_id)
        return None if order is None else explained(order, self.clock.now(), self.zone, {})

    def _incidents(self, order: Order) -> "Iterator[Step]":
        day = today(self.clock.now(), self.zone)
        late = [delay for each in promises(order, self.zone) if (delay := delay_of(each, day)) is not None]
        for delay in self.explain(order, late) if late else ():
            said = delay.incident
            if said is not None:
                numbers = {"incident_id": said.incident_id, "cause": said.cause, "policy": said.policy}
                at = to_text(begin(said.since, self.zone))
                name = delay.promise.shipment_id
                yield _step(at, "Incident", "operators_declared_what_it_shares", shipment_id=name, **numbers)

    def _sorry(self, order: Order) -> Mapping[str, str]:
        """Return the mails that told the order's customer that the shop is sorry; none where nobody was mailed."""
        from standby.platform.address import address_key  # noqa: PLC0415 - loads what few requests need

        email = None if order.placed is None else order.placed.fields.get("customer", {}).get("email")
        mailed = any(notice.by == "mail" for notice in order.notices)
        return {} if email is None or not mailed else self.apologies.told(address_key(email))


def explained(order: Order, now: datetime, zone: tzinfo, sorry: Mapping[str, str]) -> "list[Step]":
    """Return all steps of an order, by when each was so. ``sorry`` are the mails that said that the shop is sorry."""
    steps = [*_placed(order)]
    found = promises(order, zone)
    words = _words(order)
    steps += _promised(order, found)
    steps += _happened(order, found, words)
    steps += _delays(order, found, words, today(now, zone), zone)
    steps += _told(order, sorry, to_text(now - APOLOGIES))
    steps += _chosen(order)
    steps += _silent(order, now, zone)
    steps += refund_showing.steps(order)
    return sorted(steps, key=lambda step: step["at"])


def _step(at: str, event: str, rule: str, **numbers: Any) -> "Step":  # noqa: ANN401 - as `Step` has them
    return {
        "at": at,
        "event": event,
        "rule": rule,
        "numbers": {name: value for name, value in numbers.items() if value is not None},
    }


# ---------------------------------------------------------------------- what was promised


def _placed(order: Order) -> "Iterator[Step]":
    placed = order.placed
    if placed is None:
        return
    yield _step(
        said_at(placed),
        "order.placed",
        "the_newest_order_counts",
        order_number=placed.fields.get("order_number"),
        lines=len(order.lines),
        shipments=len(placed.shipments),
        as_of_is_the_receipt=placed.fields.get("as_of_assumed"),
    )


def _promised(order: Order, found: Sequence[Promise]) -> "Iterator[Step]":
    """Say which word made each promise, and what a newer word made of it."""
    for shipment_id, first in order.first.items():
        newest, before = order.shipments[shipment_id], first.fields["promised_until"]
        until = newest.fields["promised_until"]
        if before != NO_DAY:
            yield _of_the_day(order, shipment_id, first, "the_first_day_told_is_the_promise")
        if newest.version != first.version and until not in {before, NO_DAY}:
            rule = "a_later_day_is_news_of_the_promise" if until > before else "an_earlier_day_is_promised"
            if before == NO_DAY:
                before, rule = None, "the_first_day_told_is_the_promise"
            yield _of_the_day(order, shipment_id, newest, rule, before=before)
    for promise in found:
        said = order.shipments[promise.shipment_id]
        wanted = order.lines
        line_ids = promise.line_ids or [line_id for line_id in said.fields["line_ids"] if line_id in wanted]
        until_, version, name = made_by(order, promise.shipment_id, line_ids)
        if version not in (order.first[name].version, order.shipments[name].version):
            rule = "an_earlier_day_is_promised" if name == promise.shipment_id else "the_first_day_told_is_the_promise"
            yield _step(moment(version[0]), "order.placed", rule, shipment_id=name, promised_until=until_)
        if name != promise.shipment_id:
            yield _step(
                said_at(order.first[promise.shipment_id]),
                "order.placed",
                "lines_take_their_promise_along",
                shipment_id=promise.shipment_id,
                promised_until=promise.promised_until.isoformat(),
                promised_of=name,
            )


def _of_the_day(order: Order, shipment_id: str, said: Said, rule: str, before: str | None = None) -> "Step":
    placed = order.placed
    return _step(
        said_at(said),
        "order.placed",
        rule,
        shipment_id=shipment_id,
        promised_until=said.fields["promised_until"],
        before=before,
        ship_by=said.fields.get("ship_by"),
        lines=len(said.fields["line_ids"]),
        still_listed=None if placed is not None and shipment_id in placed.shipments else False,
    )


# ---------------------------------------------------------------------- what happened


def _words(order: Order) -> list[Word]:
    """Return what was said: the newest word about each thing, and the history. What both have stands once."""
    found = {(step.as_of, step.mark): Word(step.as_of, step.mark, step.kind, dict(step.said)) for step in order.history}
    for about, said in order.words.items():
        key = (said.version[0], said.version[-1])
        if key not in found:
            where = {"shipment_id": about.id} if about.scope == SHIPMENT else {}
            lines = {"lines": "1"} if about.scope == LINE else {}
            found[key] = Word(*key, about.kind.partition(".")[0], {**said.fields, **where, **lines})
    return list(found.values())


def _happened(order: Order, found: Sequence[Promise], words: Sequence[Word]) -> "Iterator[Step]":
    deciding = {version for promise in found if (version := _deciding(order, promise)) is not None}
    for word in words:
        said = word.fields
        yield _step(
            moment(word.as_of),
            "PromiseMoved" if word.kind == MOVED else f"order.{word.kind}",
            _rule(order, word, deciding),
            shipment_id=said.get("shipment_id"),
            lines=int(said["lines"]) if "lines" in said else None,
            occurred_at=said.get("occurred_at"),
            eta=said.get("eta"),
            cause=said.get("cause"),
            state=said.get("state"),
            carrier=said.get("carrier"),
        )


def _deciding(order: Order, promise: Promise) -> tuple[int, int] | None:
    """Return which ``order.eta`` says when a shipment is expected, if one does."""
    wanted, said = order.lines, order.shipments[promise.shipment_id].fields["line_ids"]
    eta = eta_of(order, promise.shipment_id, promise.line_ids or [each for each in said if each in wanted])
    return None if eta is None else (eta.version[0], eta.version[-1])


def _rule(order: Order, word: Word, deciding: set[tuple[int, int]]) -> str:
    if word.kind == TRACKED:
        return RULES.get(tracked(word.fields["state"]), "the_carrier_says_so")
    if word.kind != ETA:
        return RULES[word.kind]
    if order.placed is None:
        return "it_counts_once_the_order_is_there"
    if (word.as_of, word.mark) not in deciding:
        return "a_newer_word_counts"
    return "nobody_knows_the_day" if "eta" not in word.fields else "the_newest_word_says_when_it_is_expected"


# ---------------------------------------------------------------------- what was late


def _delays(order: Order, found: Sequence[Promise], words: Sequence[Word], day: date, zone: tzinfo) -> "Iterator[Step]":
    """Say which delays all heard of, which they are still to hear of, and which the customer was not told of."""
    known = {promise.shipment_id: promise for promise in found}
    now = {name: delay.news for name, promise in known.items() if (delay := delay_of(promise, day)) is not None}
    noticed, forgetful = order.noticed, len(order.notices) >= MOST_NOTICES
    for shipment_id, told in order.told_delays.items():
        for news in dict.fromkeys(told):
            about = _numbers(order, shipment_id, news, known.get(shipment_id))
            at = _detected_at(order, words, shipment_id, news, zone)
            yield _step(at, "DelayDetected", _of_news(news), **about)
            if news not in noticed.get(shipment_id, ()) and not forgetful:
                rule = "not_told_yet" if now.get(shipment_id) == news else "over_before_it_was_told"
                if news == ARRIVED_LATE and noticed.get(shipment_id):
                    rule = CAME_TOO
                yield _step(at, NOT_TOLD, rule, **about)
    for shipment_id, news in now.items():
        heard = order.told_delays.get(shipment_id, ())
        if news not in heard:
            rule = CAME_TOO
            if not heard or news != ARRIVED_LATE:
                rule = "nobody_heard_of_it_yet"
            if heard and heard[-1].startswith(AFTER) and news == UNKNOWN:
                rule = "who_knows_that_the_day_is_over_is_not_told_that_nobody_knows_another"
            about = _numbers(order, shipment_id, news, known[shipment_id])
            yield _step(_detected_at(order, words, shipment_id, news, zone), NOT_TOLD, rule, **about)


def _of_news(news: str) -> str:
    if news == UNKNOWN:
        return "nobody_knows_the_day"
    if news == ARRIVED_LATE:
        return "it_arrived_after_the_promised_day"
    if news.startswith(UNSHIPPED):
        return "it_did_not_leave_on_the_day_that_counts_by_law"
    return "the_day_is_over" if news.startswith(AFTER) else "it_is_expected_after_the_promised_day"


def _numbers(order: Order, shipment_id: str, news: str, promise: Promise | None) -> dict[str, Any]:
    """Return the numbers of a delay as they were when it was told, else as they are."""
    notice = next((each for each in order.notices if (each.shipment_id, each.news) == (shipment_id, news)), None)
    until = notice.promised_until if notice else promise.promised_until.isoformat() if promise else None
    over = _date(news.removeprefix(AFTER)) if news.startswith(AFTER) else None
    leaves = _date(news.removeprefix(UNSHIPPED)) if news.startswith(UNSHIPPED) else None
    expected = None if over or leaves or news in (UNKNOWN, ARRIVED_LATE) else _date(news)
    arrived = promise.arrived_on if promise and news == ARRIVED_LATE else None
    new = arrived or expected or (None if over is None else over + DAY)
    return {
        "shipment_id": shipment_id,
        "promised_until": until,
        "expected": _text(expected),
        "last_day": _text(over),
        "ship_by": _text(leaves),
        "arrived_on": _text(arrived),
        "days_late": None if new is None or until is None else (new - date.fromisoformat(until)).days,
    }


def _detected_at(order: Order, words: Sequence[Word], shipment_id: str, news: str, zone: tzinfo) -> str:
    """Return since when a delay was to be seen: the word that says so, and for a day the moment at which it was over.

    Where the ERP has overwritten that word it is when the customer was told, else when the order was placed.
    """
    said = [
        moment(word.as_of)
        for word in words
        if word.kind in (ETA, MOVED)
        and word.fields.get("shipment_id", shipment_id) == shipment_id
        and word.fields.get("eta", UNKNOWN) == news.removeprefix(AFTER)
    ]
    told = [word for word in (order.first.get(shipment_id), order.shipments.get(shipment_id)) if word is not None]
    if news.startswith(AFTER):
        over = to_text(begin(date.fromisoformat(news.removeprefix(AFTER)) + DAY, zone))
        return max([over, *said[-1:], *(said_at(word) for word in told[:1])])
    if news.startswith(UNSHIPPED):
        noon = to_text(wall(date.fromisoformat(news.removeprefix(UNSHIPPED)), NOON, zone))
        return max([noon, *(said_at(word) for word in told[:1])])
    if news == ARRIVED_LATE:
        line_ids = order.shipments[shipment_id].fields["line_ids"] if shipment_id in order.shipments else []
        came = [order.newest_about(kind, line_id, shipment_id) for kind in ARRIVED for line_id in line_ids]
        said = [said_at(word[1]) for word in came if word is not None]
    said += [said_at(word) for word in told if word.fields["promised_until"] == news]
    noticed = [notice.at for notice in order.notices if (notice.shipment_id, notice.news) == (shipment_id, news)]
    return max(said, default=None) or next(iter(noticed), None) or said_at(_some(order, told))


def _some(order: Order, told: Sequence[Said]) -> Said | Placed:
    """Return a word about a shipment of which a delay was told: that needs an order."""
    placed = order.placed
    assert placed is not None  # noqa: S101 - nothing is told before
    return told[-1] if told else placed


# ---------------------------------------------------------------------- who was told


def _told(order: Order, sorry: Mapping[str, str], since: str) -> "Iterator[Step]":
    """Say what the customer was told: all that was news at once is one mail. ``since`` apologies are remembered."""
    mails = {notices[0].at: job_id for job_id, notices in mails_of(order)}
    for (at, by), group in groupby(order.notices, key=lambda notice: (notice.at, notice.by)):
        notices = list(group)
        news = [
            {
                "shipment_id": notice.shipment_id,
                "promised_until": notice.promised_until,
                "expected": notice.expected,
                "news": notice.news,
            }
            for notice in notices
        ]
        if all(notice.news.endswith(EXPIRED) for notice in notices):
            yield _step(at, NOT_TOLD, "the_mail_expired", by=by)
            continue
        if by in BESIDE:
            for known, about in groupby(notices, key=lambda notice: CALLS.get(reason_of(notice.news), BESIDE[by])):
                yield _step(at, *known, shipments=[notice.shipment_id for notice in about])
            continue
        if by == PREORDER:
            yield _step(at, TOLD, "pre_orders_told_it_before_the_order_did", by=by, news=news)
            continue
        if by != MAIL:
            expired = all(notice.to == NOWHERE for notice in notices)
            rule = (
                "the_order_has_no_address" if by != REFUSED else f"the_mail_{'expired' if expired else 'was_refused'}"
            )
            yield _step(at, NOT_TOLD, rule, by=by, news=news)
            continue
        job_id = mails[at]
        limited = job_id not in sorry and bool(sorry) and at > since
        rule = "after_the_limit_of_apologies_the_facts_alone" if limited else "once_for_each_new_day"
        apology = True if job_id in sorry else False if limited else None
        yield _step(at, TOLD, rule, by=by, mail=job_id.partition("#")[0], apology=apology, news=news)


# ---------------------------------------------------------------------- what the customer said


def _chosen(order: Order) -> "Iterator[Step]":
    """Say what the customer chose, and whether others have heard of it."""
    for place, choice in enumerate(order.choices):
        yield _step(
            choice.at,
            "CustomerChose",
            CHOICES[choice.kind],
            shipment_id=choice.shipment_id or None,
            until=choice.until,
            wording=choice.wording or None,
            line_ids=list(choice.line_ids) or None,
            passed_on=None if choice.kind == ASK else place < order.told_choices,
        )


def _silent(order: Order, now: datetime, zone: tzinfo) -> "Iterator[Step]":
    """Say what it meant, by the rules of the market, that the customer said nothing while they could.

    Silence that agrees makes no step: the rules name it only while the customer can still break it.
    """
    if order.placed is None:
        return
    found, day = standing(order, zone, now), today(now, zone)
    for parcel in found.parcels:
        silence = parcel.rights.silence
        if silence.at is not None and silence.decided(day):
            yield _step(
                to_text(begin(silence.at + DAY, zone)),
                "CustomerWasSilent",
                f"silence_{silence.meaning}",
                shipment_id=parcel.promise.shipment_id,
                market=found.market.name,
                last_day=silence.at.isoformat(),
            )


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
