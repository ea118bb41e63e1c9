"""Compare the work of fresh Pythons: by instructions where a program here counts them, else by CPU seconds.

On a busy machine the same instructions take up to half as long again, and not all of them alike. Their number stays the
same to a thousandth, so one run is enough. Only the program's own instructions count, not those of the kernel (to open
files, say).
"""

import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property

PAIRS = 15
LEAVE = "import os; os._exit(0)"
"""Ends a Python that takes nothing apart. No Lambda function does, so it is no part of a cold start."""
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_METRICS_NAMESPACE": "Standby",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
}


@dataclass(frozen=True)
class Program:
    """Code, and where its imports are found."""

    paths: tuple[str, ...]
    code: str

    def run(self, *options: str, under: tuple[str, ...] = (), last: str = "") -> subprocess.CompletedProcess[str]:
        """Run it in a Python of its own with these options, as the child of ``under``; ``last`` is run after it."""
        code = f"import sys; sys.path[:0] = {list(self.paths)!r}\n{self.code}\n{last}"
        command = [*under, sys.executable, *options, "-c", code]
        return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)  # noqa: S603 - ours


@dataclass(frozen=True)
class InstructionCounter:
    """A command that runs a program and then tells, on standard error, how many instructions it took."""

    command: tuple[str, ...]
    told: re.Pattern[str]

    def read(self, text: str) -> int | None:
        """Find the number in what was told."""
        found = self.told.search(text)
        return int(found[1].replace(",", "")) if found else None

    def works(self) -> bool:
        """Tell whether it is installed, and this machine lets it count."""
        if shutil.which(self.command[0]) is None:
            return False
        try:
            return self.read(Program((), "").run(under=self.command).stderr) is not None
        except subprocess.CalledProcessError:
            return False


COUNTERS = {
    "perf": InstructionCounter(
        ("perf", "stat", "--field-separator", ";", "--event", "instructions:u"),
        re.compile(r"^(\d+);.*instructions", re.MULTILINE),
    ),
    "valgrind": InstructionCounter(
        ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"),
        re.compile(r"\bI\s+refs:\s+([\d,]+)"),
    ),
}


@dataclass(frozen=True)
class Counted:
    """Compares programs with one program by their instructions."""

    beside: Program
    counter: InstructionCounter
    unit: str

    def ratio(self, program: Program) -> float:
        """Return what a program takes, as a multiple of what the one takes."""
        return self._count(program) / self._of_one

    @cached_property
    def _of_one(self) -> int:
        return self._count(self.beside)

    def _count(self, program: Program) -> int:
        program.run()  # what is read is then compiled
        count = self.counter.read(program.run(under=self.counter.command, last=LEAVE).stderr)
        assert count is not None
        return count


@dataclass(frozen=True)
class Timed:
    """Compares programs with one program by their CPU seconds."""

    beside: Program
    unit: str = f"CPU seconds, median of {PAIRS} pairs (install valgrind to count instructions)"

    def ratio(self, program: Program) -> float:
        """Return what a program takes, as a multiple of what the one takes.

        The two follow one another, and the median of the ratios counts: the machine's speed changes meanwhile.
        """
        return statistics.median(_seconds(program) / _seconds(self.beside) for _ in range(PAIRS))


def scale(beside: Program) -> Counted | Timed:
    """Return the most exact comparison that works here."""
    for name, counter in COUNTERS.items():
        if counter.works():
            return Counted(beside, counter, f"instructions, counted by {name}")
    return Timed(beside)


def _seconds(program: Program) -> float:
    return float(program.run(last="import time; print(time.process_time())").stdout)
