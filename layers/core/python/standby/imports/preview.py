"""How a mapping reads the first lines of a file, before anything is saved or put anywhere."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any

from standby.imports.csv_file import Record, Rows
from standby.imports.kinds import Gathering, kind_of, plug
from standby.imports.model import BadLineError, UnreadableError, UnusableMappingError
from standby.imports.packed import unpacked
from standby.imports.passes import Job, beginning
from standby.platform.clock import to_text
from standby.platform.identifier import Ids

if TYPE_CHECKING:
    from standby.imports.answers import MappingPreview, PreviewLine

MOST_LINES = 20


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
        file, _ = unpacked(BytesIO(sample))
        if isinstance(file, Rows):
            raise UnreadableError("a workbook is tried by putting it into inbox-dry-run/")  # noqa: TRY301 - told below
        places, records = gathering.records(file)
        columns = {name: place + 1 for name, place in sorted(places.items(), key=lambda each: each[1])}
        gathering.begin(places, now=now)
        lines.extend(_lines(gathering, records))
    except (UnreadableError, UnusableMappingError) as error:
        return {"columns": columns, "lines": lines, "reason": str(error)}
    return {"columns": columns, "lines": lines, "reason": None}


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
