"""The incidents themselves: title, severity that judges, state, exclusion, begin and end, how it was noticed."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from podanalytics.model import Kind, Milestone
from podanalytics.policy import Policy
from podanalytics.reconstruct.severity import judging
from podanalytics.tables import INCIDENTS


def incidents(
    told: pl.DataFrame, members: pl.DataFrame, milestones: pl.DataFrame, spells: pl.DataFrame, policy: Policy
) -> pl.DataFrame:
    """INCIDENTS, one row an incident of `members`."""
    times: dict[str, dict[str, datetime]] = {}
    for m in milestones.select("incident", "milestone", "occurred_at").iter_rows():
        times.setdefault(m[0], {})[m[1]] = m[2]
    ends = {i: found[Milestone.RESOLVED.value] for i, found in times.items() if Milestone.RESOLVED.value in found}
    judged = {r["incident"]: r for r in judging(spells, ends, policy).iter_rows(named=True)}
    reasons = _excluded(told, members, policy)
    titles = _titles(told, members)
    detected = _detection(told)
    first = (
        told.filter(pl.col("kind") != Kind.STATED.value)
        .group_by("incident")
        .agg(
            pl.col("occurred_at").min().alias("first"), pl.col("source").unique().sort().str.join(", ").alias("sources")
        )
    )
    rows = []
    for r in first.iter_rows(named=True):
        id, known = r["incident"], times.get(r["incident"], {})
        begins = [
            known[m.value]
            for m in (Milestone.IMPACT_STARTED, Milestone.ALERT_FIRED, Milestone.DECLARED)
            if m.value in known
        ]
        resolved = known.get(Milestone.RESOLVED.value)
        rows.append(
            {
                "incident": id,
                "title": titles.get(id, id),
                "severity": judged.get(id, {}).get("severity"),
                "severity_path": judged.get(id, {}).get("severity_path", ""),
                "excluded": reasons.get(id),
                "state": "excluded" if id in reasons else "resolved" if resolved else "open",
                "began_at": min(begins, default=r["first"]),
                "resolved_at": resolved,
                "detection": detected.get(id, "unknown"),
                "sources": r["sources"],
            }
        )
    return INCIDENTS.frame(rows)


def _titles(told: pl.DataFrame, members: pl.DataFrame) -> dict[str, str]:
    """The latest title of the record that names the incident."""
    anchors = members.filter(pl.col("method") == "anchor").select("incident", "source", "subject")
    named = told.join(anchors, on=["incident", "source", "subject"], how="semi").filter(
        pl.col("kind").is_in([Kind.DECLARED.value, Kind.RENAMED.value])
    )
    latest = named.sort("occurred_at", "id").unique("incident", keep="last", maintain_order=True)
    title = pl.when(pl.col("kind") == Kind.RENAMED.value).then("value").otherwise("text")
    return dict(latest.select("incident", title).iter_rows())


def _excluded(told: pl.DataFrame, members: pl.DataFrame, policy: Policy) -> dict[str, str]:
    """Why an incident is not counted; the policy's first reason that fits."""
    anchors = members.filter(pl.col("method") == "anchor").select("incident", "source", "subject")
    own = told.join(anchors, on=["incident", "source", "subject"], how="semi")
    found: dict[str, str] = {}
    for rule in policy.exclusions:
        wanted = pl.lit(False)
        if rule.like:
            # Drills are marked in titles and labels; a message that says "drill" is not such a mark.
            title = pl.col("kind").is_in([Kind.DECLARED.value]) & pl.col("text").str.contains(rule.like)
            renamed = pl.col("kind").is_in([Kind.LABELLED.value, Kind.RENAMED.value]) & pl.col("value").str.contains(
                rule.like
            )
            wanted |= title | renamed.fill_null(False)
        if rule.value:
            wanted |= (pl.col("kind") == Kind.DECLARED.value) & pl.col("value").str.contains(rule.value)
        if rule.state:
            wanted |= pl.col("state").is_in(list(rule.state)).fill_null(False)
        for incident in own.filter(wanted)["incident"].unique().sort():
            found.setdefault(incident, rule.reason)
    for incident in own.filter(pl.col("kind") == Kind.MERGED.value)["incident"].unique().sort():
        found.setdefault(incident, "duplicate")
    return found


def _detection(told: pl.DataFrame) -> dict[str, str]:
    """Whether a machine or a person saw it first: by who raised the alert, else by who made the record."""
    alerts = (
        told.filter(pl.col("kind") == Kind.ALERTED.value)
        .sort("occurred_at", "id")
        .unique("incident", keep="first", maintain_order=True)
    )
    by_hand = pl.col("human") | pl.col("value").fill_null("").str.contains(
        r"(?i)\b(website|manual|email|user|mobile|phone|person)\b"
    )
    found = {i: "person" if hand else "monitor" for i, hand in alerts.select("incident", by_hand).iter_rows()}
    made = told.filter((pl.col("kind") == Kind.DECLARED.value) & pl.col("human"))
    for incident in made["incident"].unique().sort():
        found.setdefault(incident, "person")
    return found
