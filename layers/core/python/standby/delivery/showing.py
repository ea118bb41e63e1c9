"""All that is known of an order, as the shop's programs and whoever is on the phone with its customer see it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from standby.delivery.arriving import answer_of, is_confirmed
from standby.delivery.calling import ASK, reason_of
from standby.delivery.choice_model import ARRIVED as SAID_ARRIVED
from standby.delivery.choice_model import Choice
from standby.delivery.model import (
    ARRIVED,
    RETURNED,
    SHIPMENT,
    SHIPPED,
    TRACKED,
    About,
    Fate,
    Order,
    Placed,
    Said,
    Step,
)
from standby.delivery.order_rule import is_late
from standby.delivery.origin_model import covers
from standby.delivery.promises import (
    AFTER,
    ARRIVED_LATE,
    CALL,
    REMINDED,
    UNKNOWN,
    UNSHIPPED,
    Promise,
    delay_of,
    held,
    planned,
    promises,
    today,
)
from standby.delivery.service import Lookup
from standby.delivery.standing import Standing, standing
from standby.delivery.told_model import Notice
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.moment import EPOCH, MICROSECOND

if TYPE_CHECKING:
    from standby.delivery.links import Links
    from standby.delivery.lookup_answers import (
        AmountShown,
        ArrivalSaid,
        CallOutcomeShown,
        CallShown,
        ChoiceShown,
        CustomerShown,
        Delayed,
        DeliveryShown,
        HappenedShown,
        LineFate,
        NoticeShown,
        OpenShown,
        OrderedLineShown,
        OrderedShipmentShown,
        TrackedShown,
    )


@frozen(kw_only=True)
class Shower:
    """Shows orders."""

    orders: Lookup
    clock: Clock
    zone: tzinfo
    """The shop's. Its days decide what is late."""
    outcomes: Callable[[str], Mapping[str, Mapping[str, Any]]]
    """Returns what came of an order's calls (`standby.delivery.called`)."""
    links: Callable[[], "Links"]
    """Loads what signs the link to an order's page."""
    late_when: str = "one"
    """When an order of several shipments is late (`standby.delivery.order_rule`)."""

    def of(self, order_id: str, *, personal: bool) -> "DeliveryShown | None":
        """Return what is known of an order now, ``None`` where nothing was said of it.

        ``personal`` says whether the asker may know who ordered, and who delivers to the shop.
        """
        order = self.orders.order(order_id)
        if order is None:
            return None
        now = self.clock.now()
        found = shown(order, now, self.zone, personal=personal, late_when=self.late_when)
        if order.placed is not None:
            days = [day for each in found["shipments"] for day in (each["promised_until"], each["expected"]) if day]
            found["tracking_page"] = self.links().page(order_id, max(days, default=None), now)
        if found["calls"]:
            outcomes = self.outcomes(order_id)
            for call in found["calls"]:
                call["outcome"] = _outcome(outcomes.get(f"{call['reason']} {call['at']}"), personal=personal)
        return found


def shown(order: Order, now: datetime, zone: tzinfo, *, personal: bool, late_when: str = "one") -> "DeliveryShown":
    """Return what is known of an order at an instant."""
    placed = order.placed
    about: Mapping[str, Any] = {} if placed is None else placed.fields
    goes = about.get("ship_to", {})
    from standby.delivery.refund_showing import owed, paid_back  # noqa: PLC0415 - it shows instants as this does

    return {
        "order_id": order.order_id,
        "order_number": about.get("order_number"),
        "placed_at": None if placed is None else moment(min(_placed(order, placed))),
        "as_of": about.get("as_of"),
        "channel": about.get("channel"),
        "country": goes.get("country"),
        "payment_status": about.get("payment_status"),
        "delivery_fee": _amount(about.get("delivery_fee")),
        "reservation_ids": list(order.reservation_ids),
        "discount_codes": about.get("discount_codes", []),
        "customer": _customer(about.get("customer", {}), goes) if personal and placed is not None else None,
        "lines": list(_lines(order)),
        "shipments": list(_shipments(order, today(now, zone), zone, personal=personal)),
        "late": is_late(promises(order, zone), late_when, now, zone),
        "late_when": late_when,
        "tracking_page": None,
        "history": [_step(step) for step in order.history],
        "notices": [_notice(notice) for notice in order.notices],
        "calls": [_call(notice) for notice in order.notices if notice.by == CALL],
        "choices": [_choice(choice) for choice in order.choices],
        "open": None if placed is None else _open(standing(order, zone, now)),
        "refunds_due": owed(order),
        "refunds": paid_back(order),
    }


def said_at(said: Said | Placed) -> str:
    """Return the instant of which a word speaks."""
    return moment(said.version[0])


def moment(microseconds: int) -> str:
    """Return an instant as text."""
    return to_text(EPOCH + microseconds * MICROSECOND)


def delayed(news: str) -> "Delayed":
    """Return what kind of delay some news is (`standby.delivery.promises.Delay.news`)."""
    if news == ARRIVED_LATE:
        return "arrived"
    if news == UNKNOWN:
        return "unknown"
    if news.startswith(UNSHIPPED):
        return "unshipped"
    if news.startswith(REMINDED):
        return "reminder"
    if news.startswith(CALL):
        return "call"
    return "overdue" if news.startswith(AFTER) else "expected"


def _placed(order: Order, placed: Placed) -> Iterator[int]:
    """Yield of which instants each ``order.placed`` speaks that is known, in microseconds."""
    yield placed.version[0]
    yield from (said.version[0] for said in order.first.values())


def _customer(said: Mapping[str, Any], goes: Mapping[str, Any]) -> "CustomerShown":
    return {
        "id": said.get("id"),
        "type": said.get("type"),
        "name": said.get("name"),
        "email": said.get("email"),
        "phone": said.get("phone"),
        "locale": said.get("locale"),
        "time_zone": said.get("time_zone"),
        "tier": said.get("tier"),
        "postal_code": goes.get("postal_code"),
    }


def _amount(said: Mapping[str, Any] | None) -> "AmountShown | None":
    return None if said is None else {"amount": said["amount"], "currency": said["currency"]}


def _lines(order: Order) -> "Iterator[OrderedLineShown]":
    fates, places = order.fates, order.places
    for line_id, line in order.lines.items():
        fate, since = _fate(order, line_id, fates.get(line_id), places.get(line_id, (None,)))
        yield {
            "line_id": line_id,
            "sku": line["sku"],
            "quantity": line["quantity"],
            "unit_price": _amount(line.get("unit_price")),
            "category": line.get("category"),
            "fate": fate,
            "fate_at": None if since is None else since.fields["occurred_at"],
        }


def _fate(
    order: Order, line_id: str, found: Fate | None, places: Sequence[str | None]
) -> "tuple[LineFate, Said | None]":
    """Return what became of a line, and the word that says so. What left came back, or arrived, with its last part."""
    if found is None:
        return "waiting", None
    if found.outcome != SHIPPED:
        return "cancelled", found.said
    left = [place for place in places if (part := order.fate_in(line_id, place)) and part.outcome == SHIPPED]
    back = [order.newest_about(RETURNED, line_id, place) for place in left]
    if all(back):
        return "returned", max((word[1] for word in back if word), key=lambda said: said.version)
    there = [_arrived(order, line_id, place) or (word and word[1]) for place, word in zip(left, back, strict=True)]
    if all(there):
        return "arrived", max((said for said in there if said), key=lambda said: said.fields["occurred_at"])
    return "shipped", found.said


def _arrived(order: Order, line_id: str, shipment_id: str | None) -> Said | None:
    """Return the word by which a line of a shipment was with its customer first."""
    words = [word[1] for kind in ARRIVED if (word := order.newest_about(kind, line_id, shipment_id))]
    return min(words, key=lambda said: said.fields["occurred_at"], default=None)


def _shipments(order: Order, day: date, zone: tzinfo, *, personal: bool) -> "Iterator[OrderedShipmentShown]":
    found = promises(order, zone)
    shown = {promise.shipment_id for promise in found}
    for promise in found:
        said = order.shipments[promise.shipment_id].fields
        delay = delay_of(promise, day)
        yield {
            **_parcel(order, promise.shipment_id, [*held(order, promise.shipment_id)], said, personal=personal),
            **_promised(promise),
            "delay": None if delay is None else delayed(delay.news),
            "days_late": 0 if delay is None else delay.days_late,
            "confirmed": delay is not None and is_confirmed(order, delay, zone),
            "arrival": _answer(order, promise.shipment_id),
        }
    for shipment_id in planned(order):
        if shipment_id not in shown:  # nobody said a day of it
            said = order.shipments[shipment_id].fields
            yield _parcel(order, shipment_id, [*held(order, shipment_id)], said, personal=personal)
    if order.placed is None:
        named = (about.id for about in order.words if about.scope == SHIPMENT)
        for shipment_id in dict.fromkeys(named):
            yield _parcel(order, shipment_id, [], {}, personal=personal)


def _promised(promise: Promise) -> Any:  # noqa: ANN401 - some of the fields of `OrderedShipmentShown`
    return {
        "promised_until": promise.promised_until.isoformat(),
        "expected": _day(promise.expected),
        "cause": promise.cause,
        "arrived_on": _day(promise.arrived_on),
        "over": promise.over,
    }


def _parcel(
    order: Order, shipment_id: str, line_ids: list[str], said: Mapping[str, Any], *, personal: bool
) -> "OrderedShipmentShown":
    """Return what is known of a shipment beside its promise."""
    left = sorted(_words(order, SHIPPED, shipment_id, line_ids), key=lambda word: word.version, reverse=True)
    tracked = max(_words(order, TRACKED, shipment_id, line_ids), key=lambda word: word.version, default=None)
    return {
        "shipment_id": shipment_id,
        "line_ids": line_ids,
        "promised_from": said.get("promised_from"),
        "promised_until": None,
        "ship_by": said.get("ship_by"),
        "expected": None,
        "cause": None,
        "shipped_at": left[0].fields["occurred_at"] if left else None,
        "arrived_on": None,
        "over": False,
        "delay": None,
        "days_late": 0,
        "confirmed": False,
        "arrival": None,
        "carrier": _first("carrier", left) or said.get("carrier"),
        "tracking_url": _first("tracking_url", left),
        "tracked": None if tracked is None else _tracked(tracked),
        "supplier_id": said.get("supplier_id") if personal else None,
        "location_id": said.get("location_id") if personal else None,
    }


def _words(order: Order, kind: str, shipment_id: str, line_ids: list[str] | None = None) -> list[Said]:
    """Return the newest words of a kind about the order, a shipment, and each of its lines."""
    of_all = order.words.get(About(kind))
    if of_all is not None and line_ids and not any(covers(order, of_all, line_id) for line_id in line_ids):
        of_all = None
    found = [of_all, order.words.get(About(kind, SHIPMENT, shipment_id))]
    found += [word[1] for line_id in line_ids or () if (word := order.newest_about(kind, line_id, shipment_id))]
    return [said for said in found if said is not None]


def _first(name: str, words: list[Said]) -> str | None:
    return next((said.fields[name] for said in words if name in said.fields), None)


def _tracked(said: Said) -> "TrackedShown":
    return {"state": said.fields["state"], "occurred_at": said.fields["occurred_at"]}


def _answer(order: Order, shipment_id: str) -> "ArrivalSaid | None":
    answer = answer_of(order, shipment_id)
    return None if answer is None else {"at": answer.at, "arrived": answer.kind == SAID_ARRIVED}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _notice(notice: Notice) -> "NoticeShown":
    return {
        "at": notice.at,
        "shipment_id": notice.shipment_id,
        "delay": delayed(notice.news),
        "promised_until": notice.promised_until,
        "expected": notice.expected,
        "by": notice.by,  # type: ignore[typeddict-item] # as `Notice` names them
    }


def _call(notice: Notice) -> "CallShown":
    reason = reason_of(notice.news)
    return {"at": notice.at, "shipment_id": notice.shipment_id, "reason": reason, "ask": ASK[reason], "outcome": None}


def _outcome(said: Mapping[str, Any] | None, *, personal: bool) -> "CallOutcomeShown | None":
    if said is None:
        return None
    return {
        "at": said["at"],
        "outcome": said["outcome"],
        "note": said["note"] if personal else None,
        "by": said["by"] if personal else None,
    }


def _choice(choice: Choice) -> "ChoiceShown":
    return {
        "at": choice.at,
        "kind": choice.kind,  # type: ignore[typeddict-item] # as `choice_model` names them
        "shipment_id": choice.shipment_id or None,
        "until": choice.until,
        "wording": choice.wording or None,
        "line_ids": list(choice.line_ids),
    }


def _open(found: Standing) -> "OpenShown":
    return {
        "market": found.market.name,
        "cancel": list(found.cancels),
        "withdraw": list(found.withdraws),
        "withdraw_until": _day(found.withdraw_until),
    }


def _step(step: Step) -> "HappenedShown":
    said = dict(step.said)
    return {
        "as_of": moment(step.as_of),
        "event": f"order.{step.kind}",
        "occurred_at": said.get("occurred_at"),
        "shipment_id": said.get("shipment_id"),
        "lines": int(said["lines"]) if "lines" in said else None,
        "eta": said.get("eta"),
        "cause": said.get("cause"),
        "state": said.get("state"),
        "carrier": said.get("carrier"),
    }
