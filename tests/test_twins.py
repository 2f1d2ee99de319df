"""The twins of a table: what people read, what programs read, and what both say is the same."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import polars as pl
import pytest

from podanalytics.model import Verdict
from podanalytics.publish.parquet import frame_of
from podanalytics.show.blocks import Column, Link, Marked, Table, to_rows
from tests.hostile import HOSTILE

T = datetime(2026, 10, 14, 14, 0, tzinfo=UTC)
COLUMNS = (
    Column("row", "#", "number"),
    Column("at", "Time", "time"),
    Column("source", "Source"),
    Column("kind", "Kind", under="source"),
    Column("verdict", "Verdict", "verdict"),
    Column("minutes", "Minutes", "number", bare=True),
    Column("rows", "Rows"),
)
TABLE = Table(
    "t",
    "What was told",
    COLUMNS,
    (
        (1, T, Link("slack", "https://example.org/1"), "message", Verdict.MET, 1.5, to_rows([1, 2])),
        (2, None, "jira", Marked("status", was="message"), Verdict.UNKNOWN, None, to_rows([])),
    ),
)


def test_what_stands_below_another_column_is_a_column_of_its_own_in_the_twins() -> None:
    assert [row["kind"] for row in TABLE.records()] == ["message", {"text": "status", "was": "message"}]
    assert [TABLE.columns[i].name for stack in TABLE.stacks() for i in stack] == [
        *("row", "at", "source", "kind", "verdict", "rows")
    ]
    assert "<br><sub>message</sub>" in TABLE.markdown() and TABLE.html().count("<th scope") == 5 + 2


def test_a_bare_column_is_in_the_twins_alone() -> None:
    for shown in (TABLE.html(), TABLE.markdown(), TABLE.plain()):
        assert "Minutes" not in shown and "1.5" not in shown
    assert [row["minutes"] for row in csv.DictReader(io.StringIO(TABLE.csv()))] == ["1.5", ""]
    assert Table.from_data(TABLE.data()) == TABLE


def test_parquet_has_types_and_nulls() -> None:
    frame = frame_of(TABLE)
    assert frame.schema == {
        "row": pl.Int64, "at": pl.Datetime("us", "UTC"), "source": pl.String, "source_url": pl.String,
        "kind": pl.String, "kind_was": pl.String, "verdict": pl.String, "minutes": pl.Float64, "rows": pl.String,
    }  # fmt: skip
    assert frame.rows()[0] == (1, T, "slack", "https://example.org/1", "message", None, "met", 1.5, "1 2")
    assert frame.rows()[1] == (2, None, "jira", None, "status", "message", "unknown", None, "")


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_in_parquet(text: str) -> None:
    frame = frame_of(Table("t", "c", (Column("a", "A"), Column("n", "N", "number")), ((text, text),)))
    assert frame.schema == {"a": pl.String, "n": pl.String} and frame["a"][0] == frame["n"][0] != ""


def test_a_column_cannot_stand_below_one_that_is_not_shown() -> None:
    with pytest.raises(ValueError, match="cannot stand under 'gone'"):
        Table("t", "c", (Column("a", "A", under="gone"),), ())
    with pytest.raises(ValueError, match="cannot stand under 'n'"):
        Table("t", "c", (Column("n", "N", bare=True), Column("a", "A", under="n")), ())
