"""What the benchmark reads from programs that count instructions, and what it does where there is none."""

import sys

import pytest

from tests.benchmarks import work
from tests.benchmarks.work import COUNTERS, Counted, InstructionCounter, Program, Timed, scale

PERF = "16;;instructions:u;1000;100.00;;\n"
PERF_REFUSED = "<not supported>;;instructions:u;0;100.00;;\n"
VALGRIND = "==19868== \n==19868== I   refs:      1,322,077,304\n"


def test_numbers_are_found_in_what_the_counters_tell() -> None:
    assert COUNTERS["perf"].read(PERF) == 16
    assert COUNTERS["perf"].read(PERF_REFUSED) is None
    assert COUNTERS["valgrind"].read(VALGRIND) == 1_322_077_304


def test_without_a_counter_seconds_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work.shutil, "which", lambda _name: None)
    compared = scale(Program((), ""))
    assert isinstance(compared, Timed)
    assert "install valgrind" in compared.unit
    monkeypatch.setattr(work, "PAIRS", 1)
    assert compared.ratio(Program((), "sum(range(10_000_000))")) > 1


def test_a_program_is_counted_as_a_multiple_of_the_other() -> None:
    """What counts here is a Python that runs the program and tells how long its code is."""
    telling = (
        "import subprocess, sys; subprocess.run(sys.argv[1:]); sys.stderr.write(f'{sys.argv[-1].count(chr(33))};')"
    )
    counter = InstructionCounter((sys.executable, "-c", telling), work.re.compile(r"(\d+);"))
    compared = Counted(Program((), "'!!'"), counter, "exclamation marks")
    assert compared.ratio(Program((), "'!!!'")) == 1.5
