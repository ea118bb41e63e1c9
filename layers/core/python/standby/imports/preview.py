"""How a mapping reads the first lines of a file, before anything is saved or put anywhere."""

import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any

from standby.imports.csv_file import Record
from standby.imports.kinds import Gathering, kind_of, plug
from standby.imports.model import OURS, BadLineError, UnreadableError, UnusableMappingError, as_text
from standby.imports.packed import GZIP, unpacked
from standby.imports.passes import Job, beginning
from standby.platform.clock import to_text
from standby.platform.identifier import Ids

if TYPE_CHECKING:
    from standby.imports.answers import MappingPreview, PreviewLine

MOST_LINES = 20
LARGEST_SAMPLE = 20 * 1024**2
"""Bytes of what a packed sample is unpacked into. The first lines are far fewer; a workbook is read whole."""
GZIP_WINDOW = 16 + zlib.MAX_WBITS


def preview(mapping: Mapping[str, Any], sample: bytes, *, now: datetime, ids: Ids) -> "MappingPreview":
    """Return what the first lines of a sample say by a mapping, or why nothing can be read.

    Raises `UnusableMappingError` for a mapping that could not be saved.
    """
    kind = plug(kind_of(mapping))
    kind.check(mapping)
    at = to_text(now)
    job = Job(import_id="", key="inbox/preview/", etag="", size=len(sample), sequencer="", at=at, mapping=mapping)
    gathering = kind.reading(ids).gathering(job)
    columns: dict[str, int] = {}
    lines: list[PreviewLine] = []
    try:
        file, _ = unpacked(BytesIO(_beginning(sample)), most_unpacked=LARGEST_SAMPLE)
        places, records = gathering.records(file)
        columns = {name: place + 1 for name, place in sorted(places.items(), key=lambda each: each[1])}
        gathering.begin(places, now=now)
        lines.extend(_lines(gathering, records))
    except (UnreadableError, UnusableMappingError) as error:
        return {"columns": columns, "lines": lines, "reason": as_text(str(error))}
    except OURS as error:  # what an import would report of the file
        return {"columns": columns, "lines": lines, "reason": as_text(f"{type(error).__name__}: {error!s:.500}")}
    return {"columns": columns, "lines": lines, "reason": None}


def _beginning(sample: bytes) -> bytes:
    """Return a sample, unpacked as far as it goes if it is the beginning of a gzip file."""
    begun, rest = b"", sample
    try:
        while rest.startswith(GZIP) and len(begun) < LARGEST_SAMPLE:
            member = zlib.decompressobj(GZIP_WINDOW)
            begun += member.decompress(rest, LARGEST_SAMPLE)
            rest = member.unused_data
    except zlib.error:
        return sample  # whoever unpacks it as a whole says what is wrong
    return begun or sample


def _lines(gathering: Gathering[Any], records: Iterator[Record]) -> "Iterator[PreviewLine]":
    for record in islice(records, MOST_LINES):
        told: PreviewLine = {"line": record.line, "text": beginning(record), "says": None, "reason": record.problem}
        if record.problem is None:
            try:
                line = gathering.read(record.cells)
            except BadLineError as error:
                told["reason"] = str(error)
            else:
                told["says"], told["reason"] = line.shown(), line.problem
        yield told
