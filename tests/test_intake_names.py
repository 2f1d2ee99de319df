"""The names of what is loaded: no two things share one, whichever way and in whichever order they come."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from podanalytics import intake
from podanalytics.tables import LOADS
from podanalytics.workspace import Workspace, find_workspace, make_workspace

LOG = "2026-10-14T13:01:58Z ERROR pod-api {}\n"


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    make_workspace(tmp_path / "team")
    return find_workspace(tmp_path / "team")


def log(path: Path, words: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LOG.format(words), "utf-8")
    return path


def told(home: Workspace, *paths: Path) -> dict[str, str]:
    """What each loaded file says, after loading these paths."""
    store = home.store()
    intake.load(home, store, paths)
    return dict(store.events().sort("file").select("file", "text").iter_rows())


def test_two_folders_of_one_name_in_one_run_are_both_kept(home: Workspace, tmp_path: Path) -> None:
    for team in ("a", "b"):
        log(tmp_path / team / "export/same.log", f"trouble in {team}")
    both = {"export/same.log": "pod-api trouble in a", "b/export/same.log": "pod-api trouble in b"}
    assert told(home, tmp_path / "a/export", tmp_path / "b/export") == both
    assert told(home, tmp_path / "b/export", tmp_path / "a/export") == both, "each keeps the name it has"


@pytest.mark.parametrize("raw_first", [True, False])
def test_a_raw_file_and_one_from_elsewhere_do_not_replace_each_other(
    home: Workspace, tmp_path: Path, raw_first: bool
) -> None:
    elsewhere = log(tmp_path / "there/same.log", "elsewhere")
    log(home.raw / "same.log", "raw")
    for paths in [(), (elsewhere,)] if raw_first else [(elsewhere,), ()]:
        told(home, *paths)
    kept = {"raw": "raw/same.log", "elsewhere": "same.log"} if not raw_first else {
        "raw": "same.log", "elsewhere": "there/same.log"
    }  # fmt: skip
    expected = {kept[words]: f"pod-api {words}" for words in kept}
    assert told(home) == expected
    assert told(home, elsewhere) == expected


def test_one_file_given_in_two_ways_is_loaded_once(home: Workspace, tmp_path: Path) -> None:
    path = log(tmp_path / "there/deep/pod-api.log", "x")
    store = home.store()
    assert len(intake.load(home, store, [tmp_path / "there", path, path.parent])) == 1
    assert [d.state for d in intake.load(home, store, [path])] == ["unchanged"]
    assert store.read(LOADS)["file"].to_list() == ["there/deep/pod-api.log"]


def test_a_workspace_that_moved_or_was_copied_keeps_its_names(home: Workspace, tmp_path: Path) -> None:
    log(home.raw / "logs/same.log", "before")
    told(home)
    shutil.copytree(home.root, tmp_path / "copy")
    copy = find_workspace(tmp_path / "copy")
    log(copy.raw / "logs/same.log", "after")
    assert told(copy) == {"logs/same.log": "pod-api after"}


def test_names_that_are_no_text_do_not_collide(home: Workspace) -> None:
    for name in (b"a\xff.log", b"a\xfe.log"):
        log(home.raw / name.decode("utf-8", "surrogateescape"), repr(name))
    assert len(told(home)) == 2
