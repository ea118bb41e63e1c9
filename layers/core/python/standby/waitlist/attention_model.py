"""Whether who agreed to advertising still reacts to what they are told, for the shop's own tools (features.md A9).

Somebody goes quiet who was told something and then did nothing that the waitlist knows of for the shop's
``quiet_days``. Each change has an edition, higher than all before it, and is told on the bus. So a segment can be kept
from events alone, however often and in whatever order they come.

Nothing of this needs the address itself: its key is enough.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from standby.platform import kept
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.frozen import frozen

NEVER = 0
"""The ``quiet_days`` of a shop that wants no such segment."""
LOOKS_APART = timedelta(days=7)
"""So often it is looked whether somebody was told meanwhile. A write for each mail would cost more than it is worth."""
LOOKED_AT_WITHIN = timedelta(days=30)
"""So often, at least, who was told something is looked at, because the shop may have changed its ``quiet_days``."""
COUNTS_FOR = kept.ATTENTION - timedelta(days=10)
"""So long a consent counts for the segment. What is kept outlasts it by the days in which its end is told."""
MOST_PASSED = 40
"""Entries that are remembered as telling nothing: twice as many as can be in line at once."""

REACTS: Literal["reacts"] = "reacts"
QUIET: Literal["quiet"] = "quiet"
ENDED: Literal["ended"] = "ended"
State = Literal["reacts", "quiet", "ended"]

CONFIRMED, CHANGED, ENDED_ONE, ENDED_LIST = "confirmed", "changed", "ended_one", "ended_list"
ACCEPTED, DECLINED, ORDERED = "accepted", "declined", "ordered"
"""Signs of life: what somebody did themselves. Opening a page is none, because mail scanners do so, too."""
OUTDATED = "outdated"
"""Why somebody may not be written to any more whose consent is too old."""


@frozen(kw_only=True)
class Attention:
    """What is known of somebody who agreed to advertising. Instants are texts (RFC 3339, UTC)."""

    agreed_at: str
    """When they agreed last."""
    wording: str
    """The version of the words to which they agreed."""
    sign_at: str
    """When they did something last."""
    told_at: str | None = None
    """When they were told something first since then, as far as that was seen."""
    look_at: str | None = None
    """When to look again; ``None``: not before something happens."""
    passed: tuple[str, ...] = ()
    """Ids of entries that are out of line though nobody was told since then: told before, or by a mail that was
    refused."""
    state: State = REACTS
    changed_at: str = ""
    """Since when the state is so; empty where it was never another."""
    why: str = ""
    """The sign of life, or the reason, that changed the state last."""
    edition: int = 0
    announced: bool = True
    """Whether the bus was told of the state."""

    @property
    def due_at(self) -> datetime | None:
        """When something is to be done: at once, where the bus was not told yet."""
        due = self.look_at if self.announced else self.changed_at
        return None if due is None else datetime.fromisoformat(due)

    @property
    def outdated_at(self) -> datetime:
        """From when on the consent counts no more."""
        return datetime.fromisoformat(self.agreed_at) + COUNTS_FOR

    @property
    def kept_until(self) -> datetime:
        """Until when this is kept."""
        return datetime.fromisoformat(self.agreed_at) + kept.ATTENTION

    def is_due(self, now: datetime) -> bool:
        """Tell whether something is to be done."""
        return self.due_at is not None and self.due_at <= now

    def is_kept(self, now: datetime) -> bool:
        """Tell whether this may be kept still."""
        return self.kept_until > now

    def reacted(self, at: str, sign: str, agreed: str | None = None, passed: Iterable[str] = ()) -> "Attention":
        """Return what a sign of life makes of it.

        ``agreed`` is the wording of the consent that came with it; ``passed`` are the entries that left the line
        before. A sign from before somebody was told changes the state of nobody who went quiet since.
        """
        known = self
        if agreed is not None and at >= self.agreed_at:
            known = replace(known, agreed_at=at, wording=agreed)
        if at <= self.sign_at or (self.state == ENDED and agreed is None):
            return known
        if self.told_at is not None and at <= self.told_at:
            return replace(known, sign_at=at)
        look_at = to_text(datetime.fromisoformat(at) + LOOKS_APART)
        known = replace(known, sign_at=at, told_at=None, passed=tuple(passed)[-MOST_PASSED:], look_at=look_at)
        return known if self.state == REACTS else known.turned(REACTS, at, sign)

    def ended(self, at: str, why: str) -> "Attention | None":
        """Return what is left once nobody may write to them on a consent from before ``at``; ``None``: nothing.

        Whoever is in the segment, or may be, is kept until the bus was told.
        """
        if self.agreed_at > at or self.state == ENDED:
            return self
        return None if self.state == REACTS and self.announced else self.turned(ENDED, at, why)

    def refused(self, entry_ids: Iterable[str]) -> "Attention":
        """Remember entries that leave the line though nobody is told."""
        passed = dict.fromkeys((*self.passed, *entry_ids))
        return replace(self, passed=tuple(passed)[-MOST_PASSED:])

    def not_told(self, now: str) -> "Attention":
        """Return it once a mail was taken back that may have been what told them; it is looked at again."""
        return replace(self, told_at=None, look_at=now) if self.state == REACTS and self.told_at else self

    def seen(self, told: Iterable[str], now: datetime, *, days: int, may_be_told: bool) -> "Attention | None":
        """Return what a look makes of it; ``None``: it counts no more, and nobody need be told so.

        ``told`` are the times at which it was seen that somebody was told something, ``days`` the shop's
        ``quiet_days``. ``may_be_told`` says that somebody waits or gets a list, and so is told more without a word
        here.
        """
        if self.outdated_at <= now:
            return self.ended(to_text(now), OUTDATED)
        if self.state != REACTS:
            return replace(self, look_at=to_text(self.outdated_at))
        since = min((at for at in told if at > self.sign_at), default=None) if self.told_at is None else self.told_at
        known = replace(self, told_at=since)
        if since is None:
            return replace(known, look_at=to_text(now + LOOKS_APART) if may_be_told else None)
        due = datetime.fromisoformat(since) + timedelta(days=days)
        if days == NEVER or due > now:
            again = now + LOOKED_AT_WITHIN
            return replace(known, look_at=to_text(again if days == NEVER else min(due, again)))
        return replace(known, look_at=to_text(self.outdated_at)).turned(QUIET, to_text(now), "")

    def told_of(self, edition: int) -> "Attention | None":
        """Return it once the bus was told of an edition; ``None``: nothing is left to remember."""
        if self.edition != edition:
            return self
        return None if self.state == ENDED else replace(self, announced=True)

    def turned(self, state: State, at: str, why: str) -> "Attention":
        """Return another state, under the next edition; one by the clock, so that it rises after a forgetting, too."""
        edition = max(self.edition + 1, to_milliseconds(datetime.fromisoformat(at)))
        return replace(self, state=state, changed_at=at, why=why, edition=edition, announced=False)
