"""The directory of locations: each as the ledger describes it now, the newest description staying."""

from collections.abc import Mapping
from typing import Protocol

from standby.ledger.model import Location
from standby.platform.frozen import frozen
from standby.shelf.model import Store


class Locations(Protocol):
    """Where locations are described."""

    def location(self, location_id: str) -> Location | None:
        """Return a location's description, ``None`` for one that nobody described."""
        ...

    def page(self, cursor: Mapping[str, str] | None) -> tuple[list[str], Mapping[str, str] | None]:
        """Return ids of described locations, and where the next page begins; ``None`` behind the last."""
        ...


class Shelf(Protocol):
    """Where the directory is."""

    def place(self, store: Store) -> None:
        """Take in how a location is described; older descriptions change nothing."""
        ...


@frozen(kw_only=True)
class Directory:
    """Keeps the shelf's directory."""

    locations: Locations
    shelf: Shelf

    def page(self, cursor: Mapping[str, str] | None) -> tuple[list[str], Mapping[str, str] | None]:
        """Return ids of described locations, and where the next page begins; ``None`` behind the last."""
        return self.locations.page(cursor)

    def look(self, location_id: str) -> None:
        """Bring an entry in line with the ledger. Idempotent; what is newer stays. Raises `BusyError`."""
        known = self.locations.location(location_id)
        if known is not None:
            self.shelf.place(store_of(known))


def store_of(known: Location) -> Store:
    """Return what the directory says of a location."""
    return Store(
        location_id=known.location_id,
        edition=known.edition,
        kind=known.kind,
        sells_online=known.counts,
        about=known.about,
    )
