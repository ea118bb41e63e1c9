"""The storefront's HTTP routes: the files of the elements, and the API's reference."""

from base64 import b64encode
from collections.abc import Callable

from aws_lambda_powertools.event_handler import Response

from standby.platform.http import (
    ENCODING,
    HTML_MEDIA,
    JSON,
    PUBLIC,
    Page,
    Problem,
    Resolver,
    resolver,
    takes_gzip,
)
from standby.storefront.bundle import MEDIA, Bundle
from standby.storefront.reference import PAGE, POLICY, Reference

FRESH_SECONDS = 300
"""How long a page may go on with the file that a stable name led to."""
A_YEAR_SECONDS = 31_536_000
"""How long a page may go on with a file whose address has the bundle's version, since it never changes."""
FILE = {"file": "a file of the bundle, such as `standby.js`; `manifest.json` names all, with their integrity"}
VERSION = {"version": "the bundle's version, which its manifest says"}
TYPES = tuple(MEDIA.values())
REFERENCE_MEDIA = {**MEDIA, ".css": "text/css", ".txt": "text/plain"}
REFERENCE_FILE = {"file": "a file that the page loads, such as `page.js`; `manifest.json` names all"}


def application(bundle: Callable[[], Bundle], reference: Callable[[], Reference]) -> Resolver:
    """Return the resolver of ``storefront_api``; what it hands out is looked for when the first request needs it."""
    app = resolver()
    _add_reference(app, reference)

    @app.operation(
        "GET /v1/storefront/<file>",
        "Load the storefront's elements: one script for all, or a script for each, and their texts",
        {200: "the file as it is now; gzip for whoever takes it", 404: "the bundle has no such file"},
        parameters=FILE,
        fresh_seconds=FRESH_SECONDS,
        varies=(ENCODING,),
        media=TYPES,
        scope=PUBLIC,
    )
    def newest(file: str) -> Page:
        """The name stays while what is in it changes, with each version of Standby."""
        return _file(app, bundle(), file)

    @app.operation(
        "GET /v1/storefront/<version>/<file>",
        "Load a file of one version, for pages that say which bytes they expect (`integrity`)",
        {200: "the file, which never changes", 404: "the bundle has no such file, or is of another version"},
        parameters={**VERSION, **FILE},
        fresh_seconds=A_YEAR_SECONDS,
        varies=(ENCODING,),
        media=TYPES,
        scope=PUBLIC,
    )
    def one_version(version: str, file: str) -> Page:
        """After an upgrade of Standby only the new version is there; pages that may be older use the stable name."""
        if version != bundle().version:
            raise Problem(404, "unknown-version", "the bundle is of another version than this")
        return _file(app, bundle(), file)

    return app


def _add_reference(app: Resolver, reference: Callable[[], Reference]) -> None:
    """Add the description of the API and the page that shows it."""

    @app.operation(
        "GET /v1/openapi.json",
        "Load the description of all operations (OpenAPI 3.1), of which this one is part",
        {200: "the document; gzip for whoever takes it"},
        fresh_seconds=FRESH_SECONDS,
        varies=(ENCODING,),
        media=(JSON,),
        scope=PUBLIC,
    )
    def described() -> Page:
        """It is the same wherever Standby of one version runs."""
        packed = takes_gzip(app)
        return _made(reference().description(packed=packed), JSON, packed=packed)

    @app.operation(
        "GET /v1/docs",
        "Read about all operations, search them and try them",
        {200: "the page"},
        fresh_seconds=FRESH_SECONDS,
        varies=(ENCODING,),
        media=(HTML_MEDIA,),
        scope=PUBLIC,
    )
    def docs() -> Page:
        """All that the page loads comes from here."""
        packed = takes_gzip(app)
        made = _made(reference().files.content(PAGE, packed=packed) or b"", HTML_MEDIA, packed=packed)
        made.headers["Content-Security-Policy"] = POLICY
        return made

    @app.operation(
        "GET /v1/docs/<file>",
        "Load what the reference page consists of",
        {200: "the file as it is now; gzip for whoever takes it", 404: "the page has no such file"},
        parameters=REFERENCE_FILE,
        fresh_seconds=FRESH_SECONDS,
        varies=(ENCODING,),
        media=tuple(REFERENCE_MEDIA.values()),
        scope=PUBLIC,
    )
    def part(file: str) -> Page:
        """Its renderer is RapiDoc, as npm has it; `rapidoc-licence.txt` is its licence."""
        if file == PAGE:  # it has a policy of its own where it is a page
            raise Problem(404, "unknown-file", "the page has no such file")
        return _file(app, reference().files, file)


def _file(app: Resolver, bundle: Bundle, name: str) -> Page:
    """Answer with a file. Raises `Problem` 404."""
    packed = takes_gzip(app)
    body = bundle.content(name, packed=packed)
    if body is None:
        raise Problem(404, "unknown-file", "the bundle has no such file")
    media = next(media for ending, media in REFERENCE_MEDIA.items() if name.endswith(ending))
    return _made(body, media, packed=packed)


def _made(body: bytes, media: str, *, packed: bool) -> Page:
    headers = {"Content-Encoding": "gzip"} if packed else {}
    text = b64encode(body).decode()
    made = Response(status_code=200, content_type=f"{media}; charset=utf-8", body=text, headers=dict(headers))
    made.base64_encoded = True  # of bytes that are JSON, Powertools would make JSON again
    return made
