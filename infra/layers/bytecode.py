"""Compile the layers' sources to bytecode.

Layers are read-only on AWS, so Python cannot cache bytecode there, and sources alone cost 2.4 times as much on every
cold start (measured, design §8). The runtime's Python need not be on this machine: the npm package ``pyodide`` is that
Python compiled to WebAssembly, and runs wherever the cdk command runs.
"""

import json
import platform
import subprocess
import sys
from pathlib import Path

from infra.layers.target import LayerError, Target

ROOT = Path(__file__).parents[2]
PYODIDE = ROOT / "node_modules" / "pyodide"
SCRIPT = Path(__file__).with_name("compile.mjs")


def compiler(target: Target) -> str:
    """Name exactly what compiles for a target, because patch releases of one Python make different bytecode.

    The running Python compiles for its own machine. pyodide compiles for AWS, even if a Python of the runtime's version
    is at hand, so that every machine makes the same bytes. Raises `LayerError` without the right pyodide.
    """
    if not target.wheels:
        return f"{sys.implementation.cache_tag} {platform.python_version()}"
    try:
        version = json.loads((PYODIDE / "package.json").read_text("utf-8"))["version"]
        python = json.loads((PYODIDE / "pyodide-lock.json").read_text("utf-8"))["info"]["python"]
    except FileNotFoundError:
        raise LayerError("pyodide, which compiles the layers, is not installed: run `npm ci`") from None
    wanted = "{}.{}".format(*target.version)
    if not python.startswith(f"{wanted}."):
        raise LayerError(f"pyodide {version} compiles for Python {python}: pin one for {wanted} in package.json")
    return f"pyodide {version}, Python {python}"


def compiled(folder: Path, target: Target) -> None:
    """Compile a layer's ``python`` folder in place. Raises `LayerError` when a source does not compile.

    No times and no paths of this machine are stored: the same sources make the same bytes.
    """
    if not target.wheels:
        command = [sys.executable, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
        command += ["-s", str(folder), "-p", "/opt", str(folder / "python")]
    else:
        command = ["node", str(SCRIPT), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise LayerError(f"{compiler(target)} could not compile the layer for {target.name}:\n{said}")
