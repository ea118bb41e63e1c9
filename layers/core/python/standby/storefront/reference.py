"""The API's reference page, and the description that it shows, which is the committed ``openapi.json``.

The page comes with all that it loads. It has scripts, which no other page of the API has, so its policy lets in what
comes from here and nothing else. Its renderer writes styles into the page, so these are let in, too.
"""

from functools import cached_property
from pathlib import Path

from standby.storefront.bundle import REFERENCE, Bundle, content, found

PAGE = "docs.html"
DESCRIPTION = "openapi.json"
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"
)


class Reference:
    """Hands out the description and the page's files. Each is read once, when somebody first asks for it."""

    def __init__(self, files: Bundle, description: Path) -> None:
        self.files = files
        self._description = description

    @classmethod
    def among(cls) -> "Reference":
        """Find it in the function's layer. Raises ``LookupError``."""
        return cls(Bundle.among(REFERENCE), found(DESCRIPTION))

    def description(self, *, packed: bool) -> bytes:
        """Return the OpenAPI document as it was committed, packed with gzip where that is wanted."""
        return self._packed if packed else self._plain

    @cached_property
    def _packed(self) -> bytes:
        return content(self._description, packed=True)

    @cached_property
    def _plain(self) -> bytes:
        return content(self._description, packed=False)
