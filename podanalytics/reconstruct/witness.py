"""Witnesses: which tools cover an incident's time, and hence what their silence means.

"The pager does not tell of an acknowledgement" and "nobody loaded the pager" are two different answers.
"""

from __future__ import annotations

import polars as pl

from podanalytics.policy import Policy


def coverage(incidents: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """incident, source: the tools whose loaded history holds the incident's beginning, or that tell of the incident
    themselves.

    `spans`: source, first, last.
    """
    inside = incidents.join(spans, how="cross").filter(pl.col("began_at").is_between(pl.col("first"), pl.col("last")))
    own = incidents.select("incident", pl.col("sources").str.split(", ").alias("source")).explode(
        "source", empty_as_null=True
    )
    return pl.concat([inside.select("incident", "source"), own.drop_nulls()]).unique().sort("incident", "source")


def silent(incidents: pl.DataFrame, milestones: pl.DataFrame, covered: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """incident, milestone: what did not happen, because a tool that would tell of it covers the time and does not."""
    tellers = [(m.id.value, s) for m in policy.milestones for s in m.told_by]
    told_by = pl.DataFrame(tellers, schema={"milestone": pl.String, "source": pl.String}, orient="row")
    would = covered.join(told_by, on="source").select("incident", "milestone").unique()
    return would.join(milestones, on=["incident", "milestone"], how="anti").sort("incident", "milestone")
