"""Twenty packets in one batch, against as many runs of one packet: seconds a packet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from statistics import median

from benchmarks.child import PODANALYTICS, QUICK, run, workspace
from benchmarks.row import Row

PACKETS = 20
SINGLE = 2 if QUICK else 5
SINCE = "150d"


def bench() -> Iterator[Row]:
    """The batch between two halves of the single runs, so that a busy moment of the machine does not hit one alone."""
    with workspace() as home:
        run([*PODANALYTICS, "load", "--quiet"], home)
        one = [*PODANALYTICS, "packet", "--worst", "--quiet"]
        run(one, home)
        before = [run(one, home).seconds for _ in range(SINGLE)]
        batch = run([*PODANALYTICS, "packet", "--since", SINCE, "--force", "--quiet"], home).seconds
        alone = median([*before, *(run(one, home).seconds for _ in range(SINGLE))])
        made = len(list((home / "reports").glob("*/packet.html")))
    if made != PACKETS:
        raise SystemExit(f"{made} packets were made, not {PACKETS}: adapt SINCE to the sample")
    each = batch / PACKETS
    how = (
        f"{PACKETS} packets, {each:.2f} s each on {os.cpu_count()} cores, {alone:.1f} s alone (median of {2 * SINGLE})"
    )
    yield Row(4, "batch", round(each / alone, 3), "× the time of one packet alone", round(1 / 3, 3), how)
