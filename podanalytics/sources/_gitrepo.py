"""The log of a git repository, read by the `git` command without trusting anything that the repository says of itself.

A repository's configuration can name programs (a pager, a verifier of signatures, a helper that fetches what is
missing). So git never sees it: it is given a bare repository of our own, made for the moment, with a configuration of
our own and the tags and HEAD of the one that is read, of which it opens nothing but the objects. No hook, no
configuration, no network. Source of the layout: gitrepository-layout, and git's environment variables.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from podanalytics.model import Fault, FaultRule

WITHOUT = "write its log instead, with `git log --decorate --date=iso-strict`"
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?$")
_LOG = ("log", "--decorate=full", "--format=fuller", "--date=iso-strict", "--no-color", "--no-show-signature")
_PLAIN = ("--no-mailmap", "--no-patch", "--no-notes", "--encoding=UTF-8")
_CONFIG = {
    40: "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
    64: "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n",
}


def home_of(path: Path) -> Path | None:
    """The folder that is the repository: `.git` of a checkout, or a bare one itself; None for any other folder."""
    return next((home for home in (path / ".git", path) if _is_repository(home)), None)


def _is_repository(home: Path) -> bool:
    """Real files and folders only: a link may lead anywhere."""
    parts = (home, home / "objects", home / "refs")
    try:
        return all(part.is_dir() and not part.is_symlink() for part in parts) and _plain_file(home / "HEAD")
    except OSError:
        return False


def _plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


@dataclass(frozen=True, slots=True)
class Refs:
    """What is read of a repository: its HEAD, empty where nothing is committed yet, and its tags by name."""

    head: str
    tags: dict[str, str]
    broken: tuple[str, ...] = ()


def refs_of(home: Path) -> Refs:
    """HEAD and the tags, loose ones before packed ones, as git takes them."""
    packed = dict(_packed(home / "packed-refs"))
    loose, broken = {}, []
    for path in sorted((home / "refs" / "tags").rglob("*")):
        name = path.relative_to(home).as_posix()
        if _plain_file(path):
            found = path.read_text("utf-8", "replace").strip()
            loose[name] = found
            if not _HASH.fullmatch(found):
                broken.append(name)
    tags = {name: sha for name, sha in {**packed, **loose}.items() if name.startswith("refs/tags/")}
    return Refs(_head(home, packed), {n: s for n, s in sorted(tags.items()) if _HASH.fullmatch(s)}, tuple(broken))


def _packed(path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_text("utf-8", "replace") if _plain_file(path) else ""
    for line in text.splitlines():
        sha, _, name = line.partition(" ")
        if _HASH.fullmatch(sha) and name:
            yield name, sha


def _head(home: Path, packed: dict[str, str]) -> str:
    written = (home / "HEAD").read_text("utf-8", "replace").strip()
    name = written.removeprefix("ref:").strip()
    if written.startswith("ref:"):
        own = home / name
        inside = name.startswith("refs/") and ".." not in Path(name).parts
        loose = own.read_text("utf-8", "replace").strip() if inside and _plain_file(own) else ""
        written = loose or packed.get(name, "")
    return written if _HASH.fullmatch(written) else ""


def log_lines(home: Path, name: str, source: str) -> Iterator[str | Fault]:
    """The lines of `git log` from HEAD and every tag; `name` is the repository's, for faults."""
    git = shutil.which("git")
    if git is None:
        yield Fault(source, name, f"reading a repository needs the program git, which is not installed: {WITHOUT}")
        return
    refs = refs_of(home)
    yield from (Fault(source, f"{name}#{tag}", "the tag names no object") for tag in refs.broken)
    if not refs.head and not refs.tags:
        why = "no commit is found in it: HEAD leads to none and there is no tag"
        yield Fault(source, name, f"{why}. If it is not empty, {WITHOUT}")
        return
    with tempfile.TemporaryDirectory(prefix="podanalytics-git-") as folder:
        yield from _ask(git, Path(folder), home, refs, Fault(source, name, "", rule=FaultRule.CUT_SHORT))


def _ask(git: str, own: Path, home: Path, refs: Refs, failing: Fault) -> Iterator[str | Fault]:
    _prepare(own, home, refs)
    starts = [*(["HEAD"] if refs.head else []), *(["--tags"] if refs.tags else [])]
    with (own / "errors").open("w+b") as errors, subprocess.Popen(
        [git, *_LOG, *_PLAIN, *starts, "--"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=_environment(own, home),
        cwd=own,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        try:
            for line in running.stdout:
                yield line.decode("utf-8", "replace").rstrip("\r\n")
        finally:
            running.stdout.close()
            running.wait()
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace").replace(str(home.resolve()), home.name).strip().splitlines()
    if running.returncode:
        words = said[-1] if said else f"it ended with {running.returncode}"
        yield Fault(failing.source, failing.origin, f"git could not read on: {words[:200]}", rule=failing.rule)


def _prepare(own: Path, home: Path, refs: Refs) -> None:
    """A bare repository of our own, with no objects, the HEAD and the tags of the other."""
    length = len(refs.head or next(iter(refs.tags.values())))
    for folder in ("objects", "refs"):
        (own / folder).mkdir()
    (own / "config").write_text(_CONFIG[length], "utf-8")
    (own / "HEAD").write_text(f"{refs.head or 'ref: refs/heads/none'}\n", "utf-8")
    (own / "packed-refs").write_text("".join(f"{sha} {name}\n" for name, sha in refs.tags.items()), "utf-8")
    if _plain_file(home / "shallow"):  # where a clone was cut off: parents that it does not have are not missed
        shutil.copyfile(home / "shallow", own / "shallow")


def _environment(own: Path, home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(own),
        "LC_ALL": "C",
        "GIT_DIR": str(own),
        "GIT_OBJECT_DIRECTORY": str((home / "objects").resolve()),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PAGER": "cat",
    }
