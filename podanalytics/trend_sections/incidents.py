"""The month's incidents, one row each, with the tally of their verdicts; and those that are not counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from podanalytics.model import Verdict
from podanalytics.show.blocks import Cell, Column, Marked, Section, Table
from podanalytics.show.words import between, shortened
from podanalytics.trends import Trend


def section(trend: Trend) -> Section:
    """Counted incidents, then the ledger of exclusions."""
    return Section("incidents", "Incidents", (_counted(trend), _excluded(trend)))


def _counted(trend: Trend) -> Table:
    columns = (
        Column("incident", "Incident", "id"),
        Column("title", "What happened"),
        Column("severity", "Severity"),
        Column("began", "Began", "time"),
        Column("took", "Lasted"),
        Column("detection", "Noticed by"),
        Column("missed", "Missed", "number"),
        Column("unknown", "Unknown", "number"),
    )
    rows = tuple(_row(trend, r) for r in trend.counted.iter_rows(named=True))
    empty = "no incident began in this month" if trend.covered else "nothing that is loaded tells of this month"
    return Table("incidents", "Incidents that began in the month", columns, rows, empty, trend.month.zone)


def _row(trend: Trend, row: dict[str, Any]) -> tuple[Cell, ...]:
    mine = Counter(trend.readings.filter(pl.col("incident") == row["incident"])["verdict"].to_list())
    took: Cell = between(row["began_at"], row["resolved_at"]) if row["resolved_at"] else Marked("open", tone="warn")
    return (
        row["incident"],
        shortened(row["title"], 90),
        row["severity_path"] or None,
        row["began_at"],
        took,
        row["detection"],
        mine[Verdict.MISSED.value],
        mine[Verdict.UNKNOWN.value],
    )


def _excluded(trend: Trend) -> Table:
    columns = (
        Column("incident", "Incident", "id"),
        Column("reason", "Why it is not counted"),
        Column("title", "What happened"),
        Column("began", "Began", "time"),
    )
    rows = tuple(
        (r["incident"], r["excluded"], shortened(r["title"], 90), r["began_at"])
        for r in trend.incidents.filter(pl.col("excluded").is_not_null()).iter_rows(named=True)
    )
    return Table("exclusions", "Not counted in any figure", columns, rows, "none", trend.month.zone)
