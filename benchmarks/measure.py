"""Measuring a tracker's whole log: 25,000 incidents by every clause, beside a pandas groupby of one of its numbers.

The log is invented here, as large as the audit log of the UCI machine learning repository (data set 498) and with its
mix of kinds; where the real one lies beside the project it is measured, too.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import QUICK, ROOT, run
from benchmarks.row import Row

INCIDENTS = 2_500 if QUICK else 25_000
RUNS = 1 if QUICK else 3
SHARED = ROOT.parent / "shared"
REAL = SHARED / "data/trackers/uci_servicenow/incident_event_log.csv.gz"


@dataclass(frozen=True)
class Measured:
    """One child's run: events and readings, seconds of link, reconstruct and judge together, of pandas, peak MB."""

    events: int
    readings: int
    seconds: float
    pandas: float
    peak: float


def bench() -> Iterator[Row]:
    """Each size in processes of its own, by turns; a log is made and written before anything is measured."""
    with tempfile.TemporaryDirectory(prefix="podanalytics-bench-") as name:
        folder = Path(name)
        sizes = {times: [_measured(folder, str(INCIDENTS * times)) for _ in range(RUNS)] for times in (1, 2, 4)}
        real = [_measured(folder, str(REAL)) for _ in range(RUNS)] if REAL.is_file() and not QUICK else []
    yield from _rows("measure", sizes[1])
    ratio = min(m.seconds for m in sizes[1]) / min(m.pandas for m in sizes[1])
    how = f"{sizes[1][0].readings:,} readings with sentence and evidence, against the minutes to resolve alone"
    yield Row(3, "measure", round(ratio, 1), "× a pandas groupby of one number", 500, how)
    each = {times: min(m.seconds / m.events for m in runs) for times, runs in sizes.items()}
    told = ", ".join(f"×{times}: {cost * 1e6:.1f} µs" for times, cost in each.items())
    yield Row(3, "measure", round(each[4] / each[1], 2), "× the time per event at four times the events", 1.5, told)
    if real:
        yield from _rows("measure", real, " of the real UCI log")


def _rows(name: str, runs: list[Measured], of: str = "") -> Iterator[Row]:
    one = runs[0]
    how = f"{one.events:,} events, {one.readings:,} readings{of}; link, reconstruct and judge, best of {len(runs)}"
    yield Row(3, name, round(min(m.seconds for m in runs), 1), "s", 10, how)
    yield Row(3, name, round(max(m.peak for m in runs)), f"MB of memory at most{of}", 1000, f"worst of {len(runs)}")


def _measured(folder: Path, what: str) -> Measured:
    """Makes the log's events in one child and measures them in another, which has seen nothing else."""
    events = folder / f"{Path(what).stem}.parquet"
    if not events.exists():
        run([sys.executable, "-m", "benchmarks.measured", "make", what, str(events)], ROOT)
    outcome = folder / "outcome.json"
    peak = run([sys.executable, "-m", "benchmarks.measured", "judge", str(events), str(outcome)], ROOT).peak
    told = json.loads(outcome.read_text("utf-8"))
    run([sys.executable, "-m", "benchmarks.measured", "pandas", str(events), str(outcome)], ROOT)
    told |= json.loads(outcome.read_text("utf-8"))
    return Measured(told["events"], told["readings"], told["seconds"], told["pandas"], peak)
