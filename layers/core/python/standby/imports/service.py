"""What the ERP and the operator ask about files: how they are read, where to put one, what became of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, cast

from standby.imports.kinds import kind_of, plug
from standby.imports.model import LARGEST_BYTES
from standby.platform.clock import Clock, to_text
from standby.platform.frozen import frozen
from standby.platform.identifier import Ids

if TYPE_CHECKING:
    from standby.imports.answers import (
        BadLines,
        Differences,
        ImportListed,
        ImportShown,
        MappingPreview,
        MappingShown,
        UploadLeave,
    )

UPLOAD_SECONDS = 900


class Forms(Protocol):
    """Gives forms by which files may be put."""

    def form(self, key: str, *, seconds: int, most_bytes: int) -> tuple[str, dict[str, str]]:
        """Return the address and the fields of a form that puts a file there without a key."""
        ...


class Files(Protocol):
    """Where mappings are saved and imports reported."""

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Return a saved mapping."""
        ...

    def save_mapping(self, name: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Replace a mapping, and return it with its version."""
        ...

    def report(self, import_id: str) -> dict[str, Any] | None:
        """Return a report."""
        ...

    def findings(self, import_id: str, kind: str, after: str | None) -> tuple[list[Any], str | None]:
        """Return a page of findings."""
        ...

    def latest(self) -> "list[ImportListed]":
        """Return the latest imports, newest first."""
        ...

    def write(self, import_id: str, values: Mapping[str, Any], *, now: datetime) -> None:
        """Write a report's fields."""
        ...


@frozen(kw_only=True)
class Imports:
    """Mappings, uploads and reports."""

    files: Files
    inbox: Forms
    clock: Clock
    make_id: Callable[[], str]
    """Returns 24 hexadecimal digits that nobody guesses."""

    def mapping(self, name: str) -> "MappingShown | None":
        """Return a saved mapping, ``None`` where there is none."""
        return self.files.mapping(name)

    def save_mapping(self, name: str, document: Mapping[str, Any]) -> "MappingShown":
        """Replace a mapping as a whole. Raises `UnusableMappingError` for one that contradicts itself."""
        plug(kind_of(document)).check(document)
        return self.files.save_mapping(name, {field: value for field, value in document.items() if field != "version"})

    def preview(self, mapping: Mapping[str, Any], sample: bytes, *, ids: Ids) -> "MappingPreview":
        """Return how a mapping would read the beginning of a file. Raises `UnusableMappingError`."""
        from standby.imports.preview import preview  # noqa: PLC0415 - seldom asked for

        return preview(mapping, sample, now=self.clock.now(), ids=ids)

    def upload(self, mapping: str, *, dry_run: bool) -> "UploadLeave | None":
        """Return the form that puts a file there in the next 15 minutes, ``None`` for an unknown mapping."""
        if self.files.mapping(mapping) is None:
            return None
        now, import_id = self.clock.now(), self.make_id()
        key = f"{'inbox-dry-run' if dry_run else 'inbox'}/{mapping}/{import_id}.csv"
        url, fields = self.inbox.form(key, seconds=UPLOAD_SECONDS, most_bytes=LARGEST_BYTES)
        expires_at = to_text(now + timedelta(seconds=UPLOAD_SECONDS))
        asked = {"state": "waiting", "key": key, "mapping": mapping, "dry_run": dry_run, "expires_at": expires_at}
        self.files.write(import_id, asked, now=now)
        return {
            "import_id": import_id,
            "method": "POST",
            "url": url,
            "fields": fields,
            "most_bytes": LARGEST_BYTES,
            "expires_at": expires_at,
        }

    def latest(self) -> "list[ImportListed]":
        """Return the latest imports, newest first."""
        return self.files.latest()

    def report(self, import_id: str) -> "ImportShown | None":
        """Return what became of a file, with its first bad lines and differences; ``None`` for an unknown one."""
        report = self.files.report(import_id)
        if report is None:
            return None
        shown = {
            "import_id": import_id,
            **report,
            "bad_lines": self._bad_lines(import_id, None),
            "differences": self._differences(import_id, None),
        }
        return cast("ImportShown", shown)

    def bad_lines(self, import_id: str, after: str | None) -> "BadLines | None":
        """Return the lines that could not be read, a page at a time; ``None`` for an unknown import."""
        return None if self.files.report(import_id) is None else self._bad_lines(import_id, after)

    def differences(self, import_id: str, after: str | None) -> "Differences | None":
        """Return what a dry run would change, a page at a time; ``None`` for an unknown import."""
        return None if self.files.report(import_id) is None else self._differences(import_id, after)

    def _bad_lines(self, import_id: str, after: str | None) -> "BadLines":
        found, cursor = self.files.findings(import_id, "bad", after)
        return {"items": found, "next": cursor}

    def _differences(self, import_id: str, after: str | None) -> "Differences":
        found, cursor = self.files.findings(import_id, "difference", after)
        return {"items": found, "next": cursor}
