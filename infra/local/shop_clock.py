"""The shop's time on a local AWS: a clock put under the product from outside (`infra.local.moving_clock`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass
class MovingClock:
    """The product's clock on the local AWS: it only goes forward. The emulator's own delays keep real time."""

    file: Path
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """Return the time that the product believes it is."""
        return datetime.now(UTC) + self.ahead

    def advance(self, **duration: float) -> None:
        """Move on by a `timedelta`'s arguments."""
        self.reach(self.now() + timedelta(**duration))

    def reach(self, instant: datetime) -> None:
        """Move on to an instant. Raises ``ValueError`` for one that is over."""
        before, self.ahead = self.ahead, instant - datetime.now(UTC)
        if self.ahead < before:
            raise ValueError(f"the clock never goes back: {instant}")
        half = self.file.with_suffix(".half")
        half.write_text(str(self.ahead.total_seconds()), "utf-8")
        half.replace(self.file)


def reader(file: Path) -> Callable[[], datetime]:
    """Return a clock for another process: the time as somebody moved it by this file."""

    def now() -> datetime:
        try:
            ahead = timedelta(seconds=float(file.read_text("utf-8")))
        except FileNotFoundError:
            ahead = timedelta()
        return datetime.now(UTC) + ahead

    return now
