"""The storefront's HTTP routes: the files of the bundle."""

from base64 import b64encode
from collections.abc import Callable

from aws_lambda_powertools.event_handler import Response

from standby.platform.http import ENCODING, PUBLIC, Page, Problem, Resolver, resolver, takes_gzip
from standby.storefront.bundle import MEDIA, Bundle

FRESH_SECONDS = 300
"""How long a page may go on with the file that a stable name led to."""
A_YEAR_SECONDS = 31_536_000
"""How long a page may go on with a file whose address has the bundle's version, since it never changes."""
FILE = {"file": "a file of the bundle, such as `standby.js`; `manifest.json` names all, with their integrity"}
VERSION = {"version": "the bundle's version, which its manifest says"}
TYPES = tuple(MEDIA.values())


def application(bundle: Callable[[], Bundle]) -> Resolver:
    """Return the resolver of ``storefront_api``; ``bundle`` is called when the first request needs it."""
    app = resolver()

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


def _file(app: Resolver, bundle: Bundle, name: str) -> Page:
    """Answer with a file. Raises `Problem` 404."""
    packed = takes_gzip(app)
    body = bundle.content(name, packed=packed)
    if body is None:
        raise Problem(404, "unknown-file", "the bundle has no such file")
    media = next(media for ending, media in MEDIA.items() if name.endswith(ending))
    headers = {"Content-Encoding": "gzip"} if packed else {}
    text = b64encode(body).decode()
    made = Response(status_code=200, content_type=f"{media}; charset=utf-8", body=text, headers=dict(headers))
    made.base64_encoded = True  # of bytes that are JSON, Powertools would make JSON again
    return made
