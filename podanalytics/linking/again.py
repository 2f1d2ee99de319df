"""Opened again: a record that is reopened long after its end tells of another incident from then on.

The policy says how long (`reopen_days`; statistics.md section 5, row 3). The next incident goes by the record's name
with a number behind it, and begins as the record stood when it was opened again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from podanalytics.linking.attached import Row
from podanalytics.model import Kind
from podanalytics.policy import OVER, Policy


def opened_again(members: list[Row], events: pl.DataFrame, policy: Policy) -> list[Row]:
    """MEMBERS rows of whole records, cut where the record that names the incident was opened again too late."""
    cuts = _cuts(members, events, policy)
    if not cuts:
        return members
    found: list[Row] = []
    for row in members:
        incident = str(row["incident"])
        times = cuts.get(incident, [])
        if not times or (row["method"] != "anchor" and row["source"] not in policy.chats):
            found.append(row)  # what another tool tells later, a report say, is still of the first
            continue
        found.append({**row, "until": times[0]})
        for number, at in enumerate(times, 2):
            why = f"{incident} was opened again, more than {policy.reopen_days:g} days after its end"
            until = times[number - 1] if number - 1 < len(times) else None
            found.append({**row, "incident": f"{incident}~{number}", "since": at, "until": until, "why": why})
    return found


def _cuts(members: list[Row], events: pl.DataFrame, policy: Policy) -> dict[str, list[datetime]]:
    """incident → the moments at which its record was opened again too late, in order."""
    told = events.filter(pl.col("kind") == Kind.STATUS.value)
    states = {(s, v): policy.state_of(s, v) for s, v in told.select("source", "value").unique().iter_rows()}
    if not any(state in policy.reopening for state in states.values()):
        return {}
    anchors = {(m["source"], m["subject"]): str(m["incident"]) for m in members if m["method"] == "anchor"}
    ends: dict[str, datetime] = {}
    cuts: dict[str, list[datetime]] = {}
    late = timedelta(days=policy.reopen_days)
    ordered = told.sort("occurred_at", "key").select("source", "subject", "value", "occurred_at")
    for source, subject, word, at in ordered.iter_rows():
        incident, state = anchors.get((source, subject)), states[source, word]
        if incident is None:
            continue
        if state in OVER:
            ends.setdefault(incident, at)
        elif state in policy.reopening and incident in ends and at - ends.pop(incident) > late:
            cuts.setdefault(incident, []).append(at)
    return cuts
