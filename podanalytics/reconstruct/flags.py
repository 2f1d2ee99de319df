"""Flags: what is odd about an incident and must stand beside its numbers."""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from podanalytics.model import Kind, Milestone
from podanalytics.policy import Policy
from podanalytics.reconstruct.meaning import SINGLE

AUTO_RESOLVED = "auto-resolved"
AFTER_THE_FACT = "posted after the fact"
REOPENED = "reopened"
OPENED_LATER = "opened again later, as an incident of its own"
OPENED_AGAIN = "opened again long after an earlier end"
PRIVATE = "private"
LAPSED = "acknowledgement lapsed"
BEFORE_POLICY = "before its policy"


def is_private() -> pl.Expr:
    """The rows of INCIDENTS that are flagged as private."""
    return pl.col("flags").str.contains(rf"\b{PRIVATE}\b")


def flagged(
    incidents: pl.DataFrame,
    told: pl.DataFrame,
    milestones: pl.DataFrame,
    segments: pl.DataFrame,
    policy: Policy,
) -> pl.DataFrame:
    """INCIDENTS with their `flags` filled in."""
    found: dict[str, list[str]] = defaultdict(list)
    lapsed = told.filter(pl.col("kind") == Kind.UNACKNOWLEDGED.value).group_by("incident").len()
    for id, count in lapsed.iter_rows():
        found[id].append(f"{LAPSED} {'once' if count == 1 else f'{count} times'}")
    for flag, ids in (
        (AUTO_RESOLVED, _by_itself(told, milestones, policy)),
        (AFTER_THE_FACT, _afterwards(milestones)),
        (REOPENED, segments.filter(pl.len().over("incident") > 1)["incident"].unique()),
        (OPENED_LATER, _followed(incidents)),
        (OPENED_AGAIN, _following(incidents)),
        (PRIVATE, _private(told, policy)),
        (BEFORE_POLICY, incidents.filter(pl.col("began_at") < policy.effective)["incident"]),
    ):
        for id in ids:
            found[id].append(flag)
    had = incidents.select("incident", "flags").iter_rows()
    flags = pl.Series("flags", [", ".join(filter(None, [own, *found[id]])) for id, own in had], dtype=pl.String)
    return _left_out(incidents.with_columns(flags), policy)


def _left_out(incidents: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Private incidents are excluded, unless the policy lets them count."""
    if not policy.private or all(rule.counted for rule in policy.private):
        return incidents
    hidden = is_private() & pl.col("excluded").is_null()
    return incidents.with_columns(
        pl.when(hidden).then(pl.lit(PRIVATE)).otherwise("excluded").alias("excluded"),
        pl.when(hidden).then(pl.lit("excluded")).otherwise("state").alias("state"),
    )


def _by_itself(told: pl.DataFrame, milestones: pl.DataFrame, policy: Policy) -> pl.Series:
    """Resolved by automation before any person acknowledged. A tool that names who acknowledges names who resolves."""
    at = milestones.pivot("milestone", index="incident", values="occurred_at")
    ends = milestones.filter(pl.col("milestone") == Milestone.RESOLVED.value).select("incident", id="event")
    names_who = list(policy.milestone(Milestone.ACKNOWLEDGED).told_by)
    by_a_bot = ~pl.col("human") & (pl.col("actor").is_not_null() | pl.col("source").is_in(names_who))
    ended = ends.join(told, on=["incident", "id"]).filter((pl.col("kind") == Kind.STATUS.value) & by_a_bot)
    both = ended.select("incident", "occurred_at").join(at, on="incident", how="left")
    if Milestone.ACKNOWLEDGED.value not in both.columns:
        return both["incident"]
    acked = pl.col(Milestone.ACKNOWLEDGED.value)
    return both.filter(acked.is_null() | (acked > pl.col("occurred_at")))["incident"]


def _afterwards(milestones: pl.DataFrame) -> pl.Series:
    """Whose record was made when it was over already."""
    ends = milestones.filter(pl.col("milestone") == Milestone.RESOLVED.value).select("incident", end="occurred_at")
    made = milestones.filter(pl.col("milestone") == Milestone.DECLARED.value).select("incident", "occurred_at")
    return made.join(ends, on="incident").filter(pl.col("occurred_at") >= pl.col("end"))["incident"]


def _followed(incidents: pl.DataFrame) -> pl.Series:
    """Of which a record was opened again, when it had been over for too long to be the same incident."""
    later = incidents["incident"].str.extract(r"^(.+)~\d+$").drop_nulls().unique()
    return incidents.filter(pl.col("incident").is_in(later.to_list()))["incident"]


def _following(incidents: pl.DataFrame) -> pl.Series:
    return incidents.filter(pl.col("incident").str.contains(r"~\d+$"))["incident"]


def _private(told: pl.DataFrame, policy: Policy) -> pl.Series:
    """Of which any record says in its title or a label that it is private."""
    if not policy.private:
        return pl.Series(dtype=pl.String)
    kinds = [Kind.DECLARED.value, Kind.RENAMED.value, Kind.LABELLED.value]
    own_label = (pl.col("kind") == Kind.OTHER.value) & (pl.col("value") == "label")
    marked = told.filter((pl.col("kind").is_in(kinds) | own_label) & ~pl.col("standing").is_in(SINGLE))
    like = "|".join(f"(?:{rule.like})" for rule in policy.private)
    return marked.filter(pl.col("text").str.contains(like) | pl.col("value").str.contains(like))["incident"].unique()
