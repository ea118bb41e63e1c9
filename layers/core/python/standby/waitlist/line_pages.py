"""A word that goes once to everybody in a SKU's line, in pages: nobody's place changes, and Mail sends each job once.

A page's members are written before anything is handed over, so a page that comes again hands over the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from standby.platform.frozen import frozen
from standby.platform.queue import Outgoing, Queue
from standby.waitlist.date_model import DateTold
from standby.waitlist.model import Listing, Place
from standby.waitlist.wave import Stretch

PAGE = 50
"""Places of one message: so many as one job of Mail has room for. Its jobs are the same then, whoever leaves."""


class Line(Protocol):
    """A SKU's line."""

    def stretch(self, sku: str, after: str) -> Stretch:
        """Read the next stretch of the line."""
        ...

    def listings(self, sku: str, places: Iterable[Place]) -> Mapping[str, Listing]:
        """Return those of a page's listings that are still in line, by entry id."""
        ...


class Told(Protocol):
    """What was told. Writes raise `ChangedMeanwhileError`."""

    def date_told(self, sku: str) -> DateTold | None:
        """Return what those who wait for a SKU were told last."""
        ...

    def tell_date(self, sku: str, told: DateTold, *, was: DateTold | None) -> None:
        """Write what is going to be told."""
        ...

    def date_is_told(self, sku: str, told: DateTold) -> None:
        """Write that it reached the end of the line, unless something else is told since."""
        ...

    def date_page(self, sku: str, number: int, after: str) -> list[str] | None:
        """Return the places of a page that was written, by their keys; ``None``: it was not."""
        ...

    def keep_date_page(self, sku: str, number: int, after: str, keys: list[str], told: DateTold) -> None:
        """Write a page, once."""
        ...


@frozen(kw_only=True)
class LinePages:
    """Goes down a line."""

    plan: str
    """The name of the messages that ask for pages."""
    line: Line
    told: Told
    plans: Queue

    def begin(self, sku: str, number: int) -> None:
        """Ask for the first page."""
        self._ask(sku, number, "")

    def page(
        self, sku: str, number: int, after: str, hand_over: Callable[[DateTold, str, Sequence[Listing]], None]
    ) -> None:
        """Hand a page over and ask for the next, unless something else is told by now."""
        told = self.told.date_told(sku)
        if told is None or told.number != number:
            return
        keys = self.told.date_page(sku, number, after)
        if keys is None:
            keys = [listing.key for listing in self.line.stretch(sku, after).listings[:PAGE]]
            self.told.keep_date_page(sku, number, after, keys, told)
            keys = self.told.date_page(sku, number, after) or []
        if not keys:
            self.told.date_is_told(sku, told)
            return
        present = self.line.listings(sku, [Place.of_key(sku, key) for key in keys])
        running = [each for each in present.values() if each.expires_at > told.at and each.place <= told.at]
        hand_over(told, after, sorted(running, key=lambda each: each.key))
        self._ask(sku, number, keys[-1])

    def _ask(self, sku: str, number: int, after: str) -> None:
        self.plans.send([Outgoing.of({"plan": self.plan, "sku": sku, "number": number, "after": after})])


def by_readers(listings: Iterable[Listing]) -> dict[tuple[str, bool], list[Listing]]:
    """Return a page's listings by language, and by whether they agreed to advertising: each group is one job."""
    groups: dict[tuple[str, bool], list[Listing]] = {}
    for each in listings:
        groups.setdefault((each.locale, each.marketing), []).append(each)
    return groups
