"""The whole `podanalytics packet`, of the sample's worst incident and of a large one, against papermill running an
empty notebook.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks import large
from benchmarks.child import PODANALYTICS, QUICK, run, workspace
from benchmarks.row import Row

RUNS = 1 if QUICK else 3
EMPTY = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
PAPERMILL = (sys.executable, "-m", "papermill", "empty.ipynb", "out.ipynb", "-k", "python3", "--no-progress-bar")


def bench() -> Iterator[Row]:
    """The sample's incident, then the large one."""
    with workspace() as home:
        ratio, how = _against_papermill(home)
        yield Row(2, "packet", ratio, "× papermill on an empty notebook", 2.5, how)
    with workspace() as home:
        large.grow(home / "data/sample/raw")
        ratio, how = _against_papermill(home)
        what = (
            f"{large.CHAT:,} chat messages, {large.TOLD_TEAM + large.TOLD_CUSTOMERS} updates, {large.LINES:,} log lines"
        )
        yield Row(4, "packet", ratio, "× papermill on an empty notebook, large incident", 3, f"{what}: {how}")
        folder = home / "reports" / large.INCIDENT
        yield Row(4, "packet", _pdf_seconds(folder), "s for the PDF, large incident", 5, what)
        page = folder / "packet.html"
        yield Row(4, "packet", round(page.stat().st_size / 1e6, 2), "MB of HTML, large incident", 3, what)


def _pdf_seconds(folder: Path) -> float:
    """What the PDF alone adds: the executed notebook is there already."""
    code = "import sys, time\nfrom pathlib import Path\nfrom podanalytics import runs\n"
    code += "from podanalytics.narrative import page_of\nfrom podanalytics.publish.pdf import pdf_form\n"
    code += "page = page_of(runs.read(Path(sys.argv[1])), sys.argv[1])\nstart = time.perf_counter()\n"
    code += "pdf_form(page)\nprint(time.perf_counter() - start)"
    notebook = folder / "review_packet.ipynb"
    done = [
        subprocess.run([sys.executable, "-c", code, str(notebook)], capture_output=True, text=True, check=True).stdout
        for _ in range(RUNS)
    ]
    return round(median(float(seconds) for seconds in done), 2)


def _against_papermill(home: Path) -> tuple[float, str]:
    """Both by turns, so that a busy moment of the machine hits both; one run of each beforehand does not count."""
    (home / "empty.ipynb").write_text(json.dumps(EMPTY), encoding="utf-8")
    run([*PODANALYTICS, "load", "--quiet"], home)
    packet = [*PODANALYTICS, "packet", large.INCIDENT, "--quiet"]
    pairs = [(run(packet, home), run(PAPERMILL, home)) for _ in range(RUNS + 1)][1:]
    ours, theirs = (median(child.seconds for child in side) for side in zip(*pairs, strict=True))
    return round(ours / theirs, 2), f"{ours:.1f} s against {theirs:.1f} s, median of {RUNS}"
