"""A user's mistakes, and a machine's: one sentence and an exit code each, never a traceback; and hostile names made
harmless for a terminal.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from podanalytics.errors import StoreError, WorkspaceError
from podanalytics.evidence import Explanation
from podanalytics.gather import moment
from podanalytics.gather_month import checked_month
from podanalytics.packets import packet_job
from podanalytics.show.terminal import (
    check_lines,
    explanation_lines,
    faults_lines,
    incident_lines,
    load_lines,
    one_line,
)
from podanalytics.store import Store
from podanalytics.workspace import Settings, Workspace, find_workspace, make_workspace
from tests.test_cli import run

HOME = Path(__file__).resolve().parent.parent
ESCAPE = "\x1b]0;owned\x07\x1b[2J\u202e\r\n"
TITLE = "api down " + ESCAPE


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one incident of Jira's, hostile wherever a person can write."""
    folder = tmp_path_factory.mktemp("cli") / "team"
    make_workspace(folder)
    fields = {"created": "2026-10-14T14:00:00Z", "updated": "2026-10-14T14:00:00Z", "summary": TITLE,
              "issuetype": {"name": "Incident"}, "priority": {"name": "Highest"}, "labels": []}  # fmt: skip
    issue = {"id": "1", "key": "INC-7", "fields": fields}
    (folder / f"data/raw/is{ESCAPE}sues.json").write_text(json.dumps({"issues": [issue]}), "utf-8")
    (folder / f"data/raw/no{ESCAPE}te.txt").write_text("x", "utf-8")
    done = run("load", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def assert_sentence(told: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert told.returncode == code, told.stderr
    assert "Traceback" not in told.stderr and told.stderr.startswith("podanalytics: ")
    assert told.stderr.count("\n") == 1
    assert not [word for word in words if word not in told.stderr], told.stderr


def test_nothing_that_is_printed_can_be_obeyed_by_a_terminal(team: Path) -> None:
    for words in (
        ["load"],
        ["list"],
        ["faults"],
        ["explain", "INC-7", "ack"],
        ["explain", "INC-7", "severity"],
        ["sources"],
    ):
        told = run(*words, cwd=team)
        both = told.stdout + told.stderr
        assert not [char for char in both if ord(char) < 32 and char != "\n"] and "\u202e" not in both, words
    told = run("check", cwd=team)
    assert told.returncode == 3 and "\x1b" not in told.stdout and "no␛]0;owned" in told.stdout
    assert "fault: no␛]0;owned␇␛[2J⟨U+202E⟩␊te.txt: no source recognises it" in run("load", cwd=team).stdout
    assert_sentence(run("packet", f"INC{ESCAPE}", cwd=team), 2, "no incident")


def test_all_faults_can_be_listed_and_looked_through(tmp_path: Path) -> None:
    assert run("init", ".", cwd=tmp_path).returncode == 0
    assert "No faults" in run("faults", cwd=tmp_path).stdout
    for number in range(30):
        (tmp_path / f"data/raw/notes-{number:02d}.txt").write_text("nobody's", "utf-8")
    (tmp_path / "data/raw/pd.json").write_text(
        '[{"id": "P1", "type": "trigger_log_entry", "created_at": "soon", "incident": {"id": "I1"}}]', "utf-8"
    )
    told = run("load", cwd=tmp_path).stdout.splitlines()
    assert next(line for line in told if line.startswith("fault: ")).startswith("fault: pd.json")
    assert told[-1].endswith("more faults; `podanalytics faults` lists them all")
    lines = run("faults", cwd=tmp_path).stdout.splitlines()
    assert len(lines) == 31 and "pd.json" in lines[0] and "notes-29.txt" in lines[-1]
    assert run("faults", "PagerDuty", cwd=tmp_path).stdout.splitlines() == lines[:1]
    assert "None of 31 faults holds 'slack'" in run("faults", "slack", cwd=tmp_path).stdout
    assert json.loads(run("faults", "pd.json", "--json", cwd=tmp_path).stdout)[0]["record"] == "P1"


def test_every_kind_of_line_is_one_line() -> None:
    fault = {"origin": ESCAPE, "record": ESCAPE, "reason": ESCAPE, "rule": ESCAPE}
    check = {"outcome": "failed", "tested": ESCAPE, "expectation": "e", "column": "c", "failing": 1, "count": 1,
             "examples": ESCAPE}  # fmt: skip
    row = {"incident": ESCAPE, "excluded": ESCAPE, "state": "open", "began_at": datetime.now(UTC), "resolved_at": None,
           "severity": ESCAPE, "title": ESCAPE}  # fmt: skip

    reading = dict.fromkeys(("value", "started_at", "ended_at", "due_at"))
    told = {**reading, "verdict": "met", "because": ESCAPE, "policy": ESCAPE, "severity": ESCAPE}
    found = Explanation(ESCAPE, ESCAPE, ESCAPE, told, ((ESCAPE, ESCAPE, ESCAPE),), ())
    lines = [*faults_lines([fault]), *check_lines([check]), *incident_lines([row], {}), *explanation_lines(found)]
    assert not [line for line in lines if one_line(line) != line]
    assert load_lines([])[0].startswith("Nothing to load")


def test_before_the_incident_is_a_sentence_and_no_notebook_is_left(team: Path) -> None:
    for words in (["packet", "INC-7", "-q"], ["explain", "INC-7", "ack"], ["packet", "inc-7"]):
        told = run(*words, "--as-of", "2026-10-14T13:59:59Z", cwd=team)
        assert_sentence(told, 2, "had not begun by 2026-10-14 13:59:59 UTC")
    assert_sentence(run("packet", "--worst", "--as-of", "2026-01-01T00:00:00Z", cwd=team), 2, "no incident had begun")
    assert not list((team / "reports").iterdir())


def test_a_list_before_all_incidents_says_so(team: Path) -> None:
    told = run("list", "--as-of", "2026-01-01T00:00:00Z", cwd=team)
    assert told.returncode == 0 and "No incident had begun by 2026-01-01 00:00 UTC" in told.stdout


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59Z",
     "1989-12-31T23:59:59Z", "2026-10-14", "now", "２０２６-10-14T00:00:00"],
)  # fmt: skip
def test_a_moment_that_is_none_is_a_sentence(text: str) -> None:
    with pytest.raises(WorkspaceError):
        moment(text)


@pytest.mark.parametrize("verb", ["list", "report"])
def test_a_moment_outside_the_calendar_is_a_sentence(team: Path, verb: str) -> None:
    told = run(verb, "--as-of", "0001-01-01T00:00:00+05:00", cwd=team)
    assert_sentence(told, 2, "outside the years 1990 to 2099")


@pytest.mark.parametrize("month", ["9999-12", "0000-01", "2026-10\n", "２０２６-10", "2026-13", "1989-12", "", "-10"])
def test_a_month_that_is_none_is_a_sentence(month: str) -> None:
    with pytest.raises(WorkspaceError, match="write it as 2026-10"):
        checked_month(month)
    assert checked_month("2026-10") == "2026-10"


def test_a_wrong_month_leaves_no_notebook(team: Path) -> None:
    assert_sentence(run("report", "9999-12", cwd=team), 2, "is no month")
    assert not list((team / "reports").iterdir())


def test_one_instant_has_one_form(team: Path) -> None:
    """However its zone is written, the notebook is given the same parameter, so the packet has the same bytes."""
    berlin = moment("2026-11-02T10:00:00+01:00")
    assert berlin == moment("2026-11-02T09:00:00Z") and berlin and berlin.isoformat() == "2026-11-02T09:00:00+00:00"
    home = find_workspace(team)
    zones = (UTC, timezone(timedelta(hours=-5)))
    jobs = [packet_job(home, "INC-7", datetime(2026, 11, 2, 9, tzinfo=UTC).astimezone(zone)) for zone in zones]
    assert jobs[0] == jobs[1]


def test_pod_toml_takes_no_moment_outside_the_calendar(tmp_path: Path) -> None:
    (tmp_path / "pod.toml").write_text("as_of = 9999-12-31T23:59:59-05:00\n")
    with pytest.raises(WorkspaceError, match="outside the years"):
        find_workspace(tmp_path)


def test_an_empty_path_does_not_load_the_current_folder(team: Path) -> None:
    assert_sentence(run("load", "", cwd=team), 2, "one of the paths is empty")
    assert_sentence(run("load", "data/raw", "", cwd=team), 2, "one of the paths is empty")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://u:secret@h/db", "needs the Python package psycopg, which is not installed here: pip install"),
        ("://", "cannot open the database"),
        ("postgresql://u:secret@h:notaport/db", "no address of a database"),
        ("foo://u:secret@h", "cannot open the database"),
    ],
)
def test_a_database_that_cannot_be_is_a_sentence(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as told:
        Store(url)
    assert "secret" not in str(told.value) and "\n" not in str(told.value)


def test_a_database_is_a_file_or_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POD_DATABASE_URL", raising=False)
    for word in ("nonsense", "", "postgresql"):
        with pytest.raises(WorkspaceError, match="neither a file"):
            Workspace(tmp_path, Settings(database=word)).store()
    for name in ("pod.db", "some/ledger", "ledger.sqlite"):
        Workspace(tmp_path, Settings(database=name)).store().close()
        assert (tmp_path / name).is_file()
    monkeypatch.setenv("POD_DATABASE_URL", "nonsense")
    with pytest.raises(WorkspaceError, match="'nonsense' is neither a file"):
        Workspace(tmp_path, Settings()).store()


def test_a_sample_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert_sentence(run("sample", "--out", "file/x", cwd=tmp_path), 2, "cannot write to file/x")


def command(words: str) -> str:
    return f"{sys.executable} -m podanalytics {words}"


def shell(script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(HOME)}
    return subprocess.run(["bash", "-c", script], cwd=cwd, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("verb", ["list", "list --json", "sources", "--help", "--version"])
def test_a_full_disk_is_a_sentence(team: Path, verb: str) -> None:
    assert_sentence(shell(f"{command(verb)} > /dev/full", team), 1, "cannot write the output: No space left on device")


def test_a_reader_that_leaves_is_no_error(team: Path) -> None:
    told = shell(f"{command('sources')} | head -1; echo ${{PIPESTATUS[0]}}", team)
    assert told.stderr == "" and told.stdout.splitlines()[1] in ("0", "141")


def test_an_output_that_knows_ascii_only_gets_escapes(team: Path) -> None:
    told = run("list", cwd=team, PYTHONIOENCODING="ascii")
    assert told.returncode == 0 and "\\u2713 met" in told.stdout


def test_ctrl_c_says_that_nothing_is_half(team: Path) -> None:
    """Stopped in the middle of a load, which here waits for it."""
    code = (
        "import signal, sys, podanalytics.intake as i, podanalytics.cli as c\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def wait(*words): print('here', flush=True); import time; time.sleep(60)\n"
        "i.load = wait; sys.argv = ['podanalytics', 'load']; c.main()\n"
    )
    env = {**os.environ, "PYTHONPATH": str(HOME)}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=team, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout and process.stdout.readline() == "here\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1]
    assert (process.returncode, told) == (130, "podanalytics: stopped; what was loaded or written before is whole\n")
