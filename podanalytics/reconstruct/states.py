"""States: what the record that tells of the end went through, and the segments in which the incident ran.

An incident that was reopened has several segments. Their sum is how long it hurt, their envelope how long it took;
both are told, and neither stands for the other.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from podanalytics.model import Kind, Milestone
from podanalytics.policy import OVER, Policy
from podanalytics.tables import SEGMENTS


def states(told: pl.DataFrame, milestones: pl.DataFrame) -> pl.DataFrame:
    """incident, began_at, ended_at (null: to the end), state, human, event: the states of one record an incident, the
    one whose word on the resolution was taken, else the one that names the incident.
    """
    changes = told.filter(
        (pl.col("kind") == Kind.STATUS.value) & pl.col("state").is_not_null() & (pl.col("state") != "unchanged")
    )
    ends = milestones.filter(pl.col("milestone") == Milestone.RESOLVED.value).select("incident", id="event")
    first = changes.join(ends, on=["incident", "id"]).select("incident", "source", "subject")
    own = changes.filter(pl.col("standing") == "anchor").select("incident", "source", "subject").unique()
    chosen = pl.concat([first, own.sort("incident", "source", "subject")]).unique(
        "incident", keep="first", maintain_order=True
    )
    mine = changes.join(chosen, on=["incident", "source", "subject"], how="semi").sort("incident", "occurred_at", "key")
    return mine.select(
        "incident",
        pl.col("occurred_at").alias("began_at"),
        pl.col("occurred_at").shift(-1).over("incident").alias("ended_at"),
        "state",
        "human",
        pl.col("id").alias("event"),
    )


def segments(incidents: pl.DataFrame, found: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """SEGMENTS of every incident; `found` are its states. The last one ends where the incident does."""
    told: dict[str, list[tuple[datetime, str, str]]] = {}
    for incident, at, state, event in found.select("incident", "began_at", "state", "event").iter_rows():
        told.setdefault(incident, []).append((at, state, event))
    asked = incidents.select("incident", "began_at", "resolved_at")
    return SEGMENTS.frame(
        row
        for incident, began, resolved in asked.iter_rows()
        for row in _segments(incident, began, resolved, told.get(incident, []), policy)
    )


def _segments(
    incident: str, began: datetime, resolved: datetime | None, changes: list[tuple[datetime, str, str]], policy: Policy
) -> list[dict[str, Any]]:
    late = timedelta(days=policy.reopen_days)
    found = [{"incident": incident, "began_at": began, "ended_at": None, "event": "", "ended_by": ""}]
    end: datetime | None = None
    for at, state, id in changes:
        if resolved is not None and at >= resolved:
            break
        if end is None and state in OVER and at > began:
            found[-1] |= {"ended_at": at, "ended_by": id}
            end = at
        elif end is not None and state in policy.reopening and at - end <= late:
            found.append({**found[-1], "began_at": at, "ended_at": None, "event": id, "ended_by": ""})
            end = None
    # What is over without a reopening, and ends once more, was not over: the end that was chosen stands.
    found[-1] |= {"ended_at": resolved, "ended_by": ""}
    return found
