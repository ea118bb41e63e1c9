"""What becomes of the entries that wait for something already when a wish for it is confirmed."""

from dataclasses import replace

from standby.waitlist.model import WAITING, Changes, Counts, Customer, Entry, Place, listing, moved


def established(
    customer: Customer, alive: frozenset[Place], entry: Entry, place: str, changes: Changes
) -> tuple[Customer, Entry]:
    """Put an entry in line for its SKUs, but for those that the address waits for by entries that are about no others.

    Such entries keep id and place, because a mail about them may be under way, and take over what was just confirmed.
    SKUs of wider entries move here with their places; what else these wait for stays as it was.
    """
    own = {each.sku: each.place for each in parting(customer, alive, entry)}
    for known, amended in taken_over(customer, alive, entry, place):
        moved(customer, known, amended, changes)
        customer = customer.with_entry(amended)
    listed = {each.sku for each in alive}
    own = {sku: own.get(sku, place) for sku in entry.skus if sku in own or sku not in listed}
    confirmed = replace(entry, status=WAITING, confirmed_at=place, places=own, skus=tuple(own) or entry.skus)
    for sku in own:
        changes.listed.append(listing(customer, confirmed, sku))
        changes.count(sku, Counts(waiting=1, units_wanted=entry.quantity))
    if len(own) > 1:
        changes.tied.append(confirmed)
    return customer, confirmed


def parting(customer: Customer, alive: frozenset[Place], entry: Entry) -> frozenset[Place]:
    """Return the places that an entry takes from entries which are about further SKUs too."""
    wanted = set(entry.skus)
    return frozenset(each for each in alive if each.sku in wanted and _wider(customer, each, wanted))


def taken_over(customer: Customer, alive: frozenset[Place], entry: Entry, place: str) -> list[tuple[Entry, Entry]]:
    """Return the entries that wait for an entry's SKUs already, as they are and as they are once it is confirmed.

    Those that say the same already are left out.
    """
    wanted = set(entry.skus)
    known = [customer.entries[each] for each in dict.fromkeys(one.entry_id for one in alive if one.sku in wanted)]
    pairs = []
    for each in known:
        rest = {sku: at for sku, at in each.places.items() if sku not in wanted}
        amended = replace(each, skus=tuple(rest), places=rest) if rest else _reworded(each, entry, place)
        if amended != each:
            pairs.append((each, amended))
    return pairs


def _wider(customer: Customer, place: Place, skus: set[str]) -> bool:
    return not customer.entries[place.entry_id].places.keys() <= skus


def _reworded(known: Entry, entry: Entry, place: str) -> Entry:
    """Return an entry with all that another says; of the two consents, the newest counts.

    A place that was given stays where the other says none.
    """
    amended = replace(
        known,
        quantity=entry.quantity,
        locale=entry.locale,
        digest=entry.digest,
        time_zone=entry.time_zone,
        near=entry.near or known.near,
    )
    if place >= known.consented_at:
        amended = replace(amended, consent=entry.consent, confirmed_at=place)
    if known.ended_at is not None or (entry.until, entry.expires_at) != (known.until, known.expires_at):
        amended = amended.lasting(entry.until, entry.expires_at)
    return amended
