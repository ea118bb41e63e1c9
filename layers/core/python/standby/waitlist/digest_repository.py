"""Who gets the weekly list, and the pages of each issue, in the Waitlist table.

``DIGEST#<shard>`` has an item for each subscriber under the address's key; it is written with the address's own item,
which is the truth. ``ISSUE#<day>`` has, for each shard, how far it is, and its pages.
"""

from collections.abc import Iterable
from contextlib import suppress

from standby.platform import kept
from standby.platform.clock import from_text
from standby.platform.dynamodb import ConditionFailedError, Item, from_item
from standby.platform.frozen import frozen
from standby.platform.table import Key, Put, Query, Table, Update
from standby.waitlist.digest_listing_repository import listed_key, subscriber
from standby.waitlist.digest_model import Group, Page, Progress, Subscriber


@frozen()
class DigestRepository:
    """Subscribers, issues, pages."""

    table: Table

    def subscribers(self, shard: int, after: str, most: int) -> list[Subscriber]:
        """Return the next subscribers of a shard, in the order of their address keys."""
        wanted = Query(f"DIGEST#{shard}", after=after or "!", limit=most, consistent=True)
        return [subscriber(from_item(item)) for item in self.table.page(wanted).stored]

    def present(self, addresses: Iterable[str]) -> dict[str, Subscriber]:
        """Return those of at most 100 addresses that are subscribed now."""
        found = self.table.batch(map(listed_key, addresses))
        return {each.address: each for each in map(subscriber, found)}

    def told(self, address: str, at: str) -> None:
        """Write when a list was planned that SES accepted; older words, and those about others, change nothing."""
        told = Update(listed_key(address), assign={"told_at": at}, present=("pk",), at_most={"told_at": at})
        try:
            self.table.write(told)
        except ConditionFailedError as error:
            found = error.reasons[0]
            if found is not None and "told_at" not in found:
                first = Update(listed_key(address), assign={"told_at": at}, present=("pk",), absent=("told_at",))
                with suppress(ConditionFailedError):
                    self.table.write(first)

    def progress(self, issue: str, shard: int) -> Progress:
        """Return how far a shard of an issue is."""
        item = self.table.item(_shard_key(issue, shard)) or {}
        return Progress(prior=item.get("prior", ""), at=item.get("at", ""), done=item.get("done", False))

    def page(self, issue: str, shard: int, after: str) -> Page | None:
        """Return a page that was written; ``None``: it was not."""
        item = self.table.item(_page_key(issue, shard, after))
        return None if item is None else _page(issue, shard, after, item)

    def keep(self, page: Page) -> Page:
        """Write a page, once, and how far its shard is; return the page that is written, which may be another's."""
        ttl = _ttl(page.at)
        groups = [
            {"locale": each.locale, "skus": list(each.skus), "addresses": list(each.addresses)} for each in page.groups
        ]
        key = _page_key(page.issue, page.shard, page.after)
        values = {**key, "end": page.end, "at": page.at, "groups": groups, "ttl": ttl}
        progress = {"prior": page.after, "at": page.at, "ttl": ttl}
        step = Update(_shard_key(page.issue, page.shard), assign=progress)
        try:
            self.table.transact([Put(values, absent=("pk",)), step])
        except ConditionFailedError:
            return self.page(page.issue, page.shard, page.after) or page
        return page

    def finish(self, issue: str, shard: int, at: str) -> None:
        """Write that a shard of an issue is done."""
        self.table.write(Update(_shard_key(issue, shard), assign={"done": True, "at": at, "ttl": _ttl(at)}))


def _shard_key(issue: str, shard: int) -> Key:
    return {"pk": f"ISSUE#{issue}", "sk": f"SHARD#{shard}"}


def _page_key(issue: str, shard: int, after: str) -> Key:
    return {"pk": f"ISSUE#{issue}", "sk": f"PAGE#{shard}#{after}"}


def _page(issue: str, shard: int, after: str, item: Item) -> Page:
    groups = [
        Group(number=number, locale=each["locale"], skus=tuple(each["skus"]), addresses=tuple(each["addresses"]))
        for number, each in enumerate(item["groups"])
    ]
    return Page(issue=issue, shard=shard, after=after, end=item["end"], at=item["at"], groups=groups)


def _ttl(at: str) -> int:
    return int((from_text(at) + kept.ISSUES).timestamp())
