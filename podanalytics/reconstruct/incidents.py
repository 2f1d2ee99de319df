"""The incidents themselves: title, severity that judges, state, exclusion, begin and end, how it was noticed."""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime

import polars as pl

from podanalytics.model import Kind, Milestone
from podanalytics.policy import Policy
from podanalytics.reconstruct.severity import judging
from podanalytics.tables import INCIDENTS

PLANNED = ("scheduled_for", "scheduled_until")  # what a record of planned work tells of its window


def incidents(
    told: pl.DataFrame,
    members: pl.DataFrame,
    milestones: pl.DataFrame,
    spells: pl.DataFrame,
    policy: Policy,
    as_of: datetime,
) -> pl.DataFrame:
    """INCIDENTS, one row an incident of `members`."""
    times: dict[str, dict[str, datetime]] = {}
    for m in milestones.select("incident", "milestone", "occurred_at").iter_rows():
        times.setdefault(m[0], {})[m[1]] = m[2]
    ends = {i: found[Milestone.RESOLVED.value] for i, found in times.items() if Milestone.RESOLVED.value in found}
    judged = {r["incident"]: r for r in judging(spells, ends, policy).iter_rows(named=True)}
    own = told.filter(pl.col("standing") == "anchor")
    now = _present(own)
    planned = _windows(own)
    overran = {i: until for i, (_, _, until) in planned.items() if ends.get(i, as_of) > until}
    off_plan = overran.keys() | {i for i, (made, start, _) in planned.items() if made > start}
    reasons = _excluded(own, now, members, policy, off_plan)
    titles = dict(now.filter(pl.col("aspect") == "title").select("incident", "word").iter_rows())
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
        begins = [overran[id]] if id in overran else begins
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
                "flags": "maintenance overrun" if id in overran else "",
            }
        )
    return INCIDENTS.frame(rows)


def _windows(own: pl.DataFrame) -> dict[str, tuple[datetime, datetime, datetime]]:
    """incident → (announced, planned from, planned until), of what was planned: its record tells of a window."""
    plans: dict[str, dict[str, datetime]] = {}
    told = own.filter(
        (pl.col("kind") == Kind.OTHER.value) & pl.col("value").is_in(["scheduled_for", "scheduled_until"])
    )
    for incident, which, text, made in told.select("incident", "value", "text", "occurred_at").iter_rows():
        plans.setdefault(incident, {"made": made})[which] = datetime.fromisoformat(text).astimezone(UTC)
    return {
        incident: (plan["made"], plan["scheduled_for"], plan["scheduled_until"])
        for incident, plan in plans.items()
        if len(plan) == 3
    }


def _excluded(
    own: pl.DataFrame, now: pl.DataFrame, members: pl.DataFrame, policy: Policy, off_plan: Set[str]
) -> dict[str, str]:
    """Why an incident is not counted; the policy's first reason that fits. `now`: what `_present` reads from `own`.

    A reason for what was planned (`window`) fits only where it was announced before and kept to its window.
    """
    found: dict[str, str] = {}
    for rule in policy.exclusions:
        wanted = pl.lit(False)
        if rule.like:
            # Drills are marked in titles and labels; a message that says "drill" is not such a mark.
            marked = pl.col("aspect").is_in(["title", "label"]) & pl.col("word").str.contains(rule.like)
            wanted |= marked & ~pl.col("word").str.contains(rule.not_like) if rule.not_like else marked
        if rule.value:
            wanted |= (pl.col("aspect") == "type") & pl.col("word").str.contains(rule.value)
        if rule.state:
            wanted |= (pl.col("aspect") == "state") & pl.col("word").is_in(list(rule.state))
        if rule.source:
            wanted &= pl.col("source").is_in(list(rule.source))
        for incident in now.filter(wanted)["incident"].unique().sort():
            if not (rule.window and incident in off_plan):
                found.setdefault(incident, rule.reason)
    # A duplicate is counted with its survivor, so only where that one is loaded.
    gone = own.filter(pl.col("kind") == Kind.MERGED.value).join(
        members, left_on=["source", "value"], right_on=["source", "subject"], how="semi"
    )
    for incident in gone["incident"].unique().sort():
        found.setdefault(incident, "duplicate")
    return found


def _present(own: pl.DataFrame) -> pl.DataFrame:
    """incident, source, aspect, word: what the naming record says of itself at present: its title, type, state, and the
    labels that are on it.
    """
    kind = pl.col("kind")
    title = pl.when(kind == Kind.RENAMED.value).then("value").otherwise("text")
    titles = own.filter(kind.is_in([Kind.DECLARED.value, Kind.RENAMED.value])).select(
        "incident", "source", "occurred_at", "id", aspect=pl.lit("title"), of=pl.lit(""), word=title
    )
    types = own.filter(kind == Kind.DECLARED.value).select(
        "incident", "source", "occurred_at", "id", aspect=pl.lit("type"), of=pl.lit(""), word="value"
    )
    states = own.filter(pl.col("state").is_not_null() & (kind == Kind.STATUS.value)).select(
        "incident", "source", "occurred_at", "id", aspect=pl.lit("state"), of=pl.lit(""), word="state"
    )
    labels = own.filter(kind == Kind.LABELLED.value).select(
        "incident", "source", "occurred_at", "id", aspect=pl.lit("label"), of=pl.coalesce("value", "was"), word="value"
    )
    # The labels that a record says of itself, where no event tells when they were put on.
    own_labels = own.filter((kind == Kind.OTHER.value) & (pl.col("value") == "label")).select(
        "incident", "source", "occurred_at", "id", aspect=pl.lit("label"), of="text", word="text"
    )
    told = pl.concat([titles, types, states, labels, own_labels]).sort("occurred_at", "id")
    return told.unique(["incident", "aspect", "of"], keep="last", maintain_order=True).select(
        "incident", "source", "aspect", "word"
    )


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
