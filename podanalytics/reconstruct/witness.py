"""Witnesses: which tools cover an incident's time, and hence what their silence means.

"The pager does not tell of an acknowledgement" and "nobody loaded the pager" are two different answers.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta
from typing import Literal

import polars as pl

from podanalytics.policy import Policy

# Between two events further apart than this, a tool's silence may as well be a hole in what was loaded: two exports
# with a quarter between them, or one stray record with a broken clock.
NEAR = timedelta(days=31)


def coverage(
    incidents: pl.DataFrame, events: pl.DataFrame, doubles: pl.DataFrame, cut: Set[str] = frozenset()
) -> pl.DataFrame:
    """incident, source: the tools that tell of something at most `NEAR` before and after the incident began, or of the
    incident itself.

    `events`: everything that is loaded, not the incidents' own events alone. `doubles` (incident, other, source): a
    tool that tells of another incident, which may be this one, is no witness that something did not happen here. `cut`
    are the tools of which a file breaks off: what they do not tell may stand in the rest of it, so they witness
    nothing.
    """
    times = events.select("source", "occurred_at").unique().sort("occurred_at")
    asked = incidents.select("incident", "began_at").join(times.select("source").unique(), how="cross").sort("began_at")
    before = _nearest(asked, times, "backward")
    inside = before.join(_nearest(asked, times, "forward"), on=["incident", "source"], how="semi")
    own = incidents.select("incident", pl.col("sources").str.split(", ").alias("source")).explode(
        "source", empty_as_null=True
    )
    both = pl.concat([inside, own.drop_nulls()]).unique().sort("incident", "source")
    return both.join(doubles, on=["incident", "source"], how="anti", maintain_order="left").filter(
        ~pl.col("source").is_in(list(cut))
    )


def _nearest(asked: pl.DataFrame, times: pl.DataFrame, side: Literal["backward", "forward"]) -> pl.DataFrame:
    """incident, source: where the tool tells of something on that side, near enough."""
    near = asked.join_asof(
        times.with_columns(pl.col("occurred_at").alias("found")),
        left_on="began_at",
        right_on="occurred_at",
        by="source",
        strategy=side,
        tolerance=NEAR,
        check_sortedness=False,  # both are sorted above; polars cannot tell within groups
    )
    return near.filter(pl.col("found").is_not_null()).select("incident", "source")


def silent(incidents: pl.DataFrame, milestones: pl.DataFrame, covered: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """incident, milestone: what did not happen, because a tool that would tell of it covers the time and does not."""
    tellers = [(m.id.value, s) for m in policy.milestones for s in m.told_by]
    told_by = pl.DataFrame(tellers, schema={"milestone": pl.String, "source": pl.String}, orient="row")
    would = covered.join(told_by, on="source").select("incident", "milestone").unique()
    return would.join(milestones, on=["incident", "milestone"], how="anti").sort("incident", "milestone")
