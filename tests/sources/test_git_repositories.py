"""A git repository read directly: as its log would be, and without doing anything that the repository asks for."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from podanalytics import intake
from podanalytics.model import Event, Fault, Skipped, Told
from podanalytics.sources import gitlog, owners
from podanalytics.workspace import find_workspace, make_workspace

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="the program git is not installed")


def git(folder: Path, *words: str, at: str = "2026-10-03T13:40:00+02:00") -> str:
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", "Dev Okafor"), ("EMAIL", "dev@pod.example"), ("DATE", at))}  # fmt: skip
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"], **who}
    done = subprocess.run([str(GIT), "-C", str(folder), *words], env=own, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    home = tmp_path / "pod-api"
    home.mkdir()
    git(home, "init", "-q", "-b", "main")
    for minute, (subject, tag) in enumerate([
        ("Queue length in the log", "v2.13.4"),
        ("Add the retry budget", "v2.14.0"),
        ("Fix a typo", ""),
        ('Revert "Add the retry budget"', ""),
    ]):  # fmt: skip
        when = f"2026-10-03T13:4{minute}:00+02:00"
        git(home, "commit", "-q", "--allow-empty", "-m", subject, at=when)
        if tag:
            git(home, "tag", *(["-a", "-m", tag] if minute else []), tag, at=when)
    return home


def told_of(path: Path) -> list[Told]:
    assert owners(path) == ["gitlog"]
    return list(gitlog.parse(path))


def events(told: list[Told]) -> list[Event]:
    return [t for t in told if isinstance(t, Event)]


@needs_git
def test_a_repository_tells_what_its_log_tells(repository: Path, tmp_path: Path) -> None:
    told = told_of(repository)
    found = events(told)
    assert [(e.value, e.was, e.subject) for e in found[:2]] == [
        ("v2.13.4", None, "pod-api"),
        ("v2.14.0", "v2.13.4", "pod-api"),
    ]
    assert found[2].text.startswith("Revert") and found[2].value == found[2].key[:7]
    assert [t.count for t in told if isinstance(t, Skipped)] == [1] and not [t for t in told if isinstance(t, Fault)]
    assert found[0].origin == f"pod-api#{found[0].key.partition('/')[0]}"
    written = tmp_path / "pod-api.log"
    written.write_text(f"# repository: pod-api\n{git(repository, 'log', '--decorate', '--date=iso-strict')}\n", "utf-8")
    by_file = [replace(e, origin="x") for e in events(list(gitlog.parse(written)))]
    assert [replace(e, origin="x") for e in found] == by_file


@needs_git
@pytest.mark.parametrize("packed", [False, True])
def test_a_bare_clone_and_packed_tags_tell_the_same(repository: Path, tmp_path: Path, packed: bool) -> None:
    clone = tmp_path / "raw" / "pod-api.git"
    clone.parent.mkdir()
    git(tmp_path, "clone", "-q", "--bare", str(repository), str(clone))
    if packed:
        git(clone, "pack-refs", "--all")
        git(clone, "gc", "-q")
    assert [(e.id, e.subject, e.was) for e in events(told_of(clone))] == [
        (e.id, e.subject, e.was) for e in events(told_of(repository))
    ]


@needs_git
def test_nothing_that_the_repository_asks_for_is_done(repository: Path, tmp_path: Path) -> None:
    """Programs named by its configuration and its hooks; each would leave a file."""
    mark = tmp_path / "done"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n", "utf-8")
    program.chmod(0o755)
    plain = [(e.id, e.was) for e in events(told_of(repository))]
    for name in ("core.pager", "pager.log", "core.fsmonitor", "gpg.program", "diff.external", "core.sshCommand"):
        git(repository, "config", name, str(program))
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "include.path", str(tmp_path / "nowhere"))
    hook = repository / ".git/hooks/post-checkout"
    shutil.copy(program, hook)
    with (repository / ".git/config").open("a", encoding="utf-8") as config:
        config.write("[broken\n")  # git itself would refuse to go on
    before = sorted((p.as_posix(), p.stat().st_mtime_ns) for p in repository.rglob("*"))
    assert [(e.id, e.was) for e in events(told_of(repository))] == plain
    assert sorted((p.as_posix(), p.stat().st_mtime_ns) for p in repository.rglob("*")) == before
    assert not mark.exists()


@needs_git
def test_an_empty_a_damaged_and_a_half_broken_repository_are_faults(repository: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    assert ["no commit is found" in t.reason for t in told_of(empty) if isinstance(t, Fault)] == [True]
    (repository / ".git/refs/tags/odd").write_text("ref: refs/heads/main\n", "utf-8")
    odd = [t for t in told_of(repository) if isinstance(t, Fault)]
    assert [(t.origin, t.reason) for t in odd] == [("pod-api#refs/tags/odd", "the tag names no object")]
    shutil.rmtree(repository / ".git/objects")
    (repository / ".git/objects").mkdir()
    (fault,) = [t for t in told_of(repository) if isinstance(t, Fault) and t.origin == "pod-api"]
    assert fault.reason.startswith("git could not read on: ") and str(tmp_path) not in fault.reason


@needs_git
def test_without_the_program_a_fault_says_what_to_do(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    (fault,) = told_of(repository)
    assert isinstance(fault, Fault) and "not installed" in fault.reason and "git log" in fault.reason


def test_a_link_in_place_of_a_repository_is_not_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    for name in ("objects", "refs/tags"):
        (real / name).mkdir(parents=True)
    (real / "HEAD").write_text("ref: refs/heads/main\n", "utf-8")
    assert owners(real) == ["gitlog"]
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / ".git").symlink_to(real)
    assert owners(linked) == []


@needs_git
def test_a_repository_among_the_raw_files_is_loaded_as_one(repository: Path, tmp_path: Path) -> None:
    make_workspace(tmp_path / "team")
    home = find_workspace(tmp_path / "team")
    shutil.copytree(repository, home.raw / "pod-api")
    (home.raw / "pod-api" / "README").write_text("not looked at\n", "utf-8")
    store = home.store()
    (loaded,) = intake.load(home, store)
    assert (loaded.file, loaded.source, loaded.events, loaded.faults) == ("pod-api", "gitlog", 3, 0)
    assert loaded.skipped["file of a repository's checkout, not looked at"] == 1
    (again,) = intake.load(home, store)
    store.close()
    assert again.state == "unchanged"
