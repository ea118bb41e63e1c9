"""Kinds of files: what a feature brings so that files of its own are read (a plug).

A kernel imports no feature, so `KINDS` names each kind's module as text. The module is loaded when a kind is first
needed; files of one kind do not load the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from standby.imports.model import UnusableMappingError
from standby.platform.frozen import frozen
from standby.platform.identifier import Ids

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

    from standby.imports.csv_file import Record, Stream
    from standby.imports.passes import Job

KINDS = {"stock": "standby.stock.assembly.counts", "products": "standby.catalog.assembly.feeds"}
"""The module of each kind, which holds its plug under the name ``PLUG``."""
USUAL = "stock"
"""The kind of a mapping that says none."""
Key = tuple[str, ...]


class Line(Protocol):
    """What one line of a file says."""

    @property
    def key(self) -> Key:
        """Return what it speaks of: all lines with one key are gathered by the same pass."""
        ...

    def shown(self) -> dict[str, Any]:
        """Return it as JSON, for whoever tries out a mapping."""
        ...

    @property
    def problem(self) -> str | None:
        """Return what of it is not taken, though the rest is; ``None`` where all is. Only one pass says it."""
        ...


Read = TypeVar("Read", bound=Line)


class Gathering(Protocol[Read]):
    """What one pass gathers from the lines of a file, and where that goes."""

    def announce(self, *, now: datetime) -> int:
        """Say that a file is going to be read, where that must be known before; idempotent.

        Returns for how many seconds its first pass waits then.
        """
        ...

    def end(self, state: Literal["failed", "replaced"], reason: str, *, now: datetime) -> None:
        """Take back what was announced: the file is not read to its end, or may not be. Idempotent."""
        ...

    def records(self, stream: "Stream") -> "tuple[dict[str, int], Iterator[Record]]":
        """Return where the columns are, and the records below the header.

        Raises `UnreadableError`, `UnusableMappingError`, also while the records are read.
        """
        ...

    def begin(self, places: Mapping[str, int], *, now: datetime) -> None:
        """Learn the columns' positions in this file, and when it is read."""
        ...

    def read(self, cells: Sequence[str]) -> Read:
        """Return what a line says. Raises `BadLineError`, and `UnreadableError` where the whole file makes no sense."""
        ...

    def keep(self, line: Read, number: int) -> None:
        """Gather a line, with its number in the file. Raises `BadLineError` where it contradicts one kept before."""
        ...

    def names(self) -> Mapping[str, Iterable[str]]:
        """Return the ids that this pass gathered, by what they are ids of, to find those that look alike."""
        ...

    def gathered(self) -> dict[str, int]:
        """Return how much there is, by names for the report's totals."""
        ...

    def compare(
        self, differs: Callable[[Mapping[str, Any]], None], *, bad_lines: int
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Report in a dry run how the gathered lines differ from what is known.

        ``bad_lines`` is how many lines could not be read so far. Returns more totals, and what the next pass must know
        of this one (`Job.sent`).
        """
        ...

    def send(self, *, bad_lines: int, last: bool) -> dict[str, int]:
        """Send what was gathered to where it belongs. Idempotent.

        ``bad_lines`` is how many lines could not be read so far; ``last`` says that no pass follows. Returns what the
        next pass must know of this one (`Job.sent`).
        """
        ...

    def described(self) -> dict[str, Any]:
        """Return what the report says of a file of this kind, from its beginning on."""
        ...

    def concluded(self, sent: Mapping[str, int]) -> dict[str, Any]:
        """Return what the report says of a file of this kind once all passes are over."""
        ...


class Kind(Protocol):
    """A kind of file, connected to the places where its contents go."""

    def gathering(self, job: "Job") -> Gathering[Any]:
        """Begin a pass, by the mapping that the job carries. Raises `UnusableMappingError`."""
        ...


@frozen(kw_only=True)
class Plug:
    """What a feature brings for one kind of files."""

    package: str
    """The package in whose ``json_schemas`` the schema ``import_mapping`` lies."""
    check: Callable[[Mapping[str, Any]], object]
    """Raises `UnusableMappingError` for a mapping that the schema allows but that no file could fit."""
    reading: Callable[[Ids], Kind]
    """Builds what reads lines alone: it keeps nothing and sends nothing."""
    connect: Callable[["DynamoDBClient", "SQSClient"], Kind]
    """Builds the kind from the function's clients and from settings of its own in the environment."""


def kind_of(mapping: object) -> str:
    """Return the kind of files that a mapping's document is for."""
    said = mapping.get("kind") if isinstance(mapping, dict) else None
    return USUAL if said is None else str(said)


def plug(kind: str) -> Plug:
    """Return the plug of a kind of files. Raises `UnusableMappingError` for an unknown kind."""
    if kind not in KINDS:
        raise UnusableMappingError(f"kind: {kind[:40]!r} is none, only: {', '.join(KINDS)}")
    made: Plug = import_module(KINDS[kind]).PLUG
    return made
