"""Action items: what was promised after the incident, and what became of it."""

from __future__ import annotations

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from podanalytics.model import Kind
from podanalytics.policy import Policy
from podanalytics.tables import ACTIONS


def actions(events: pl.DataFrame, members: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """ACTIONS: the records that `members` attaches to an incident as action items, in their present state."""
    attached = members.filter(pl.col("method") == "action").select("incident", "source", "subject")
    history = events.join(attached, on=["source", "subject"]).sort("occurred_at", "key")
    rows = []
    for (incident, source, subject), group in history.group_by("incident", "source", "subject", maintain_order=True):
        rows.append({"incident": incident, "source": source, "subject": subject, **_state(group.to_dicts(), policy)})
    return ACTIONS.frame(rows)


def _state(history: list[dict[str, object]], policy: Policy) -> dict[str, object]:
    def last(kind: Kind) -> dict[str, object]:
        return next((e for e in reversed(history) if e["kind"] == kind.value), {})

    made = last(Kind.DECLARED)
    state = str(last(Kind.STATUS).get("value") or "open")
    done = bool(re.search(policy.actions.done, state))
    due = next(
        (e for e in reversed(history) if e["kind"] == Kind.OTHER.value and e["value"] in ("duedate", "due_on")), {}
    )
    return {
        "title": last(Kind.RENAMED).get("value") or made.get("text") or "",
        "state": state,
        "done": done,
        "owner": last(Kind.ASSIGNED).get("value"),
        "opened_at": made.get("occurred_at") or history[0]["occurred_at"],
        "due_at": _due(str(due.get("text") or ""), policy),
        "done_at": _done_since(history, policy) if done else None,
        "url": made.get("url"),
    }


def _done_since(history: list[dict[str, object]], policy: Policy) -> object:
    """When it was done for good: *Done* and *Closed* a week later is done since the first, unless opened in between."""
    since: object = None
    for event in history:
        if event["kind"] == Kind.STATUS.value:
            done = bool(re.search(policy.actions.done, str(event["value"])))
            since = (since or event["occurred_at"]) if done else None
    return since


def _due(text: str, policy: Policy) -> datetime | None:
    """A due *day* ends at the close of business in the policy's zone."""
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return None
    close = policy.calendar.closes if day.time() == time(0) else day.time()
    return day.replace(hour=close.hour, minute=close.minute, tzinfo=day.tzinfo or ZoneInfo(policy.calendar.zone))
