"""What the routes about files answer."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from standby.platform.answers import Count, Instant

MappingShown = Annotated[dict[str, Any], ("$ref", "#/components/schemas/import_mapping")]
"""A mapping as it was put, with its version."""
State = Literal["waiting", "importing", "done", "failed", "replaced"]


class PreviewLine(TypedDict):
    """A line of a sample, and what it says."""

    line: int
    """Its number in the sample, from 1."""
    text: str
    """How it begins."""
    says: dict[str, Any] | None
    """What is read in it; ``null`` where it is a bad line."""
    reason: str | None
    """Why it, or a part of it, is not taken."""


class MappingPreview(TypedDict):
    """How a mapping reads a sample."""

    columns: dict[str, int]
    """Where each column was found, from 1."""
    lines: list[PreviewLine]
    """The first lines below the header, at most 20."""
    reason: str | None
    """Why the file, or what follows the lines, could not be read."""


class UploadLeave(TypedDict):
    """Permission to upload one file, by a form (``multipart/form-data``)."""

    import_id: str
    """Names the file's report, ``GET /v1/imports/{import_id}``."""
    method: Literal["POST"]
    url: Annotated[str, ("format", "uri")]
    fields: dict[str, str]
    """The form's fields. The file comes after them, as the field ``file``."""
    most_bytes: int
    """A larger file is refused."""
    expires_at: Instant


class BadLine(TypedDict):
    """A line that could not be read."""

    line: int
    """Its number in the file, from 1."""
    lines: int
    """How many lines of the file the record takes."""
    reason: str
    text: str
    """How the line begins."""


class BadLines(TypedDict):
    """A page of the lines that could not be read."""

    items: list[BadLine]
    next: str | None
    """Say it as ``after`` to get the next page; ``null`` on the last page."""


class Difference(TypedDict):
    """What an import would change."""

    sku: str
    location_id: str
    what: str
    """``new``, ``changed``, ``emptied``, ``older`` (nothing changes), or ``absent`` (a full count does not name it)."""
    was: dict[str, int] | None
    now: dict[str, int]


class ProductDifference(TypedDict):
    """What an import of products would change."""

    product_id: str
    what: Literal["new", "changed", "older", "absent"]
    """``older``: nothing changes, as the catalogue knows a newer word; ``absent``: a complete file does not name it."""
    fields: list[str]
    """What is said otherwise of the product itself."""
    skus_new: Count
    skus_changed: Count
    skus_same: Count
    skus_gone: Count


class Differences(TypedDict):
    """A page of what an import would change."""

    items: list[Difference | ProductDifference]
    next: str | None
    """Say it as ``after`` to get the next page; ``null`` on the last page."""


class ImportListed(TypedDict):
    """A file, and what became of it."""

    import_id: str
    state: State
    key: str | None
    """Where the file lies."""
    mapping: str | None
    dry_run: bool | None
    put_at: Instant | None
    finished_at: Instant | None
    reason: str | None


class ImportList(TypedDict):
    """The latest imports, newest first."""

    items: list[ImportListed]
    next: None


class ImportShown(TypedDict):
    """What became of a file, as far as it is known."""

    import_id: str
    state: State
    key: NotRequired[str]
    """Where the file lies."""
    bytes: NotRequired[Count]
    mapping: NotRequired[str]
    mapping_version: NotRequired[int | None]
    dry_run: NotRequired[bool]
    expires_at: NotRequired[Instant]
    """Until when the file may be uploaded."""
    put_at: NotRequired[Instant]
    started_at: NotRequired[Instant]
    finished_at: NotRequired[Instant | None]
    passes: NotRequired[Count]
    passes_done: NotRequired[Count]
    reason: NotRequired[str | None]
    totals: NotRequired[dict[str, Count] | None]
    """Counts by name: ``rows``, ``bad_lines``, and what the kind of file adds."""
    remarks: NotRequired[list[str]]
    """What somebody should know of the file, though it was read: ids that look alike, zeros that may be lost."""
    snapshot_id: NotRequired[str | None]
    """The full count that the file became."""
    locations: NotRequired[Count]
    """How many locations the full count covers."""
    absence_id: NotRequired[str | None]
    """What a complete product file does not name: ``GET /v1/catalog/absences/{absence_id}``."""
    bad_lines: BadLines
    differences: Differences
