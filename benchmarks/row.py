"""A row of the outcome: a value that was measured, and the target it is held against."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """One measured value. `limit` is the most it may be; `how` says what was run, so that the number can be read."""

    issue: int
    name: str
    value: float
    unit: str
    limit: float
    how: str

    @property
    def ok(self) -> bool:
        """Whether the target is met; it is inclusive."""
        return self.value <= self.limit

    @property
    def target(self) -> str:
        """The target in words.

        >>> Row(2, "load", 120.0, "MB", 200, "").target
        '<= 200'
        """
        return f"<= {self.limit:g}"

    def data(self) -> dict[str, object]:
        """The row as it stands in build/bench.json."""
        found = asdict(self)
        del found["limit"]
        return {**found, "target": self.target, "ok": self.ok}
