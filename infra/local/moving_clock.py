"""Add an offset to the product's clock; this runs first in every function's process on the local AWS.

The product knows nothing of it. When ``standby.platform.clock`` is imported, its ``SystemClock.now`` is replaced by
one that adds the seconds in the file named by ``STANDBY_CLOCK_OFFSET_FILE``. Without that file the clock is right.
Signatures of AWS requests and the emulator's own delays keep real time.
"""

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

CLOCK = "standby.platform.clock"


class _MovedClockLoader(importlib.abc.Loader):
    def __init__(self, loader: importlib.abc.Loader, offset_file: Path) -> None:
        self.loader = loader
        self.offset_file = offset_file

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        clock: Any = module.SystemClock
        right = clock.now

        def now(self: object) -> datetime:
            instant: datetime = right(self)
            return instant + _offset()

        def _offset() -> timedelta:
            try:
                return timedelta(seconds=float(self.offset_file.read_text("utf-8")))
            except FileNotFoundError:
                return timedelta()

        clock.now = now


class _MovedClockFinder(importlib.abc.MetaPathFinder):
    def __init__(self, offset_file: Path) -> None:
        self.offset_file = offset_file

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != CLOCK:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _MovedClockLoader(spec.loader, self.offset_file)
        return spec


if "STANDBY_CLOCK_OFFSET_FILE" in os.environ:
    sys.meta_path.insert(0, _MovedClockFinder(Path(os.environ["STANDBY_CLOCK_OFFSET_FILE"])))
