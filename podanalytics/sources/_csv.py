"""CSV files: rows with the line on which each begins, and rows as records by the names of their columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from podanalytics.model import Fault
from podanalytics.sources._read import Item, head, lines

_DECLARED = re.compile(r"#\s*(\w+)\s*:\s*(.+?)\s*$")  # a line above the header: `# zone: Europe/Berlin`


def header(path: Path, delimiter: str = ",") -> list[str]:
    """The names of the columns, for `owns`; empty for what has none in its first lines."""
    rows = csv.reader(head(path).splitlines(), delimiter=delimiter)
    try:
        return next(([cell.strip() for cell in row] for row in rows if row and not row[0].startswith("#")), [])
    except csv.Error:
        return []


class _Feed:
    """The lines of a file for the CSV reader, which does not tell on which line a record begins."""

    def __init__(self, path: Path, source: str, name: str, encoding: str) -> None:
        self._lines = lines(path, source, name, encoding)
        self.number = 0
        self.faults: list[Fault] = []  # of lines that could not be had, since they were last taken

    def __iter__(self) -> Iterator[str]:
        for given in self._lines:
            self.number += 1
            if isinstance(given, Fault):
                self.faults.append(given)
            else:
                yield given[1] + "\n"

    def taken(self) -> Iterator[Fault]:
        yield from self.faults
        self.faults.clear()


def rows(
    path: Path, source: str, name: str = "", delimiter: str = ",", encoding: str = "utf-8"
) -> Iterator[tuple[str, list[str]] | Fault]:
    """(origin `name:line`, cells) of each row, the header among them; what is no CSV is a Fault, a blank row nothing.

    `name` is how origins call the file, if not by its own name.
    """
    name = name or path.name
    feed = _Feed(path, source, name, encoding)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        first = feed.number + 1
        origin = f"{name}:{first}"
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            until = f", up to line {feed.number}" if feed.number > first else ""
            yield from feed.taken()
            yield Fault(source, origin, f"not CSV: {error}{until}")
            continue
        skipped = len(feed.faults)
        yield from feed.taken()
        if skipped and feed.number > first + skipped:
            yield Fault(source, origin, "one of the row's lines could not be read, so the row is not")
        elif cells:
            yield f"{name}:{first + skipped}", cells
    yield from feed.taken()


def table(path: Path, source: str) -> Iterator[Item | Fault]:
    """(origin, record) of each row below the header, cells by their columns' names; of two columns of one name the
    first counts. What stands above the header as `# zone: Europe/Berlin` is under `_envelope`.
    """
    names: list[str] = []
    declared: dict[str, str] = {}
    for given in rows(path, source):
        if isinstance(given, Fault):
            yield given
            continue
        origin, cells = given
        if not names and cells[0].startswith("#"):
            if found := _DECLARED.match(",".join(cells)):
                declared[found[1]] = found[2]
        elif not names:
            names = [cell.strip() for cell in cells]
        elif len(cells) != len(names):
            yield Fault(source, origin, f"the row has {len(cells)} cells, the header has {len(names)}")
        else:
            yield origin, {"_envelope": declared, **dict(zip(reversed(names), reversed(cells), strict=True))}
