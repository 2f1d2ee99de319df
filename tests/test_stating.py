"""`podanalytics correct`: writes what a person states, loads it, and says which verdicts it changes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from podanalytics import intake
from podanalytics.errors import WorkspaceError
from podanalytics.ledger import load_ledger
from podanalytics.stating import Statement, state
from podanalytics.workspace import Workspace, find_workspace, make_workspace
from tests.story import POLICY, at
from tests.test_cli import run

STATED_AT = at("+1 09:00")


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A workspace with one ticket, INC-1, made at 14:02 and resolved at 16:00."""
    home = tmp_path / "team"
    make_workspace(home)
    times = ("2026-10-14T14:02:00.000+0000", "2026-10-14T16:00:00.000+0000")
    change = {"id": "9", "created": times[1], "items": [{"field": "status", "fromString": "Open", "toString": "Done"}]}
    fields = {"summary": "down", "issuetype": {"name": "Incident"}, "priority": {"name": "Highest"}}
    fields |= {"created": times[0], "updated": times[1], "status": {"name": "Done"}, "comment": {"comments": []}}
    issue = {"id": "1", "key": "INC-1", "fields": fields, "changelog": {"histories": [change], "total": 1}}
    (home / "data/raw/issues.json").write_text(json.dumps({"issues": [issue]}), "utf-8")
    text = (home / "pod.toml").read_text("utf-8")
    (home / "pod.toml").write_text(text.replace("# as_of = 2026-11-02", "as_of = 2026-11-02"), "utf-8")
    assert run("load", "-q", cwd=home).returncode == 0
    return home


def said(what: str = "mitigated", value: str = "2026-10-14T15:00:00Z", **more: str) -> Statement:
    return Statement(
        **{"incident": "INC-1", "what": what, "value": value, "why": "the graph", "by": "carol", **more},  # type: ignore[arg-type]
        stated_at=STATED_AT,
    )


def test_a_correction_says_what_it_changes_and_lasts(team: Path) -> None:
    done = run(
        "correct", "inc-1", "reviewed", "2026-10-15T10:00:00+02:00", "--why", "minutes", "--by", "carol", cwd=team
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].endswith("INC-1.toml")
    assert lines[1:] == ["reviewed: not told → 2026-10-15T08:00:00Z", "  review: ? unknown → ✓ met"]
    assert "unchanged" in run("load", "-q", cwd=team).stdout
    told = run("explain", "INC-1", "review", cwd=team).stdout
    assert "✓ met" in told and "correction: minutes" in told


def test_a_second_one_goes_into_the_same_file(team: Path) -> None:
    home = find_workspace(team)
    paths = {
        state(home, said(), POLICY),
        state(home, said("resolved", "2026-10-14T15:30:00Z", why='he said "done"\n\\o/'), POLICY),
    }
    (path,) = paths
    document = tomllib.loads(path.read_text("utf-8"))
    assert document["incident"] == "INC-1"
    assert [t["milestone"] for t in document["correct"]] == ["mitigated", "resolved"]
    assert document["correct"][1]["why"] == 'he said "done"\n\\o/'


def test_a_severity_may_be_corrected_and_flows_into_every_figure(team: Path) -> None:
    done = run("correct", "INC-1", "severity", "P4", "--why", "a typo", "--by", "carol", cwd=team)
    assert done.stdout.splitlines()[1] == "severity: P1 → P4"
    ledger = ledger_of(find_workspace(team))
    assert ledger.incidents["severity"].to_list() == ["P4"]
    assert set(ledger.readings["severity"]) == {"P4"}


def ledger_of(home: Workspace):  # type: ignore[no-untyped-def]
    store = home.store()
    intake.load(home, store)
    try:
        return load_ledger(store, home.policies(), home.as_of())
    finally:
        store.close()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("INC-9", "mitigated", "2026-10-14T15:00:00Z"), "no incident 'INC-9'"),
        (("INC-1", "mitigatd", "2026-10-14T15:00:00Z"), 'did you mean "mitigated"?'),
        (("INC-1", "mitigated", "2026-10-14T15:00:00"), "has no zone"),
        (("INC-1", "severity", "P9"), "knows no severity 'P9'; known: P1, P2, P3, P4"),
        (("INC-1", "mitigated", "yesterday"), "a milestone's value is a time with a zone"),
    ],
)
def test_a_mistake_is_a_sentence_and_writes_nothing(team: Path, words: tuple[str, ...], complaint: str) -> None:
    done = run("correct", *words, "--why", "so", "--by", "carol", cwd=team)
    assert done.returncode != 0 and complaint in done.stderr and "Traceback" not in done.stderr
    assert not list((team / "data/corrections").iterdir())


def test_another_incidents_file_of_that_name_is_left_alone(team: Path) -> None:
    home = find_workspace(team)
    (home.corrections / "INC-1.toml").write_text('incident = "INC-7"\ncorrect = []\n', "utf-8")
    assert state(home, said(), POLICY).name == "INC-1-2.toml"


def test_a_broken_file_is_not_written_over(team: Path) -> None:
    home = find_workspace(team)
    (home.corrections / "INC-1.toml").write_text("incident = \n", "utf-8")
    with pytest.raises(WorkspaceError, match="is broken, mend it first"):
        state(home, said(), POLICY)
    assert (home.corrections / "INC-1.toml").read_text("utf-8") == "incident = \n"


def test_a_second_word_at_the_moment_that_is_judged_as_of_is_refused(team: Path) -> None:
    words = ("correct", "INC-1", "mitigated", "--why", "so", "--by", "carol")
    assert run(*words, "2026-10-14T15:00:00Z", cwd=team).returncode == 0
    again = run(*words, "2026-10-14T15:10:00Z", cwd=team)
    assert again.returncode != 0 and "INC-1.toml says already what mitigated was stated to be" in again.stderr
    assert "twice" not in run("load", "-q", cwd=team).stdout
