"""What may be kept of an address, how long, and when it is looked at again (`standby.platform.kept`)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from standby.platform import kept
from standby.platform.clock import to_text
from standby.waitlist.model import MOST_ENTRIES, Customer, Entry, lapses_at

MOST_FORMER = MOST_ENTRIES
"""Entries of an address that come back if SES did not send their mails: all that can be in line at once."""


def remembered(former: Mapping[str, Entry], now: datetime) -> dict[str, Entry]:
    """Return the entries that may still come back, each with the time at which it was seen to be gone.

    They go by their age; of more than `MOST_FORMER`, the oldest go earlier. A stored map has no order, so the times are
    what tells which these are.
    """
    seen = {key: replace(entry, gone_at=entry.gone_at or to_text(now)) for key, entry in former.items()}
    forgotten = to_text(now - kept.FORMER)
    young = [key for key, entry in seen.items() if str(entry.gone_at) > forgotten]
    latest = sorted(young, key=lambda key: str(seen[key].gone_at))[-MOST_FORMER:]
    return {key: seen[key] for key in latest}


def rightly_kept(customer: Customer, now: datetime) -> Customer:
    """Return what may still be kept of an address (`standby.platform.kept`).

    The address itself is needed by its entries and by those that may come back. Its key is enough for everything else.
    """
    former = remembered(customer.former, now)
    named = bool(customer.entries or former)
    return replace(
        customer,
        email=customer.email if named else "",
        locale=customer.locale if named else "",
        former=former,
        left_at=_recent(customer.left_at, now),
        erased_at=_recent(customer.erased_at, now),
        stopped_at={why: at for why, at in customer.stopped_at.items() if _recent(at, now)},
        lifted_at=_recent(customer.lifted_at, now),
        digest=customer.digest if customer.digest is not None and customer.digest.lasts(now) else None,
        attention=customer.attention if customer.attention is not None and customer.attention.is_kept(now) else None,
    )


def kept_until(customer: Customer, now: datetime) -> datetime:
    """Return when the last of what is kept of an address may go."""
    ends = [now]
    ends += [lapses_at(entry) + kept.LAPSED for entry in customer.entries.values()]
    ends += [datetime.fromisoformat(entry.gone_at or to_text(now)) + kept.FORMER for entry in customer.former.values()]
    ends += [datetime.fromisoformat(at) + kept.STOPPED for at in (*customer.stops.values(), customer.lifted_at) if at]
    ends += [datetime.fromisoformat(customer.digest.consented_at) + kept.DIGESTS] if customer.digest else []
    ends += [customer.attention.kept_until] if customer.attention else []
    return max(*ends, now + kept.TOLD) if customer.told or customer.gone or customer.doubts else max(ends)


def due_at(customer: Customer, now: datetime) -> datetime | None:
    """Return when something about an address is due.

    An entry lapses, it must be seen who was told meanwhile, or whether somebody still reacts to that.
    """
    dues = [lapses_at(entry) for entry in customer.entries.values()]
    dues += [now + kept.SEEN_AGAIN for entry in customer.entries.values() if entry.waiting]
    dues += [datetime.fromisoformat(entry.gone_at or to_text(now)) + kept.FORMER for entry in customer.former.values()]
    dues += [customer.attention.due_at] if customer.attention and customer.attention.due_at else []
    return min(dues, default=None)


def _recent(stopped_at: str | None, now: datetime) -> str | None:
    return stopped_at if stopped_at and datetime.fromisoformat(stopped_at) + kept.STOPPED > now else None
