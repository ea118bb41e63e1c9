"""One pass of a product file: its lines gathered by product, and sent as the messages that the shop could send."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from standby.catalog.absences.model import Unread
from standby.catalog.feeds import google, shopify
from standby.catalog.feeds.comparison import COMPARISONS, Comparison, Known
from standby.catalog.feeds.completeness import INDEX_LAG_SECONDS, Completeness, Lists
from standby.catalog.feeds.model import GOOGLE_XML, SHOPIFY, FeedCells, FeedLine, FeedMapping, FeedProduct, layout_of
from standby.catalog.messages import read
from standby.catalog.model import ProductSaid
from standby.imports.csv_file import Record, Stream, below_the_header
from standby.imports.model import BadLineError, CellReader, Layout, UnreadableError
from standby.platform.batch import parts
from standby.platform.clock import to_milliseconds, to_text
from standby.platform.frozen import frozen
from standby.platform.identifier import EXACT, Ids
from standby.platform.moment import Arrival
from standby.platform.queue import PoisonError, Queue

if TYPE_CHECKING:
    from standby.imports.passes import Job

SENT_AT_ONCE = 500
MOST_VARIANTS = 2_000
MOST_LEFT_OUT = 10_000
"""Products with bad lines. More are no file of products."""
SHORT_SOURCE = 200
LAST_LINE = 10**10
"""More lines than a file may have."""
LONGEST_REASON = 500
NO_TITLE = {"en": "-"}


class Reader(Protocol):
    """Reads the lines of one format."""

    def product_id(self, cells: Sequence[str]) -> str:
        """Return the product that a line is about. Raises `BadLineError`."""
        ...

    def sku(self, cells: Sequence[str]) -> str | None:
        """Return the SKU of a line, where it has one. Raises `BadLineError`."""
        ...

    def hidden(self, cells: Sequence[str]) -> bool:
        """Tell whether a line says that the shop does not show its product."""
        ...

    def read(self, cells: Sequence[str]) -> FeedLine:
        """Return what a line says. Raises `BadLineError`."""
        ...


@frozen(kw_only=True)
class ProductFeeds:
    """The kind of file that says what products there are."""

    updates: Queue
    lists: Lists
    known: Callable[[], Known]
    """Connects to the catalogue, for dry runs."""
    ids: Ids = EXACT

    def gathering(self, job: "Job") -> "FeedGathering":
        """Begin a pass, by the mapping that the job carries. Raises `UnusableMappingError`."""
        mapping, layout = _read_mapping(job.mapping or {})
        return FeedGathering(self, job, layout, mapping)


def reading(ids: Ids) -> ProductFeeds:
    """Return the kind for whoever only reads lines."""
    nowhere: Any = None
    return ProductFeeds(updates=nowhere, lists=nowhere, known=nowhere, ids=ids)


def check(document: Mapping[str, Any]) -> None:
    """Raise `UnusableMappingError` for a mapping that no product file could fit."""
    _read_mapping(document)


def _read_mapping(document: Mapping[str, Any]) -> tuple[FeedMapping, Layout]:
    mapping = FeedMapping.from_document(document)
    layout = shopify if mapping.format == SHOPIFY else google
    return mapping, layout_of(document, layout.COLUMNS, layout.NEEDED)


@dataclass
class FeedGathering:
    """The products of one pass."""

    kind: ProductFeeds
    job: "Job"
    layout: Layout
    mapping: FeedMapping
    products: dict[str, FeedProduct] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    """Products of which a line could not be read. Without it they would lose a SKU, so their older word stays."""
    lost: int = 0
    """Records that may be of any product, because they could not be read at all."""
    owners: dict[str, str] = field(default_factory=dict)
    """The product of each SKU that this pass looks after: the first of the file that names it."""
    _hidden: str | None = None
    """The product that is read, where the shop does not show it."""
    _reader: Reader = field(init=False)
    _now: datetime = field(init=False)
    _completeness: Completeness = field(init=False)

    def __post_init__(self) -> None:
        self._completeness = Completeness(lists=self.kind.lists, updates=self.kind.updates, job=self.job)

    def announce(self, *, now: datetime) -> int:
        """Say that a complete file is going to be read, so that words of older ones are taken for late."""
        if not self.mapping.complete:
            return 0
        self._completeness.announce(now=now)
        return INDEX_LAG_SECONDS

    def end(self, state: Unread, reason: str, *, now: datetime) -> None:
        """Note that a complete file was not read to its end: nothing is taken away for it."""
        if self.mapping.complete and not self.job.dry_run:
            self.kind.lists.end(self._completeness.absence_id, state, reason[:LONGEST_REASON], now=now)

    def records(self, stream: Stream) -> tuple[dict[str, int], Iterator[Record]]:
        """Return where the columns are, and the records."""
        if self.mapping.format != GOOGLE_XML:
            places, found = below_the_header(stream, self.layout)
        else:
            from standby.imports.xml_file import records  # noqa: PLC0415 - other files need no parser of XML

            places = {name: place for place, name in enumerate(self.layout.columns)}
            found = records(stream, elements=list(places))
        return places, self._counting_lost(found)

    def _counting_lost(self, found: Iterator[Record]) -> Iterator[Record]:
        for record in found:
            self.lost += record.problem is not None
            yield record

    def begin(self, places: Mapping[str, int], *, now: datetime) -> None:
        """Learn the columns' positions in this file, and when it is read."""
        self._now = now
        cells = FeedCells(CellReader(self.layout, places, now))
        made = shopify.ShopifyReader if self.mapping.format == SHOPIFY else google.GoogleReader
        self._reader = made(self.mapping, cells, self.kind.ids)

    def read(self, cells: Sequence[str]) -> FeedLine:
        """Return what a line says. Raises `BadLineError`, `UnreadableError`."""
        try:
            product_id = self._reader.product_id(cells)
        except BadLineError:
            self.lost += 1
            raise
        if self._is_hidden(product_id, cells):
            return FeedLine(product_id=product_id)
        if self.job.number and not self.job.owns((product_id,)):
            # The first pass said what is wrong with the line, another one keeps it.
            return FeedLine(product_id=product_id, problem=self._elsewhere(product_id, cells))
        try:
            line = self._reader.read(cells)
            self._check(line)
        except BadLineError:
            self._leave_out(product_id)
            raise
        problem = self._elsewhere(product_id, cells)
        return line if problem is None else replace(line, sku=None, problem=problem)

    def keep(self, line: FeedLine, number: int) -> None:
        """Gather a line. Raises `BadLineError` where it says a SKU of the product again, or one too many."""
        if line.product_id == self._hidden:
            return
        product = self.products.setdefault(line.product_id, FeedProduct(number))
        try:
            product.add(line, number)
            if len(product.variants) > MOST_VARIANTS:
                raise BadLineError(f"the product has more than {MOST_VARIANTS:,} SKUs")  # noqa: TRY301 - as any other
        except BadLineError:
            self._leave_out(line.product_id)
            raise

    def _is_hidden(self, product_id: str, cells: Sequence[str]) -> bool:
        """Tell whether the shop does not show a product. Its first line says so; the others follow that."""
        if self._reader.hidden(cells):
            self._hidden = product_id
        elif product_id != self._hidden:
            self._hidden = None
        return self._hidden is not None

    def _elsewhere(self, product_id: str, cells: Sequence[str]) -> str | None:
        """Say of which other product a line's SKU is already. Each pass looks after some of the SKUs of all lines."""
        try:
            sku = self._reader.sku(cells)
        except BadLineError:
            return None
        if sku is None or not self.job.owns((sku,)):
            return None
        owner = self.owners.setdefault(sku, product_id)
        return None if owner == product_id else f"{sku:.80} is a SKU of {owner:.80} in this file already"

    def names(self) -> Mapping[str, Iterable[str]]:
        """Return the products, and the SKUs that this pass looks after."""
        return {"product": self.products, "sku": self.owners}

    def gathered(self) -> dict[str, int]:
        """Return how many products and SKUs are sent, and how many products are not because of their bad lines."""
        sent = [product for product_id, product in self.products.items() if product_id not in self.left_out]
        totals = {
            "products": len(sent),
            "skus": sum(len(product.variants) for product in sent),
            "products_left_out": len(self.left_out) if self.job.number == 0 else 0,
        }
        if self.mapping.complete:
            named = {product_id: product.variants for product_id, product in self.products.items()}
            totals |= self._completeness.look(named, self.owners, self.left_out, lost=self.lost)
        return totals

    def compare(
        self,
        differs: Callable[[Mapping[str, Any]], None],
        *,
        bad_lines: int,  # noqa: ARG002 - only lines of which nobody can tell the product count
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Report how the products differ from the catalogue's, and return the totals of all passes so far."""
        words = (self._word(message) for message in self._messages())
        found = Comparison(known=self.kind.known(), differs=differs).run(words)
        totals = {name: self.job.totals.get(name, 0) + found[name] for name in COMPARISONS}
        if self.mapping.complete:
            totals |= self._completeness.compare(differs, lost=self.lost)
        return totals, {}

    def send(self, *, bad_lines: int, last: bool) -> dict[str, int]:  # noqa: ARG002 - a product is whole by itself
        """Send the products, and list those that a complete file does not name."""
        losing = self._completeness.losing
        if losing:
            words = {said["product_id"]: said for said in self._messages() if said["product_id"] in losing}
            self._completeness.hold(words, now=self._now)
        messages = (said for said in self._messages() if said["product_id"] not in losing)
        while group := list(islice(messages, SENT_AT_ONCE)):
            made = parts(group, received_at=to_milliseconds(self.job.put_at))
            self.kind.updates.send(replace(part, group=self.job.import_id) for part in made)
        if self.mapping.complete:
            self._completeness.send(lost=self.lost, last=last, now=self._now)
        return {}

    def described(self) -> dict[str, Any]:
        """Return where it stands what a complete file does not name."""
        complete = self.mapping.complete and not self.job.dry_run
        return {"absence_id": self._completeness.absence_id if complete else None}

    def concluded(self, sent: Mapping[str, int]) -> dict[str, Any]:  # noqa: ARG002 - nothing was noted
        """Return nothing more for the report."""
        return {}

    def _messages(self) -> Iterator[dict[str, Any]]:
        about = {"as_of": to_text(self.job.put_at), "source": self.job.key[:SHORT_SOURCE]}
        if self.mapping.complete:
            about["feed"] = self.job.mapping_name
        for product_id, product in self.products.items():
            if product_id not in self.left_out and product.variants and "title" in product.about:
                # Where two passes send products with one SKU, it is of the product that the file names first.
                yield {**product.message(product_id), **about, "sequence": LAST_LINE - product.line}

    def _check(self, line: FeedLine) -> None:
        """Raise `BadLineError` for a line that would make its product's message poison."""
        product = FeedProduct(0)
        product.add(line, 0)
        product.about.setdefault("title", NO_TITLE)
        try:
            self._word(product.message(line.product_id))
        except PoisonError as poison:
            raise BadLineError(poison.reason) from poison

    def _word(self, message: Mapping[str, Any]) -> ProductSaid:
        """Return what the ingester reads in a message. Raises `PoisonError`."""
        word = read(message, arrival=Arrival(0), now=self._now, ids=self.kind.ids)
        assert isinstance(word, ProductSaid)  # noqa: S101 - so says its type
        return word

    def _leave_out(self, product_id: str) -> None:
        self.left_out.add(product_id)
        if len(self.left_out) > MOST_LEFT_OUT:
            raise UnreadableError(f"more than {MOST_LEFT_OUT:,} products have bad lines; is the format the right one?")
