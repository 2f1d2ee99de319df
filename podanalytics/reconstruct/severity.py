"""Severity spells: which severity an incident had, from when to when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from podanalytics.model import Kind
from podanalytics.policy import Policy
from podanalytics.tables import SPELLS

HELD = timedelta(
    minutes=5
)  # a severity held for less is a slip of the hand, not the worst one (statistics.md section 5, row 2)


def spells(told: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """SPELLS of every incident: of the one tool that the policy lets name incidents first and that tells a severity.

    Two tools' severities are not mixed: a status page's impact is no priority. Repeats (a snapshot that says the same
    again) are no new spell. A person's correction of the severity holds for the whole incident.
    """
    told = _corrected(told)
    rank = {source: n for n, source in reversed(list(enumerate(r.source for r in policy.records)))}
    severe = told.filter(pl.col("severity_id").is_not_null())
    severe = severe.with_columns(
        pl.col("source").replace_strict(rank, default=len(rank), return_dtype=pl.Int64).alias("rank")
    )
    severe = severe.filter(pl.col("rank") == pl.col("rank").min().over("incident"))
    severe = severe.sort("incident", "occurred_at", "key")
    changed = severe.filter(
        (pl.col("severity_id") != pl.col("severity_id").shift(1)).fill_null(True)
        | (pl.col("incident") != pl.col("incident").shift(1)).fill_null(True)
    )
    ended = changed.with_columns(pl.col("occurred_at").shift(-1).over("incident").alias("ended_at"))
    return ended.select(
        "incident",
        pl.col("occurred_at").alias("began_at"),
        "ended_at",
        pl.col("severity_id").alias("severity"),
        pl.col("value").alias("told"),
        pl.col("id").alias("event"),
    ).sort(SPELLS.order)


def _corrected(told: pl.DataFrame) -> pl.DataFrame:
    """The events; where somebody corrected the severity, without what tools tell of it. The last correction holds."""
    stated = told.filter(
        (pl.col("kind") == Kind.STATED.value) & (pl.col("was") == "severity") & pl.col("severity_id").is_not_null()
    )
    if stated.is_empty():
        return told
    begins = told.group_by("incident").agg(pl.col("occurred_at").min().alias("begin"))
    last = stated.sort("occurred_at", "id").unique("incident", keep="last", maintain_order=True)
    moved = last.join(begins, on="incident").with_columns(pl.col("begin").alias("occurred_at")).select(told.columns)
    return pl.concat([told.join(last, on="incident", how="anti"), moved])


def judging(spell_rows: pl.DataFrame, resolved: Mapping[str, datetime], policy: Policy) -> pl.DataFrame:
    """incident, severity (the one that judges by the policy), severity_path (all of them, in order).

    `resolved`: incident → the moment at which the last spell ends; an open incident's goes on.
    """
    rows = []
    grouped = spell_rows.group_by("incident", maintain_order=True).agg("severity", "began_at", "ended_at")
    for incident, ids, began, ended in grouped.iter_rows():
        ends = [end or resolved.get(incident) for end in ended]
        held = [s for s, a, b in zip(ids, began, ends, strict=True) if b is None or b - a >= HELD]
        judge = {"at_start": ids[0], "current": ids[-1]}.get(policy.judge) or policy.worst(held or ids)
        rows.append({"incident": incident, "severity": judge, "severity_path": " → ".join(ids)})
    return pl.DataFrame(rows, schema={"incident": pl.String, "severity": pl.String, "severity_path": pl.String})
