"""The demonstration: everything once, on the committed sample."""

from __future__ import annotations

import time
from pathlib import Path

from podanalytics import intake
from podanalytics.checks import run_checks
from podanalytics.gather_month import last_month
from podanalytics.ledger import load_ledger
from podanalytics.packets import write_packet, write_report
from podanalytics.show.terminal import check_lines, load_lines, progress_line
from podanalytics.tables import CHECKS
from podanalytics.workspace import find_workspace


def run(where: Path | None = None) -> None:
    """Loads, checks, and writes one packet and one report; prints where they are. Raises PodError."""
    home = find_workspace(where)
    store = home.store()
    started = time.monotonic()
    print("1 of 4  loading the sample's raw exports")
    print("\n".join(load_lines(intake.load(home, store, (), progress_line))))
    print("2 of 4  checking the ledger with Great Expectations")
    found = run_checks(store, home.policy(), home.as_of()).to_dicts()
    store.replace_table(CHECKS, found)
    print(check_lines(found)[-1])
    ledger = load_ledger(store, home.policies(), home.as_of())
    worst = ledger.worst()
    print(f"3 of 4  writing the review packet of {worst}, the worst of {len(ledger.incidents)} incidents")
    packet = write_packet(home, worst, ledger.found.as_of)
    print("4 of 4  writing the monthly report")
    report = write_report(home, last_month(ledger.found.as_of), ledger.found.as_of)
    print(f"\nDone in {time.monotonic() - started:.0f} s. Open these in a browser:")
    for path in (*packet, *report):
        if path.suffix == ".html":
            print(f"  {path}")
