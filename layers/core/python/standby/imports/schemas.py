"""What people say about files. The committed JSON Schemas are made from these dataclasses (``make schemas``)."""

from dataclasses import field
from typing import Any, ClassVar, Literal

from standby.platform.frozen import frozen

MAPPING_NAME = {
    "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$",
    "errorMessage": "must be 1 to 64 of a to z, 0 to 9, _ and -, and begin with a letter or a digit",
}


@frozen(kw_only=True)
class LayoutDocument:
    """How the files below ``inbox/<name>/`` are laid out: what every mapping says beside its columns."""

    encoding: Literal["utf-8", "utf-16", "windows-1255", "windows-1252", "iso-8859-8", "cp862"] = "utf-8"
    delimiter: Literal["auto", ";", ",", "\t", "|"] = "auto"
    decimal: Literal[".", ","] = "."
    header: bool = True
    skip_lines: int = field(
        default=0,
        metadata={"json_schema": {"minimum": 0, "maximum": 1_000, "description": "lines to skip above the header"}},
    )
    time_zone: str = field(
        default="UTC", metadata={"json_schema": {"description": "IANA name; for times that name no zone"}}
    )
    time_format: str | None = field(
        default=None,
        metadata={"json_schema": {"maxLength": 60, "description": "a format of strptime; without one: ISO 8601"}},
    )
    sheet: str | None = field(
        default=None,
        metadata={
            "json_schema": {
                "minLength": 1,
                "maxLength": 200,
                "description": "the sheet of a workbook; without one: the first that is not hidden",
            }
        },
    )
    version: int | None = None


@frozen(kw_only=True)
class UploadRequest:
    """A file that is going to be uploaded."""

    json_schema_extra: ClassVar[dict[str, Any]] = {"additionalProperties": False}

    mapping: str = field(metadata={"json_schema": MAPPING_NAME})
    dry_run: bool = field(
        default=False, metadata={"json_schema": {"description": "report the differences, write nothing"}}
    )


@frozen(kw_only=True)
class PreviewRequest:
    """A mapping, and the beginning of a file that it is for."""

    json_schema_extra: ClassVar[dict[str, Any]] = {"additionalProperties": False}

    mapping: dict[str, Any] = field(metadata={"json_schema": {"description": "as it would be saved"}})
    sample: str = field(
        metadata={
            "json_schema": {
                "pattern": "^[A-Za-z0-9+/\\r\\n]*={0,2}[\\r\\n]*$",
                "minLength": 4,
                "maxLength": 400_000,
                "errorMessage": "must be base64, at most 400,000 characters of it",
                "description": "the file's first bytes, in base64",
            }
        }
    )


MESSAGES: dict[str, type] = {"upload": UploadRequest, "preview": PreviewRequest}
