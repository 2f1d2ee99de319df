"""Event logs whose cells have types and may lie inside one another: JSON lines and Parquet.

A column's name is the key of a cell, or leads to it through objects and lists: `fields.status.name`, `labels.0`. A cell
becomes the text that a CSV would hold: an integer without `.0`, a moment in ISO form with its zone, nothing for null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from podanalytics.model import Fault, FaultRule
from podanalytics.sources._eventlog_mapping import ISO, EventLog, near
from podanalytics.sources._eventlog_parquet import parquet_rows
from podanalytics.sources._read import NOT_JSON, lines, reason_of

TRIED = 100  # rows of which one must have the columns without which no row can be read
Row = tuple[str, dict[str, Any]]
Record = tuple[str, tuple[str, ...]]
_ABSENT = object()


def json_records(path: Path, name: str, log: EventLog) -> Iterator[Record | Fault]:
    """The records of a file of JSON lines, as `records` of CSV has them; origins are `name:line`."""
    return _records(_json_rows(path, name, log), name, log)


def parquet_records(path: Path, name: str, log: EventLog) -> Iterator[Record | Fault]:
    """The records of a Parquet file; origins are `name#/row`, counted from 0."""
    return _records(_parquet_rows(path, name, log), name, log)


def _json_rows(path: Path, name: str, log: EventLog) -> Iterator[Row | Fault]:
    for given in lines(path, log.source, name, log.encoding):
        if isinstance(given, Fault):
            yield given
        elif given[1].strip():
            try:
                row = json.loads(given[1])
                if not isinstance(row, dict):
                    raise ValueError("not a row but a bare value")
                yield given[0], row
            except NOT_JSON as error:
                yield Fault(log.source, given[0], f"not JSON: {reason_of(error)}")


def _parquet_rows(path: Path, name: str, log: EventLog) -> Iterator[Row | Fault]:
    number = 0
    try:
        for row in parquet_rows(path, list(log.wanted)):
            origin = f"{name}#/{number}"
            yield (origin, row) if isinstance(row, dict) else Fault(log.source, origin, row)
            number += 1
    except (ValueError, OSError) as error:
        yield Fault(log.source, f"{name}#/{number}", reason_of(error), rule=FaultRule.CUT_SHORT)


def _records(rows: Iterator[Row | Fault], name: str, log: EventLog) -> Iterator[Record | Fault]:
    first = list(islice(rows, TRIED))
    if complaint := _unusable([given[1] for given in first if not isinstance(given, Fault)], log):
        yield from (given for given in first if isinstance(given, Fault))
        yield Fault(log.source, name, f"{complaint}; none of its rows is read")
        return
    if not first:
        yield Fault(log.source, name, "the file has no rows")
    seen: set[str] = set()
    for given in chain(first, rows):
        yield given if isinstance(given, Fault) else _record(*given, log, seen)
    known = {key for given in first if not isinstance(given, Fault) for key in given[1]}
    never = [f"{c!r} (mapped as {key}{near(c, known)})" for c, key in log.wanted.items() if c not in seen]
    if known and never:
        why = f"none of its rows has {', '.join(never)}: as it may be, where the tool leaves out what is empty"
        yield Fault(log.source, name, why)


def _unusable(rows: list[dict[str, Any]], log: EventLog) -> str:
    """Why no row can be read, by the first ones; empty where some can."""
    for key in ("id", "time"):
        for column in log.columns[key]:
            found = [value for row in rows if (value := value_at(row, column)) is not _ABSENT]
            if rows and not found:
                known = sorted({name for row in rows for name in row})
                shown = ", ".join(known)[:600]
                return f"it has no column {column!r} (mapped as {key}{near(column, known)}); its columns: {shown}"
            if key == "time" and ISO not in log.times and any(isinstance(value, date) for value in found):
                return f"column {column!r} holds moments, which need no pattern: write times = {ISO!r}"
    return ""


def _record(origin: str, row: dict[str, Any], log: EventLog, seen: set[str]) -> Record | Fault:
    found = {column: value_at(row, column) for column in log.wanted}
    seen.update(column for column, value in found.items() if value is not _ABSENT)
    cells = []
    for column, value in found.items():
        try:
            text = "" if value is _ABSENT else text_of_cell(value).strip()
        except ValueError as error:
            return Fault(log.source, origin, f"column {column!r} {error}")
        cells.append("" if text in log.missing else text)
    return origin, tuple(cells)


def value_at(row: dict[str, Any], column: str) -> Any:
    """The value that a column's name leads to: null below a null or behind a list's end, a mark where there is none.

    >>> value_at({"fields": {"labels": ["a", "b"]}, "x.y": 7}, "fields.labels.1"), value_at({"x.y": 7}, "x.y")
    ('b', 7)
    """
    if column in row:
        return row[column]
    found: Any = row
    for part in column.split("."):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdecimal():
            found = dict(enumerate(found)).get(int(part[:9]))
        elif found is not None:
            return _ABSENT
    return found


def text_of_cell(value: Any) -> str:
    """A cell as the text that a CSV would hold. Raises ValueError, as the end of a sentence, for what is no cell.

    >>> [text_of_cell(v) for v in ("x", 7, 7.0, 1.5, True, None, float("nan"), Decimal("1.50"))]
    ['x', '7', '7', '1.5', 'true', '', '', '1.50']
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):  # as tools write null into numbers
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | Decimal) or (isinstance(value, float) and math.isfinite(value)):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise ValueError(_no_cell(value))


def _no_cell(value: Any) -> str:
    if isinstance(value, dict):
        example = next(iter(value), "name")
        return f"holds an object: name what is in it, as <column>.{str(example)[:40]}"
    if isinstance(value, list):
        return "holds a list: name what is in it, as <column>.0"
    return f"holds {str(value)[:40]}, which is no text, number or moment"
