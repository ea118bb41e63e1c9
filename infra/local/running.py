"""Find the local AWS that ``make up`` started in this checkout, by the record that it wrote."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.local.emulator import ROOT, Emulator

LOCAL = ROOT / ".local"
FOLDER = LOCAL / "run"
RECORD = LOCAL / "server.json"
OUTPUTS = LOCAL / "outputs.json"


def find() -> Emulator | None:
    """Return the running local AWS, ``None`` when it is not up."""
    try:
        said: dict[str, Any] = json.loads(RECORD.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    emulator = Emulator(**{**said, "folder": Path(said["folder"])})
    return emulator if emulator.alive() else None


def write_down(emulator: Emulator) -> None:
    """Remember the local AWS for the next command."""
    LOCAL.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps({**asdict(emulator), "folder": str(emulator.folder)}, indent=2) + "\n", "utf-8")


def forget() -> None:
    """Remove what was written down."""
    RECORD.unlink(missing_ok=True)
    OUTPUTS.unlink(missing_ok=True)
