"""Files over HTTP: mappings, forms for uploads, reports."""

import re
from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from standby.imports.kinds import kind_of, plug
from standby.imports.model import UnusableMappingError
from standby.imports.service import Imports
from standby.platform.http import Problem, Resolver, checked_body, json_body, malformed, query_value
from standby.platform.schema import UnfitError, reader

if TYPE_CHECKING:
    from standby.imports.answers import (
        BadLines,
        Differences,
        ImportList,
        ImportShown,
        MappingPreview,
        MappingShown,
        UploadLeave,
    )

Found = TypeVar("Found")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
ID = re.compile(r"[0-9A-Za-z]{1,24}")
UNKNOWN = "there is no such import"
UNKNOWN_MAPPING = "there is no such mapping"
BAD_CURSOR = "after: not a cursor of this list"
BY_NAME = {"name": "the mapping's name, which is also its folder's"}
BY_ID = {"import_id": "the import's id, from an upload's answer or from the list"}
AFTER = {"after": "`next` of the page before"}


def add_import_routes(app: Resolver, imports: Imports) -> None:
    """Add the routes below ``/v1/imports``."""
    _add_mappings(app, imports)
    _add_reports(app, imports)

    @app.operation(
        "POST /v1/imports/uploads",
        "Ask for a form by which to upload a file (files may be larger than messages)",
        {
            201: "POST `fields`, and after them the file as `file`, to `url` before `expires_at`; "
            "`import_id` leads to its report",
            400: "not JSON, or malformed",
            404: UNKNOWN_MAPPING,
        },
        body="upload",
        scope="erp",
    )
    def ask_for_upload() -> "UploadLeave":
        wish: Mapping[str, Any] = checked_body(app, "standby.imports", "upload")
        leave = imports.upload(wish["mapping"], dry_run=bool(wish.get("dry_run")))
        return _known(leave, "unknown-mapping", UNKNOWN_MAPPING)


def _add_mappings(app: Resolver, imports: Imports) -> None:
    @app.operation(
        "GET /v1/imports/mappings/<name>",
        "Show how the files below inbox/<name>/ are read",
        {200: "the mapping and its version", 404: UNKNOWN_MAPPING},
        parameters=BY_NAME,
        scope="ops",
    )
    def show_mapping(name: str) -> "MappingShown":
        found = imports.mapping(name) if NAME.fullmatch(name) else None
        return _known(found, "unknown-mapping", UNKNOWN_MAPPING)

    @app.operation(
        "PUT /v1/imports/mappings/<name>",
        "Say how the files below inbox/<name>/ are to be read; this replaces the whole mapping",
        {200: "the mapping and its version", 400: "malformed, or contradicts itself"},
        body="import_mapping",
        parameters=BY_NAME,
        scope="ops",
    )
    def save_mapping(name: str) -> "MappingShown":
        if not NAME.fullmatch(name):
            raise malformed("a mapping's name has a-z 0-9 _ -, at most 64 of them, and begins with a letter or a digit")
        try:
            package = plug(kind_of(json_body(app))).package
            document: Mapping[str, Any] = checked_body(app, package, "import_mapping")
            return imports.save_mapping(name, document)
        except UnusableMappingError as error:
            raise malformed(str(error)) from error

    @app.operation(
        "POST /v1/imports/previews",
        "Show how a mapping would read the first lines of a file; nothing is saved",
        {200: "what each line says, or why it could not be read", 400: "malformed, or the mapping contradicts itself"},
        body="preview",
        scope="ops",
    )
    def preview_mapping() -> "MappingPreview":
        wish: Mapping[str, Any] = checked_body(app, "standby.imports", "preview")
        try:
            sample = b64decode(wish["sample"], validate=False)
        except ValueError as error:
            raise malformed("sample: must be base64") from error
        try:
            package = plug(kind_of(wish["mapping"])).package
            mapping = reader(package, "import_mapping", app.ids())(wish["mapping"])
            return imports.preview(mapping, sample, ids=app.ids())
        except UnfitError as error:
            raise malformed(*(f"mapping.{each}" for each in error.wrong)) from error
        except UnusableMappingError as error:
            raise malformed(f"mapping.{error}") from error


def _add_reports(app: Resolver, imports: Imports) -> None:
    @app.operation("GET /v1/imports", "List the latest imports, newest first", {200: "at most 50"}, scope="ops")
    def list_imports() -> "ImportList":
        return {"items": imports.latest(), "next": None}

    @app.operation(
        "GET /v1/imports/<import_id>",
        "Show what became of a file, with its first bad lines and, after a dry run, its first differences",
        {200: "the report", 404: UNKNOWN},
        scope="ops",
        parameters=BY_ID,
    )
    def show_import(import_id: str) -> "ImportShown":
        return _known(imports.report(_id(import_id)), "unknown-import", UNKNOWN)

    @app.operation(
        "GET /v1/imports/<import_id>/bad-lines",
        "List the lines of a file that could not be read, with numbers and reasons",
        {200: "a page of lines; `next` leads on", 400: BAD_CURSOR, 404: UNKNOWN},
        scope="ops",
        parameters={**BY_ID, **AFTER},
    )
    def list_bad_lines(import_id: str) -> "BadLines":
        return _known(imports.bad_lines(_id(import_id), _after(app)), "unknown-import", UNKNOWN)

    @app.operation(
        "GET /v1/imports/<import_id>/differences",
        "List what a dry run found that an import would change",
        {200: "a page of differences; `next` leads on", 400: BAD_CURSOR, 404: UNKNOWN},
        scope="ops",
        parameters={**BY_ID, **AFTER},
    )
    def list_differences(import_id: str) -> "Differences":
        return _known(imports.differences(_id(import_id), _after(app)), "unknown-import", UNKNOWN)


def _known(found: Found | None, slug: str, detail: str) -> Found:
    if found is None:
        raise Problem(404, slug, detail)
    return found


def _id(import_id: str) -> str:
    """Return an import's id. Raises `Problem` 404 for a text that is none: DynamoDB refuses long keys."""
    if not ID.fullmatch(import_id):
        raise Problem(404, "unknown-import", UNKNOWN)
    return import_id


def _after(app: Resolver) -> str | None:
    after = query_value(app, "after")
    if after is not None and not re.fullmatch(r"[0-9]{4}-[0-9]{6}", after):
        raise malformed(BAD_CURSOR)
    return after
