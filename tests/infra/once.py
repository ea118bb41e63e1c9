"""What is synthesized once a run, whichever of its processes asks first."""

import fcntl
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """Return what ``make`` makes in an empty folder; every process of this run gets the same.

    With xdist each worker has a folder of its own beside those of the others.
    """
    own = factory.getbasetemp()
    shared = own.parent if own.name.startswith("popen-") else own
    kept = shared / f"{name}.pickle"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(make(factory.mktemp(name))))
    made: Made = pickle.loads(kept.read_bytes())  # noqa: S301 - we wrote it
    return made
