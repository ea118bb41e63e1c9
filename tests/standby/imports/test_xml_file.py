"""Product feeds in XML, read item by item."""

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from standby.imports.csv_file import LONGEST_CELL, Record
from standby.imports.model import UnreadableError
from standby.imports.xml_file import MOST_DEPTH, SILENT_BYTES, records

NAMES = ("id", "title", "price")
G = 'xmlns:g="http://base.google.com/ns/1.0"'
RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" {G}>
<channel>
<title>The shop</title>
<item>
<g:id>SHIRT-M</g:id>
<title><![CDATA[Linen <shirt> & more]]></title>
<g:price>49.00 EUR</g:price>
<g:shipping><g:price>4.90 EUR</g:price></g:shipping>
</item>
<item><g:id>MUG</g:id><g:price>12.90 EUR</g:price><g:price>1.00 EUR</g:price></item>
</channel>
</rss>
"""


def read(text: str | bytes, names: tuple[str, ...] = NAMES) -> list[Record]:
    return list(records(io.BytesIO(text.encode() if isinstance(text, str) else text), elements=names))


def test_items_are_read_with_their_lines() -> None:
    assert read(RSS) == [
        Record(5, 6, ["SHIRT-M", "Linen <shirt> & more", "49.00 EUR"]),
        Record(11, 1, ["MUG", "", "12.90 EUR"]),
    ]


def test_atom_is_read_too() -> None:
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom" {G}><entry><g:id>A</g:id><title>Cup</title></entry></feed>'
    assert read(atom) == [Record(1, 1, ["A", "Cup", ""])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_feed_says_its_encoding_itself(encoding: str) -> None:
    text = '<?xml version="1.0"?><rss><item><id>ספל</id></item></rss>'
    assert read(text.encode(encoding))[0].cells[0] == "ספל"


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE rss [<!ENTITY a "b">]><rss><item><id>&a;</id></item></rss>',
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><id>&a;</id></item></rss>',
        '<!DOCTYPE rss SYSTEM "https://evil.example/x.dtd"><rss/>',
    ],
)
def test_document_types_and_entities_are_refused(attack: str) -> None:
    with pytest.raises(UnreadableError, match="line 1: document types and entities are not read"):
        read(attack)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<rss>\n<item>\n<id>A</id>\n</items></rss>", 4),
        ("<rss>\n<item><id>A</id></item>\n", 3),
        ("not xml at all", 1),
        ("<rss>\n<item><id>A & B</id></item></rss>", 2),
        ("<rss>\n<item><id>\x01</id></item></rss>", 2),
    ],
)
def test_what_is_not_well_formed_says_in_which_line(text: str, line: int) -> None:
    with pytest.raises(UnreadableError, match=f"line {line}: "):
        read(text)


@pytest.mark.parametrize("text", ["", "<rss><channel><title>The shop</title></channel></rss>"])
def test_a_feed_without_items_is_none(text: str) -> None:
    with pytest.raises(UnreadableError, match="there is no item in it"):
        read(text)


def test_an_endless_cell_spoils_its_item_alone() -> None:
    long = "x" * (LONGEST_CELL + 1)
    found = read(f"<rss><item><id>{long}</id></item><item><id>B</id></item></rss>")
    assert [record.cells[:1] for record in found] == [[], ["B"]]
    assert found[0].problem == f"an element has more than {LONGEST_CELL:,} characters"


def test_depth_is_bounded() -> None:
    with pytest.raises(UnreadableError, match="deeper"):
        read("<a>" * (MOST_DEPTH + 1))


class Endless(io.RawIOBase):
    """An attribute that never ends."""

    def __init__(self) -> None:
        self.left = 20 * SILENT_BYTES
        self.begun = False

    def read(self, amount: int = -1, /) -> bytes:
        if not self.begun:
            self.begun = True
            return b'<rss a="'
        self.left -= amount
        return b"x" * amount if self.left > 0 else b""


def test_what_never_comes_to_an_element_is_given_up() -> None:
    with pytest.raises(UnreadableError, match="without an element"):
        list(records(Endless(), elements=NAMES))


class Feed(io.RawIOBase):
    """A feed of many items, made while it is read."""

    def __init__(self, items: int) -> None:
        self._parts = self._made(items)
        self._rest = b""

    def _made(self, items: int) -> Iterator[bytes]:
        yield b"<rss>"
        for number in range(items):
            yield f"<item><id>SKU-{number}</id><title>{'t' * 200}</title><price>1.00 EUR</price></item>\n".encode()
        yield b"</rss>"

    def read(self, amount: int = -1, /) -> bytes:
        while len(self._rest) < amount and (part := next(self._parts, None)) is not None:
            self._rest += part
        given, self._rest = self._rest[:amount], self._rest[amount:]
        return given


def test_memory_does_not_grow_with_the_feed() -> None:
    def peak(items: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in records(Feed(items), elements=NAMES)) == items
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < 2 * peak(2_000)
