"""What can be bought instead of a product: the shop's own `similar` first, then what is like it, by words or looks.

The others are sought in the product's category, next to its price (`ShelfReader.beside`): some dozens, however many
the category has. Their score is the sum of `points`:

===============  ======================================================================================
``choice``       4 where a variant can be bought that has all that is chosen, such as the size M
``brand``        3 where it is the same
``price``        3, 2 or 1 where the price differs by at most a tenth, a quarter or a half of the dearer
``tags``         1 for each that both have, at most 3
===============  ======================================================================================

Of those with the same score the one with the closest price comes first, then the one that the shop ranks higher.

Where the shop's own words give none, because it calls nothing similar and nothing of the category can be bought, the
pictures do: products that look alike (`standby.shelf.pictures`), the most alike first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from standby.availability.matrix import read_choice, shown_price, title_of
from standby.availability.service import BUY, Badges
from standby.availability.wording import Reader
from standby.platform.frozen import frozen
from standby.shelf.cards import address
from standby.shelf.model import BUYABLE, Head, Product, Row

if TYPE_CHECKING:
    from standby.availability.answers import AlternativeList, AlternativeShown, Price

MOST_SHOWN = 12
MOST_SIMILAR = 50
"""Products that the shop may call similar."""
MOST_BESIDE = 24
"""Products of the same category that are looked at, in each direction of the price."""
MOST_LOOKED_INTO = 12
"""Products of which the variants are read, where something is chosen: a request each."""
CHOICE, BRAND, PRICE, TAGS = "choice", "brand", "price", "tags"
OF_CHOICE, OF_BRAND, OF_TAG, MOST_OF_TAGS = 4, 3, 1, 3
BANDS = ((10, 3), (4, 2), (2, 1))
"""By at most which part of the dearer a price may differ (a tenth, a quarter, a half), and for how many points."""
FARTHEST = 1 << 62
"""Where prices cannot be compared, and where the shop gave no rank."""


class Shelf(Protocol):
    """Where products are read, at most 100 at a time."""

    def heads(self, product_ids: Iterable[str]) -> Mapping[str, Head]:
        """Return what products say of themselves; those that nobody named are left out."""
        ...

    def products(self, product_ids: Iterable[str]) -> Mapping[str, Product]:
        """Return the counts of products; those without rows are left out."""
        ...

    def alike(self, product_id: str) -> Mapping[str, int]:
        """Return products whose pictures are like a product's, with the bits that differ, the nearest first."""
        ...

    def beside(self, product_id: str, head: Head, most: int) -> Sequence[str]:
        """Return products of the same category with the next prices, at most so many dearer and so many cheaper."""
        ...

    def variants(self, product_id: str, *, most_pages: int) -> Sequence[Row]:
        """Return the rows of a product in its own order, as they were a moment ago."""
        ...

    def rows(self, skus: Iterable[str]) -> Mapping[str, Row]:
        """Return the rows of SKUs as they are now; those that are on no shelf are left out."""
        ...


class Candidate(NamedTuple):
    """A product that can be bought, beside another one."""

    product: Product
    head: Head
    place: int | None
    """Among those that the shop calls similar, from 0."""
    sku: str | None
    """A variant that can be bought and has all that is chosen."""
    points: Mapping[str, int]
    distance: int
    """By how many minor units the prices differ."""
    bits: int | None = None
    """In how many of 64 bits the pictures differ, where the pictures alone say that it is like the other."""

    @property
    def score(self) -> int:
        """Return how much it is like the other product."""
        return sum(self.points.values())

    @property
    def order(self) -> tuple[int, int, int, int, int, str]:
        """Return by what it is sorted. What is chosen counts more than looks, looks more than brand, price and tags."""
        place = MOST_SIMILAR if self.place is None else self.place
        score = -self.score if self.place is None else 0
        if self.bits is not None:
            score = -self.points.get(CHOICE, 0)
        rank = FARTHEST if self.head.rank is None else self.head.rank
        return place, score, self.bits or 0, self.distance, rank, self.product.product_id

    @property
    def reason(self) -> Literal["similar", "same_category", "looks_alike"]:
        """Return why it is one."""
        if self.bits is not None:
            return "looks_alike"
        return "same_category" if self.place is None else "similar"


@frozen(kw_only=True)
class Alternatives:
    """Answers what can be bought instead."""

    shelf: Shelf
    badges: Badges
    by_looks: bool = True
    """Whether pictures may say what is alike."""

    def of(self, product_id: str, chosen: Sequence[str], reader: Reader) -> "AlternativeList | None":
        """Return what can be bought in place of a product, ``None`` where nobody named it. Raises `ChoiceError`.

        Something is chosen as in the product's matrix. What was sold out a moment ago is not among it.
        """
        own = self.shelf.heads([product_id]).get(product_id)
        if own is None:
            return None
        choice = read_choice(chosen, own.options or [text.partition(":")[0] for text in chosen])
        named = self._candidates(product_id, own) or (self._alike(product_id, own) if self.by_looks else [])
        found = sorted(named, key=lambda each: each.order)
        if choice:
            found = sorted(self._looked_into(found[:MOST_LOOKED_INTO], choice), key=lambda each: each.order)
        items = [self._shown(each, own, reader) for each in found[:MOST_SHOWN]]
        return {"product_id": product_id, "choice": choice, "items": items, "next": None}

    def _candidates(self, product_id: str, own: Head) -> list[Candidate]:
        """Return what can be bought of what is similar, and of what is beside it in its category."""
        similar = {each: place for place, each in enumerate(dict.fromkeys(own.similar[:MOST_SIMILAR]))}
        wanted = dict.fromkeys([*similar, *self.shelf.beside(product_id, own, MOST_BESIDE)])
        wanted.pop(product_id, None)
        return [
            Candidate(product, head, similar.get(product.product_id), None, *compared(own, head))
            for product, head in self._had(wanted)
        ]

    def _alike(self, product_id: str, own: Head) -> list[Candidate]:
        """Return what can be bought of what looks like it."""
        bits = self.shelf.alike(product_id)
        return [
            Candidate(product, head, None, None, *compared(own, head), bits[product.product_id])
            for product, head in self._had(bits)
        ]

    def _had(self, wanted: Iterable[str]) -> list[tuple[Product, Head]]:
        """Return those of the products that can be bought, with what they say of themselves."""
        asked = list(wanted)
        products = self.shelf.products(asked) if asked else {}
        had = {each: product for each, product in products.items() if product.status in BUYABLE}
        heads = self.shelf.heads(had) if had else {}
        return [(product, heads[each]) for each, product in had.items() if each in heads]

    def _looked_into(self, candidates: Sequence[Candidate], choice: Mapping[str, str]) -> list[Candidate]:
        """Find in each candidate a variant that can be bought and has what is chosen; its row is read once more."""
        fitting = {
            each.product.product_id: next(
                (
                    row.sku
                    for row in self.shelf.variants(each.product.product_id, most_pages=1)
                    if row.status in BUYABLE and fits(row, choice)
                ),
                None,
            )
            for each in candidates
        }
        skus = [sku for sku in fitting.values() if sku is not None]
        rows = self.shelf.rows(skus) if skus else {}
        had = {sku for sku, row in rows.items() if row.status in BUYABLE}
        return [
            each._replace(sku=sku, points={CHOICE: OF_CHOICE, **each.points})
            if (sku := fitting[each.product.product_id]) in had
            else each
            for each in candidates
        ]

    def _shown(self, each: Candidate, own: Head, reader: Reader) -> "AlternativeShown":
        head, status = each.head, each.product.status
        return {
            "product_id": each.product.product_id,
            "title": title_of(head, reader),
            "url": address(head.url),
            "image": address(head.image),
            "price": shown_price(head),
            "status": status,
            "label": self.badges.wording.label(reader.language, status, None),
            "actions": BUY,
            "sku": each.sku,
            "reason": each.reason,
            "numbers": {
                "place": each.place,
                "score": each.score,
                "points": dict(each.points),
                "price_difference": _difference(shown_price(own), shown_price(head)),
                "bits": each.bits,
            },
            "as_of": each.product.as_of or None,
        }


def fits(row: Row, choice: Mapping[str, str]) -> bool:
    """Tell whether a variant has all that is chosen. Capitals do not count: products are written by many hands."""
    options = {name.casefold(): value.casefold() for name, value in row.variant.options.items()}
    return all(options.get(name.casefold()) == value.casefold() for name, value in choice.items())


def compared(own: Head, other: Head) -> tuple[dict[str, int], int]:
    """Return the points for which another product is like one, and by how much their prices differ."""
    ours, theirs = shown_price(own), shown_price(other)
    difference = _difference(ours, theirs)
    points = {
        BRAND: OF_BRAND if own.brand and own.brand == other.brand else 0,
        PRICE: 0 if difference is None else _band(abs(difference), max(_amount(ours), _amount(theirs))),
        TAGS: min(MOST_OF_TAGS, OF_TAG * len({*own.tags} & {*other.tags})),
    }
    distance = FARTHEST if difference is None else abs(difference)
    return {name: number for name, number in points.items() if number}, distance


def _difference(ours: "Price | None", theirs: "Price | None") -> int | None:
    """Return by how many minor units the other costs more; ``None`` where prices cannot be compared."""
    if ours is None or theirs is None or ours["currency"] != theirs["currency"]:
        return None
    return theirs["amount"] - ours["amount"]


def _amount(price: "Price | None") -> int:
    return price["amount"] if price else 0


def _band(difference: int, dearer: int) -> int:
    """Return the points of a difference in price."""
    return next((points for part, points in BANDS if difference * part <= dearer), 0)
