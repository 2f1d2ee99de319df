"""Corrections: they win, they are kept with who and why, and one that finds no incident is not lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from podanalytics import intake
from podanalytics.evidence import explain
from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.workspace import Workspace, find_workspace, make_workspace
from tests.story import alert, event, page_record, status, tell, ticket

CORRECTION = """incident = "{incident}"

[[correct]]
{what}
value = {value}
why = "the graph shows it"
by = "carol"
stated_at = 2026-10-15T09:00:00Z
"""


def stated(what: str, value: str, clock: str = "+1 09:00") -> object:
    return event(clock, "stated", "corrections", "INC-1", was=what, value=value, text="we looked", actor="carol")


def test_a_corrected_severity_holds_for_the_whole_incident() -> None:
    story = [*page_record("14:00"), alert("14:00"), *ticket("14:02", "P3"), status("16:00", "Resolved")]
    before, after = tell(*story), tell(*story, stated("severity", "P1"))  # type: ignore[arg-type]
    assert before.found.incidents["severity"].to_list() == ["P3"]
    assert after.found.incidents["severity"].to_list() == ["P1"]
    assert after.found.spells["began_at"].to_list() == [after.found.told["occurred_at"].min()]
    assert before.verdict("channel") == "not_applicable" and after.verdict("channel") != "not_applicable"


def test_of_two_corrections_the_last_holds() -> None:
    story = [*page_record("14:00"), *ticket("14:02", "P3")]
    told = tell(*story, stated("severity", "P1"), stated("severity", "P2", "+1 10:00"))  # type: ignore[arg-type]
    assert told.found.incidents["severity_path"].to_list() == ["P2"]


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    make_workspace(tmp_path / "team")
    return find_workspace(tmp_path / "team")


def ledger_of(home: Workspace, *paths: Path) -> Ledger:
    store = home.store()
    intake.load(home, store, paths)
    intake.load(home, store)
    try:
        return load_ledger(store, home.policy(), home.as_of())
    finally:
        store.close()


def write(home: Workspace, name: str, **told: str) -> None:
    (home.corrections / name).write_text(CORRECTION.format(**told), "utf-8")


def test_a_correction_of_nothing_that_is_known_is_a_fault_in_the_packet(home: Workspace, root: Path) -> None:
    write(home, "a.toml", incident="INC-9999", what='field = "severity"', value='"P2"')
    ledger = ledger_of(home, root / "data/sample/raw/jira")
    assert [(f["record"], f["reason"]) for f in ledger.faults.iter_rows(named=True)] == [
        ("INC-9999", "corrects INC-9999, which is no incident of this ledger: mend its id, or take it out")
    ]
    assert "INC-9999" in section("appendix", review_of(ledger, "INC-1019", "UTC")).markdown()


def test_two_corrections_files_of_one_name_are_two(home: Workspace, root: Path) -> None:
    """One lies among the exports, one in the folder for corrections; each keeps its own name in the ledger."""
    raw = home.raw / "corrections"
    raw.mkdir()
    (raw / "INC-1019.toml").write_text(
        CORRECTION.format(incident="INC-1019", what='milestone = "mitigated"', value="2026-10-14T15:00:16Z"), "utf-8"
    )
    write(home, "INC-1019.toml", incident="INC-1019", what='milestone = "triaged"', value="2026-10-14T13:10:00Z")
    ledger = ledger_of(home, root / "data/sample/raw/jira")
    names = ledger.loads.filter(ledger.loads["source"] == "corrections")["file"].to_list()
    assert sorted(names) == ["../corrections/INC-1019.toml", "corrections/INC-1019.toml"]
    fixed = ledger.found.milestones.filter(ledger.found.milestones["corrected"])
    assert fixed["milestone"].to_list() == ["triaged", "mitigated"]


def test_explaining_a_corrected_clause_shows_the_line_of_the_file(home: Workspace, root: Path) -> None:
    write(home, "INC-1019.toml", incident="INC-1019", what='milestone = "triaged"', value="2026-10-14T13:10:00Z")
    ledger = ledger_of(home, root / "data/sample/raw/jira", root / "data/sample/raw/pagerduty")
    proofs = [p for p in explain(ledger, "INC-1019", "triage").proofs if p.source == "corrections"]
    assert len(proofs) == 1 and '"the graph shows it"' in proofs[0].raw
