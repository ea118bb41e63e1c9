"""A feed in XML, RSS or Atom, item by item, in constant memory. Entities and document types are refused."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, ErrorHandler, feature_namespaces

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from standby.imports.csv_file import Record
from standby.imports.model import LONGEST_CELL, UnreadableError

if TYPE_CHECKING:
    from standby.imports.csv_file import Stream

CHUNK_BYTES = 64 * 1024
ITEMS = frozenset({"item", "entry"})
"""What RSS 2.0 and Atom call a product."""
MOST_DEPTH = 50
SILENT_BYTES = 4 * 1024 * 1024
"""More without a single element is no feed: the parser would have to hold it all."""


def records(stream: "Stream", *, elements: Sequence[str]) -> Iterator[Record]:
    """Yield the items of a feed. Its cells are the texts of ``elements``, by their local names, in that order.

    An element that an item has not is an empty cell; of several with one name the first counts. Raises
    `UnreadableError`, with the line.
    """
    parser: Any = DefusedExpatParser(forbid_dtd=True)
    parser.setFeature(feature_namespaces, 1)
    reader = _Reader({name: place for place, name in enumerate(elements)}, parser)
    parser.setContentHandler(reader)
    parser.setErrorHandler(ErrorHandler())
    try:
        while chunk := stream.read(CHUNK_BYTES):
            reader.silent_bytes += len(chunk)
            parser.feed(chunk)
            if reader.silent_bytes > SILENT_BYTES:
                raise UnreadableError(f"line {parser.getLineNumber()}: {SILENT_BYTES:,} bytes without an element")
            while reader.found:
                yield reader.found.popleft()
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableError(f"line {parser.getLineNumber()}: document types and entities are not read") from error
    except (LookupError, ValueError) as error:  # expat calls Python's codecs
        raise UnreadableError(f"line {parser.getLineNumber()}: the encoding is not read: {error}") from error
    except SAXException as error:
        raise UnreadableError(f"line {parser.getLineNumber()}: {error.getMessage()}") from error
    yield from reader.found
    if not reader.items:
        raise UnreadableError("there is no item in it")


@dataclass
class _Reader(ContentHandler):
    """Gathers items as the parser comes upon them."""

    places: dict[str, int]
    parser: Any
    found: deque[Record] = field(default_factory=deque)
    silent_bytes: int = 0
    items: int = 0
    _depth: int = 0
    _item: list[str] | None = None
    _item_depth: int = 0
    _item_line: int = 0
    _place: int | None = None
    _text: list[str] = field(default_factory=list)
    _length: int = 0
    _problem: str | None = None

    def startElementNS(self, name: tuple[str | None, str], _qname: str | None, _attributes: Any) -> None:  # noqa: N802, ANN401
        self.silent_bytes = 0
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise UnreadableError(f"line {self.parser.getLineNumber()}: elements lie deeper than {MOST_DEPTH}")
        local = name[1]
        if self._item is None:
            if local in ITEMS:
                self._item, self._problem = [""] * len(self.places), None
                self._item_depth, self._item_line = self._depth, self.parser.getLineNumber()
        elif self._depth == self._item_depth + 1:
            self._place, self._text, self._length = self.places.get(local), [], 0

    def characters(self, content: str) -> None:
        if self._place is None:
            return
        self._length += len(content)
        if self._length <= LONGEST_CELL:
            self._text.append(content)

    def endElementNS(self, _name: tuple[str | None, str], _qname: str | None) -> None:  # noqa: N802
        self.silent_bytes = 0
        if self._item is not None:
            if self._depth == self._item_depth + 1 and self._place is not None:
                self._end_cell(self._item, self._place)
            elif self._depth == self._item_depth:
                self._end_item(self._item)
        self._depth -= 1

    def _end_cell(self, item: list[str], place: int) -> None:
        if self._length > LONGEST_CELL:
            self._problem = f"an element has more than {LONGEST_CELL:,} characters"
        elif not item[place]:
            item[place] = "".join(self._text).strip()
        self._place = None

    def _end_item(self, item: list[str]) -> None:
        lines = self.parser.getLineNumber() - self._item_line + 1
        self.found.append(Record(self._item_line, lines, [] if self._problem else item, self._problem))
        self._item = None
        self.items += 1
