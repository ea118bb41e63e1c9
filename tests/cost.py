"""What the tests cost: processor seconds per folder, beside the figures that were committed.

Seconds differ from machine to machine; so each folder's ratio is to be read beside that of the whole. Nothing fails.
``STANDBY_COST=write`` keeps the figures of a run in ``cost.json`` instead.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pytest

KEPT = Path(__file__).with_name("cost.json")
WRITING = os.environ.get("STANDBY_COST") == "write"
MUCH = 5.0
"""Processor seconds that a new test may take. A longer one belongs to ``make proof`` or ``make load``."""
SHOWN = 5


def spent() -> float:
    """Return the processor seconds of this process, and of those that it started and waited for."""
    return sum(os.times()[:4])


def folder_of(test: str) -> str:
    """Return the folder that a test counts for: two deep, and each feature of the product by itself."""
    folders = PurePosixPath(test.partition("::")[0]).parts[:-1]
    return "/".join(folders[: 3 if folders[1:2] == ("standby",) else 2])


def compared(seconds: Mapping[str, float], kept: Mapping[str, float]) -> Iterator[str]:
    """Yield a line for each folder and one for all that can be compared."""
    known = {folder: seconds[folder] for folder in seconds if kept.get(folder)}
    for folder, used in sorted(seconds.items(), key=lambda item: -item[1]):
        yield f"{folder:<28} {used:7.1f} s" + (_ratio(used, kept[folder]) if folder in known else "   new")
    if known:
        total = sum(known.values())
        yield f"{'all of these':<28} {total:7.1f} s" + _ratio(total, sum(kept[folder] for folder in known))


def _ratio(used: float, before: float) -> str:
    return f" / {before:7.1f} = {used / before:4.2f}"


@dataclass(eq=False)  # a plugin is hashable
class Cost:
    """Notes what each test took, in the process where it ran. The process that reports adds them up."""

    spent: Callable[[], float] = spent
    by_folder: Counter[str] = field(default_factory=Counter)
    by_test: Counter[str] = field(default_factory=Counter)
    before: float = 0.0

    def pytest_runtest_logstart(self) -> None:
        self.before = self.spent()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Iterator[None]:
        report = yield
        now = self.spent()
        report.cpu_seconds = now - self.before
        self.before = now
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        seconds = getattr(report, "cpu_seconds", 0.0)
        self.by_folder[folder_of(report.nodeid)] += seconds
        self.by_test[report.nodeid] += seconds

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if hasattr(terminalreporter.config, "workerinput"):
            return  # a worker knows its own tests only
        kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
        if WRITING:
            figures = {folder: round(seconds, 1) for folder, seconds in self.by_folder.items()}
            KEPT.write_text(json.dumps({**kept, **figures}, indent=2, sort_keys=True) + "\n", "utf-8")
        terminalreporter.section("processor seconds / those committed")
        for line in compared(self.by_folder, kept):
            terminalreporter.write_line(line)
        costly = [(test, seconds) for test, seconds in self.by_test.most_common() if seconds > MUCH]
        if costly:
            terminalreporter.write_line(f"{len(costly)} tests took more than {MUCH:.0f} s, most of all:")
        for test, seconds in costly[:SHOWN]:
            terminalreporter.write_line(f"{seconds:7.1f} s  {test}")


def measure(config: pytest.Config) -> None:
    """Measure a run of everything; a part of a folder has nothing to be compared with."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    if everything or hasattr(config, "workerinput"):
        config.pluginmanager.register(Cost(), "cost")
