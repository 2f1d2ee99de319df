"""Intake: recognise, load once, forget what is gone, and lose nothing in silence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from podanalytics import intake
from podanalytics.errors import WorkspaceError
from podanalytics.store import Store
from podanalytics.tables import EVENTS, FAULTS, LOADS, PEOPLE
from podanalytics.workspace import Workspace, find_workspace, make_workspace

LOG = "2026-10-14T13:01:58.412Z ERROR pod-api [req-8f2] pool exhausted\n2026-10-14T13:02:58.412Z INFO pod-api fine\n"


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    make_workspace(tmp_path / "team")
    return find_workspace(tmp_path / "team")


def put(home: Workspace, name: str, text: str) -> Path:
    path = home.raw / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def content(store: Store) -> list[object]:
    """Everything the store holds apart from when and where it was loaded."""
    return [store.read(t).to_dicts() for t in (EVENTS, PEOPLE, FAULTS)] + [
        store.read(LOADS).drop("loaded_at", "path").to_dicts()
    ]


def test_loading_twice_is_loading_once(home: Workspace) -> None:
    put(home, "logs/pod-api.log", LOG)
    store = home.store()
    assert [d.state for d in intake.load(home, store)] == ["loaded"]
    before = content(store)
    assert [d.state for d in intake.load(home, store)] == ["unchanged"]
    assert content(store) == before
    assert store.events().height == 1


def test_a_changed_file_replaces_what_it_told(home: Workspace) -> None:
    path = put(home, "logs/pod-api.log", LOG)
    store = home.store()
    intake.load(home, store)
    path.write_text(LOG.replace("pool exhausted", "disk full"), "utf-8")
    intake.load(home, store)
    assert ["disk full" in t for t in store.events()["text"]] == [True]


def test_a_file_that_is_gone_takes_its_events_with_it(home: Workspace) -> None:
    path = put(home, "logs/pod-api.log", LOG)
    store = home.store()
    intake.load(home, store)
    path.unlink()
    assert [d.state for d in intake.load(home, store)] == ["gone"]
    assert store.events().is_empty()


def test_what_nobody_recognises_is_a_fault_with_its_name(home: Workspace) -> None:
    put(home, "notes/holiday.txt", "nothing to see")
    put(home, "logs/pod-api.log", LOG)
    store = home.store()
    intake.load(home, store)
    faults = store.read(FAULTS).to_dicts()
    assert [(f["origin"], "no source recognises it" in f["reason"]) for f in faults] == [("notes/holiday.txt", True)]
    assert store.events().height == 1


def test_lines_that_are_not_kept_are_counted(home: Workspace) -> None:
    put(home, "logs/pod-api.log", LOG)
    done = intake.load(home, home.store())
    assert sum(done[0].skipped.values()) == 1


def test_a_file_from_elsewhere_keeps_a_short_name_and_its_origin(home: Workspace, tmp_path: Path) -> None:
    there = tmp_path / "some" / "export"
    there.mkdir(parents=True)
    (there / "pod-api.log").write_text(LOG, "utf-8")
    store = home.store()
    intake.load(home, store, [there])
    assert store.events()["origin"].to_list() == ["export/pod-api.log:1"]


def test_two_folders_of_one_name_do_not_overwrite_each_other(home: Workspace, tmp_path: Path) -> None:
    store = home.store()
    for team in ("a", "b"):
        folder = tmp_path / team / "export"
        folder.mkdir(parents=True)
        (folder / f"{team}-api.log").write_text(LOG, "utf-8")
        (folder / "same.log").write_text(LOG.replace("pool exhausted", f"trouble in {team}"), "utf-8")
        intake.load(home, store, [folder])
    assert sorted(store.read(LOADS)["file"]) == [
        "b/export/b-api.log",
        "b/export/same.log",
        "export/a-api.log",
        "export/same.log",
    ]


def test_a_path_that_is_not_there_is_a_sentence(home: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="no such file"):
        intake.load(home, home.store(), [Path("nowhere/at-all")])


def test_any_order_of_files_gives_the_same_ledger(root: Path, tmp_path: Path) -> None:
    files = sorted((root / "data/sample/raw").iterdir())
    seen = []
    for n, order in enumerate((files, list(reversed(files)))):
        make_workspace(tmp_path / str(n))
        home = find_workspace(tmp_path / str(n))
        store = home.store()
        for path in order:
            intake.load(home, store, [path])
        seen.append((store.events().drop("file"), content(store)))
    assert seen[0][0].equals(seen[1][0])
    assert seen[0][1] == seen[1][1]


def test_the_whole_sample_loads_without_a_fault(root: Path, home: Workspace) -> None:
    shutil.copytree(root / "data/sample/raw", home.raw, dirs_exist_ok=True)
    store = home.store()
    done = intake.load(home, store)
    assert store.read(FAULTS).to_dicts() == []
    assert {d.source for d in done} >= {
        "slack",
        "pagerduty",
        "jira",
        "github",
        "statuspage",
        "journald",
        "docker_json",
        "applog",
        "gitlog",
        "corrections",
    }


def test_a_page_that_says_more_follow_is_a_fault_until_the_next_page_lies_beside_it(tmp_path: Path) -> None:
    make_workspace(tmp_path)
    home = find_workspace(tmp_path)

    def page(number: int, more: bool) -> None:
        entry = {"id": f"R{number}", "type": "trigger_log_entry", "created_at": "2026-10-14T14:00:00Z"}
        document = {"log_entries": [{**entry, "incident": {"id": "PD1"}}], "more": more, "offset": number, "limit": 1}
        (home.raw / f"log_{number}.json").write_text(json.dumps(document), "utf-8")

    def rules() -> list[str]:
        store = home.store()
        intake.load(home, store)
        found = store.read(FAULTS)["rule"].to_list()
        store.close()
        return found

    page(9, more=True)
    assert rules() == ["more follows"]
    page(10, more=True)
    assert rules() == ["more follows"]  # the second one's, now
    page(11, more=False)
    assert rules() == []
