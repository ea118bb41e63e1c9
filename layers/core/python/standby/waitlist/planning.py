"""Planning: restocks into waves, waves into pages, pages into mail jobs (design §6).

Every write of a planner is one conditional step of the SKU's chain. Whatever a planner sends can be made again, the
same, from what is stored. So a message may come twice, late or to two planners at once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, assert_never

from standby.events.catalog import ProductDiscontinued
from standby.events.hearing import hear
from standby.events.preorder import CampaignChanged, UnitsFreed
from standby.events.stock import EtaMoved, Restocked, SoldOut
from standby.events.waitlist import CustomersInvited
from standby.ledger.model import SettleState, SkuSettings, SkuStock
from standby.offer_job import MOST_OFFERED
from standby.platform.bus import Bus
from standby.platform.clock import Clock, from_text, to_text
from standby.platform.faults import of_aws
from standby.platform.frozen import frozen
from standby.platform.observability import logger
from standby.platform.queue import Outgoing, PoisonError, Queue
from standby.waitlist.hears import PLANS
from standby.waitlist.links import Links
from standby.waitlist.mailing import mail_jobs
from standby.waitlist.meeting import Count, retried
from standby.waitlist.model import ChangedMeanwhileError, Listing, Place, wave_units
from standby.waitlist.wave import (
    EARLY,
    ENDED,
    IDLE,
    LONGEST_DELAY,
    PAGING,
    PUT_OFF,
    RESTING,
    Chain,
    HeardBeforeError,
    InvitedElsewhereError,
    Page,
    Stretch,
    choose,
    renewed,
)

if TYPE_CHECKING:
    from standby.waitlist.dating import Dating
    from standby.waitlist.discontinuing import Discontinuing
    from standby.waitlist.inviting_early import EarlyInviting

log = logger("waitlist")


class Waves(Protocol):
    """Chains, pages and the line."""

    def chain(self, sku: str) -> Chain | None:
        """Return a SKU's chain."""
        ...

    def save(self, chain: Chain, step: Mapping[str, Any] | None = None, heard: str | None = None) -> None:
        """Store a chain on the version it was read with, and that an event was heard.

        Raises `ChangedMeanwhileError`, and `HeardBeforeError` when the event was heard before.
        """
        ...

    def stretch(self, sku: str, after: str) -> Stretch:
        """Read the next stretch of the line."""
        ...

    def anybody(self, sku: str) -> bool:
        """Tell whether anybody is in line."""
        ...

    def under_way_before(self, chain: Chain) -> bool:
        """Tell whether mails of earlier waves are without an outcome."""
        ...

    def under_way(self, chain: Chain, after: str, end: str) -> frozenset[str]:
        """Return the entry ids in a stretch whose mails of earlier waves are without an outcome."""
        ...

    def doubted(self, chain: Chain, listings: Iterable[Listing]) -> tuple[frozenset[str], frozenset[str]]:
        """Return, by entry ids, whose earlier mail about this restock has no outcome yet, and who got it."""
        ...

    def persist(self, chain: Chain, page: Page) -> None:
        """Store a page, once. Raises `ChangedMeanwhileError`, `InvitedElsewhereError`."""
        ...

    def page(self, sku: str, revision: int, wave: int, after: str) -> Page | None:
        """Return the page of a wave that starts behind a key."""
        ...

    def listings(self, sku: str, places: Iterable[Place]) -> Mapping[str, Listing]:
        """Return those of a page's listings that are still in line, by entry id."""
        ...


class Ledger(Protocol):
    """What the planner must know of a SKU's stock."""

    def stock(self, sku: str) -> SkuStock | None:
        """Return the numbers."""
        ...

    def state(self, sku: str) -> SettleState:
        """Return the state of the SKU: out, pending or in."""
        ...

    def settings(self, sku: str) -> SkuSettings:
        """Return the settings, merged."""
        ...


@frozen()
class Planner:
    """Decides who is told, and hands the jobs to mail."""

    waves: Waves
    ledger: Ledger
    discontinuing: "Callable[[], Discontinuing]"
    """Loads what ends the lines of SKUs that do not come back; the first plan of a restock does not need it."""
    dating: "Callable[[], Dating]"
    """Loads what tells days to those who wait, which most plans do not need either."""
    early: "Callable[[], EarlyInviting]"
    """Loads what tells them that they may pre-order."""
    mails: Queue
    offers: Queue
    plans: Queue
    bus: Bus
    links: Links
    clock: Clock
    count: Count
    opens: Callable[[datetime], datetime]
    """Returns from when on customers may be told, from a moment on, where no units are held for them meanwhile."""

    def handle(self, content: Mapping[str, Any], *, redelivered: bool = False) -> None:
        """Handle one message of WaitlistPlans: an event of the bus, or a message of our own.

        ``redelivered`` says that SQS delivers it again. Raises `PoisonError` for a message that is neither, and for one
        that fails again and not because of AWS: what is stored of its SKU cannot be worked with.
        """
        try:
            self._handle(content, redelivered=redelivered)
        except (PoisonError, ChangedMeanwhileError):
            raise
        except Exception as error:
            if of_aws(error) or not redelivered:
                raise
            log.exception("a plan failed", extra={"plan": content})
            raise PoisonError(f"cannot be planned: {error!r}") from error

    def _handle(self, content: Mapping[str, Any], *, redelivered: bool) -> None:
        match hear(content, PLANS):
            case Restocked(sku=sku, revision=revision):
                retried(lambda: self._restocked(sku, revision))
            case SoldOut(sku=sku, revision=revision):
                retried(lambda: self._sold_out(sku, revision))
                self.discontinuing().look(sku)
            case ProductDiscontinued(sku=sku, edition=edition):
                self.discontinuing().go_on(sku, edition)
            case UnitsFreed(sku=sku, id=event_id, revision=revision, units=units):
                retried(lambda: self._freed(sku, event_id, revision, units))
            case EtaMoved(sku=sku):
                self.dating().soon(sku)
            case CampaignChanged() as campaign:
                if campaign.early_for_waitlist:
                    self.early().heard(campaign)
            case None:
                self._go_on_planning(content, redelivered=redelivered)
            case unhandled:
                assert_never(unhandled)

    def _go_on_planning(self, content: Mapping[str, Any], *, redelivered: bool) -> None:
        """Handle a message of our own."""
        match content:
            case {"plan": "nothing"}:
                pass  # a sign-up that mails nothing says so, to take as long as any other
            case {"plan": "joined", "sku": str(sku)}:
                retried(lambda: self._joined(sku))
                self.discontinuing().look(sku)
            case {"plan": "wave", "sku": str(sku), "revision": int(revision), "wave": int(wave)}:
                retried(lambda: self._wave_due(sku, revision, wave))
            case {"plan": "due", "sku": str(sku)}:
                retried(lambda: self._due(sku))
            case {"plan": "date", "sku": str(sku)}:
                self.dating().look(sku)
            case {"plan": "date_page", "sku": str(sku), "number": int(number), "after": str(after)}:
                self.dating().page(sku, number, after)
            case {"plan": "early_page", "sku": str(sku), "number": int(number), "after": str(after)}:
                self.early().page(sku, number, after)
            case {"plan": "discontinued", "sku": str(sku), "edition": int(edition), "cursor": str(cursor)}:
                self.discontinuing().go_on(sku, edition, cursor, content.get("looked", 0))
            case {
                "plan": "page",
                "sku": str(sku),
                "revision": int(revision),
                "wave": int(wave),
                "page": int(page),
                "cursor": str(cursor),
            }:
                retried(lambda: self._page(sku, revision, wave, page, cursor, redelivered=redelivered))
            case _:
                raise PoisonError("not a plan")

    def _restocked(self, sku: str, revision: int) -> None:
        """Begin a chain. A newer restock replaces the chain of an older one; an older restock changes nothing."""
        chain = self.waves.chain(sku)
        if chain is not None and chain.revision > revision:
            return
        if chain is not None and chain.revision == revision:
            self._resume_first(chain)
            return
        self._start(renewed(chain, sku, revision), "restocked")

    def _sold_out(self, sku: str, revision: int) -> None:
        chain = self.waves.chain(sku)
        if chain is not None and chain.live and revision > max(chain.revision, chain.there_at):
            self._end(chain, "sold_out", {"sold_out_revision": revision})

    def _freed(self, sku: str, event_id: str, revision: int, units: int) -> None:
        """Promise units that came back at once, because they need not wait for the next wave's time.

        A wave that runs takes them along. What was freed before the units were counted last is promised already. Held
        offers may be what sold the SKU out: what comes back of them goes to the next in line, restock or not.
        """
        chain = self.waves.chain(sku)
        if chain is None or not (chain.live or chain.offer_hours) or revision <= chain.counted or units < 1:
            return
        try:
            if chain.state == PAGING:
                self.waves.save(chain.found(revision, returned=units), heard=event_id)
            else:
                self._start(chain, "units_freed", extra=chain.returned + units, heard=event_id)
        except HeardBeforeError:
            self._resume_first(chain)

    def _joined(self, sku: str) -> None:
        """Start a wave for somebody who got in line, if the SKU is in and no wave runs or waits for its time."""
        chain = self.waves.chain(sku)
        if chain is not None and chain.state in {PAGING, RESTING}:
            if not chain.changed:
                self.waves.save(replace(chain, changed=True))
            return
        state = self.ledger.state(sku)
        if state.state != "in":
            return
        revision = state.restock_revision or 0
        if chain is None or revision > chain.revision:
            self._start(renewed(chain, sku, revision), "joined")
        else:
            self._start(chain, "joined")

    def _wave_due(self, sku: str, revision: int, wave: int) -> None:
        chain = self.waves.chain(sku)
        if chain is None or chain.revision != revision:
            return
        if chain.wave == wave:
            self._resume_first(chain)
        elif chain.wave == wave - 1 and chain.state == RESTING and (chain.next_wave_at or "") <= self._soon():
            self._start(chain, "interval")

    def _soon(self) -> str:
        return to_text(self.clock.now() + EARLY)

    def _due(self, sku: str) -> None:
        """Do what the sweeper found due: a wave that stopped moving, the next wave, or units that came back."""
        chain = self.waves.chain(sku)
        now = to_text(self.clock.now())
        if chain is None or chain.due_at is None or chain.due_at > now:
            return
        if chain.state == PAGING:
            # The message of the page before is sent again too, because it may be the one that was lost.
            if chain.page > 0:
                self._send_page(replace(chain, page=chain.page - 1, cursor=chain.prior))
            self._send_page(chain)
        elif chain.state == RESTING and (chain.next_wave_at or now) <= now:
            self._start(chain, "interval")
        elif chain.state == RESTING and chain.returned > 0:
            self._start(chain, "units_returned", extra=chain.returned)

    def _resume_first(self, chain: Chain) -> None:
        """Send the first page's message again, because the planner may have died before it sent it."""
        if chain.state == PAGING and chain.page == 0:
            self._send_page(chain)

    def _start(self, chain: Chain, rule: str, *, extra: int | None = None, heard: str | None = None) -> None:
        """Count and start the next wave, or end the chain when the SKU is not in any more.

        ``extra`` are units that came back: the wave is about these, as far as they can be sold. Where units are held,
        whoever is next may have others too, unless they may be promised by a wave before. A wave that would tell nobody
        is put off, and one of which nobody could be told now: the waves of a night would tell half the line in the
        morning of the same few units. ``heard`` is the event that asked for it.
        """
        state, settings = self.ledger.state(chain.sku), self.ledger.settings(chain.sku)
        if state.state != "in" and not (extra and settings.offer_hours):
            self._end(chain, "not_in", {"state": state.state})
            return
        stock = self.ledger.stock(chain.sku)
        sellable = stock.sellable if stock else 0
        chain = replace(chain.found(stock.revision if stock and sellable else 0), offer_hours=settings.offer_hours)
        everyone = settings.notify_everyone and not chain.offer_hours
        ratio = min(settings.wave_ratio, 1.0) if chain.offer_hours else settings.wave_ratio
        units = wave_units(sellable, ratio, everyone=everyone)
        spare = 0 if units is None else max(0, sellable - units)
        if extra is not None and units is not None:
            units = min(extra, sellable)
            promised = not chain.offer_hours or self.waves.under_way_before(replace(chain, wave=chain.wave + 1))
            spare = 0 if promised else sellable - units
        most = sellable if units is None else units + spare
        now = self.clock.now()
        numbers = {
            "restock": chain.revision,
            "sellable": sellable,
            "ratio": str(ratio),
            "notify_everyone": everyone,
            **({"offer_hours": chain.offer_hours} if chain.offer_hours else {}),
            "units": "all" if units is None else units,
        }
        step = {"at": to_text(now), "event": "WaveStarted", "rule": rule, "numbers": numbers}
        counted = None if extra is not None else max(chain.revision, stock.revision if stock else 0)
        interval = settings.wave_interval_seconds
        opens = now if chain.offer_hours else self.opens(now)
        if opens > now or not most or chain.helps_nobody(most, now, all_told=extra is not None and units is None):
            why: dict[str, Any] = {"event": PUT_OFF, "rule": "nobody_is_left" if most else "nothing_to_sell"}
            if most and chain.least is not None:
                why |= {"rule": "nobody_wants_so_few", "numbers": {**numbers, "least_wanted": chain.least}}
            if opens > now:
                why |= {"rule": "closed_hours", "numbers": {**numbers, "opens_at": to_text(opens)}}
            off = chain.put_off(now, interval, counted=counted, returned=extra or 0, until=opens)
            self._rest(off, step | why, heard)
            return
        if counted is None:
            wave = chain.extra_wave(now, to_text(now), units=units, spare=spare, interval_seconds=interval)
        else:
            wave = chain.next_wave(
                now, to_text(now), units=units, spare=spare, counted=counted, interval_seconds=interval
            )
        self.waves.save(wave, step | {"wave": wave.wave_id}, heard)
        self._send_page(wave)

    def _rest(self, chain: Chain, step: Mapping[str, Any] | None, heard: str | None = None) -> None:
        self.waves.save(chain, step, heard)
        self._after_wave(chain)

    def _end(self, chain: Chain, rule: str, numbers: Mapping[str, Any]) -> None:
        if chain.state == ENDED:
            return
        at = to_text(self.clock.now())
        step = {"at": at, "event": "ChainEnded", "rule": rule, "numbers": {"restock": chain.revision, **numbers}}
        self.waves.save(chain.ended(), step)

    def _page(self, sku: str, revision: int, wave: int, number: int, cursor: str, *, redelivered: bool) -> None:
        """Plan a page, or hand over again what was planned when the message came before.

        Only a redelivery goes on behind a page that was planned before, because its first handling may have died before
        it did. A second message about the same page must not go on: it would double all messages that follow.
        """
        chain = self.waves.chain(sku)
        current = chain is not None and (chain.revision, chain.wave, chain.page) == (revision, wave, number)
        if chain is not None and current and chain.state == PAGING:
            self._plan(chain)
            return
        if chain is not None and current:
            self._after_wave(chain)
            return
        page = self.waves.page(sku, revision, wave, cursor)
        if page is None:
            return
        listings = self.waves.listings(sku, page.places())
        self._hand_over(page, listings)
        if (
            redelivered
            and chain is not None
            and (chain.revision, chain.wave, chain.page) == (revision, wave, number + 1)
        ):
            self._go_on(chain)

    def _plan(self, chain: Chain) -> None:
        now = self.clock.now()
        stock = self.ledger.stock(chain.sku)
        there = stock.sellable if stock else 0
        under_way_before = self.waves.under_way_before(chain)
        stretch = self.waves.stretch(chain.sku, chain.cursor)
        if chain.offer_hours:
            stretch = stretch.cut(MOST_OFFERED)
        if stretch.unread:
            self.count("AddressesNotSwept", stretch.unread)
        if not stretch.listings or not there:
            stopped = replace(chain, seen=True, moving=True) if stretch.listings else chain
            self._rest(stopped.finished(now), None)
            return
        under_way: frozenset[str] = frozenset()
        if under_way_before:
            under_way = self.waves.under_way(chain, chain.cursor, stretch.listings[-1].key)
            stretch = self._still_in_line(chain, stretch)
        doubted, told = self.waves.doubted(chain, stretch.listings)
        if told:
            stretch = replace(stretch, listings=[_known(each, told, chain) for each in stretch.listings])
        invited_elsewhere: frozenset[str] = frozenset()
        while True:
            choice = choose(
                stretch,
                revision=chain.revision,
                units_left=chain.bound,
                there=there,
                spare=chain.spare,
                now=to_text(now),
                under_way=under_way | doubted,
                invited_elsewhere=invited_elsewhere,
                start=chain.cursor,
                held=bool(chain.offer_hours),
            )
            page = chain.planned(now, choice)
            moved = _following(chain.turned(now, choice), page)
            try:
                self.waves.persist(moved, page)
                break
            except InvitedElsewhereError as error:
                invited_elsewhere |= error.entry_ids
        self._hand_over(page, {member.entry_id: member for member in choice.members})
        self._go_on(moved)

    def _still_in_line(self, chain: Chain, stretch: Stretch) -> Stretch:
        """Read the stretch again after the entries under way were read.

        An outcome recorded between the two readings takes an entry out of both the line and those under way. The first
        reading still saw that entry in line, so its customer would be told again.
        """
        again = {listing.key for listing in self.waves.stretch(chain.sku, chain.cursor).listings}
        return replace(stretch, listings=[listing for listing in stretch.listings if listing.key in again])

    def _hand_over(self, page: Page, listings: Mapping[str, Listing]) -> None:
        """Send the page's jobs. Jobs sent again are the same, but without those who left the line meanwhile."""
        if not page.customers:
            return
        if page.offer_hours:
            from standby.waitlist.offering import offer_jobs  # noqa: PLC0415 - loaded where units are held

            self.offers.send(Outgoing.of(job.content()) for job in offer_jobs(page, listings, self.links))
        else:
            self.mails.send(Outgoing.of(job.content()) for job in mail_jobs(page, listings, self.links))
        wave_id = page.wave_id
        invited = CustomersInvited(
            id=f"{wave_id}#{page.number}",
            at=page.at,
            sku=page.sku,
            revision=page.revision,
            wave=wave_id,
            customers=page.customers,
            units=page.units,
        )
        self.bus.publish([invited])
        self.count("CustomersInvited", page.customers)

    def _go_on(self, chain: Chain) -> None:
        if chain.state == PAGING:
            self._send_page(chain)
        else:
            self._after_wave(chain)

    def _after_wave(self, chain: Chain) -> None:
        if chain.state == RESTING and chain.next_wave_at is not None:
            if chain.returned and (chain.due_at or chain.next_wave_at) < chain.next_wave_at:
                self.plans.send([Outgoing.of({"plan": "due", "sku": chain.sku})])
            delay = max(0, round((from_text(chain.next_wave_at) - self.clock.now()).total_seconds()))
            if delay <= LONGEST_DELAY.total_seconds():
                plan = {"plan": "wave", "sku": chain.sku, "revision": chain.revision, "wave": chain.wave + 1}
                self.plans.send([Outgoing.of(plan, delay_seconds=delay)])
        elif chain.state == IDLE and self.waves.anybody(chain.sku):
            # Somebody got in line while the last page was read; the message about it found a wave running.
            self.plans.send([Outgoing.of({"plan": "joined", "sku": chain.sku})])

    def _send_page(self, chain: Chain) -> None:
        plan = {
            "plan": "page",
            "sku": chain.sku,
            "revision": chain.revision,
            "wave": chain.wave,
            "page": chain.page,
            "cursor": chain.cursor,
        }
        self.plans.send([Outgoing.of(plan)])


def _following(chain: Chain, page: Page) -> Chain:
    """Return a chain whose next page comes after this one also where units are held."""
    if not page.offer_hours or not page.customers:
        return chain
    from standby.waitlist.offering import followed  # noqa: PLC0415 - loaded where units are held

    return followed(chain, page)


def _known(listing: Listing, told: Collection[str], chain: Chain) -> Listing:
    """Return a listing whose customer turned out to have been told about this restock before."""
    return replace(listing, after_revision=chain.revision) if listing.entry_id in told else listing
