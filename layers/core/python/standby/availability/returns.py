"""What is back in stock, as content: a page, a feed, a list for the shop's own page (features.md A9).

A product is listed while one of its SKUs came back within some days and can be bought (`standby.shelf.stay_model`); the
newest stands first. That is one request for the index, which holds at most `MOST_RETURNS` SKUs of a list however large
the catalogue is, and two for what a page of the list shows. The rows are read again for it, so that nothing is shown
that was sold out since.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from standby.availability.matrix import price_of, shown_price, title_of
from standby.availability.service import BUY, Badges
from standby.availability.wording import Reader
from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen
from standby.shelf.cards import BETWEEN_VALUES, address, values_of
from standby.shelf.model import STATUSES, Head, Returned, Row
from standby.shelf.naming import spoken

if TYPE_CHECKING:
    from standby.availability.answers import RatingOf, ReturnedProduct, ReturnedSku, ReturnList

MOST_RETURNS = 1_000
"""SKUs of a list. Of more, the newest are listed."""
MOST_SHOWN = 24
"""Products of a page."""
MOST_SKUS = 4
"""SKUs that are shown of a product: with them, a page is one request for rows."""
BETWEEN = " "


class CursorError(ValueError):
    """It is no place in a list of what came back."""


class Place(NamedTuple):
    """A product's place in the list: when it came back, and which it is."""

    back_at: str
    product_id: str

    @property
    def text(self) -> str:
        """Return it as one text."""
        return BETWEEN.join(self)

    @classmethod
    def of(cls, text: str) -> "Place":
        """Read what `text` wrote. Raises `CursorError`."""
        back_at, _, product_id = text.partition(BETWEEN)
        try:
            if product_id and to_text(from_text(back_at)) == back_at:
                return cls(back_at, product_id)
        except ValueError as error:
            raise CursorError(text) from error
        raise CursorError(text)


class Shelf(Protocol):
    """Where it is read what came back, and what it is."""

    def returns(self, since: str, most: int, category: str | None = None) -> Sequence[tuple[Returned, str]]:
        """Return what came back since an instant and can be bought, the newest first, each with its SKU."""
        ...

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of at most 100 SKUs; those that are on no shelf are left out."""
        ...

    def heads(self, product_ids: Iterable[str]) -> Mapping[str, Head]:
        """Return what products say of themselves; those that nobody named are left out."""
        ...


@frozen(kw_only=True)
class Returns:
    """Answers what is back in stock."""

    shelf: Shelf
    badges: Badges
    days: int
    """How long something counts as back."""

    def of(self, category: str | None, after: Place | None, most: int, reader: Reader) -> "ReturnList":
        """Return a page of what came back, of one category or of all; ``after`` is the last place of the one before."""
        since = to_text(self.badges.clock.now() - timedelta(days=self.days))
        products = grouped(self.shelf.returns(since, MOST_RETURNS, category))
        places = [place for place in products if after is None or _order(place) > _order(after)]
        page = places[:most]
        skus = {place: products[place][:MOST_SKUS] for place in page}
        asked = [sku for each in skus.values() for sku in each]
        rows = self.shelf.rows(asked) if asked else {}
        heads = self.shelf.heads([place.product_id for place in page]) if page else {}
        shown = []
        for place in page:
            had = [rows[sku] for sku in skus[place] if sku in rows and rows[sku].returned is not None]
            if had and place.product_id in heads:
                shown.append(self._shown(place, had, heads[place.product_id], reader))
        following = page[-1].text if len(page) < len(places) else None
        return {"items": shown, "next": following, "category": category, "days": self.days}

    def _shown(self, place: Place, rows: Sequence[Row], head: Head, reader: Reader) -> "ReturnedProduct":
        wording = self.badges.wording
        moment = self.badges.moment()
        words: Mapping[str, str] = spoken(head.translations, reader.language) or {}
        skus: list[ReturnedSku] = []
        for row in rows:
            badge = self.badges.of_row(row, reader.language, moment)
            skus.append(
                {
                    "sku": row.sku,
                    "options": dict(row.variant.options),
                    "text": BETWEEN_VALUES.join(
                        words.get(value, value) for value in values_of(head, row.variant.options)
                    ),
                    "status": badge["status"],
                    "label": badge["label"],
                    "units_left": badge["units_left"],
                    "price": price_of(row.variant.price),
                    "back_at": row.stay.back_at,
                }
            )
        status = min((badge["status"] for badge in skus if badge["status"]), key=STATUSES.index)
        only = skus[0] if len(skus) == 1 else None
        return {
            "product_id": place.product_id,
            "title": title_of(head, reader),
            "url": address(head.url),
            "image": address(head.image)
            or next((found for row in rows if (found := address(row.variant.image))), None),
            "brand": head.brand,
            "category": head.category,
            "price": shown_price(head),
            "rating": rating_of(head),
            "status": status,
            "label": only["label"] if only else wording.label(reader.language, status, None),
            "actions": BUY,
            "back_at": place.back_at,
            "skus": skus,
            "as_of": max(row.as_of for row in rows) or None,
        }


def grouped(returns: Iterable[tuple[Returned, str]]) -> dict[Place, list[str]]:
    """Return the SKUs of what came back by product, in the order in which the products' newest came back."""
    newest: dict[str, Place] = {}
    found: dict[Place, list[str]] = {}
    for returned, sku in returns:
        place = newest.setdefault(returned.product_id, Place(returned.back_at, returned.product_id))
        found.setdefault(place, []).append(sku)
    return {place: found[place] for place in sorted(found, key=_order)}


def rating_of(head: Head) -> "RatingOf | None":
    """Return what customers think of a product, in stars."""
    rating = head.rating
    return None if rating is None or not rating.count else {"value": rating.hundredths / 100, "count": rating.count}


def _order(place: Place) -> tuple[int, str]:
    """Order places: the newest first, and of one moment by product."""
    return -round(from_text(place.back_at).timestamp() * 1000), place.product_id
