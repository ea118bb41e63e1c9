"""The bundle that ``layers/storefront/build.mjs`` made: its files, by name, and its version."""

import gzip
import json
import sys
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

FOLDER = "storefront_assets"
MANIFEST = "manifest.json"
MEDIA = {".js": "text/javascript", ".json": "application/json"}


class Bundle:
    """Hands out what the manifest names. Files are read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[tuple[str, bool], bytes] = {}

    @classmethod
    def among(cls, paths: Iterable[str] | None = None) -> "Bundle":
        """Find the bundle where Python looks for modules, which is where its layer is. Raises ``LookupError``."""
        for path in sys.path if paths is None else paths:
            folder = Path(path) / FOLDER
            if folder.is_dir():
                return cls(folder)
        raise LookupError(f"{FOLDER} is in no layer")

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
            plain = (self._folder / name).read_bytes()
            self._read[name, packed] = gzip.compress(plain, mtime=0) if packed else plain
        return self._read[name, packed]
