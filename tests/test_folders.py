"""Folders that change as a whole, whatever happens in the middle of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from podanalytics import folders
from podanalytics.folders import replaced, settle

OURS = {"packet.html", "tables/a.csv"}


def contents(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def fill(folder: Path, word: str) -> None:
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    for name in OURS:
        (folder / name).write_text(word)


@pytest.mark.parametrize("swaps", [True, False])
def test_the_new_takes_the_place_of_the_old_and_what_somebody_put_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swaps: bool
) -> None:
    if not swaps:
        monkeypatch.setattr(folders, "_exchanged", lambda *_: False)
    folder = tmp_path / "INC-1"
    fill(folder, "old")
    (folder / "notes").mkdir()
    (folder / "notes/mine.txt").write_text("mine")
    (folder / "tables/b.csv").write_text("mine, too")
    with replaced(folder, OURS.__contains__) as made:
        (made / "packet.html").write_text("new")
        assert contents(folder)["packet.html"] == "old"
    assert contents(folder) == {"packet.html": "new", "notes/mine.txt": "mine", "tables/b.csv": "mine, too"}
    assert [path.name for path in tmp_path.iterdir()] == ["INC-1"]


def test_what_goes_wrong_leaves_the_old_one_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "INC-1"
    fill(folder, "old")
    with pytest.raises(KeyError), replaced(folder, OURS.__contains__) as made:
        (made / "packet.html").write_text("half")
        raise KeyError
    assert set(contents(folder).values()) == {"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["INC-1"]


def test_what_a_process_that_is_no_more_left_is_cleared_away_and_put_back(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder = tmp_path / "INC-1"
    fill(tmp_path / f".INC-1.old-{gone.pid}-0123abcd", "old")
    fill(tmp_path / f".INC-1.new-{gone.pid}-0123abcd", "half")
    fill(tmp_path / f".INC-1.new-{os.getpid()}-0123abcd", "somebody is at it")
    fill(tmp_path / f".INC-10.new-{gone.pid}-0123abcd", "another's")
    settle(folder)
    assert set(contents(folder).values()) == {"old"}
    assert len(list(tmp_path.iterdir())) == 3


LOOP = """
import sys, itertools
from pathlib import Path
from podanalytics.folders import replaced
for number in itertools.count():
    with replaced(Path(sys.argv[1]), lambda name: True) as made:
        for name in range(20):
            (made / str(name)).write_text(f"{number}")
    print(number, flush=True)
"""


def test_a_kill_in_the_midst_leaves_a_whole_one(tmp_path: Path) -> None:
    folder = tmp_path / "INC-1"
    for after in (1, 2, 3, 5, 8):
        process = subprocess.Popen([sys.executable, "-c", LOOP, str(folder)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        settle(folder)
        told = contents(folder)
        assert len(told) == 20 and len(set(told.values())) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["INC-1"]
