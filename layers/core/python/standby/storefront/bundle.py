"""The bundles that ``layers/storefront/build.mjs`` made: the files of each, by name, and its version.

One holds the elements, the other the API's reference page (`standby.storefront.reference`).
"""

import gzip
import json
import sys
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

ELEMENTS, REFERENCE = "storefront_assets", "reference_assets"
MANIFEST = "manifest.json"
PACKED = ".gz"
MEDIA = {".js": "text/javascript", ".json": "application/json"}


class Bundle:
    """Hands out what the manifest names. Files are read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[tuple[str, bool], bytes] = {}

    @classmethod
    def among(cls, name: str = ELEMENTS, paths: Iterable[str] | None = None) -> "Bundle":
        """Find the bundle of a name in a layer. Raises ``LookupError``."""
        return cls(found(name, paths))

    @cached_property
    def _said(self) -> tuple[str, frozenset[str]]:
        said = json.loads((self._folder / MANIFEST).read_text("utf-8"))
        return said["version"], frozenset({*said["files"], MANIFEST})

    @property
    def version(self) -> str:
        """The digest of all files, twelve hexadecimal digits."""
        return self._said[0]

    @property
    def names(self) -> frozenset[str]:
        """The names of the files, the manifest's too."""
        return self._said[1]

    def content(self, name: str, *, packed: bool) -> bytes | None:
        """Return a file, packed with gzip where that is wanted; ``None`` for a name that the manifest does not have."""
        if name not in self.names:
            return None
        if (name, packed) not in self._read:
            self._read[name, packed] = content(self._folder / name, packed=packed)
        return self._read[name, packed]


def found(name: str, paths: Iterable[str] | None = None) -> Path:
    """Find what has a name where Python looks for modules, which is where layers are. Raises ``LookupError``."""
    for path in sys.path if paths is None else paths:
        there = Path(path) / name
        if there.exists():
            return there
    raise LookupError(f"{name} is in no layer")


def content(path: Path, *, packed: bool) -> bytes:
    """Return a file, packed with gzip where that is wanted. The layer has large ones packed beside them (``.gz``)."""
    beside = path.with_name(f"{path.name}{PACKED}")
    if packed and beside.is_file():
        return beside.read_bytes()
    plain = path.read_bytes()
    return gzip.compress(plain, mtime=0) if packed else plain
