"""Memory that loading the whole sample into a fresh workspace takes."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.child import PODANALYTICS, QUICK, run, workspace
from benchmarks.row import Row

RUNS = 1 if QUICK else 2


def bench() -> Iterator[Row]:
    """The peak of the worst run: memory is a limit, not an average."""
    children = []
    for _ in range(RUNS):
        with workspace() as home:
            files = sum(path.is_file() for path in (home / "data").rglob("*"))
            children.append(run([*PODANALYTICS, "load", "--quiet"], home))
    peak = max(child.peak for child in children)
    how = f"{files} files in {min(child.seconds for child in children):.1f} s, worst of {RUNS}"
    yield Row(2, "load", round(peak), "MB of memory at most", 200, how)
