"""``make quick``: style, types and the tests of what changed against main, in under a minute.

A file is tried by its twin in ``tests/``. Where everything stands on it, that would be all tests, which ``make test``
runs; here the functions' tests stand for them, which are short.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tests.beside import both

ROOT = Path(__file__).parents[1]
ALWAYS = ("tests/test_contracts.py", "tests/test_layout.py")
PRODUCT = PurePosixPath("layers/core/python")
EVERYWHERE = "tests/functions"
"""A few short tests of each function, in the whole system."""
LONG = {"benchmarks", "journeys", "load", "promises"}
"""What the tests in these folders use is tried by ``make test`` and by the commands of the same names."""


def changed(base: str) -> list[str]:
    """Return the files that differ from where this branch left another, committed or not."""
    fork = _git("merge-base", base, "HEAD")[0]
    return sorted({*_git("diff", "--name-only", fork), *_git("ls-files", "--others", "--exclude-standard")})


def _git(*words: str) -> list[str]:
    command = ["git", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603 - fixed words


def chosen(files: Iterable[str], root: Path = ROOT) -> list[str]:
    """Return the test files and folders to run for changed files; none stands inside another."""
    found = {*ALWAYS, *(test for file in files for test in _tests(PurePosixPath(file), root))}
    return sorted(test for test in found if not any(str(above) in found for above in PurePosixPath(test).parents))


def _tests(file: PurePosixPath, root: Path) -> list[str]:
    """Return what tries a file."""
    found: list[str] = []
    match file.parts:
        case ("tests", *_, name) if name.startswith("test_"):
            found = [str(file)] if (root / file).exists() else []
        case ("tests", "clients", *_):
            found = ["tests/infra"]
        case ("tests", folder, _, *_) if folder not in LONG:
            found = _nearest(file.parent, root)
        case ("tests", _) | ("layers", "core", "python", "standby", _):
            found = [EVERYWHERE]
        case ("layers", "core", "python", "standby", feature, *_):
            found = _nearest("tests" / file.relative_to(PRODUCT).parent, root)
            if found != [EVERYWHERE]:
                found += [str(path.relative_to(root)) for path in (root / EVERYWHERE).glob(f"{feature}_*")]
        case ("functions" | "events", function, _):
            found = _nearest(PurePosixPath(EVERYWHERE, function), root)
        case ("layers", "storefront", *_):
            found = ["tests/standby/storefront"]
        case ("infra" | "layers", *_) | ("cdk.json",):
            found = ["tests/infra"]
    return found


def _nearest(folder: PurePosixPath, root: Path) -> list[str]:
    """Return the folder, or the deepest above it that has tests; what has none below ``tests`` is tried everywhere."""
    for each in (folder, *folder.parents):
        if each in {PurePosixPath("tests"), PurePosixPath("tests/standby")}:
            return [EVERYWHERE]
        if any((root / each).glob("**/test_*.py")):
            return [str(each)]
    return []


def main() -> int:
    """Run them, beside style and types."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="main", help="the branch that changes are counted from")
    tests = chosen(changed(parser.parse_args().base))

    def show(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    show(f"{' '.join(tests)}\n")
    pytest = [sys.executable, "-m", "pytest", "-n", "auto", "-m", "not local_aws and not browser", *tests]
    return both(pytest, ["make", "-s", "check"], show)


if __name__ == "__main__":
    sys.exit(main())
