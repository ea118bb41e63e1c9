"""What must hold of the ledger, its events and its restocks after each step of the search."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant
from standby.ledger import claims as ledger
from standby.ledger.claim_items import LIVE
from standby.ledger.claims import ClaimBook
from standby.ledger.netting import counted_still, levels_of
from standby.ledger.table import LedgerTable
from standby.platform.clock import from_text
from standby.platform.dynamodb import Item, from_item

from tests.promises.claiming import insist
from tests.promises.ledger_messages import PLACES, SHELF, SKUS
from tests.promises.reference import Claim, Counted, Paper
from tests.promises.shop import OPS, Shop
from tests.promises.unruly import BreakOnce, run_unruly
from tests.world import World

SETTLED = ("applied", "rejected", "superseded", "waiting_for_approval", "applying")
"""What may become of a full count whose pages all came, when everything is quiet."""


@dataclass
class History:
    """A SKU's numbers at each revision, as its stream tells them, and what the search knows of its restocks."""

    images: dict[int, Item] = field(default_factory=dict)
    seen: int = 0
    """Revisions at the last look."""
    exact: bool = True
    """Each step so far brought one revision at most, and nothing waited. Only then can restocks be counted."""
    state: str = "out"
    restocks: int = 0
    netting: set[int] = field(default_factory=set)
    """Revisions that came with the end of a claim; whether they were restocks is known only if they came alone."""
    quiet_crossings: set[int] = field(default_factory=set)
    """Revisions at which only netting brought units: the SKU is in, and nobody is told."""
    silent: bool = False
    """In by netting alone, so that goods which come are a restock."""


class LedgerChecks(RuleBasedStateMachine):
    """Knows what was said, looks at what is there, and compares."""

    def __init__(self, world: World, start: Any) -> None:
        super().__init__()
        world.restore(start)
        self.world, self.shop, self.paper = world, Shop(world), Paper()
        self.straight = world.tap
        self.breaker: BreakOnce | None = None
        self.broken = False
        self.poison: set[str] = set()
        self.quick = True
        self.histories = {sku: History() for sku in SKUS}
        self.units: dict[tuple[str, str], int] = {}
        self.falling: dict[tuple[str, str], int] = {}
        """SKUs that a full count would empty, where all of it came in one step."""
        self._read = 0

    # ---- doing ----

    def run(self, seed: int, *, held: tuple[str, ...] = ()) -> None:
        """Let everything run, with what is set to break."""
        self.world.tap = self.breaker or self.straight
        run_unruly(self.world, seed, held=held)
        self.world.tap = self.straight

    def with_claims(self, act: Callable[[ClaimBook], Any]) -> Any:
        """Do something with the claims, as a function does that is tried again until it succeeds."""
        return insist(self.world, act, tap=self.breaker or self.straight)

    # ---- looking ----

    def view(self, sku: str) -> Any:
        """Return what the API says of a SKU."""
        status, body = self.world.request("stock_api", "GET", f"/v1/stock/{sku}", scopes=OPS)
        return body if status == 200 else None

    def stored_levels(self, place: str) -> dict[str, Item]:
        """Return a location's levels as they are stored, by SKU."""
        folders = self.world.memory.tables["Stock"].items
        return {
            pk.removeprefix("SKU#"): from_item(folder[f"LEVEL#{place}"])
            for pk, folder in folders.items()
            if f"LEVEL#{place}" in folder
        }

    def _catch_up(self) -> None:
        stream = self.world.memory.tables["Stock"].stream
        fresh, self._read = stream[self._read :], len(stream)
        for record in fresh:
            sku = record["dynamodb"]["Keys"]["pk"]["S"].removeprefix("SKU#")
            if record["dynamodb"]["Keys"]["sk"]["S"] == "SKU" and sku in SKUS:
                image = from_item(record["dynamodb"]["NewImage"])
                self.histories[sku].images[image["revision"]] = image

    # ---- what must hold ----

    @invariant()
    def every_promise_holds(self) -> None:
        self._catch_up()
        for check in (
            self.full_counts_go_their_way,
            self.claims_end_when_the_levels_contain_them,
            self.the_numbers_are_the_papers,
            self.poison_lies_where_it_belongs,
            self.every_change_is_announced,
            self.restocks_are_crossings,
        ):
            check()

    def full_counts_go_their_way(self) -> None:
        for key, count in self.paper.counts.items():
            status, shown = self.world.request(
                "stock_api",
                "GET",
                f"/v1/stock/snapshots/{count.snapshot_id}",
                query={"location_id": count.location_id},
                scopes=OPS,
            )
            assert status == 200
            state, brake = shown["state"], shown["brake"]
            if state == "receiving" and self._counts_later(count.snapshot_id):
                continue
            assert state in (SETTLED if count.complete else ("receiving", "superseded", "rejected")), (key, state)
            newer = [
                other
                for other in self.paper.counts.values()
                if other.location_id == count.location_id and other is not count
                if (other.at, other.first_at) >= (count.at, count.first_at)
            ]
            assert newer or state != "superseded", f"{key}: superseded by nothing"
            if brake and not shown["decided_by"]:
                stopped = brake["falling"] > 0 and (count.doubt or brake["falling"] * 5 > brake["stocked"])
                assert stopped == (state in {"waiting_for_approval", "superseded"}), shown
            if brake and key in self.falling:
                assert brake["falling"] == self.falling[key], shown
            if state in {"applying", "applied"}:
                self.paper.emptied[key] = "doing" if state == "applying" else "done"
                if shown["decided_by"] or not count.doubt:
                    self.paper.says_by_silence.add(key)

    def _counts_later(self, snapshot_id: str) -> bool:
        """Tell whether a full count waits until the index of levels shows the last of them."""
        return any(snapshot_id in job.body for job in self.world.queues["StockSweeps"])

    def claims_end_when_the_levels_contain_them(self) -> None:
        book = ClaimBook(LedgerTable("Stock", self.world.dynamodb))
        for claim in list(self.paper.claims.values()):
            known = book.claim(claim.sku, claim.claim_id)
            assert known is not None
            if claim.status == "left":
                may = counted_still(known, levels_of(book.table, claim.sku))
                assert may or known.status == "dropped", f"{claim} stays away, and no level counts it"
                self._left(known)
                continue
            if claim.status in {"settled", "netted"}:
                must, may = self.paper.contained(claim)
                assert may or known.status == "settled", f"{claim} dropped for nothing"
                assert known.status == "dropped" or not must, f"{claim} is subtracted twice"
                self.paper.claim(claim.claim_id, status=known.status)
                if known.status in {"dropped", "netted"} and known.status != claim.status:
                    self.note_netting(claim.sku)
            assert known.status == self.paper.claims[claim.claim_id].status

    def note_leaving(self, claim: Claim) -> None:
        """Note what is left of a claim whose goods left: what a level may count of it, held for nobody."""
        known = ClaimBook(LedgerTable("Stock", self.world.dynamodb)).claim(claim.sku, claim.claim_id)
        assert known is not None
        if known.status == "dropped":
            self.paper.claim(claim.claim_id, status="dropped")
            self.note_netting(claim.sku)
            return
        self._left(known)

    def _left(self, known: ledger.Claim) -> None:
        status = "left" if known.status in LIVE else "dropped"
        counted_as = "allotted" if known.status == "netted" else "held"
        self.paper.claim(known.claim_id, status=status, units=known.units, counted_as=counted_as)

    def note_netting(self, sku: str) -> None:
        """Note that a claim's units came free in this step without any goods."""
        history = self.histories[sku]
        fresh = range(history.seen + 1, len(history.images) + 1)
        history.netting.update(fresh)
        if len(fresh) == 1:
            (revision,) = fresh
            before, after = history.images.get(revision - 1, {}), history.images[revision]
            goods = sum(
                sign * (after[name] - before.get(name, 0)) for name, sign in (("on_hand", 1), ("committed", -1))
            )
            freed = sum(before.get(name, 0) - after[name] for name in ("owed", "held"))
            moved = max(0, min(freed, after["committed"] - before.get("committed", 0)))
            goods, freed = goods + moved, freed - moved
            if goods <= 0 and after["free_units"] - freed <= 0:
                history.quiet_crossings.add(revision)

    def the_numbers_are_the_papers(self) -> None:
        levels = {place: self.stored_levels(place) for place in PLACES}
        for sku in SKUS:
            self._levels_are_the_papers(sku, levels)
            view = self.view(sku)
            here = {place: _counted(stored[sku]) for place, stored in levels.items() if sku in stored}
            expected = self.paper.numbers(sku, here)
            if self.world.skews and self.world.queues["StockSweeps"]:
                continue  # an index that was late is walked again later
            if view is None:
                # An applied count may already have outdated a word when it comes. Such a word leaves nothing behind.
                assert not self.paper.named(sku) or "done" in self.paper.emptied.values()
                assert expected["incoming"] == 0
            else:
                assert expected == {name: view[name] for name in expected}, sku
        for sku in SHELF:
            self._levels_are_the_papers(sku, levels)

    def _levels_are_the_papers(self, sku: str, levels: dict[str, dict[str, Item]]) -> None:
        for place, stored in levels.items():
            here = _counted(stored[sku]) if sku in stored else (0, 0)
            assert here in self.paper.level(sku, place), (sku, place, here)
            emptied = self.units.get((sku, place), 0) > 0 and here[0] == 0
            assert not emptied or self.paper.must_be_empty(sku, place), f"{sku} emptied at {place} for nothing"
            self.units[sku, place] = here[0]

    def poison_lies_where_it_belongs(self) -> None:
        letters = {name: list(queue) for name, queue in self.world.queues.items() if "DeadLetters" in name and queue}
        failed = [repr(failure) for failure in self.world.failures[-3:]]
        assert set(letters) <= {"StockDeadLetters"}, (letters, failed)
        assert self.poison == {letter.body for letter in letters.get("StockDeadLetters", ())}

    def every_change_is_announced(self) -> None:
        told: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
        for name, detail in self.world.events:
            if "revision" in detail:
                told.setdefault((name, detail["sku"]), {})[detail["revision"]] = detail
        for sku, history in self.histories.items():
            images = history.images
            assert list(range(1, len(images) + 1)) == list(images), "revisions follow one another"
            said = told.get(("StockChanged", sku), {})
            assert said.keys() == images.keys(), f"{sku}: a change that nobody was told of"
            for revision, image in images.items():
                assert {name: said[revision][name] for name in _TOLD} == {name: image[_TOLD[name]] for name in _TOLD}
                assert said[revision]["givable"] == max(0, image["free_units"] + said[revision]["lacking"])
                aside = image["held"] + image.get("allotted", 0) - image.get("shipped", 0)
                missing = max(0, aside - image["on_hand"])
                given = min(said[revision]["lacking"], said[revision]["givable"])
                assert said[revision]["misplaced"] == max(given, missing)
                assert said[revision]["lacking"] == image["owed"] + image.get("awaited", 0)
            sold_out, low = told.get(("SoldOut", sku), {}), told.get(("LowStock", sku), {})
            assert all(images[revision]["free_units"] <= 0 for revision in sold_out)
            for revision, image in images.items():
                before = max(0, images.get(revision - 1, {"free_units": 0})["free_units"])
                after = max(0, image["free_units"])
                assert revision in sold_out or not before > 0 == after, f"{sku}: sold out, and nobody was told"
                assert revision in low or not before > image["low_stock"] >= after > 0, f"{sku}: low, and not told"

    # ---- restocks ----

    def restocks_are_crossings(self) -> None:
        for sku, history in self.histories.items():
            free = {revision: image["free_units"] for revision, image in history.images.items()}
            told: dict[int, dict[str, Any]] = {}
            for name, detail in self.world.events:
                if name == "Restocked" and detail["sku"] == sku:
                    revision = detail["revision"]
                    assert self.broken or revision not in told, "one restock, told twice"
                    assert told.get(revision, detail) == detail, "one identity, two meanings"
                    told[revision] = detail
            previous = 0
            for revision in sorted(told):
                assert free[revision] >= 1, "a restock of nothing"
                between = [free[each] for each in range(previous + 1, revision)]
                assert not previous or min(between) <= 0, f"restocked at {previous} and {revision}, never out between"
                previous = revision
            self._complete(sku, free, told)

    def _complete(self, sku: str, free: dict[int, int], told: dict[int, dict[str, Any]]) -> None:
        view, history = self.view(sku), self.histories[sku]
        if view is None:
            return
        zeros = [revision for revision, units in free.items() if units <= 0]
        match view["state"]:
            case "in":
                restock = view["settling"]["restock_revision"]
                assert view["free"] > 0
                assert restock in told or restock in history.netting, "a restock was not told"
                assert restock > max(zeros, default=0), "in since before it was out"
            case "out":
                assert view["free"] < self.paper.setting(sku, "minimum_restock"), "a crossing was lost"
            case "pending":
                assert not self.quick, "pending without a settle time"
        self._count(sku, free, told)

    def _count(self, sku: str, free: dict[int, int], told: dict[int, dict[str, Any]]) -> None:
        """Count the crossings while each step brings one revision at most, so that their order is known.

        Where nothing is free and all is quiet, counting begins anew.
        """
        history = self.histories[sku]
        fresh, history.seen = len(free) - history.seen, len(free)
        if fresh > 1 or self.paper.setting(sku, "settle_seconds"):
            history.exact = False
        now = free[len(free)] if free else 0
        if now <= 0:
            history.state, history.silent = "out", False
            if not history.exact:
                history.exact, history.restocks = True, len(told)
        elif history.state == "out" and now >= self.paper.setting(sku, "minimum_restock"):
            history.state, history.silent = "in", len(free) in history.quiet_crossings
            history.restocks += not history.silent
        elif history.silent and fresh and now >= self.paper.setting(sku, "minimum_restock"):
            brought = now - free[len(free) - 1] - history.images[len(free)]["netted_units"]
            history.silent = brought <= 0
            history.restocks += not history.silent
        if history.exact:
            assert history.restocks == len(told), "as many restocks as crossings that goods made"


_TOLD = {name: name for name in ("on_hand", "committed", "safety", "owed", "held", "incoming", "in_store")} | {
    "free": "free_units"
}


def _counted(item: Item) -> Counted:
    return item["on_hand"], item["committed"]


def moment(text: str) -> float:
    """Return an instant as the paper orders it."""
    return from_text(text).timestamp()
