"""Records, verifying and batches, end to end with real kernels: equal bytes, and every difference by its name."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from podanalytics import batch, intake
from podanalytics.batch import Asked, Outcome, chosen, span, summary
from podanalytics.cli import app
from podanalytics.errors import NotebookError, WorkspaceError
from podanalytics.ledger import Ledger
from podanalytics.packets import packet_job, write_packet
from podanalytics.records import record_in
from podanalytics.verify import first_difference, verify
from podanalytics.workspace import Workspace, find_workspace
from tests.test_packets import texts, workspace

RUN = {"run.json"}


@pytest.fixture(scope="module")
def home(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("batch") / "team", root / "data/sample/raw")


@pytest.fixture(autouse=True)
def own_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POD_DATABASE_URL", raising=False)


def pod(home: Workspace, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--workspace", str(home.root)])


@pytest.fixture(scope="module")
def packet(home: Workspace) -> Path:
    """One that a kernel of its own judged for itself."""
    return write_packet(home, "INC-1017", home.as_of(), progress=False)[0].parent


def test_a_record_tells_what_the_packet_was_made_from_and_every_file(home: Workspace, packet: Path) -> None:
    record = record_in(packet)
    assert record is not None
    assert dict(record.parameters) == {"as_of": "2026-11-02T09:00:00+00:00", "incident": "INC-1017", "zone": "UTC"}
    assert list(record.policies) == ["pod-protocol 2026.1"]
    assert len(record.inputs) > 25 and "raw/pagerduty/incidents_0000.json" in record.inputs
    assert set(record.outputs) == set(texts(packet)) - {"record.json", "run.json"}
    assert "2026-11-02T09:00:00" in (packet / "record.json").read_text() and str(home.root) not in record.text()


def test_a_batch_makes_the_same_bytes_as_one_by_one_and_leaves_alone_what_is_current(
    home: Workspace, packet: Path
) -> None:
    before = texts(packet)
    made = pod(home, "packet", "INC-1017", "INC-1018", "--jobs", "2", "--force")
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines()[-1] == "2 packets: 2 done"
    after = texts(packet)
    assert {name for name in after if after[name] != before[name]} <= RUN and set(after) == set(before)
    assert not (home.reports / batch.JOURNAL).exists()

    again = pod(home, "packet", "INC-1017", "INC-1018")
    assert again.stdout.splitlines()[-1] == "2 packets: 2 unchanged"
    (home.reports / "INC-1018/packet.md").write_text("edited")
    third = pod(home, "packet", "INC-1017", "INC-1018")
    assert third.stdout.splitlines()[-1] == "2 packets: 1 done, 1 unchanged"
    assert (home.reports / "INC-1018/packet.md").read_text() != "edited"


def test_what_a_notebook_cannot_bear_fails_alone_and_the_old_packet_stays(
    home: Workspace, packet: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team's own notebook that stops at one incident."""
    shutil.copytree(root / "notebooks", tmp_path / "notebooks")
    path = tmp_path / "notebooks/review_packet.ipynb"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('pod.section(\\"page_one\\", review)', "assert incident != 'INC-1017', 'not this one'", 1)
    )
    monkeypatch.setattr("podanalytics.packets.notebooks", lambda: tmp_path / "notebooks")
    before = texts(packet)
    made = pod(home, "packet", "INC-1017", "INC-1018", "--jobs", "2")
    assert made.exit_code == 1
    assert made.stdout.splitlines()[-1] == "2 packets: 1 done, 1 failed"
    line = next(line for line in made.stdout.splitlines() if line.startswith("INC-1017"))
    assert "failed" in line and "cell 4 of" in line and "AssertionError: not this one" in line
    after = texts(packet)
    failed = after.pop("review_packet.failed.ipynb")
    assert b"not this one" in failed and after == before
    assert json.loads((home.reports / batch.JOURNAL).read_text())["asked"]["named"] == ["INC-1017", "INC-1018"]
    monkeypatch.undo()
    assert pod(home, "packet", "INC-1017", "--quiet").exit_code == 0
    assert set(texts(packet)) == set(before), "and the failed notebook goes when a good one comes"


def test_an_unfinished_batch_goes_on_as_of_its_own_moment(home: Workspace) -> None:
    running = Workspace(home.root, home.settings.model_copy(update={"as_of": None}))
    asked = Asked(("INC-1017",), "", "")
    told = {"asked": {"named": ["INC-1017"], "since": "", "zone": ""}, "as_of": "2026-11-01T00:00:00+00:00"}
    (home.reports / batch.JOURNAL).write_text(json.dumps(told))
    assert batch.unfinished(running, asked) == "2026-11-01T00:00:00+00:00"
    assert batch.unfinished(running, asked, force=True) == ""
    assert batch.unfinished(running, Asked((), "7d", "")) == ""
    assert batch.unfinished(home, asked) == "", "pod.toml sets the moment"
    (home.reports / batch.JOURNAL).write_text("{")
    assert batch.unfinished(running, asked) == ""
    (home.reports / batch.JOURNAL).unlink()


def test_the_window_takes_what_began_or_ended_in_it(ledger: Ledger) -> None:
    found = chosen(ledger, Asked(since="7d"))
    assert found == ["INC-1024", "INC-1025"]
    assert chosen(ledger, Asked(("INC-1019", "#incident-2026-10-14-1019"))) == ["INC-1019"]
    assert len(chosen(ledger, Asked())) == ledger.incidents.height


@pytest.mark.parametrize(
    ("text", "is_"), [("7d", timedelta(days=7)), (" 36H", timedelta(hours=36)), ("2w", timedelta(14))]
)
def test_a_span_of_time(text: str, is_: timedelta) -> None:
    assert span(text) == is_


@pytest.mark.parametrize("text", ["7", "d", "0d", "-3d", "7 days", "9999999d", "1.5h", "7m"])
def test_what_is_no_span_is_said(text: str) -> None:
    with pytest.raises(WorkspaceError, match="is no span of time: write it in hours, days or weeks, as 36h, 7d or 2w"):
        span(text)


@pytest.mark.parametrize("words", [["--all", "--worst"], ["INC-1", "--since", "7d"], ["--since", "7d", "--all"]])
def test_wishes_that_contradict_each_other_are_refused(home: Workspace, words: list[str]) -> None:
    refused = pod(home, "packet", *words)
    assert refused.exit_code != 0 and "use one of" in str(refused.exception)


def test_a_summary_counts() -> None:
    assert summary([]) == "no packets"
    assert summary([Outcome("a", "done", 1, ""), Outcome("b", "failed", 1, "")]) == "2 packets: 1 done, 1 failed"


# --- verify ---------------------------------------------------------------------------------------------------------


def test_verify_says_equal(home: Workspace, packet: Path) -> None:
    result = pod(home, "verify", "INC-1017")
    assert (result.exit_code, result.stdout) == (0, f"{packet.resolve()}: equal\n")


def test_verify_tells_an_edit_from_another_outcome(home: Workspace, packet: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(packet, tmp_path / "INC-1017")
    (copy / "packet.md").write_text("edited")
    (copy / "packet.html").unlink()
    (copy / "mine.txt").write_text("is nobody's business")
    result = verify(home, copy)
    assert result.altered == ["packet.html: gone", "packet.md: edited"]
    assert not result.basis and not result.outputs and not result.equal
    assert "what comes out: the same, every file of it" in result.lines


def test_verify_says_what_changed_in_what_it_rests_on_and_what_came_of_it(
    home: Workspace, root: Path, tmp_path: Path
) -> None:
    other = workspace(tmp_path / "team", root / "data/sample/raw")
    folder = write_packet(other, "INC-1017", other.as_of(), progress=False)[0].parent
    before = texts(folder)
    (other.corrections / "INC-1017.toml").write_text(
        'incident = "INC-1017"\n[[correct]]\nmilestone = "acknowledged"\nvalue = 2026-09-17T22:12:10+02:00\n'
        'why = "The call list."\nby = "mirela@lanternrelay.example"\nstated_at = 2026-09-18T08:30:00Z\n'
    )
    early = verify(other, folder)
    assert early.basis == [
        "1 file on disk not as loaded: ../corrections/INC-1017.toml (new): run `podanalytics load` first"
    ]
    assert not early.outputs
    store = other.store()
    intake.load(other, store)
    store.close()
    result = verify(find_workspace(other.root), folder)
    assert result.basis[0] == "input ../corrections/INC-1017.toml: new"
    at = result.outputs.index("  ack: missed → met")
    assert "    acknowledged was corrected" in result.outputs[at : at + 4]
    assert any(line.startswith("tables/scorecard.csv: differs, first in row 1: ") for line in result.outputs)
    assert texts(folder) == before, "verifying touches nothing"


def test_verify_leaves_the_key_of_pseudonyms_alone(home: Workspace, packet: Path) -> None:
    """Gone it stays gone: a new one would be taken for the old. Broken it is told of by its own path."""
    key = home.pseudonyms.read_bytes()
    try:
        home.pseudonyms.unlink()
        result = verify(home, packet)
        assert result.basis == ["the key of pseudonyms: gone"] and not home.pseudonyms.exists()
        home.pseudonyms.write_text("{")
        with pytest.raises(WorkspaceError, match=re.escape(str(home.pseudonyms)) + " is broken"):
            verify(home, packet)
    finally:
        home.pseudonyms.write_bytes(key)
    assert verify(home, packet).equal


def test_verify_says_why_it_cannot_be_made_again(home: Workspace, packet: Path, tmp_path: Path) -> None:
    """And names no notebook that is gone by then."""
    copy = shutil.copytree(packet, tmp_path / "INC-1017")
    record = json.loads((copy / "record.json").read_text())
    record["parameters"]["incident"] = "INC-9999"
    (copy / "record.json").write_text(json.dumps(record))
    with pytest.raises(NotebookError, match=r"cannot be made again: .*no incident 'INC-9999'") as refused:
        verify(home, copy)
    assert "as far as it ran" not in str(refused.value)


def test_verify_says_what_it_cannot_verify(home: Workspace, packet: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no such folder"):
        verify(home, Path("INC-7"))
    copy = shutil.copytree(packet, tmp_path / "INC-1017")
    for text in ("{", "[]", '{"record": 1}', '{"record": 1, "outputs": 3}'):
        (copy / "record.json").write_text(text)
        with pytest.raises(NotebookError, match="is damaged: make the report anew"):
            verify(home, copy)
    (copy / "record.json").write_text('{"record": 99}')
    with pytest.raises(NotebookError, match="another version"):
        verify(home, copy)
    (copy / "record.json").unlink()
    with pytest.raises(WorkspaceError, match="has no record of what it was made from"):
        verify(home, copy)


def test_the_first_row_that_differs_is_told(tmp_path: Path) -> None:
    for name, one, other in (("a.csv", "h\n1\n2\n", "h\n1\n3\n"), ("a.json", '{"rows": [1]}', '{"rows": [1, 2]}')):
        (tmp_path / name).write_text(one)
        (tmp_path / f"b-{name}").write_text(other)
    assert first_difference(tmp_path / "a.csv", tmp_path / "b-a.csv") == 'first in row 2: ["2"] → ["3"]'
    assert first_difference(tmp_path / "a.json", tmp_path / "b-a.json") == "first in row 2: no row → 2"


# --- what changed, publish, and kill --------------------------------------------------------------------------------


def test_the_verb_tells_what_changed_and_notes_it_in_the_run_block(home: Workspace, packet: Path) -> None:
    """What lies in the folder is hostile, too: nothing of it reaches the terminal as a command."""
    pod(home, "packet", "INC-1017", "--quiet")
    told: dict[str, Any] = json.loads((packet / "packet.json").read_text())
    card = next(b for s in told["sections"] for b in s["content"] if b.get("name") == "scorecard")
    card["rows"][0][2] = {"verdict": "\x1b[2Jmet"}
    (packet / "packet.json").write_text(json.dumps(told))
    made = pod(home, "packet", "INC-1017")
    assert made.stdout.splitlines()[0] == str(packet / "packet.html")
    clause = card["rows"][0][0]
    assert f"  {clause}: ␛[2Jmet → " in made.stderr
    noted = json.loads((packet / "run.json").read_text())["changes"]
    assert any(line.startswith(f"  {clause}: \x1b[2Jmet → ") for line in noted)
    again = pod(home, "packet", "INC-1017")
    assert again.stderr.splitlines()[-1] == "nothing changed since the packet of 2026-11-02T09:00:00+00:00"
    assert pod(home, "packet", "INC-1017", "--quiet").stderr == ""


def test_a_notebook_that_plain_papermill_ran_is_published(home: Workspace, packet: Path, tmp_path: Path) -> None:
    shutil.copy(packet / "review_packet.ipynb", tmp_path / "mine.ipynb")
    made = CliRunner().invoke(app, ["publish", str(tmp_path / "mine.ipynb")])
    assert made.exit_code == 0, made.output
    for name in ("packet.html", "packet.md", "packet.json", "tables/scorecard.csv"):
        assert (tmp_path / "mine" / name).read_bytes() == (packet / name).read_bytes()
    missing = CliRunner().invoke(app, ["publish", str(tmp_path / "none.ipynb")])
    assert isinstance(missing.exception, NotebookError)


def test_a_batch_that_is_killed_leaves_whole_packets_and_goes_on(root: Path, tmp_path: Path) -> None:
    home = workspace(tmp_path / "team", root / "data/sample/raw")
    command = [sys.executable, "-m", "podanalytics", "packet", "--since", "30d", "--jobs", "2"]
    env = os.environ | {"PYTHONPATH": str(root)}
    process = subprocess.Popen(command, cwd=home.root, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert " done " in first
    for folder in home.reports.iterdir():
        if folder.is_dir() and not folder.name.startswith("."):
            record = record_in(folder)
            assert record is not None and not batch.is_current(packet_job(home, "x", home.as_of()), record)
            assert set(texts(folder)) - {"record.json", "run.json"} == set(record.outputs)
    done = subprocess.run(command, cwd=home.root, env=env, capture_output=True, text=True, check=True)
    assert " unchanged" in done.stdout.splitlines()[0] and done.stdout.splitlines()[-1].endswith("1 unchanged")
    left = {path.name for path in home.reports.iterdir() if path.name.startswith(".")}
    assert not left
