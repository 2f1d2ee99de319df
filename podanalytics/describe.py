"""The ledger described: docs/tables.md, made from the declarations in `tables` and the kinds of events in `model`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from podanalytics.model import SHAPES, Kind
from podanalytics.show.escape import markdown_text
from podanalytics.tables import ALL, Column, Table, Type

INTRODUCTION = """\
# Tables

This page is made from `podanalytics/tables/` and `podanalytics/model.py`; `./pod bless` writes it anew. Do not edit
it.

The store, the frames in a notebook, the checks and this page all read one declaration. `key` marks the columns that
together name a row; `null` marks a column that may be empty, and empty means that nobody told."""

TYPES = {
    Type.TEXT: "text",
    Type.TIME: "an instant in UTC, to the microsecond",
    Type.REAL: "a number with a fraction",
    Type.INTEGER: "a whole number",
    Type.BOOLEAN: "true or false",
}


def tables_markdown() -> str:
    """The whole page as Markdown: an index, every table with its columns, every kind of event with its shape.

    >>> tables_markdown().splitlines()[0]
    '# Tables'
    """
    index = _table(("Table", "One row"), ((f"[`{t.name}`](#{t.name})", markdown_text(t.meaning)) for t in ALL))
    types = _table(("Type", "Holds"), ((f"`{t}`", TYPES[t]) for t in Type))
    return "\n\n".join([INTRODUCTION, index, types, *(_described(t) for t in ALL), _kinds()]) + "\n"


def _described(table: Table) -> str:
    order = ", ".join(f"`{name}`" for name in table.order)
    columns = _table(
        ("Column", "Type", "Marks", "Meaning"),
        ((f"`{c.name}`", f"`{c.type}`", _marks(c), _meaning(c)) for c in table.columns),
    )
    head = f"{markdown_text(table.meaning[:1].upper() + table.meaning[1:])}. Sorted by {order}."
    return f"## {table.name}\n\n{head}\n\n{columns}"


def _marks(column: Column) -> str:
    return ", ".join(word for word, holds in (("key", column.key), ("null", column.nullable)) if holds)


def _meaning(column: Column) -> str:
    if column.among == tuple(Kind):
        return f"{markdown_text(column.meaning)}: one of the [kinds of events](#kinds-of-events)"
    among = ", ".join(f"`{word}`" for word in column.among)
    return markdown_text(column.meaning) + (f": one of {among}" if among else "")


def _kinds() -> str:
    rows = []
    for kind, shape in SHAPES.items():
        value = "" if shape.value == "-" else markdown_text(shape.value)
        needs = ", ".join(f"`{name}`" for name in sorted(shape.needs))
        rows.append((f"`{kind}`", markdown_text(shape.meaning), value, needs))
    head = (
        "What a tool can tell. Every event also has `occurred_at`, `source`, `subject`, `key` and `origin`; "
        "an event that lacks one of these, or one of the last column, is refused when it is made."
    )
    columns = ("Kind", "What happened", "`value` is", "Must have")
    return f"## Kinds of events\n\n{head}\n\n{_table(columns, rows)}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    return "\n".join(_lines(tuple(head), rows))


def _lines(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield _line(head)
    yield _line("---" for _ in head)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
