"""The command line as a user meets it: in a process of its own, exit codes and sentences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("polars", "pandas", "plotly", "papermill", "great_expectations", "sqlalchemy", "pydantic", "nbformat")


def run(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    home = Path(__file__).resolve().parent.parent
    return subprocess.run(
        [sys.executable, "-m", "podanalytics", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(home), **env},
    )


@pytest.fixture(scope="module")
def sampled(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of its own with the sample loaded."""
    folder = tmp_path_factory.mktemp("sampled")
    assert run("init", ".", cwd=folder).returncode == 0
    with (folder / "pod.toml").open("a") as settings:
        settings.write("as_of = 2026-11-02T09:00:00Z\n")
    done = run("load", str(root / "data/sample/raw"), cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = f"import sys, podanalytics.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    home = Path(__file__).resolve().parent.parent
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(home)}
    )
    assert told.stdout.strip() == "[]"


def test_every_verb_explains_itself(tmp_path: Path) -> None:
    from podanalytics.cli import app

    verbs = {str(c.name or (c.callback.__name__ if c.callback else "")) for c in app.registered_commands}
    for wanted in ("init", "load", "check", "list", "packet", "report", "explain", "sources", "sample", "demo"):
        assert wanted in verbs
    assert all(c.callback and c.callback.__doc__ for c in app.registered_commands)


def test_a_new_workspace_is_made_once(tmp_path: Path) -> None:
    assert "made" in run("init", "team", cwd=tmp_path).stdout
    (tmp_path / "team/pod.toml").write_text("# mine\n")
    assert "already" in run("init", "team", cwd=tmp_path).stdout
    assert (tmp_path / "team/pod.toml").read_text() == "# mine\n"


def test_outside_a_workspace_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    told = run("list", cwd=tmp_path)
    assert told.returncode == 2
    assert "podanalytics init" in told.stderr and "Traceback" not in told.stderr


def test_loading_prints_files_events_and_faults_for_each_source(sampled: Path) -> None:
    told = run("load", cwd=sampled)
    assert told.returncode == 0
    again = run("load", str(Path(__file__).resolve().parent.parent / "data/sample/raw"), cwd=sampled)
    header, *rows = again.stdout.splitlines()
    assert header.split()[:5] == ["source", "files", "events", "people", "faults"]
    assert {"slack", "pagerduty", "jira", "github", "statuspage"} <= {r.split()[0] for r in rows if r and r[0] != " "}


def test_listing_shows_every_incident_and_json_for_machines(sampled: Path) -> None:
    told = run("list", cwd=sampled)
    assert "INC-1019" in told.stdout and "✗" in told.stdout
    rows = json.loads(run("list", "--json", cwd=sampled).stdout)
    assert len(rows) >= 24
    assert all(sum(r["verdicts"].values()) == 25 for r in rows)


def test_an_unknown_incident_names_the_nearest_and_exits_with_2(sampled: Path) -> None:
    told = run("packet", "INC-1091", cwd=sampled)
    assert told.returncode == 2
    assert "nearest: INC-10" in told.stderr and "Traceback" not in told.stderr
    assert run("packet", "NOPE-1", cwd=sampled).returncode == 2


def test_explain_walks_back_to_the_raw_line(sampled: Path) -> None:
    told = run("explain", "INC-1019", "ack", cwd=sampled).stdout
    assert "✓ met" in told
    assert "pager: first human acknowledgement" in told
    assert "log_entries" in told and '"type": "acknowledge_log_entry"' in told


def test_explaining_an_unknown_clause_names_the_known_ones(sampled: Path) -> None:
    told = run("explain", "INC-1019", "speed", cwd=sampled)
    assert told.returncode == 2 and "customer-cadence" in told.stderr


def test_an_unreadable_database_is_a_sentence(tmp_path: Path) -> None:
    run("init", ".", cwd=tmp_path)
    (tmp_path / "data/pod.db").write_text("this is no database " * 100)
    told = run("list", cwd=tmp_path)
    assert told.returncode == 1
    assert "cannot open the database" in told.stderr and "Traceback" not in told.stderr


def test_a_broken_policy_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "mine"\n[[clause]]\nid = "x"\n')
    told = run("policy", "check", "mine.toml", cwd=tmp_path)
    assert told.returncode == 1
    assert "mine.toml" in told.stderr and "Traceback" not in told.stderr


def test_broken_settings_name_the_setting(tmp_path: Path) -> None:
    (tmp_path / "pod.toml").write_text('zone = "Mars/Olympus"\n')
    told = run("list", cwd=tmp_path)
    assert told.returncode == 2 and "zone" in told.stderr and "Traceback" not in told.stderr


def test_check_passes_on_the_sample_and_is_kept(sampled: Path) -> None:
    told = run("check", "--json", cwd=sampled)
    rows = json.loads(told.stdout)
    assert told.returncode == 0, told.stdout
    assert len(rows) > 30 and {r["outcome"] for r in rows} == {"passed"}


def test_the_sample_verb_writes_the_committed_bytes(tmp_path: Path, root: Path) -> None:
    assert run("sample", "--out", "made", cwd=tmp_path).returncode == 0
    committed = {
        p.relative_to(root / "data/sample"): p.read_bytes() for p in (root / "data/sample").rglob("*") if p.is_file()
    }
    made = {p.relative_to(tmp_path / "made"): p.read_bytes() for p in (tmp_path / "made").rglob("*") if p.is_file()}
    assert made == committed


def test_times_without_a_zone_are_refused(sampled: Path) -> None:
    told = run("list", "--as-of", "2026-10-31T12:00:00", cwd=sampled)
    assert told.returncode == 2 and "zone" in told.stderr


def test_listing_says_what_was_read_and_is_no_incident(sampled: Path) -> None:
    told = run("list", cwd=sampled).stdout
    assert "read, and no incident under the policy's [[record]] rules: 2 github issue" in told


def test_checking_a_policy_without_a_name_checks_the_workspaces_own(sampled: Path, tmp_path: Path) -> None:
    shipped = (Path(__file__).resolve().parent.parent / "podanalytics/policies/pod-protocol.toml").read_text("utf-8")
    run("init", ".", cwd=tmp_path)
    (tmp_path / "ours.toml").write_text(shipped.replace('name = "pod-protocol"', 'name = "ours"'), "utf-8")
    (tmp_path / "pod.toml").write_text('policy = "ours.toml"\n', "utf-8")
    assert run("policy", "check", cwd=tmp_path).stdout.startswith("ours 2026.1")
    assert run("policy", "check", "pod-protocol", cwd=tmp_path).stdout.startswith("pod-protocol 2026.1")


def test_checking_an_empty_ledger_does_not_say_that_all_is_well(tmp_path: Path) -> None:
    run("init", ".", cwd=tmp_path)
    told = run("check", cwd=tmp_path)
    assert told.returncode == 2 and "nothing to check" in told.stderr


def test_an_incident_is_found_by_the_name_it_got_only_later(sampled: Path) -> None:
    told = run("explain", "INC-1019", "ack", "--as-of", "2026-10-14T13:03:00Z", cwd=sampled)
    assert "pending" in told.stdout, "its ticket was written at 13:05; the pager's record ran already"
