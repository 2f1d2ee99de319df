"""Loading a Slack workspace of 500,000 messages, beside a plain `json.load` of every file of the same ZIP: the floor.

The workspace is invented (`benchmarks.talk`). What is measured is `podanalytics load` as a user runs it: unpacking,
reading, checking, and writing into the SQLite database.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import PODANALYTICS, QUICK, ROOT, Child, run
from benchmarks.row import Row

MESSAGES = 50_000 if QUICK else 500_000
SIZES = (MESSAGES // 10, MESSAGES * 3 // 10, MESSAGES)
RUNS = 1 if QUICK else 3


@dataclass(frozen=True)
class Size:
    """The runs of one size: loading, and the floor, by turns."""

    messages: int
    loads: Sequence[Child]
    floors: Sequence[Child]

    @property
    def cost(self) -> float:
        """Microseconds of processor time that a message takes."""
        return min(child.cpu for child in self.loads) / self.messages * 1e6


def bench() -> Iterator[Row]:
    """Loading and the floor by turns, each in a process of its own. The ratio is of the best wall times, for loading
    uses two cores; that of their processor time, which a busy machine changes less, is told beside it.
    """
    with tempfile.TemporaryDirectory(prefix="podanalytics-bench-") as name:
        sizes = [_measured(Path(name), messages) for messages in SIZES]
    largest, runs = sizes[-1], f"best of {RUNS}, on {os.cpu_count()} cores"
    load, floor = (min(some, key=lambda child: child.cpu) for some in (largest.loads, largest.floors))
    seconds = min(child.seconds for child in largest.loads)
    how = f"{largest.messages:,} messages, {largest.messages / seconds:,.0f} a second; {runs}"
    yield Row(5, "slack", round(seconds, 1), "s", 60, how)
    peak = max(child.peak for child in largest.loads)
    yield Row(5, "slack", round(peak), "MB of memory at most", 600, f"{largest.messages:,} messages; worst of {RUNS}")
    walked = min(child.seconds for child in largest.floors)
    how = (
        f"json.load alone: {walked:.1f} s, {largest.messages / walked:,.0f} messages a second; load: {seconds:.1f} s, "
        f"store included; in processor time {load.cpu / floor.cpu:.1f} ×, {load.cpu:.1f} s; by turns, {runs}"
    )
    yield Row(5, "slack", round(seconds / walked, 1), "× a json.load of every file", 4, how)
    told = ", ".join(f"{size.messages:,}: {size.cost:.1f} µs" for size in sizes)
    growth = largest.cost / sizes[0].cost
    yield Row(5, "slack", round(growth, 2), "× the time per message at ten times the messages", 1.3, told)


def _measured(folder: Path, messages: int) -> Size:
    export = folder / f"talk-{messages}.zip"
    run([sys.executable, "-m", "benchmarks.talk", "write", str(export), str(messages)], ROOT)
    loads, floors = [], []
    for _ in range(RUNS):
        floors.append(run([sys.executable, "-m", "benchmarks.talk", "walk", str(export)], ROOT))
        loads.append(_loaded(folder / "workspace", export))
    export.unlink()
    return Size(messages, loads, floors)


def _loaded(home: Path, export: Path) -> Child:
    """Loads the export into a fresh workspace, which is gone afterwards."""
    home.mkdir()
    run([*PODANALYTICS, "init", "."], home)
    os.link(export, home / "data/raw" / export.name)
    child = run([*PODANALYTICS, "load", "--quiet"], home)
    shutil.rmtree(home)
    return child
