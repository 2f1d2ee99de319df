"""Jira's CSV export with all fields: headers that come again (`Comment`, `Labels`) are read by their places.

It holds what issues are now, and no history. Its times have neither a zone nor a language of their own, so both are
declared: a folder with a TOML file that has a table `[jira_csv]` and the CSV files is one export.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, FaultRule, Kind, Person, Precision, Skipped, Told
from podanalytics.sources import Source, _csv
from podanalytics.sources._handwritten import written
from podanalytics.sources._jira_csv_declared import WHAT_TO_DO, Declared, holds_declaration, read_declaration
from podanalytics.sources._jira_csv_words import LINKS, columns_of
from podanalytics.sources._jira_issue import LATEST, NAME, also_called
from podanalytics.sources._jira_log import ROLE_WORDS
from podanalytics.sources._read import Item, digest, each, head
from podanalytics.sources._walk import files_below
from podanalytics.sources._wallclock import both

READER = "jira_csv"
CAP = 1_000  # rows that Jira Cloud puts into one CSV at most
NO_HISTORY = (
    "a CSV has no history: states, assignees and priorities are told as they were when it was exported, and nobody can "
    "see when they changed; for that load the issues from the API, with their changelog"
)
NOT_MEANT = "it lies in the folder of a Jira CSV whose declaration does not mean it: give the CSV a folder of its own"
_CUSTOM = ("custom field (", "campo personalizado (", "benutzerdefiniertes feld (", "champ personnalisé (")
_WHOLE = frozenset(["key", "id", "created"])


def owns(path: Path) -> bool:
    """A folder with a declaration, the declaration itself, or a CSV with Jira's columns that has none beside it."""
    if path.is_dir():
        return bool(_declarations(path))
    if path.suffix == ".toml":
        return holds_declaration(head(path))
    return any(len({"key", "id", "summary", "type"} & set(columns_of(_csv.header(path, d), {}))) > 2 for d in ",;\t")


def _declarations(folder: Path) -> list[Path]:
    found = (p for p in folder.glob("*.toml") if p.is_file() and not p.is_symlink() and not p.name.startswith("."))
    return sorted(path for path in found if holds_declaration(head(path)))


def parse(path: Path) -> Iterator[Told]:
    """Every row of every CSV that the declaration means, in the files' order; one Fault where nothing is declared."""
    if not path.is_dir():
        alone = "a declaration alone: put it into one folder with the CSV, and load the folder"
        yield Fault(NAME, path.name, alone if path.suffix == ".toml" else WHAT_TO_DO)
        return
    found = _declarations(path)
    if len(found) != 1:
        names = ", ".join(p.name for p in found)
        several = f"it holds several declarations ({names}): give each a folder with its own files"
        yield Fault(NAME, path.name, several if found else WHAT_TO_DO)
        return
    items = [(f"{path.name}/{found[0].name}", found[0])]
    yield from each(NAME, items, lambda declaration, _: _told(path, declaration))


def _told(folder: Path, declaration: Path) -> Iterator[Told]:
    declared = read_declaration(written(declaration))
    return _files(folder, declaration, declared)


def _files(folder: Path, declaration: Path, declared: Declared) -> Iterator[Told]:
    files, refused = files_below(folder)
    yield from (Fault(NAME, f"{folder.name}/{p.relative_to(folder).as_posix()}", why) for p, why in refused)
    read = 0
    for path in files:
        inside = path.relative_to(folder).as_posix()
        name = f"{folder.name}/{inside}"
        if path == declaration:
            continue
        if any(part.startswith(".") for part in inside.split("/")):
            yield Skipped(name, "hidden file")
        elif any(fnmatchcase(inside, pattern) for pattern in declared.files):
            read += 1
            yield from _file(path, name, declared)
        else:
            yield Fault(NAME, name, NOT_MEANT)
    if not read:
        reason = f"no file beside it has a name like {' or '.join(declared.files)}"
        yield Fault(NAME, f"{folder.name}/{declaration.name}", reason)


def _file(path: Path, name: str, declared: Declared) -> Iterator[Told]:
    """The rows of one CSV, and that it has no history."""
    delimiter = max(",;\t", key=lambda d: len(_csv.header(path, d)))
    rows = _csv.rows(path, NAME, name, delimiter)
    first = next((row for row in rows if not isinstance(row, Fault)), None)
    at = columns_of(first[1], declared.columns) if first else {}
    if first is None or (lacking := sorted(_WHOLE - at.keys())):
        lacks = "no header, so no rows" if first is None else f"no column that holds {', '.join(lacking)}"
        shown = f"; its columns: {', '.join(first[1])[:400]}" if first else ""
        do = "name it in [jira_csv.columns] of the declaration"
        yield Fault(NAME, name, f"the file has {lacks}{shown}; none of its rows is read: {do}")
        return
    table = _Table(first[1], at, declared)
    count = 0
    for told in each(NAME, _whole(rows, table), table.row, table.key):
        count += isinstance(told, Event) and told.kind == Kind.DECLARED
        yield told
    yield Fault(NAME, name, NO_HISTORY, rule=FaultRule.NO_HISTORY)
    if count >= CAP:
        reason = f"{count} rows: Jira Cloud puts about {CAP} into one file at most; export by month, or by project"
        yield Fault(NAME, name, reason, rule=FaultRule.CAPPED)


def _whole(rows: Iterator[tuple[str, list[str]] | Fault], table: _Table) -> Iterator[Item | Fault]:
    for given in rows:
        if isinstance(given, Fault):
            yield given
        elif len(given[1]) != len(table.header):
            reason = f"the row has {len(given[1])} cells, the header has {len(table.header)}"
            yield Fault(NAME, given[0], reason, table.key(given[1]))
        else:
            yield given


class _Table:
    """One CSV's columns, and what a row of it tells."""

    def __init__(self, header: list[str], at: dict[str, list[int]], declared: Declared) -> None:
        self.header, self._at, self._declared = header, at, declared
        self._links = [(place, hit["words"]) for place, name in enumerate(header) if (hit := LINKS.match(name.strip()))]
        self._roles = [(place, name) for place, name in enumerate(map(_custom, header)) if name.lower() in ROLE_WORDS]

    def key(self, row: list[str]) -> str | None:
        """The issue's key, for faults."""
        return self._one(row, "key") or None

    def _one(self, row: list[str], what: str) -> str:
        """The first filled cell of what a row has once."""
        return next((cell for cell in self._all(row, what) if cell), "")

    def _all(self, row: list[str], what: str) -> list[str]:
        return [row[place].strip() for place in self._at.get(what, ()) if place < len(row)]

    def row(self, row: list[str], origin: str) -> Iterator[Told]:
        """An issue. Raises ValueError for one without key, number or time."""
        key, id = self._one(row, "key"), self._one(row, "id")
        if not key or not id:
            raise ValueError("the row has no key or no number of its issue")
        made = self._moment(self._one(row, "created"), "created")
        reporter = self._who(row, "reporter") or self._who(row, "creator")
        url = f"{self._declared.site}/browse/{key}" if self._declared.site else None
        base = {"source": NAME, "subject": key, "origin": origin, "url": url, **made}
        mine = {**base, "actor": reporter}
        # No moment of recording: what the API says of the same issue is finer, and stands.
        kind = self._one(row, "type") or "issue"
        yield Event(kind=Kind.DECLARED, key=f"{id}/created", value=kind, text=self._one(row, "summary"), **mine)
        yield also_called(id, None, base)
        yield from self._people(row)
        for name in ("priority", "severity"):
            if word := self._one(row, name):
                yield Event(kind=Kind.SEVERITY, key=f"{id}/{name}/first", value=word, **mine)
        if text := self._one(row, "description"):
            key_of_text = f"{id}/description/{digest(text)}"
            yield Event(kind=Kind.OTHER, key=key_of_text, value="description", text=text, **mine)
        for label in dict.fromkeys(label for cell in self._all(row, "labels") for label in cell.split()):
            yield Event(kind=Kind.LABELLED, key=f"{id}/label/first/{label}", value=label, **mine)
        yield from self._present(row, id, base)
        yield from each(NAME, self._comments(row, origin), lambda cell, _: self._comment(cell, id, base), lambda _: key)

    def _present(self, row: list[str], id: str, base: dict[str, Any]) -> Iterator[Event]:
        """What is so since nobody knows when: told as of the resolution or the last update."""
        updated = self._one(row, "updated")
        seen = base | (self._moment(updated, "updated") if updated else {})
        since = seen
        if resolved := self._one(row, "resolved"):
            since = base | self._moment(resolved, "resolved")
        if state := self._one(row, "status"):
            key = f"{id}/status/{state}/as of {since['occurred_at'].isoformat()}"
            yield Event(kind=Kind.STATUS, key=key, value=state, text="" if resolved else LATEST, **since)
        if assignee := self._who(row, "assignee"):
            key = f"{id}/assignee/{assignee}/as of {seen['occurred_at'].isoformat()}"
            yield Event(kind=Kind.ASSIGNED, key=key, value=assignee, **seen)
        if due := self._one(row, "due"):
            day = self._read(due, "due")[0].date().isoformat()
            yield Event(kind=Kind.OTHER, key=f"{id}/duedate", value="duedate", text=day, **base)
        for place, name in self._roles:
            if holder := row[place].strip():
                role = {**base, "actor": holder}
                yield Event(kind=Kind.ROLE, key=f"{id}/role/{name}", value=name, **role)
        for place, words in self._links:
            if target := row[place].strip():
                yield Event(kind=Kind.LINKED, key=f"{id}/link/{target}/{words}", value=target, text=words, **seen)
        if parent := self._one(row, "parent"):
            yield Event(kind=Kind.LINKED, key=f"{id}/parent/{parent}", value=parent, text="parent", **seen)

    def _comments(self, row: list[str], origin: str) -> Iterator[Item]:
        return ((origin, cell) for cell in self._all(row, "comment") if cell)

    def _comment(self, cell: str, id: str, base: dict[str, Any]) -> Iterator[Told]:
        """`date;account;words`: the words may hold semicolons and line ends of their own."""
        written, _, rest = cell.partition(";")
        author, separated, words = rest.partition(";")
        if not separated:
            raise ValueError(f"a comment is not of the form date;account;words: {cell[:60]!r}")
        told = base | self._moment(written, "comment") | {"actor": author.strip() or None}
        text = words.replace("\r\n", "\n").strip()
        # A comment has no id here: its moment and its words stand for it.
        key = f"{id}/comment/{told['occurred_at']:%Y-%m-%dT%H:%MZ}/{digest(text)}"
        yield Event(kind=Kind.MESSAGE, key=key, text=text, **told)
        if author.strip():
            yield Person(NAME, author.strip())

    def _who(self, row: list[str], what: str) -> str:
        return self._one(row, f"{what} id") or self._one(row, what)

    def _people(self, row: list[str]) -> Iterator[Person]:
        for what in ("reporter", "creator", "assignee"):
            if key := self._who(row, what):
                yield Person(NAME, key, self._one(row, what) or None)

    def _moment(self, text: str, what: str) -> dict[str, Any]:
        wall, precision = self._read(text, what)
        first, second = both(wall, self._declared.zone)
        # In the hour that comes twice nobody knows which of the two is meant: as much as that is said.
        return {"occurred_at": first, "precision": precision if first == second else Precision.HOUR}

    def _read(self, text: str, what: str) -> tuple[datetime, Precision]:
        """The wall-clock time of a cell. Raises ValueError that says in which form and language it was looked for."""
        if not text:
            raise ValueError(f"the row has no time in {what!r}")
        for form in self._declared.dates:
            if (wall := form.read(text, self._declared.language)) is not None:
                return wall, form.precision
        forms = " or ".join(repr(form.written) for form in self._declared.dates)
        raise ValueError(
            f"time {text!r} in {what!r} is not written as {forms} with months in {self._declared.language!r}: mend "
            "language or dates in the declaration"
        )


def _custom(name: str) -> str:
    """The field's own name in a header such as `Custom field (Incident Commander)`; another header as it is."""
    start = next((start for start in _CUSTOM if name.strip().lower().startswith(start)), "")
    return name.strip()[len(start) : -1] if start else name.strip()


source = Source(
    title="Jira CSV export",
    manual="https://support.atlassian.com/jira-software-cloud/docs/export-your-search-results/",
    owns=owns,
    parse=parse,
    group="tracker",
    takes="CSV of a search, all fields, with a declaration of your own",
    known_by="a folder with a TOML file that has a table `[jira_csv]`; or Jira's columns in one of four languages",
)
