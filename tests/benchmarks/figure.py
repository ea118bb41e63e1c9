"""One figure of `make bench`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One budget: what was measured, in which unit, and what is allowed."""

    name: str
    measured: float
    budget: float
    unit: str
    beside: str = ""

    @property
    def ratio(self) -> float:
        """Measured / budget: at most 1 is kept."""
        return self.measured / self.budget
