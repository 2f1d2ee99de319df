"""A large unit read in a process of its own: the same rows, and nothing by halves whatever becomes of that process."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from podanalytics import apart, intake
from podanalytics.errors import LoadError
from podanalytics.store import Store, Writing
from podanalytics.workspace import Workspace, find_workspace, make_workspace
from tests.test_properties_of_loading import _by_file

SAMPLE = Path(__file__).parent.parent / "data/sample/raw"
TS = 1_790_000_000
SET_UP = "import os; from podanalytics import apart, telling"


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    make_workspace(tmp_path / "team")
    return find_workspace(tmp_path / "team")


@pytest.fixture
def all_apart(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whatever its size, a unit is read in another process; the units that were."""
    asked: list[Any] = []
    read = apart.read

    def noted(*given: Any) -> Any:
        found = read(*given)
        asked.append(given[0].file if found else None)
        return found

    monkeypatch.setattr(apart, "worth_it", lambda _: True)
    monkeypatch.setattr(apart, "read", noted)
    return asked


def odd_export(path: Path, messages: int = 900) -> None:
    """Messages told twice and far apart, edited, logged, reacted to, broken, half emojis; a member that is no JSON."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.json", json.dumps([{"id": "U1", "name": "ann", "tz": "Europe/Berlin"}]))
        archive.writestr("channels.json", json.dumps([{"id": "C1", "name": "ops", "created": TS}]))
        archive.writestr("ops/2026-01-01.json", "[{")
        for day in range(3):
            said = [_said(number, day) for number in range(messages)]
            archive.writestr(f"ops/2026-01-{day + 2:02d}.json", json.dumps(said))


def _said(number: int, day: int) -> Any:
    ts = f"{TS + number * 60}.000{number % 900 + 1:03d}"
    message: dict[str, Any] = {"type": "message", "user": f"U{number % 7}", "ts": ts, "text": f"{number} naïve \ud83d"}
    if number % 5 == 0 and day:
        message |= {"edited": {"user": "U1", "ts": f"{TS + number * 60 + day}.000000"}, "text": f"{number}, edit {day}"}
    if number % 11 == 0:
        message["reactions"] = [{"name": "eyes", "users": ["U1", "U2"], "count": 3}]
    if number % 13 == 0:
        message["ts"] = "never"
    return message if number % 17 else "a bare value"


def loaded(home: Workspace, name: str) -> dict[str, Any]:
    store = Store(f"sqlite:///{home.root / name}")
    intake.load(home, store)
    found = _by_file(store)
    store.close()
    return found


def begin_with(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Children run this before they begin."""
    set_up, last = apart.BEGIN.split("from ", 1)
    monkeypatch.setattr(
        apart, "BEGIN", f"{set_up}\nimport os\nfrom podanalytics import apart, telling\n{code}\nfrom {last}"
    )


def test_both_ways_give_the_same_tables(home: Workspace, monkeypatch: pytest.MonkeyPatch, all_apart: list[Any]) -> None:
    odd_export(home.raw / "talk.zip")
    shutil.copy(SAMPLE / "slack-2026-spring.zip", home.raw)
    found = loaded(home, "apart.db")
    assert all_apart == ["slack-2026-spring.zip", "talk.zip"]
    monkeypatch.setattr(apart, "worth_it", lambda _: False)
    assert loaded(home, "here.db") == found
    events, _, faults, _ = found["talk.zip"]
    assert len(events) > 900 and len(faults) > 100


def test_what_is_written_already_is_asked_for_through_the_pipe(
    home: Workspace, monkeypatch: pytest.MonkeyPatch, all_apart: list[Any]
) -> None:
    odd_export(home.raw / "talk.zip", 60)
    found = loaded(home, "many.db")
    begin_with(monkeypatch, "telling.AT_ONCE = 7")
    few = loaded(home, "few.db")
    assert all_apart == ["talk.zip"] * 2
    for one, other in zip(found["talk.zip"], few["talk.zip"], strict=True):
        assert sorted(map(repr, one)) == sorted(map(repr, other))


KILLED = """
telling.AT_ONCE, add = 50, apart._Elsewhere.add
def add_and_die(*given):
    add(*given)
    os.kill(os.getpid(), 9)
apart._Elsewhere.add = add_and_die
"""


def test_a_child_that_is_killed_leaves_what_was_there(
    home: Workspace, monkeypatch: pytest.MonkeyPatch, all_apart: list[Any]
) -> None:
    odd_export(home.raw / "talk.zip", 60)
    before = loaded(home, "pod.db")
    odd_export(home.raw / "talk.zip", 70)
    with monkeypatch.context() as patch:
        begin_with(patch, KILLED)
        with pytest.raises(
            LoadError, match=r"talk\.zip: .* killed by signal 9, so nothing of this file was taken over"
        ):
            loaded(home, "pod.db")
    assert _by_file(Store(f"sqlite:///{home.root / 'pod.db'}")) == before
    assert loaded(home, "pod.db") != before


def test_ctrl_c_ends_the_child_and_leaves_what_was_there(
    home: Workspace, monkeypatch: pytest.MonkeyPatch, all_apart: list[Any]
) -> None:
    odd_export(home.raw / "talk.zip", 60)
    before = loaded(home, "pod.db")
    odd_export(home.raw / "talk.zip", 70)
    started: list[Any] = []
    begun, add = subprocess.Popen, Writing.add

    def noted(*given: Any, **named: Any) -> Any:
        started.append(begun(*given, **named))
        return started[-1]

    def interrupted(self: Writing, *given: Any) -> None:
        add(self, *given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", noted)
        patch.setattr(Writing, "add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            loaded(home, "pod.db")
    assert [child.returncode for child in started] == [-signal.SIGKILL]
    assert _by_file(Store(f"sqlite:///{home.root / 'pod.db'}")) == before


@pytest.mark.parametrize("program", ["/no/such/program", shutil.which("false") or "false"])
def test_where_no_child_starts_this_process_reads(
    home: Workspace, monkeypatch: pytest.MonkeyPatch, all_apart: list[Any], program: str
) -> None:
    odd_export(home.raw / "talk.zip", 60)
    monkeypatch.setattr(sys, "executable", program)
    assert len(loaded(home, "pod.db")["talk.zip"][0]) > 50
    assert all_apart == [None]


def test_strict_tracebacks_come_through(home: Workspace, monkeypatch: pytest.MonkeyPatch, all_apart: list[Any]) -> None:
    odd_export(home.raw / "talk.zip", 60)
    monkeypatch.setenv("PODANALYTICS_STRICT", "1")
    with pytest.raises(ValueError, match="bare value") as raised:
        loaded(home, "pod.db")
    assert "slack.py" in raised.value.__notes__[0]


def test_a_small_unit_or_a_lonely_core_needs_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_cores", lambda: 2)
    assert [apart.worth_it(size) for size in (apart.LARGE - 1, apart.LARGE)] == [False, True]
    monkeypatch.setattr(apart, "_cores", lambda: 1)
    assert not apart.worth_it(apart.LARGE)


def test_the_child_imports_nothing_heavy() -> None:
    code = "import sys, podanalytics.apart; print({'polars', 'sqlalchemy', 'pandas', 'numpy'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
