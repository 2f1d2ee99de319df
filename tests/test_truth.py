"""Reconstruction against the sample's truth: the error per milestone, and every planted verdict."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import polars as pl
import pytest

from podanalytics.ledger import Ledger

# Tools record within seconds. The report is on the status page minutes before somebody notes that it is out.
SECONDS = 5.0
TOLERANCE = {"reported": 1200.0, "impact_started": 60.0}
# People told these later than they happened, and no tool tells of them: (milestone, incident).
TOLD_LATE = {
    ("mitigated", "INC-1001"),
    ("mitigated", "INC-1005"),
    ("mitigated", "INC-1016"),
    ("responded", "INC-1010"),
    ("investigated", "INC-1010"),
}
# Nobody's record tells of these, so nobody can know; the impact's beginning is told by a backdated status entry only.
UNTOLD = {
    ("team_notified", "INC-1010"),
    ("investigated", "lantern-relay/platform#41"),
    ("investigated", "lantern-relay/platform#52"),
    *(("mitigated", f"INC-{n}") for n in (998, 1004, 1009, 1015, 1017)),
    ("mitigated", "lantern-relay/platform#41"),
    ("mitigated", "lantern-relay/platform#52"),
}


@pytest.fixture(scope="module")
def truth(root: Path) -> list[dict[str, object]]:
    told: list[dict[str, object]] = json.loads((root / "data/sample/truth.json").read_text("utf-8"))["incidents"]
    return told


def test_every_true_incident_is_found_once_and_nothing_else(ledger: Ledger, truth: list[dict[str, object]]) -> None:
    found = set(ledger.incidents["incident"])
    duplicates = {t["id"] for t in truth if t["excluded"] == "duplicate"}
    assert found == {t["id"] for t in truth} - duplicates
    for id in duplicates:
        assert ledger.members.filter((pl.col("subject") == id) & (pl.col("method") == "merged")).height == 1


def test_exclusions_and_severities_are_the_true_ones(ledger: Ledger, truth: list[dict[str, object]]) -> None:
    rows = {r["incident"]: r for r in ledger.incidents.iter_rows(named=True)}
    for t in truth:
        if t["id"] in rows:
            assert rows[str(t["id"])]["excluded"] == t["excluded"], t["id"]
            path = " → ".join(s["severity"] for s in t["severities"])  # type: ignore[attr-defined]
            assert rows[str(t["id"])]["severity_path"] == path, t["id"]


def errors(ledger: Ledger, truth: list[dict[str, object]]) -> dict[str, list[tuple[str, float | None]]]:
    """Milestone → (incident, error in seconds); None where it happened and nobody tells, inf where it is told and did
    not happen.
    """
    told = {(r["incident"], r["milestone"]): r["occurred_at"] for r in ledger.found.milestones.iter_rows(named=True)}
    found: dict[str, list[tuple[str, float | None]]] = {}
    for t in truth:
        if t["excluded"]:
            continue
        for milestone, moment in t["milestones"].items():  # type: ignore[attr-defined]
            seen = told.get((str(t["id"]), milestone))
            if moment is None and seen is None:
                continue
            error = (
                None
                if seen is None
                else float("inf")
                if moment is None
                else (seen - datetime.fromisoformat(moment)) / timedelta(seconds=1)
            )
            found.setdefault(milestone, []).append((str(t["id"]), error))
    return found


def test_milestones_are_where_they_were(
    ledger: Ledger, truth: list[dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    late, untold, invented = set(), set(), set()
    lines = [f"{'milestone':<20} {'n':>3} {'found':>6} {'median':>7} {'worst':>8}   seconds from the truth"]
    for milestone, found in errors(ledger, truth).items():
        off = [abs(e) for _, e in found if e is not None and e != float("inf")]
        middle, worst = (median(off), max(off)) if off else (0.0, 0.0)
        lines.append(f"{milestone:<20} {len(found):>3} {len(off):>6} {middle:>7.1f} {worst:>8.1f}")
        for incident, error in found:
            if error is None:
                untold.add((milestone, incident))
            elif error == float("inf"):
                invented.add((milestone, incident))
            elif abs(error) > TOLERANCE.get(milestone, SECONDS):
                late.add((milestone, incident))
    with capsys.disabled():
        print("\n" + "\n".join(lines))
    assert invented == set()
    assert late == TOLD_LATE
    assert {u for u in untold if u[0] != "impact_started"} == UNTOLD


def test_planted_verdicts_come_out(
    ledger: Ledger, truth: list[dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    told = {(r["incident"], r["measure"]): r for r in ledger.readings.iter_rows(named=True)}
    table: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    for t in truth:
        for clause, wanted in t["breaches"].items():  # type: ignore[attr-defined]
            row = told[(str(t["id"]), clause)]
            table[(wanted, row["verdict"])] += 1
            if row["verdict"] != wanted and not _as_good(wanted, row):
                wrong.append(f"{t['id']} {clause}: planted {wanted}, judged {row['verdict']}: {row['because']}")
    with capsys.disabled():
        print("\nplanted → judged: " + ", ".join(f"{a} → {b} {n}" for (a, b), n in sorted(table.items())))
    assert sum(table.values()) > 250
    assert not wrong


def _as_good(wanted: str, row: dict[str, object]) -> bool:
    """A thing that never happened leaves no trace: unknown is as good as missed. A cadence needs a first due update."""
    never_happened = wanted == "missed" and row["verdict"] == "unknown" and row["value"] is None
    too_short = row["verdict"] == "not_applicable" and "before the first update was due" in str(row["because"])
    return never_happened or too_short
