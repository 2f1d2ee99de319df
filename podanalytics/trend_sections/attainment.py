"""Attainment: how often each clause was kept, of the obligations that fell due, with interval and unknowns."""

from __future__ import annotations

from podanalytics.show.blocks import Cell, Column, Section, Table
from podanalytics.show.words import FEW, percent
from podanalytics.trends import Attainment, Trend, attainment

WIDE = 0.10  # where the unknown could move the share by more than this, only the bounds are honest (section 5, row 8)


def section(trend: Trend) -> Section:
    """One table: every clause that had an obligation."""
    columns = (
        Column("clause", "Clause", "code", under="title"),
        Column("title", "Promise"),
        Column("met", "Met", "number"),
        Column("of", "Of judged", "number"),
        Column("share", "Share, 95 % interval"),
        Column("unknown", "Unknown", "number"),
        Column("bounds", "Whatever the unknown were"),
        Column("pending", "Pending", "number"),
        Column("contradictory", "Contradictory", "number"),
    )
    several = len(trend.policies) > 1
    judged_by = (Column("policy", "Judged by"),) if several else ()
    rows = tuple(_row(a, several) for a in attainment(trend.readings, trend.policies) if _due(a))
    table = Table(
        "attainment", "Obligations that fell due in the month", (*columns, *judged_by), rows, "no obligation fell due"
    )
    lead = (
        f"A share stands only behind {FEW} judged obligations or more; below that the counts are all there is to say."
    )
    return Section("attainment", "How the workflow was kept", (table,), lead)


def _due(a: Attainment) -> bool:
    return bool(a.known + a.pending + a.unknown + a.contradictory)


def _row(a: Attainment, several: bool) -> tuple[Cell, ...]:
    return (
        a.clause.id,
        a.clause.title,
        a.met,
        a.known,
        share_words(a),
        a.unknown,
        _bounds(a),
        a.pending,
        a.contradictory,
        *([a.policy.label] if several else []),
    )


def share_words(a: Attainment) -> str:
    """The share with its interval, or why there is none."""
    if a.share is None or a.interval is None:
        return "none could be judged"
    if a.known < FEW:
        return f"{a.met} of {a.known}"
    low, high = a.bounds or (a.share, a.share)
    if high - low > WIDE:
        return "too much is unknown for one share"
    return f"{percent(a.share)} ({percent(a.interval[0])} to {percent(a.interval[1])})"


def _bounds(a: Attainment) -> str | None:
    if a.bounds is None or a.bounds[0] == a.bounds[1]:
        return None
    return f"{percent(a.bounds[0])} to {percent(a.bounds[1])}"
