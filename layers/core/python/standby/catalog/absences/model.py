"""The words and rules of absences: what a complete file of a feed does not name."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from standby.catalog.model import ProductAbsent, Version
from standby.platform.brake import brakes
from standby.platform.frozen import frozen

State = Literal[
    "reading", "waiting_for_approval", "applying", "applied", "rejected", "superseded", "failed", "replaced"
]
ABSENCE = "absence"
"""The field by which a job is known: ``decide``, ``apply`` (a page) or ``one`` (a product)."""
Unread = Literal["failed", "replaced"]
"""States of a file that was not read to its end: nothing is taken away for it."""
UNFINISHED: tuple[State, ...] = ("reading", "failed")
"""The file's reading may yet come to its end: one that failed does, where somebody redrives it."""
UNDECIDED: tuple[State, ...] = (*UNFINISHED, "waiting_for_approval")
DECIDED: tuple[State, ...] = ("applying", "applied")
"""It counts."""


@frozen(kw_only=True)
class Absence:
    """What a complete file does not name of what its feed brought before."""

    absence_id: str
    feed: str
    """The mapping that all files of the feed are read by."""
    key: str
    """Where the file lies."""
    as_of: str
    """When the file was put there."""
    moment: int
    """``as_of`` in microseconds since the epoch."""
    state: State = "reading"
    known: int | None = None
    """Products that the feed had brought."""
    absent: int | None = None
    """Those of them that the file does not name."""
    held: int = 0
    """Products whose words wait for the decision: they would lose SKUs, and too many vanish from products that stay."""
    skus_known: int = 0
    """SKUs of the feed's products that the file names."""
    skus_absent: int = 0
    """Those of them that it names nowhere."""
    doubt: str | None = None
    """Why the file may name more than could be read: then nothing is taken away without approval. Of one that failed or
    was replaced, why it was not read to its end."""
    started_at: str = ""
    changed_at: str = ""
    decided_by: str | None = None
    superseded_by: str | None = None

    @property
    def version(self) -> Version:
        """Return the version of its words. All that the file itself says at the same time is newer."""
        return (self.moment, 0, 0, 0)

    def of(self, product_id: str) -> ProductAbsent:
        """Return the word that a product is absent."""
        return ProductAbsent(product_id=product_id, version=self.version, as_of=self.as_of, feed=self.feed)


class Losing(NamedTuple):
    """A product that a file names, with its word and the SKUs that it would lose by it."""

    product_id: str
    skus: Sequence[str]
    word: Mapping[str, Any]
    """The ``product.upserted`` that is sent once somebody approves."""


def waits(*, known: int, absent: int, doubt: str | None) -> bool:
    """Tell whether a person must look: over 20 % of a feed's products would be gone, or lines could not be read."""
    return absent > 0 and (doubt is not None or brakes(absent, known))
