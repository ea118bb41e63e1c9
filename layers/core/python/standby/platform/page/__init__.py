"""HTML pages behind mailed links: one layout, a feature's templates, and its texts as one data file per locale.

A page has no scripts and loads nothing, so it works under `standby.platform.http.HEADERS`. A feature keeps its
templates (``*.html``) and texts (``<locale>.json``, with ``lang`` and ``dir``) in one folder; a new locale is one more
file there.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from standby.platform.frozen import frozen
from standby.platform.language_codes import OLD_CODES

LAYOUT = Path(__file__).parent
FALLBACK = "en"


@frozen()
class Pages:
    """A feature's pages, ready to be written in any of its locales."""

    environment: Environment
    texts: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, folder: Path) -> "Pages":
        """Read the templates and texts of a feature's folder."""
        environment = Environment(
            loader=FileSystemLoader([folder, LAYOUT]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        texts = {path.stem.lower(): json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
        return cls(environment, texts)

    def write(self, template: str, locale: str, **values: object) -> str:
        """Write one page; its template finds the locale's texts as ``text``."""
        return self.environment.get_template(f"{template}.html").render(text=self.text(locale), **values)

    def text(self, locale: str) -> Mapping[str, Any]:
        """Return the texts of the closest locale there is: ``he-IL``, then ``he``, then English (RFC 4647 §3.4)."""
        code, *more = locale.lower().replace("_", "-").split("-")
        wanted = "-".join([OLD_CODES.get(code, code), *more])
        while wanted and wanted not in self.texts:
            wanted = wanted.rpartition("-")[0]
        return self.texts[wanted or FALLBACK]
