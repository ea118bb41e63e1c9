"""The rules of a restock (design §3, Settling): pure, so that any order of messages can be tried.

A SKU is *out* until enough became free (a crossing, named by its revision) and, after the settle time, still is; then
it is *in*, until nothing is free. Messages come late, twice and in any order; revisions say what came first.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from standby.ledger.model import SettleState, SkuSettings
from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen

ANNOUNCE_AGAIN = timedelta(minutes=1)
"""After this time the minute sweep publishes a restock that was decided but perhaps not announced."""


@frozen(kw_only=True)
class Observation:
    """What was free at a revision. ``netted`` says that only netting lifted it above 0.

    ``goods`` are the units that the change of this revision freed otherwise than by netting.
    """

    revision: int
    free: int
    netted: bool = False
    goods: int = 0


def observed(state: SettleState, seen: Observation, settings: SkuSettings, *, now: datetime) -> SettleState:
    """Return the state after an observation; equal to the one given when the observation changes nothing."""
    after = state
    if seen.revision > state.latest_revision:
        after = replace(after, latest_revision=seen.revision, latest_free=seen.free, latest_netted=seen.netted)
    if seen.free <= 0:
        return _nothing_free(after, seen, settings, now)
    if seen.free >= settings.minimum_restock and after.state == "out" and seen.revision > after.zero_revision:
        return _crossed(after, seen, settings, now)
    return _arrived(after, seen, settings, now) if seen.goods > 0 else after


def is_due(state: SettleState, *, now: datetime) -> bool:
    """Tell whether a crossing waits to be decided, or a restock to be announced, now."""
    return state.due_at is not None and from_text(state.due_at) <= now


def settled(state: SettleState, free: int, settings: SkuSettings, *, now: datetime) -> SettleState:
    """Decide a pending crossing by what is free now: in, if it is still enough; else out.

    The restock keeps the crossing's revision. One that only netting caused is not announced until goods come.
    """
    if state.state != "pending":
        return state
    if free < settings.minimum_restock:
        return _out(state)
    return _in(state, state.crossing_revision, free, settings, now, silent=state.crossing_netted)


def announced(state: SettleState) -> SettleState:
    """Note that the restock was published."""
    return replace(state, announced=True, due_at=None)


def _arrived(state: SettleState, seen: Observation, settings: SkuSettings, now: datetime) -> SettleState:
    """Take goods that came after a crossing by netting: while it is pending they make it loud, later a restock."""
    if state.state == "pending" and state.crossing_netted and seen.revision > (state.crossing_revision or 0):
        return replace(state, crossing_netted=False)
    enough = seen.free >= settings.minimum_restock
    if state.state == "in" and state.silent and enough and seen.revision > (state.restock_revision or 0):
        return _in(state, seen.revision, seen.free, settings, now, silent=False)
    return state


def _in(
    state: SettleState, revision: int | None, free: int, settings: SkuSettings, now: datetime, *, silent: bool
) -> SettleState:
    return replace(
        state,
        state="in",
        restock_revision=revision,
        restock_free=free,
        restock_minimum=settings.minimum_restock,
        restocked_at=to_text(now),
        crossing_revision=None,
        crossing_netted=False,
        silent=silent,
        announced=silent,
        due_at=None if silent else to_text(now + ANNOUNCE_AGAIN),
    )


def _nothing_free(state: SettleState, seen: Observation, settings: SkuSettings, now: datetime) -> SettleState:
    after = replace(state, zero_revision=max(state.zero_revision, seen.revision))
    since = after.crossing_revision if after.state == "pending" else after.restock_revision
    if after.state == "out" or (since is not None and seen.revision <= since):
        return after
    after = _out(after)
    if after.latest_revision > after.zero_revision and after.latest_free >= settings.minimum_restock:
        latest = Observation(revision=after.latest_revision, free=after.latest_free, netted=after.latest_netted)
        return _crossed(after, latest, settings, now)
    return after


def _crossed(state: SettleState, seen: Observation, settings: SkuSettings, now: datetime) -> SettleState:
    return replace(
        state,
        state="pending",
        crossing_revision=seen.revision,
        crossing_netted=seen.netted,
        due_at=to_text(now + timedelta(seconds=settings.settle_seconds)),
    )


def _out(state: SettleState) -> SettleState:
    return replace(
        state,
        state="out",
        crossing_revision=None,
        crossing_netted=False,
        silent=False,
        announced=True,
        due_at=None,
    )
