"""A workbook as the reader of files sees it: rows that a process of its own reads (`standby.imports.sheet`)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from standby.imports.csv_file import Record, Rows
from standby.imports.model import Layout, Turned, UnreadableError, UnusableMappingError

READER = "from standby.imports.sheet import main; main()"
TEXT_SHARE = 4
"""Unpacked, a workbook has about four times as many bytes as a file of text."""


@dataclass
class Workbook(Rows):
    """The rows of a workbook that is laid down."""

    file: IO[bytes]
    unpacked_bytes: int
    _remarks: list[str] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """Return about as many bytes as a file of text with these rows has."""
        return self.unpacked_bytes // TEXT_SHARE

    def records(self, layout: Layout) -> Iterator[Record]:
        """Yield the rows that are not empty, numbered as the spreadsheet numbers them.

        Raises `UnreadableError`, `UnusableMappingError` for a sheet that is not there, also while they are read.
        """
        names = ("sheet", "skip_lines", "decimal", "time_format")
        said = json.dumps({name: getattr(layout, name) for name in names})
        command = [sys.executable, "-c", READER, said]
        paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self.file.seek(0)
        ended = None
        with subprocess.Popen(  # noqa: S603 - fixed words, and a layout that is read as JSON
            command, stdin=self.file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=paths
        ) as reader:
            try:
                for line in reader.stdout or ():
                    ended = json.loads(line)
                    if isinstance(ended, list):
                        number, cells, turned = ended
                        for place, into in turned.items():
                            cells[int(place)] = Turned(cells[int(place)], into)
                        yield Record(number, 1, cells)
            finally:
                reader.kill()  # of a reader that came to its end there is nothing left
        self._end(ended)

    def remarks(self) -> Sequence[str]:
        """Return what somebody should know of the rows that were read."""
        return self._remarks

    def _end(self, ended: object) -> None:
        match ended:
            case {"remarks": list(found)}:
                self._remarks = found
            case {"unreadable": str(reason)}:
                raise UnreadableError(reason)
            case {"unusable": str(reason)}:
                raise UnusableMappingError(reason)
            case _:
                raise UnreadableError("the workbook is damaged, or needs more memory or time than there is to read it")
