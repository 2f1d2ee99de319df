"""How far the month's figures can be trusted: what is unknown and why, what could not be read, what failed a check."""

from __future__ import annotations

from collections import Counter

import polars as pl

from podanalytics.model import Verdict
from podanalytics.show.blocks import Block, Column, Note, Section, Table
from podanalytics.show.words import percent, plural
from podanalytics.trends import Trend


def section(trend: Trend) -> Section:
    """A badge, then the unknown by clause with what would settle it."""
    blocks: list[Block] = [_badge(trend), _unknown(trend)]
    return Section("trust", "Data quality", tuple(blocks))


def _badge(trend: Trend) -> Note:
    failed = trend.checks.filter(pl.col("outcome") != "passed").height
    due = trend.readings.filter(pl.col("verdict") != Verdict.NOT_APPLICABLE.value)
    unknown = due.filter(pl.col("verdict") == Verdict.UNKNOWN.value).height
    parts = [
        f"{unknown} of {plural(due.height, 'obligation')} unknown"
        + (f" ({percent(unknown / due.height)})" if due.height else ""),
        plural(trend.faults.height, "fault") + " in all that is loaded",
        f"{failed} of {plural(trend.checks.height, 'check')} failed"
        if trend.checks.height
        else "the data was not checked yet: run `podanalytics check`",
    ]
    tone = "warn" if unknown or failed or trend.faults.height or not trend.checks.height else "good"
    return Note(tone, "; ".join(parts) + ".")


def _unknown(trend: Trend) -> Table:
    columns = (Column("clause", "Clause", "code"), Column("count", "Unknown", "number"), Column("because", "Because"))
    found = trend.readings.filter(pl.col("verdict") == Verdict.UNKNOWN.value)
    counts = Counter((r["measure"], r["because"]) for r in found.iter_rows(named=True))
    order = [clause.id for policy in trend.policies for clause in policy.clauses]
    ranked = sorted(counts.items(), key=lambda item: (-item[1], order.index(item[0][0]), item[0][1]))
    rows = tuple((clause, count, because) for (clause, because), count in ranked)
    return Table("unknown", "What nobody's record tells, and what would settle it", columns, rows, "nothing is unknown")
