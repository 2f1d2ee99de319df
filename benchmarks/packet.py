"""The whole `podanalytics packet`, of the sample's worst incident and of a large one, against papermill running an
empty notebook.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks import large
from benchmarks.child import PODANALYTICS, QUICK, run, workspace
from benchmarks.row import Row

RUNS = 1 if QUICK else 3
EMPTY = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
PACKET = ("packet", large.INCIDENT, "--quiet")
_BLANK = "import runpy; from podanalytics import publish; publish.pdf_form = lambda *_: b''; "
NO_PDF = (sys.executable, "-c", _BLANK + "runpy.run_module('podanalytics', run_name='__main__', alter_sys=True)")
PAPERMILL = (sys.executable, "-m", "papermill", "empty.ipynb", "out.ipynb", "-k", "python3", "--no-progress-bar")


def bench() -> Iterator[Row]:
    """The sample's incident, then the large one."""
    with workspace() as home:
        ratio, how = _against_papermill(home)
        yield Row(2, "packet", ratio, "× papermill on an empty notebook", 2.5, how)
    with workspace() as home:
        large.grow(home / "data/sample/raw")
        yield from _large(home)


def _large(home: Path) -> Iterator[Row]:
    """Issue 4 bounds the packet without its PDF, and what the PDF adds."""
    what = f"{large.CHAT:,} chat messages, {large.TOLD_TEAM + large.TOLD_CUSTOMERS} updates, {large.LINES:,} log lines"
    ratio, how = _against_papermill(home, NO_PDF)
    yield Row(
        4, "packet", ratio, "× papermill on an empty notebook, large incident, all but the PDF", 3, f"{what}: {how}"
    )
    sides = _by_turns(home, [*PODANALYTICS, *PACKET], [*NO_PDF, *PACKET])
    yield Row(4, "packet", round(sides[0] - sides[1], 2), "s more with the PDF, large incident", 5, what)
    page = home / "reports" / large.INCIDENT / "packet.html"
    yield Row(4, "packet", round(page.stat().st_size / 1e6, 2), "MB of HTML, large incident", 3, what)


def _against_papermill(home: Path, program: Sequence[str] = PODANALYTICS) -> tuple[float, str]:
    """How many times as long a packet takes; and both times, in words."""
    (home / "empty.ipynb").write_text(json.dumps(EMPTY), encoding="utf-8")
    run([*PODANALYTICS, "load", "--quiet"], home)
    ours, theirs = _by_turns(home, [*program, *PACKET], PAPERMILL)
    return round(ours / theirs, 2), f"{ours:.1f} s against {theirs:.1f} s, median of {RUNS}"


def _by_turns(home: Path, *commands: Sequence[str]) -> list[float]:
    """The seconds of each, by turns, so that a busy moment of the machine hits all; the first run does not count."""
    rounds = [[run(command, home).seconds for command in commands] for _ in range(RUNS + 1)][1:]
    return [median(side) for side in zip(*rounds, strict=True)]
