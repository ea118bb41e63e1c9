"""What is known of a product's picture, and how products are found whose pictures are like it.

A picture is remembered as 64 bits (`standby.availability.pictures.hashing`), of which few differ where two pictures are
alike. They are kept in eight bands of eight bits, and a product stands in the list of each of its bands' values. Two
pictures that differ in at most seven bits have a band in common, so each finds the other; those that differ in more,
and are still alike, have one mostly: the first bits, which change least, are together.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from standby.platform.clock import from_text, to_text
from standby.platform.frozen import frozen

BITS, BANDS = 64, 8
BAND_BITS = BITS // BANDS
SURE_BITS = BANDS - 1
"""Pictures that differ in so many bits at most have a band in common."""
MOST_BITS = 12
"""Pictures that differ in more bits are not alike. Of those that differ in so many, nine of ten have a band in common
where the bits are anywhere (the surjections of 12 bits onto 8 bands: 1 - 8! S(12, 8) / 8^12)."""
MOST_OF_ONE_PICTURE = 24
"""Where more products have the very same picture, it says that there is none yet."""
MOST_ALIKE = 50
"""Products that are looked at, the most alike first."""
AGAIN_AFTER = timedelta(days=1)
"""A picture that was left alone is tried again when the catalogue speaks of its product after so long."""
MOST_TRIES = 5
State = Literal["awaited", "seen", "left"]
AWAITED: State = "awaited"
"""Its turn comes."""
SEEN: State = "seen"
LEFT: State = "left"
"""It could not be looked at, and is left alone."""
NO_PICTURE = "the catalogue names no picture of it"


@frozen(kw_only=True)
class Picture:
    """A product's picture: where it is, and how it looks."""

    product_id: str
    edition: int = 0
    """The catalogue's newest word about the product. 0: none."""
    address: str | None = None
    state: State = LEFT
    looks: int | None = None
    """64 bits, the most telling first; only where it was seen."""
    tries: int = 0
    """How often it was looked at in vain."""
    reason: str = NO_PICTURE
    """Why it was not seen; empty where it was, or its turn comes."""
    at: str = ""
    """When that became so (RFC 3339)."""
    version: int = 0
    """Rises by one with each write, which guards against a second writer. 0: not in the table yet."""

    def named(self, edition: int, address: str | None, now: datetime) -> "Picture":
        """Return the picture after the catalogue named it; the same where it named this one or a newer one before."""
        if edition < self.edition:
            return self
        if self._due(now) or (edition > self.edition and address != self.address):
            return Picture(
                product_id=self.product_id,
                edition=edition,
                address=address,
                state=LEFT if address is None else AWAITED,
                reason=NO_PICTURE if address is None else "",
                at=to_text(now),
                version=self.version,
            )
        return replace(self, edition=edition)

    def seen(self, looks: int, now: datetime) -> "Picture":
        """Return the picture after it was seen."""
        return replace(self, state=SEEN, looks=looks, reason="", at=to_text(now))

    def unseen(self, reason: str, now: datetime, *, again: bool) -> "Picture":
        """Return the picture after it could not be seen; after some tries it is left alone."""
        tries = self.tries + 1
        state = AWAITED if again and tries < MOST_TRIES else LEFT
        return replace(self, state=state, tries=tries, reason=reason, at=to_text(now))

    def _due(self, now: datetime) -> bool:
        """Tell whether it was left alone long enough to be tried again."""
        return self.state == LEFT and self.address is not None and now - from_text(self.at) >= AGAIN_AFTER


def bands(looks: int) -> list[int]:
    """Return the values of a picture's bands, that of the most telling bits first."""
    return [looks >> BITS - (band + 1) * BAND_BITS & (1 << BAND_BITS) - 1 for band in range(BANDS)]


def difference(one: int, other: int) -> int:
    """Return in how many bits two pictures differ."""
    return (one ^ other).bit_count()


def alike(product_id: str, looks: int, others: Mapping[str, int]) -> dict[str, int]:
    """Return those of other products whose pictures are like a product's, with the bits that differ, the nearest first.

    A picture that very many have stands in for one that is missing, and is like none.
    """
    differing = {other: difference(looks, theirs) for other, theirs in others.items() if other != product_id}
    if sum(1 for bits in differing.values() if bits == 0) >= MOST_OF_ONE_PICTURE:
        return {}
    near = sorted((bits, other) for other, bits in differing.items() if bits <= MOST_BITS)
    return {other: bits for bits, other in near[:MOST_ALIKE]}
