"""What a SKU is called and looks like, where the catalogue said so: what mails and pages show of it (issue 10)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, Protocol

from standby.platform.clock import Clock
from standby.platform.frozen import frozen
from standby.platform.identifier import PATTERN
from standby.platform.money import CURRENCIES
from standby.platform.observability import logger
from standby.shelf.model import Head, Row

KEPT = timedelta(seconds=10)
"""How long a card is shown again without asking: the mails of a wave come close together."""
MOST_KEPT = 200
BETWEEN_VALUES = ", "
_UNSEEN = PATTERN.removeprefix("^[^").removesuffix("]*$")
ADDRESS = re.compile(rf"https?://[^{_UNSEEN}\s<>\"'`{{}}\\@/?#]+([/?#][^{_UNSEEN}\s<>\"'`{{}}\\]*)?$")
"""An address without what `standby.platform.web_address` refuses or writes otherwise, as quickly as 2,000 need it."""
Card = Mapping[str, Any]
"""``product_id``; ``title`` by locale; ``variant``, and ``variants`` by locale where the shop said what its words
are called there; ``price``, ``image``, ``url``, ``rating``; each only where it is known."""
log = logger("shelf")


class Shelf(Protocol):
    """Where rows, and what products say of themselves, are read, at most 100 at a time."""

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of SKUs; those that are on no shelf are left out."""
        ...

    def heads(self, product_ids: Iterable[str]) -> Mapping[str, Head]:
        """Return what products say of themselves; those that nobody named are left out."""
        ...


@frozen()
class Cards:
    """Tells what SKUs are called. Nobody waits for a name: what cannot be read now is told as unknown."""

    shelf: Shelf
    clock: Clock
    _kept: dict[str, tuple[datetime, Card | None]] = field(default_factory=dict, init=False, repr=False)

    def of(self, skus: Iterable[str]) -> dict[str, Card]:
        """Return the cards of at most 100 SKUs; those that the catalogue does not know are left out."""
        now, wanted = self.clock.now(), list(dict.fromkeys(skus))
        known = {sku: self._kept[sku] for sku in wanted if sku in self._kept}
        missing = [sku for sku in wanted if sku not in known or known[sku][0] < now]
        if missing:
            known |= self._looked_up(missing, now + KEPT)
        return {sku: about for sku in wanted if sku in known and (about := known[sku][1]) is not None}

    def _looked_up(self, skus: list[str], until: datetime) -> dict[str, tuple[datetime, Card | None]]:
        """Read and keep cards; nothing where that fails, so that what was kept before is shown a while longer."""
        try:
            found = self._read(skus)
        except Exception:
            log.exception("names of products could not be read")
            return {}
        read = {sku: (until, found.get(sku)) for sku in skus}
        if len(self._kept) + len(read) > MOST_KEPT:
            self._kept.clear()
        self._kept.update(read)
        return read

    def _read(self, skus: list[str]) -> dict[str, Card]:
        rows = self.shelf.rows(skus)
        owners = {sku: row.variant.product_id for sku, row in rows.items() if row.variant.product_id is not None}
        heads = self.shelf.heads(dict.fromkeys(owners.values())) if owners else {}
        return {sku: card(rows[sku], heads[owner]) for sku, owner in owners.items() if owner in heads}


def card(row: Row, head: Head) -> Card:
    """Return what is shown of a row: what its own variant says comes before what is said of the whole product."""
    variant = row.variant
    values = values_of(head, variant.options)
    said = {
        "title": {locale: text for locale, text in head.title.items() if text.strip()},
        "variant": BETWEEN_VALUES.join(values),
        "variants": {
            locale: BETWEEN_VALUES.join(words.get(value, value) for value in values)
            for locale, words in head.translations.items()
            if values
        },
        "price": money(variant.price) or money(head.price),
        "image": address(variant.image) or address(head.image),
        "url": address(head.url),
        "rating": rating(head),
    }
    return {"product_id": variant.product_id, **{name: value for name, value in said.items() if value}}


def values_of(head: Head, options: Mapping[str, str]) -> list[str]:
    """Return the values of a variant's options in the product's order, and behind them those that it does not name."""
    known = [options[name] for name in head.options if name in options]
    return [*known, *(value for name, value in options.items() if name not in head.options)]


def rating(head: Head) -> Mapping[str, int] | None:
    """Return what customers think of a product, in hundredths of a star, and how many rated it."""
    known = head.rating
    return {"hundredths": known.hundredths, "count": known.count} if known is not None and known.count else None


def address(said: object) -> str | None:
    """Return an address that a reader may be led to. Events come from a bus on which others speak, too."""
    return said if isinstance(said, str) and ADDRESS.match(said) else None


def money(said: object) -> Mapping[str, Any] | None:
    """Return an amount of money that can be written."""
    match said:
        case {"amount": int(), "currency": str(currency)} if currency in CURRENCIES:
            return dict(said)  # type: ignore[call-overload,no-any-return] # it is a mapping
    return None
