"""Reserving units: all lines or none, and the same however often it is asked (design §5.2)."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from standby.ledger.claims import BesideError, Claim, ClaimBook, KitError, SoldOutError, TooManyError
from standby.ledger.model import SkuSettings
from standby.platform.address import address_key, mailbox_key
from standby.platform.backoff import Backoff, BusyError
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.preorder.counter_model import Counter, split
from standby.preorder.credits import Credits, owed
from standby.preorder.early_links import Bound
from standby.preorder.model import LONGEST_HOLD, Campaign, Customer, Kind, Line, RefusedError, Reservation, claim_id
from standby.preorder.repository import ChangedMeanwhileError, Writes
from standby.preorder.telling import Announcer, confirmed, paid_for

TWO, ANY = 2, None
"""How many counters are asked for credit."""
ROOM = 2
"""Writes of a transaction that a reservation leaves free, since ending it also notes a code's use and what it owes."""
CLAIM_WRITES = 4
"""Writes that ending a line's claim takes, which a line on credit has only once it is confirmed."""
USED_UP = ("link-used-up", "access_token: no more units are left to reserve by the link")
LIMIT_REACHED = ("limit-reached", "the customer has reserved as many as one may")
TOO_MANY = "so many lines, or units from so many counters, do not fit one reservation"


class OtherBodyError(Exception):
    """The key of the request was used for another request before."""


@frozen(kw_only=True)
class Wish:
    """What a storefront wants to reserve."""

    kind: Kind
    lines: tuple[tuple[str, int], ...]
    """SKUs and quantities; no SKU stands there twice."""
    customer: Customer | None
    limit_keys: tuple[str, ...] = ()
    access: str | None = None
    """The token of a link by which one may pre-order early."""


@frozen()
class Request:
    """What makes a request the same as another. Neither text shows what was asked or about whom."""

    reservation_id: str
    body: str

    @classmethod
    def of(cls, caller: str, key: str, body: Mapping[str, Any]) -> "Request":
        """Name a request by the caller's API key and its own key."""
        reservation_id = digest(f"{caller}#{key}")
        return cls(reservation_id, digest(f"{reservation_id}#{json.dumps(body, sort_keys=True)}"))


class Preorders(Protocol):
    """Where campaigns and reservations are kept."""

    def is_invited(self, sku: str, number: int, address: str) -> bool:
        """Tell whether an address may reserve of a campaign before it opens to all."""
        ...

    def campaign(self, sku: str) -> tuple[Campaign | None, list[Counter]]:
        """Return a SKU's campaign and its counters."""
        ...

    def reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation."""
        ...

    def update(self, reservation: Reservation) -> None:
        """Write what changed of a reservation that stays alive. Raises `ChangedMeanwhileError`."""
        ...


class Book(Protocol):
    """The settings of SKUs."""

    def resolve(self, sku: str | None) -> tuple[SkuSettings, int]:
        """Return a SKU's settings, merged."""
        ...


class Links(Protocol):
    """Links by which one may pre-order early."""

    def bound(self, token: str, campaign: Campaign, now: datetime) -> Bound | None:
        """Return how much may be reserved by a link that opens a campaign. Raises `RefusedError`."""
        ...


class Expiries(Protocol):
    """Where it is asked that a hold is ended at its time."""

    def end(self, reservation_id: str, *, at: str, now: datetime, sold: Sequence[str]) -> None:
        """Have a hold ended at an instant, or soon after it, and campaigns looked at of which units were sold."""
        ...

    def became_kit(self, sku: str) -> None:
        """Have the campaign of a SKU closed that became a kit."""
        ...


@frozen(kw_only=True)
class _Planned:
    """A line and what the transaction does for it."""

    line: Line
    claim: Claim
    bounded: bool
    """Whether the campaign's counters bound it."""
    limits: Mapping[str, int | None]
    """The most units that each of the line's limits allows."""
    link: str | None = None
    """The one of them that is a link's."""
    hold_minutes: int


@frozen(kw_only=True)
class Reserving:
    """Reserves, confirms, extends."""

    preorders: Preorders
    writes: Writes
    claims: ClaimBook
    settings: Book
    expiries: Expiries
    credits: Credits
    links: Links
    announcer: Announcer
    clock: Clock
    shuffle: Callable[[list[Counter]], None]
    """Brings counters in an order by chance, so that many at once do not all want the same one."""
    backoff: Backoff

    def reserve(self, wish: Wish, request: Request) -> Reservation:
        """Reserve all lines or none, and return the reservation as it was made.

        The same request again takes nothing more. Raises `RefusedError`, `OtherBodyError`, `BusyError`.
        """
        try:
            made = self._reserve(wish, request)
        except KitError as error:
            self.expiries.became_kit(str(error))
            raise RefusedError("kit", f"{error} has become a kit, and a campaign sells no kits") from error
        except (RefusedError, BusyError):
            known = self.preorders.reservation(request.reservation_id)
            if known is None:
                raise
            made = known
        if made.body != request.body:
            raise OtherBodyError
        return made

    def confirm(self, reservation_id: str, *, paid: bool) -> Reservation | None:
        """Note that the order was placed, and perhaps paid; ``None``: there is no such reservation.

        Repeating changes nothing. Raises `RefusedError`: it has expired or ended.
        """
        return self._changed(reservation_id, lambda known, now: self._confirmed(known, now, paid=paid))

    def extend(self, reservation_id: str) -> Reservation | None:
        """Let a hold last longer, if it has not ended. Raises `RefusedError`."""
        return self._changed(reservation_id, self._extended)

    def _reserve(self, wish: Wish, request: Request) -> Reservation:
        for attempt in self.backoff.tries(request.reservation_id):
            now = self.clock.now()
            planned = [
                each
                for sku, quantity in wish.lines
                if (each := self._plan(wish, sku, quantity, request, now, looks=ANY if attempt else TWO))
            ]
            if len(planned) < len(wish.lines):
                continue  # units were granted to counters, or called back from them
            reservation = self._made(wish, request, planned, now)
            known = self._written(reservation, planned, now)
            if known is not None:
                return known
        raise AssertionError

    def _written(self, reservation: Reservation, planned: Sequence[_Planned], now: datetime) -> Reservation | None:
        """Write a reservation and return it, or the one that was there; ``None``: a counter has less than it had."""
        begun = self.writes.begun(reservation)
        taken = [w for each in planned for w in self.writes.taken(each.line, bounded=each.bounded)]
        limited = [
            w
            for each in planned
            for name, most in each.limits.items()
            for w in self.writes.limited([name], each.line.quantity, most, now)
        ]
        names = [name for each in planned for name in each.limits]
        credited = sum(each.line.on_credit for each in planned)
        if credited and not self.credits.can_confirm(reservation, now=now):
            raise RefusedError("too-many-lines", TOO_MANY)
        follows = [each.claim.claim_id for each in planned if each.line.campaign is not None and not each.bounded]
        try:
            claims = self.claims.take_together(
                [each.claim for each in planned if not each.line.on_credit],
                now=now,
                beside=[*begun, *taken, *limited],
                promised_by_incoming=follows,
                kits_owed=False,
                room=ROOM + credited * CLAIM_WRITES,
            )
        except SoldOutError as error:
            left = max(0, error.free)
            raise RefusedError("sold-out", f"{error.sku}: {error.units} wanted, {left} can be had") from error
        except TooManyError as error:
            raise RefusedError("too-many-lines", TOO_MANY) from error
        except BesideError as error:
            first, counters = error.reasons[0], error.reasons[len(begun) : len(begun) + len(taken)]
            if first is not None:
                known = self.preorders.reservation(reservation.reservation_id)
                if known is not None:
                    self._follows(known, planned)  # who made it may not have got so far
                    return known
            above = [
                name
                for name, reason in zip(names, error.reasons[len(begun) + len(taken) :], strict=False)
                if reason is not None
            ]
            if above:
                of_links = {each.link for each in planned}
                raise RefusedError(*(USED_UP if of_links.issuperset(above) else LIMIT_REACHED)) from error
            if any(reason is not None for reason in counters):
                return None
            raise
        if not all(claim.lives for claim in claims):
            raise RefusedError("expired", "what this key reserved ended long ago, and is kept no more; use another key")
        self._follows(reservation, planned)
        return reservation

    def _follows(self, reservation: Reservation, planned: Sequence[_Planned]) -> None:
        """Have a hold ended at its time, and the campaigns looked at that have fewer units since."""
        sold = [each.line.sku for each in planned if each.bounded]
        if reservation.status == "held":
            now = self.clock.now()
            self.expiries.end(reservation.reservation_id, at=reservation.expires_at, now=now, sold=sold)

    def _plan(
        self, wish: Wish, sku: str, quantity: int, request: Request, now: datetime, *, looks: int | None
    ) -> _Planned | None:
        if wish.kind == "checkout":
            return self._plan_checkout(wish, sku, quantity, request, now)
        campaign, counters = self._seen(sku, quantity)
        tier = wish.customer.tier if wish.customer else None
        if campaign is None:
            raise RefusedError("campaign-closed", f"{sku}: no campaign is open")
        invited, bound = (False, None) if campaign.is_open_for(tier, now) else self._invited(campaign, wish, now)
        if not campaign.is_open_for(tier, now, invited=invited):
            closed = campaign.status(now) == "closed"
            when = "is closed" if closed else f"opens at {campaign.opens_for(tier)}"
            raise RefusedError("campaign-closed", f"{sku}: the campaign {when}")
        if to_text(now) >= campaign.over_at:
            raise RefusedError(
                "release-over", f"{sku}: {campaign.promised_until} is over, the shop must name a new day"
            )
        terms = campaign.terms
        limits = _limits_of(wish, campaign, quantity, bound)
        self.shuffle(counters)
        bounded = terms.capacity is not None
        left = sum(max(0, counter.left) for counter in counters)
        if bounded and left < quantity:
            raise RefusedError("sold-out", f"{sku}: {quantity} wanted, {left} remain")
        found = self._shards(campaign, counters, quantity, looks) if bounded else ({counters[0].shard: quantity}, False)
        if found is None:
            return None
        shards, credited = found
        line = Line(
            sku=sku,
            quantity=quantity,
            campaign=campaign.number,
            shards=shards,
            on_credit=credited,
            price=terms.price,
            guaranteed_until=None if terms.price_guarantee == "none" else campaign.released_until,
            promised_until=campaign.promised_until,
            follows=not bounded,
            pay_hours=terms.checkout_hours if terms.pay == "on_allocation" else None,
            limits=tuple(limits),
        )
        return _Planned(
            line=line,
            claim=owed(request.reservation_id, line),
            bounded=bounded,
            limits=limits,
            link=bound and bound.name,
            hold_minutes=terms.hold_minutes,
        )

    def _shards(
        self, campaign: Campaign, counters: Sequence[Counter], quantity: int, looks: int | None
    ) -> tuple[dict[int, int], bool] | None:
        """Return from which counters units are taken, and whether on credit; ``None``: look at the counters again.

        At first only two counters are asked for credit: where both have none, some is granted to the first. So credit
        is granted ahead of need, and by few of those who ask at the same time.
        """
        if campaign.rushes:
            with suppress(ValueError):
                return split(quantity, [each._replace(remaining=each.credit) for each in counters[:looks]]), True
            if self.credits.grow(campaign, counters, quantity):
                return None
        try:
            return split(quantity, counters), False
        except ValueError:
            self.credits.recall(campaign.sku, campaign.number, counters)
            return None

    def _seen(self, sku: str, quantity: int) -> tuple[Campaign | None, list[Counter]]:
        """Return a campaign and its counters; with too few units only as two looks agree on.

        Counters are read one after the other: a unit that is given back to one that was looked at, while another is
        taken from one that was not yet, would be missed. Raises `BusyError` where they never stand still.
        """
        found = self.preorders.campaign(sku)
        for _ in self.backoff.tries(sku):
            campaign, counters = found
            left = sum(max(0, counter.left) for counter in counters)
            if campaign is None or campaign.terms.capacity is None or left >= quantity:
                break
            again = self.preorders.campaign(sku)
            if again == found:
                break
            found = again
        return found

    def _invited(self, campaign: Campaign, wish: Wish, now: datetime) -> tuple[bool, Bound | None]:
        """Tell whether a customer may reserve before others, and how much where a link says that.

        Raises `RefusedError` for a link that does not open the campaign.
        """
        early = campaign.terms.early_access
        if early is None or not campaign.is_early(now):
            return False, None
        if early.waitlist and self._waits(campaign, wish):
            return True, None
        if early.links and wish.access is not None:
            return True, self.links.bound(wish.access, campaign, now)
        return False, None

    def _waits(self, campaign: Campaign, wish: Wish) -> bool:
        """Tell whether a customer was invited as somebody who waits."""
        customer = wish.customer
        if customer is None:
            return False
        return self.preorders.is_invited(campaign.sku, campaign.number, address_key(customer.email))

    def _plan_checkout(self, wish: Wish, sku: str, quantity: int, request: Request, now: datetime) -> _Planned:
        settings, _ = self.settings.resolve(sku)
        limit = settings.checkout_limit or None
        if limit is not None and quantity > limit:
            raise RefusedError("limit-reached", f"{sku}: at most {limit} for a customer")
        limits = {} if limit is None else dict.fromkeys(_limits(wish, _at_checkout(sku)), limit)
        line = Line(sku=sku, quantity=quantity, limits=tuple(limits))
        claim = Claim(
            claim_id=claim_id(request.reservation_id, sku),
            sku=sku,
            kind="checkout",
            units=quantity,
            held_until=to_text(now + LONGEST_HOLD),
        )
        return _Planned(line=line, claim=claim, bounded=False, limits=limits, hold_minutes=settings.checkout_minutes)

    def _made(self, wish: Wish, request: Request, planned: Sequence[_Planned], now: datetime) -> Reservation:
        minutes = min(each.hold_minutes for each in planned)
        until = to_text(now + timedelta(minutes=minutes))
        return Reservation(
            reservation_id=request.reservation_id,
            kind=wish.kind,
            status="held",
            lines=tuple(each.line for each in planned),
            customer=wish.customer,
            body=request.body,
            created_at=to_text(now),
            held_until=until,
            expires_at=until,
            hold_minutes=minutes,
        )

    def _changed(
        self, reservation_id: str, change: Callable[[Reservation, datetime], Reservation]
    ) -> Reservation | None:
        for _ in self.backoff.tries(reservation_id):
            known = self.preorders.reservation(reservation_id)
            if known is None or known.unaccepted:
                return None
            try:
                return change(known, self.clock.now())
            except ChangedMeanwhileError:
                continue
        raise AssertionError

    def _confirmed(self, known: Reservation, now: datetime, *, paid: bool) -> Reservation:
        refuse_ended(known, now)
        if known.status != "held":
            if not paid or known.paid:
                return known
            made = paid_for(known)
            self.preorders.update(made)
            return made
        made = confirmed(known, now, paid=paid)
        self.credits.confirm(made, known, now=now)
        self.announcer.tell(made)
        return made

    def _extended(self, known: Reservation, now: datetime) -> Reservation:
        refuse_ended(known, now)
        until = known.extended(now)
        if known.status != "held" or until == known.expires_at:
            return known
        made = replace(known, expires_at=until, edition=known.edition + 1)
        self.preorders.update(made)
        return made


def refuse_ended(known: Reservation, now: datetime) -> None:
    """Raise `RefusedError` for a reservation that has ended, by the clock too."""
    state = known.state(now)
    if state == "expired":
        raise RefusedError("expired", f"it ended at {known.ends_at or known.ended_at}")
    if state == "cancelled":
        raise RefusedError("cancelled", "the reservation was cancelled")


def digest(text: str) -> str:
    """Return a text's digest: 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _limits_of(wish: Wish, campaign: Campaign, quantity: int, bound: Bound | None) -> Mapping[str, int | None]:
    """Return the names of the counters of a line's units, and up to how many each goes. Raises `RefusedError`."""
    most = campaign.terms.limit_per_customer
    if most is not None and quantity > most:
        raise RefusedError("limit-reached", f"{campaign.sku}: at most {most} for a customer")
    names = _limits(wish, f"{campaign.sku}#{campaign.counts_from or campaign.number}")
    limits: dict[str, int | None] = dict.fromkeys(names, most)
    if bound is not None:
        if quantity > bound.units:
            raise RefusedError(*USED_UP)
        limits[bound.name] = bound.units
    return limits


def _at_checkout(sku: str) -> str:
    """Return under which name is counted what is held of a SKU at checkout, which is never that of a campaign.

    ``LAMP#1`` is also the first campaign of ``LAMP``. No SKU begins with a space.
    """
    return f" {sku}" if "#" in sku else sku


def _limits(wish: Wish, of: str) -> tuple[str, ...]:
    """Return the names of the counters of a customer's limit: of the mailbox, and of each key that the storefront sent.

    They are digests: the table shows nobody's card or account.
    """
    known = [] if wish.customer is None else [f"mailbox#{mailbox_key(wish.customer.email)}"]
    return tuple(digest(f"{of}#{key}") for key in (*known, *(f"key#{key}" for key in dict.fromkeys(wish.limit_keys))))
