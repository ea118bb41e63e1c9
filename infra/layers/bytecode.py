"""Bytecode in the layers.

They are read-only on AWS and nothing is cached there, so sources alone cost 2.4 times as much on every cold start
(measured, design §8).
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

INTERPRETER_VARIABLE = "STANDBY_PYTHON313"
PROBE = "import sys; print(sys.implementation.cache_tag)"


@cache
def interpreter(version: tuple[int, int]) -> str | None:
    """Return a Python of this version that really runs: the running one, the variable's, one on PATH or of pyenv.

    None when there is none; the package index has no interpreters, so nothing is installed.
    """
    if sys.version_info[:2] == version:
        return sys.executable
    name = "python{}.{}".format(*version)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [
        os.environ.get(INTERPRETER_VARIABLE),
        shutil.which(name),
        *(str(path) for path in sorted(pyenv.glob("{}.{}.*/bin/python".format(*version)))),
    ]
    return next((path for path in candidates if path and _runs(path, version)), None)


def compiled(folder: Path, version: tuple[int, int]) -> bool:
    """Compile a layer's ``python`` folder in place; return False, changing nothing, without an interpreter.

    No times and no paths of this machine are stored: the same sources make the same bytes.
    """
    python = interpreter(version)
    if python is None:
        return False
    command = [python, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, "-s", str(folder), "-p", "/opt", str(folder)], check=True, stdout=sys.stderr)
    return True


def _runs(python: str, version: tuple[int, int]) -> bool:
    try:
        done = subprocess.run([python, "-I", "-c", PROBE], capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return False
    return done.stdout.strip() == "cpython-{}{}".format(*version)
