"""Intake: finds the files to load, asks the sources whose they are, and puts what they tell into the store.

Loading is idempotent: an unchanged file is left alone, a changed one replaces what it told before, one that vanished
from the raw folder takes what it told with it. Whatever nobody recognises is a fault that says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podanalytics import __version__
from podanalytics.errors import WorkspaceError
from podanalytics.model import Event, Fault, Person, Skipped, Told
from podanalytics.sources import all_sources, owners
from podanalytics.store import Store
from podanalytics.tables import EVENTS, LOADS
from podanalytics.workspace import Workspace

NOBODY = "-"


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing to load: a file, or a folder that is one export.

    `file` is its name in the workspace, the start of every origin.
    """

    path: Path
    file: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one unit. `state`: loaded, unchanged, or gone (the counts are then what went with it)."""

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
    units = list(_units(workspace, paths, before))
    done: list[Loaded] = []
    for number, unit in enumerate(units, 1):
        done.append(_load_unit(unit, store, before.get(unit.file)))
        if progress:
            progress(done[-1], number, len(units))
    if not paths:
        done += list(_forget_gone(workspace, store, before, {u.file for u in units}))
    return done


def _units(workspace: Workspace, paths: Sequence[Path], before: dict[str, dict[str, Any]]) -> Iterator[Unit]:
    for path in paths:
        if not path.exists():
            raise WorkspaceError(f"{path}: no such file or folder")
        yield from _named(workspace, path.resolve(), before)
    if not paths:
        for folder in (workspace.raw, workspace.corrections):
            if folder.is_dir():
                yield from _named(workspace, folder.resolve(), before)


def _named(workspace: Workspace, path: Path, before: dict[str, dict[str, Any]]) -> Iterator[Unit]:
    """Units below `path` with the names they have in this workspace."""
    for home in (workspace.raw.resolve(), workspace.corrections.resolve()):
        if path == home or home in path.parents:
            # Seen from the raw folder, so that no file of ours has the name of an export: ../corrections/INC-7.toml.
            raw = workspace.raw.resolve()
            yield from (Unit(p, Path(os.path.relpath(p, raw)).as_posix(), o) for p, o in _walk(path))
            return
    base = _free_name(path, before)
    for found, known in _walk(path):
        inside = found.relative_to(path).as_posix()
        yield Unit(found, base if inside == "." else f"{base}/{inside}", known)


def _free_name(path: Path, before: dict[str, dict[str, Any]]) -> str:
    """The shortest end of the path that no other loaded path has taken: `export`, `jira/export` ..."""
    taken = {file.split("/")[0]: row["path"] for file, row in before.items()}
    for length in range(1, len(path.parts)):
        name = "/".join(path.parts[-length:])
        others = [row["path"] for file, row in before.items() if file == name or file.startswith(f"{name}/")]
        if all(Path(p) == path or path in Path(p).parents for p in others) and (
            length > 1 or name not in taken or others
        ):
            return name
    return path.as_posix().lstrip("/")


def _walk(path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Files and recognised folders below `path`, in order; hidden ones are left out, and links are not followed."""
    known = tuple(owners(path))
    if path.is_file() or known:
        yield path, known
        return
    for child in sorted(path.iterdir()):
        if not child.name.startswith(".") and not child.is_symlink():
            yield from _walk(child)


def _load_unit(unit: Unit, store: Store, before: dict[str, Any] | None) -> Loaded:
    source = unit.owners[0] if len(unit.owners) == 1 else NOBODY
    digest, size = _digest(unit.path)
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
    events, people, faults, skipped = _sorted_out(unit, source)
    told = {
        "events": [
            {name: row[name] for name in EVENTS.names} for e in events for row in [{**_fields(e), "file": unit.file}]
        ],
        "people": [{**asdict(p), "file": unit.file} for p in people],
        "faults": [{**asdict(f), "file": unit.file} for f in faults],
    }
    counts = {"events": len(events), "faults": len(faults), "people": len(people)}
    row = {
        "file": unit.file,
        "source": source,
        "sha256": digest,
        "bytes": size,
        **counts,
        "skipped": json.dumps(skipped, sort_keys=True),
        "path": str(unit.path),
        "reader": __version__,
        "loaded_at": datetime.now(UTC),
    }
    store.replace_file(row, told)
    return Loaded(unit.file, source, "loaded", len(events), len(faults), len(people), skipped)


def _fields(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Event.__slots__}


def _sorted_out(unit: Unit, source: str) -> tuple[list[Event], list[Person], list[Fault], dict[str, int]]:
    """What a unit tells, each thing once; of two tellings of one thing inside a file the one told last stays."""
    events: dict[str, Event] = {}
    people: dict[tuple[str, str], Person] = {}
    faults: dict[tuple[str, str], Fault] = {}
    skipped: Counter[str] = Counter()
    for told in _told(unit, source):
        if isinstance(told, Event):
            known = events.get(told.id)
            events[told.id] = told if known is None else min(known, told, key=_standing)
        elif isinstance(told, Person):
            known_person = people.get((told.source, told.key))
            people[(told.source, told.key)] = told if known_person is None else max(known_person, told, key=_fullness)
        elif isinstance(told, Skipped):
            skipped[told.reason] += told.count
        else:
            faults[(told.origin, told.reason)] = told
    return list(events.values()), list(people.values()), list(faults.values()), dict(sorted(skipped.items()))


def _standing(event: Event) -> tuple[float, datetime, str]:
    """Sorts the telling that stands first: latest recorded, then earliest occurred, then first origin (as the store
    does).
    """
    return (-(event.recorded_at.timestamp()) if event.recorded_at else 0.0, event.occurred_at, event.origin)


def _fullness(person: Person) -> int:
    return sum(1 for value in (person.name, person.handle, person.email, person.zone) if value)


def _told(unit: Unit, source: str) -> Iterator[Told]:
    """What the unit's source tells, with origins that start with the unit's name in the workspace."""
    if source == NOBODY:
        yield Fault(NOBODY, unit.file, _unowned(unit))
        return
    try:
        for told in all_sources()[source].parse(unit.path):
            yield told if isinstance(told, Person) else _placed(told, unit)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        yield Fault(source, unit.file, f"reading stopped here: {error}")


def _placed(told: Event | Fault | Skipped, unit: Unit) -> Event | Fault | Skipped:
    inside = told.origin.removeprefix(unit.path.name)
    if isinstance(told, Event):
        # replace() would compute id and checks again for nothing; only the place changes.
        object.__setattr__(told, "origin", unit.file + inside)
        return told
    return replace(told, origin=unit.file + inside)


def _unowned(unit: Unit) -> str:
    if unit.owners:
        return f"several sources recognise it ({', '.join(unit.owners)}), so none read it"
    return "no source recognises it; `podanalytics sources` lists what is known"


def _digest(path: Path) -> tuple[str, int]:
    """(SHA-256, size in bytes) of a file, or of a folder's files by name and content."""
    if path.is_dir():
        parts = [(p.relative_to(path).as_posix(), *_digest(p)) for p in sorted(path.rglob("*")) if p.is_file()]
        return hashlib.sha256(repr([(n, d) for n, d, _ in parts]).encode()).hexdigest(), sum(s for _, _, s in parts)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _forget_gone(
    workspace: Workspace, store: Store, before: dict[str, dict[str, Any]], seen: set[str]
) -> Iterator[Loaded]:
    homes = (workspace.raw.resolve(), workspace.corrections.resolve())
    for file, row in sorted(before.items()):
        if file not in seen and any(home in Path(row["path"]).parents for home in homes):
            store.forget_file(file)
            yield Loaded(file, row["source"], "gone", row["events"], row["faults"], row["people"], {})
