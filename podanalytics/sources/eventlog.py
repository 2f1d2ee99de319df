"""Event logs as CSV, JSON lines or Parquet: a row for each change of a record, as audits and process mining have them.

A folder with a mapping (TOML with a table `[event_log]`) and the files that it means is one export. What is told of
a record is what changes from one of its rows to the next; columns that hold its final value on every row are told once,
from its last row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._eventlog_mapping import EventLog, holds_mapping, read_mapping
from podanalytics.sources._eventlog_record import Row, Teller, joined
from podanalytics.sources._eventlog_rows import Clock, records
from podanalytics.sources._handwritten import written
from podanalytics.sources._read import each, head
from podanalytics.sources._walk import files_below

NAME = "eventlog"
NO_NEWS = "row in which nothing that is mapped changes"
TWICE = "row that another file of the log has, too"
NOT_MEANT = "it lies in the folder of an event log whose mapping does not mean it: give the log a folder of its own"


def owns(path: Path) -> bool:
    """A folder with a mapping in it, or the mapping itself."""
    if path.is_dir():
        return bool(_mappings(path))
    return path.suffix == ".toml" and holds_mapping(head(path))


def _mappings(folder: Path) -> list[Path]:
    found = (p for p in folder.glob("*.toml") if p.is_file() and not p.is_symlink() and not p.name.startswith("."))
    return sorted(path for path in found if holds_mapping(head(path)))


def parse(path: Path) -> Iterator[Told]:
    """Faults of rows first, then every record in the order in which the files name them."""
    if not path.is_dir():
        yield Fault(NAME, path.name, "a mapping alone: put it into a folder of its own with its files")
        return
    mappings = _mappings(path)
    if not mappings:
        yield Fault(NAME, path.name, "it holds no mapping: no TOML file with a table [event_log]")
        return
    found, *others = mappings
    if others:
        names = ", ".join(p.name for p in (found, *others))
        yield Fault(NAME, path.name, f"it holds several mappings ({names}): give each a folder with its own files")
        return
    yield from each(NAME, [(f"{path.name}/{found.name}", found)], lambda mapping, _: _told(path, mapping))


def _told(folder: Path, mapping: Path) -> Iterator[Told]:
    log = read_mapping(written(mapping))
    return _Reading(log).told(folder, mapping)


class _Reading:
    """One log being read: the rows of a record are put together first, for no file need be whole or in order."""

    def __init__(self, log: EventLog) -> None:
        place = {column: number for number, column in enumerate(log.wanted)}
        self._log = log
        self._at = {key: tuple(place[c] for c in log.columns[key]) for key in ("id", "time", "version")}
        self._clock = Clock(log)
        self._teller = Teller(log, self._clock)
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._files: list[str] = []  # as their origins begin
        self._zoneless: dict[str, list[Any]] = {}  # file → [where the first such row stands, how many there are]
        self._skipped: Counter[tuple[str, str]] = Counter()
        self._cells: dict[str, str] = {}

    def told(self, folder: Path, mapping: Path) -> Iterator[Told]:
        """Everything that the folder tells."""
        files, refused = files_below(folder)
        yield from (Fault(NAME, f"{folder.name}/{p.relative_to(folder).as_posix()}", why) for p, why in refused)
        for path in files:
            if path != mapping:
                yield from self._file(path, path.relative_to(folder).as_posix(), folder.name)
        if not self._files:
            lie = ", ".join(p.relative_to(folder).as_posix() for p in files if p != mapping)[:200] or "nothing"
            reason = f"no file beside it has a name like {' or '.join(self._log.files)}; beside it lies {lie}"
            yield Fault(NAME, f"{folder.name}/{mapping.name}", reason)
        yield from (Fault(self._log.source, first, _no_zone(count)) for first, count in self._zoneless.values())
        items = ((rows[0].origin, (id, rows)) for id, rows in self._rows.items())
        yield from each(self._log.source, items, lambda item, _: self._record(*item), lambda item: item[0])
        for (name, reason), count in sorted(self._skipped.items()):
            yield Skipped(name, reason, count)

    def _file(self, path: Path, inside: str, folder: str) -> Iterator[Told]:
        name = f"{folder}/{inside}"
        if any(part.startswith(".") for part in inside.split("/")):
            yield Skipped(name, "hidden file")
        elif any(fnmatchcase(inside, pattern) for pattern in self._log.files):
            self._files.append(name)
            id = self._at["id"][0]
            yield from each(
                self._log.source, records(path, name, self._log), self._keep, lambda cells: cells[id] or None
            )
        else:
            yield Fault(NAME, name, NOT_MEANT)

    def _keep(self, cells: tuple[str, ...], origin: str) -> Iterable[Told]:
        """Puts one row to the others of its record. Raises ValueError for one without an id or a time."""
        columns, at = self._log.columns, self._at
        id, written = cells[at["id"][0]], joined(cells, at["time"], " ")
        if not id:
            raise ValueError(f"the row has no {columns['id'][0]}: nobody can know which record it is of")
        if not written:
            raise ValueError(f"the row has no {' '.join(columns['time'])}: nobody can know when it was")
        when = self._clock.when(written)
        if when is None:
            self._zoneless.setdefault(self._files[-1], [origin, 0])[1] += 1
            return ()
        version = cells[at["version"][0]] if at["version"] else ""
        number = (int(version), "") if version.isascii() and version.isdigit() else (-1, version)
        once = self._cells.setdefault  # most words come again and again: each is kept once
        self._rows[once(id, id)].append(
            Row(when, number, len(self._files) - 1, origin, tuple([once(cell, cell) for cell in cells]))
        )
        return ()

    def _record(self, id: str, rows: list[Row]) -> Iterator[Told]:
        """What one record's rows tell; those that tell nothing are counted."""
        rows.sort(key=lambda row: (row.when[0], row.version))  # what ties stays in the files' order
        rows = list(self._once(rows))
        told = list(self._teller.told(id, rows))
        used = {entry.origin for entry in told if isinstance(entry, Event | Fault)}
        for row in rows:
            if row.origin not in used:
                self._skipped[self._files[row.file], NO_NEWS] += 1
        return iter(told)

    def _once(self, rows: list[Row]) -> Iterator[Row]:
        """The rows without those that one file repeats of another, as exports that overlap do."""
        first: dict[tuple[Any, ...], int] = {}
        for row in rows:
            if len(self._files) == 1 or first.setdefault((row.when, row.cells), row.file) == row.file:
                yield row
            else:
                self._skipped[self._files[row.file], TWICE] += 1


def _no_zone(count: int) -> str:
    return (
        f"{count} of this file's rows, this one first, have a time without a zone: nobody can know which moments they "
        'are; write the zone of the tool\'s clock into the mapping, such as zone = "UTC" or zone = "Europe/Berlin"'
    )


source = Source(
    title="Event log (CSV, JSON lines or Parquet, with a mapping in TOML)",
    manual="https://www.tf-pm.org/resources/xes-standard",
    owns=owns,
    parse=parse,
    group="any tool",
    takes="CSV, JSON lines or Parquet, with a mapping of your own",
    known_by="a folder with a TOML file that has a table `[event_log]`",
)
