"""Intake: finds the files to load, asks the sources whose they are, and puts what they tell into the store.

Loading is idempotent: an unchanged file is left alone, a changed one replaces what it told before, one that vanished
from the raw folder takes what it told with it. Whatever nobody recognises is a fault that says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from podanalytics import __version__, apart
from podanalytics.errors import WorkspaceError
from podanalytics.model import FaultRule
from podanalytics.sources._manifest import BESIDE
from podanalytics.sources._walk import Found, files_below, walk
from podanalytics.store import Store, Writing
from podanalytics.tables import FAULTS, LOADS
from podanalytics.telling import Telling
from podanalytics.units import NOBODY, Unit, told_of
from podanalytics.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one unit. `state`: loaded, unchanged, gone (the counts are then what went with it), or left
    out (hidden files, counted in `skipped`, which leave no trace in the store).
    """

    file: str
    source: str
    state: str
    events: int
    faults: int
    people: int
    skipped: dict[str, int]


Progress = Callable[[Loaded, int, int], None]


def load(
    workspace: Workspace, store: Store, paths: Sequence[Path] = (), progress: Progress | None = None
) -> list[Loaded]:
    """Loads `paths`, or the workspace's raw and corrections folders.

    Raises WorkspaceError for a path that is not there.
    """
    before = {row["file"]: row for row in store.read(LOADS).iter_rows(named=True)}
    names = _Names(workspace, {file: real_path(row["path"]) for file, row in before.items()})
    hidden: list[Path] = []
    units = list(_paged(list(_units(workspace, paths, names, hidden))))
    capped = set(store.read(FAULTS).filter(rule=FaultRule.CAPPED.value)["file"])
    done: list[Loaded] = []
    for number, unit in enumerate(units, 1):
        known = None if unit.followed and unit.file in capped else before.get(unit.file)
        done.append(_load_unit(unit, store, known))
        if progress:
            progress(done[-1], number, len(units))
    if hidden:
        reason = f"hidden, such as {printable(hidden[0].name)}"
        done.append(Loaded("", NOBODY, "left out", 0, 0, 0, {reason: len(hidden)}))
    if not paths:
        done += list(_forget_gone(workspace, store, before, {u.file for u in units}))
    return done


def unloaded(workspace: Workspace, store: Store) -> dict[str, str]:
    """How the workspace's files differ from what was loaded of them: file → new, changed or gone; nothing is loaded."""
    before = {row["file"]: row for row in store.read(LOADS).iter_rows(named=True)}
    names = _Names(workspace, {file: real_path(row["path"]) for file, row in before.items()})
    units = list(_units(workspace, (), names, []))
    found = {}
    for unit in units:
        known = before.get(unit.file)
        digest = "" if unit.refused else _digest(unit.path)[0]
        if known is None or (not unit.refused and known["sha256"] != digest):
            found[unit.file] = "new" if known is None else "changed"
    there = {unit.file for unit in units}
    gone = {file for file, row in before.items() if file not in there and not real_path(row["path"]).exists()}
    return dict(sorted((found | dict.fromkeys(gone, "gone")).items()))


def printable(name: str) -> str:
    """A file's name as text that can be stored, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def stored_path(path: Path) -> str:
    """A path as text that can be stored and that `real_path` leads back from."""
    return str(path) if str(path) == printable(str(path)) else path.as_uri()


def real_path(stored: str) -> Path:
    """The path that `stored_path` was given."""
    is_address = stored.startswith("file://")
    return Path(os.fsdecode(unquote_to_bytes(stored.removeprefix("file://"))) if is_address else stored)


def _units(workspace: Workspace, paths: Sequence[Path], names: _Names, hidden: list[Path]) -> Iterator[Unit]:
    """What is to be loaded, each path once; hidden ones are put aside."""
    homes = [folder.resolve() for folder in (workspace.raw, workspace.corrections) if folder.is_dir()]
    seen: set[Path] = set()
    for given in [_there(path) for path in paths or homes]:
        base = names.base(given)
        for found in walk(given, shelf=given in homes):
            if found.path in seen:
                continue
            seen.add(found.path)
            if found.hidden:
                hidden.append(found.path)
            else:
                yield Unit(found.path, names.give(found, given, base), found.owners, found.refused)


def _paged(units: list[Unit]) -> Iterator[Unit]:
    """The units, marked where their next page lies there: the same name in the same folder, but for a later number."""
    last: dict[tuple[Path, str], list[int]] = {}
    for unit in units:
        page, series = _numbers(unit.path.name), _series(unit)
        last[series] = max(page, last.get(series, page))
    for unit in units:
        yield replace(unit, followed=_numbers(unit.path.name) < last[_series(unit)])


def _series(unit: Unit) -> tuple[Path, str]:
    return unit.path.parent, re.sub(r"\d+", "0", unit.path.name)


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]


def _there(path: Path) -> Path:
    """The path with its links followed: who names a link means what it leads to. Raises WorkspaceError."""
    try:
        path.stat()
        return path.resolve()
    except (FileNotFoundError, NotADirectoryError):
        raise WorkspaceError(f"{path}: no such file or folder") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise WorkspaceError(f"{path}: cannot be opened: {getattr(error, 'strerror', None) or error}") from None


class _Names:
    """The names that units have in this workspace: no two have the same, and a path keeps the one it has."""

    def __init__(self, workspace: Workspace, taken: dict[str, Path]) -> None:
        self._raw, self._homes = workspace.raw.resolve(), (workspace.raw.resolve(), workspace.corrections.resolve())
        self._setting = workspace.settings.raw
        self._taken = taken
        self._own = {path: file for file, path in taken.items()}

    def base(self, path: Path) -> str:
        """The start of the names below a path from elsewhere; empty for one in the workspace's folders."""
        return "" if self._home(path) else self._free(path)

    def _home(self, path: Path) -> bool:
        return any(path == home or home in path.parents for home in self._homes)

    def _free(self, path: Path) -> str:
        """The shortest end of the path that no other loaded path has taken: `export`, `jira/export` ..."""
        for length in range(1, len(path.parts)):
            name = "/".join(path.parts[-length:])
            others = [there for file, there in self._taken.items() if file == name or file.startswith(f"{name}/")]
            if all(there == path or path in there.parents for there in others):
                return name
        return path.as_posix().lstrip("/")

    def give(self, found: Found, given: Path, base: str) -> str:
        """The name of what was found below the path that was given, taken from now on."""
        path = found.path
        inside = path.relative_to(given).as_posix()
        below = base if inside == "." else f"{base}/{inside}"
        name = self._own.get(path) or (printable(below) if base else self._inside(path))
        self._taken[name] = path
        return name

    def _inside(self, path: Path) -> str:
        # Seen from the raw folder, so that no file of ours has the name of an export: ../corrections/INC-7.toml.
        short = printable(Path(os.path.relpath(path, self._raw)).as_posix())
        longer = ("/".join(path.parts[-length:]) for length in range(1, len(path.parts) + 1))
        tails = (printable(name) for name in longer if len(name) > len(short))
        return next((name for name in (short, *tails) if self._may_have(name, path)), short)

    def _may_have(self, name: str, path: Path) -> bool:
        there = self._taken.get(name)
        # A workspace that was moved or copied: its own file, at the place where it lay before.
        former = os.path.normpath(f"/{self._setting}/{name}")
        return there is None or there == path or str(there).endswith(former)


def _load_unit(unit: Unit, store: Store, before: dict[str, Any] | None) -> Loaded:
    source = unit.owners[0] if len(unit.owners) == 1 else NOBODY
    digest, size = _digest(unit.path) if not unit.refused else (hashlib.sha256(unit.refused.encode()).hexdigest(), 0)
    if before and (before["sha256"], before["reader"], before["source"]) == (digest, __version__, source):
        return Loaded(
            unit.file,
            source,
            "unchanged",
            before["events"],
            before["faults"],
            before["people"],
            json.loads(before["skipped"]),
        )
    with store.replacing(unit.file) as writing:
        counts, skipped = _read(unit, source, size, writing)
        row = {
            "file": unit.file,
            "source": source,
            "sha256": digest,
            "bytes": size,
            **counts,
            "skipped": json.dumps(skipped, sort_keys=True),
            "path": stored_path(unit.path),
            "reader": __version__,
            "loaded_at": datetime.now(UTC),
        }
        writing.add_rows(LOADS, [row])
    return Loaded(unit.file, source, "loaded", **counts, skipped=skipped)


def _read(unit: Unit, source: str, size: int, writing: Writing) -> tuple[dict[str, int], dict[str, int]]:
    """Writes what the unit tells; how much that is, and what was not kept."""
    if source != NOBODY and apart.worth_it(size) and (found := apart.read(unit, source, writing)):
        return found
    telling = Telling(writing)
    telling.take(told_of(unit, source))
    telling.finish()
    return telling.counts, telling.skipped


def _digest(path: Path) -> tuple[str, int]:
    """(SHA-256, size in bytes) of a file, or of a folder's files by name and content; of the reason where it cannot be
    read, so that it is read as soon as it can be.
    """
    if path.is_dir():
        files, refused = files_below(path)
        own = [p for p in files if p.name not in BESIDE]
        parts = [(printable(p.relative_to(path).as_posix()), *_digest(p)) for p in own]
        told = [(n, d) for n, d, _ in parts] + [(printable(str(p)), why) for p, why in refused]
        return hashlib.sha256(repr(told).encode()).hexdigest(), sum(s for _, _, s in parts)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    except OSError as error:
        return hashlib.sha256(str(error).encode("utf-8", "replace")).hexdigest(), 0


def _forget_gone(
    workspace: Workspace, store: Store, before: dict[str, dict[str, Any]], seen: set[str]
) -> Iterator[Loaded]:
    homes = (workspace.raw.resolve(), workspace.corrections.resolve())
    for file, row in sorted(before.items()):
        if file not in seen and any(home in real_path(row["path"]).parents for home in homes):
            store.forget_file(file)
            yield Loaded(file, row["source"], "gone", row["events"], row["faults"], row["people"], {})
