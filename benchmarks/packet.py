"""The whole `podanalytics packet` of the sample's worst incident, against papermill running an empty notebook."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from statistics import median

from benchmarks.child import PODANALYTICS, QUICK, run, workspace
from benchmarks.row import Row

RUNS = 1 if QUICK else 3
EMPTY = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
PAPERMILL = (sys.executable, "-m", "papermill", "empty.ipynb", "out.ipynb", "-k", "python3", "--no-progress-bar")


def bench() -> Iterator[Row]:
    """Both by turns, so that a busy moment of the machine hits both; one run of each beforehand does not count."""
    with workspace() as home:
        (home / "empty.ipynb").write_text(json.dumps(EMPTY), encoding="utf-8")
        run([*PODANALYTICS, "load", "--quiet"], home)
        packet = [*PODANALYTICS, "packet", "--worst", "--quiet"]
        pairs = [(run(packet, home), run(PAPERMILL, home)) for _ in range(RUNS + 1)][1:]
    ours, theirs = (median(child.seconds for child in side) for side in zip(*pairs, strict=True))
    how = f"{ours:.1f} s against {theirs:.1f} s, median of {RUNS}"
    yield Row(2, "packet", round(ours / theirs, 2), "× papermill on an empty notebook", 2.5, how)
