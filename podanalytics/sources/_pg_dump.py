"""PostgreSQL's plain-text dumps, line by line: the rows of `COPY ... FROM stdin` blocks, with their columns' names.

The format: https://www.postgresql.org/docs/current/sql-copy.html (text format).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from podanalytics.model import Fault, FaultRule
from podanalytics.sources._read import lines

FIRST_LINES = "PostgreSQL database dump"
Cells = dict[str, str | None]
_COPY = re.compile(r'COPY (?:"?(\w+)"?\.)?"?(\w+)"? \((.*)\) FROM stdin;$')
_ESCAPED = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)")
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_END = r"\."


@dataclass(frozen=True, slots=True)
class Block:
    """Where a table's rows begin."""

    schema: str
    table: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; None where a cell is null."""

    schema: str
    table: str
    cells: Cells


def rows(
    path: Path, source: str, wanted: Callable[[Block], bool]
) -> Iterator[tuple[str, Row] | tuple[str, Block, int] | Fault]:
    """(origin, row) of each row of the tables that are wanted; (origin, block, number of rows) of the others.

    A row with too few or too many cells is a Fault, and so is a dump that ends inside a table.
    """
    found, names, begun, count = None, [""], "", 0
    for given in lines(path, source):
        if isinstance(given, Fault):
            yield given
            continue
        origin, line = given
        if found is None:
            if hit := _COPY.match(line):
                found, names, begun, count = Block(hit[1] or "", hit[2]), _names(hit[3]), origin, 0
        elif line == _END:
            if not wanted(found):
                yield begun, found, count
            found = None
        elif not wanted(found):
            count += 1
        else:
            yield _row(source, origin, found, names, line)
    if found is not None:
        yield Fault(source, begun, f"the dump ends inside the table {found.table}", rule=FaultRule.CUT_SHORT)


def _names(columns: str) -> list[str]:
    return [name.strip().strip('"') for name in columns.split(",")]


def _row(source: str, origin: str, block: Block, names: list[str], line: str) -> tuple[str, Row] | Fault:
    cells = line.split("\t")
    if len(cells) != len(names):
        return Fault(source, origin, f"a row of {block.table} has {len(cells)} cells, its table has {len(names)}")
    return origin, Row(block.schema, block.table, dict(zip(names, map(_cell, cells), strict=True)))


def _cell(text: str) -> str | None:
    """A cell's text; None for null.

    >>> _cell(r"two\\nlines, C:\\\\temp"), _cell(r"\\N")
    ('two\\nlines, C:\\\\temp', None)
    """
    if text == r"\N":
        return None
    return _ESCAPED.sub(_character, text) if "\\" in text else text


def _character(hit: re.Match[str]) -> str:
    code = hit[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    return chr(int(code, 8) & 0xFF) if code[0] in "01234567" else _LETTERS.get(code, code)
