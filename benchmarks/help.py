"""How long `podanalytics --help` takes, beside a Python that does nothing."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.child import PODANALYTICS, QUICK, run
from benchmarks.row import Row

RUNS = 3 if QUICK else 5


def bench() -> Iterator[Row]:
    """The median, after one run that fills the caches."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = [
            (run([*PODANALYTICS, "--help"], folder), run([sys.executable, "-c", "pass"], folder))
            for _ in range(RUNS + 1)
        ][1:]
    ours, bare = (median(child.seconds for child in side) for side in zip(*pairs, strict=True))
    how = f"a bare Python takes {bare:.2f} s; median of {RUNS}"
    yield Row(2, "help", round(ours, 2), "s", 0.5, how)
