"""The month in a few sentences: how many incidents, what was due and kept, and what cannot be told."""

from __future__ import annotations

from collections import Counter

import polars as pl

from podanalytics.model import Verdict
from podanalytics.show.blocks import Block, Facts, Note, Section
from podanalytics.show.words import duration, listed, plural, stamp
from podanalytics.trends import Trend


def section(trend: Trend) -> Section:
    """Counts with what they rest on; no comparison, because none is tested here."""
    blocks: list[Block] = [_volume(trend), Facts(_facts(trend)), _limits()]
    return Section("headlines", f"The month {trend.month.name}", tuple(blocks))


def _volume(trend: Trend) -> Note:
    """No incidents, nothing collected, and some: three different answers."""
    counted = trend.counted
    if not counted.is_empty():
        open_ones = counted.filter(pl.col("state") == "open").height
        still = f"; {open_ones} still open" if open_ones else ""
        return Note("info", f"{plural(counted.height, 'incident')} began in {trend.month.name}{still}.")
    if not trend.covered:
        return Note("warn", f"Nothing that is loaded tells of {trend.month.name}: it is not known to be quiet.")
    return Note("good", f"No incident began in {trend.month.name}, and the loaded tools cover that month.")


def _facts(trend: Trend) -> tuple[tuple[str, str | None], ...]:
    zone = trend.month.zone
    found = Counter(trend.readings["verdict"].to_list())
    order = (Verdict.MET, Verdict.MISSED, Verdict.PENDING, Verdict.UNKNOWN, Verdict.CONTRADICTORY)
    told = ", ".join(f"{found[v.value]} {v.value}" for v in order)
    fell_due = sum(found[v.value] for v in order)
    state = " (not over yet)" if trend.running else ""
    return (
        ("Month", f"{stamp(trend.month.begin, zone)} to {stamp(trend.month.end, zone)}{state}"),
        ("Incidents by severity", _severities(trend)),
        ("Longest incident", _longest(trend)),
        ("Obligations that fell due", f"{fell_due}: {told}" if fell_due else "none"),
        ("Not counted", _excluded(trend)),
        ("Judged by", listed([f"{p.label}, definitions version {p.definitions}" for p in trend.policies])),
        ("Data as of", stamp(trend.as_of, zone)),
    )


def _severities(trend: Trend) -> str:
    counts = Counter(trend.counted["severity"].to_list())
    parts = [f"{counts[s.id]} {s.id}" for s in trend.policies[-1].severities if counts[s.id]]
    if counts[None]:
        parts.append(f"{counts[None]} of unknown severity")
    return ", ".join(parts) or "none"


def _longest(trend: Trend) -> str | None:
    over = trend.counted.filter(pl.col("resolved_at").is_not_null()).with_columns(
        (pl.col("resolved_at") - pl.col("began_at")).alias("took")
    )
    if over.is_empty():
        return "none is resolved yet" if trend.counted.height else "none"
    row = over.sort("took", "incident", descending=[True, False]).row(0, named=True)
    return f"{row['incident']}, {duration(row['took'].total_seconds() / 60)}"


def _excluded(trend: Trend) -> str:
    reasons = Counter(r for r in trend.incidents["excluded"].to_list() if r)
    return listed([f"{count} {reason}" for reason, count in sorted(reasons.items())])


def _limits() -> Note:
    return Note(
        "info",
        "These are counts of one month. Whether anything got better or worse is not said, because no test of that "
        "is part of this report yet.",
    )
