"""A small language for tests: tell a story in a few lines, get it linked, reconstructed and measured."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from podanalytics.linking import link
from podanalytics.metrics import judge
from podanalytics.model import Event, Kind, Person
from podanalytics.policy import Policy, load_policy
from podanalytics.reconstruct import Reconstruction, reconstruct
from podanalytics.tables import EVENTS, PEOPLE

DAY = datetime(2026, 10, 14, tzinfo=UTC)
POLICY = load_policy("pod-protocol")


def at(clock: str | datetime) -> datetime:
    """`14:02` or `14:02:30` on the day of the story; `+1 09:00` on the next day."""
    if isinstance(clock, datetime):
        return clock
    days, _, time = clock.rpartition(" ")
    parts = [int(p) for p in time.split(":")]
    return DAY + timedelta(
        days=int(days or 0), hours=parts[0], minutes=parts[1], seconds=parts[2] if len(parts) > 2 else 0
    )


_count = 0


def event(clock: str | datetime, kind: Kind | str, source: str, subject: str, **more: Any) -> Event:
    """One event; its key is counted up."""
    global _count
    _count += 1
    more.setdefault("key", f"k{_count:05d}")
    return Event(
        occurred_at=at(clock), kind=Kind(kind), source=source, subject=subject, origin=f"story:{_count}", **more
    )


def alert(clock: str, **more: Any) -> Event:
    return event(clock, "alerted", "pagerduty", "PD1", value="monitor", **more)


def page_record(clock: str) -> list[Event]:
    """The pager's own record, pointing at the ticket."""
    return [
        event(clock, "declared", "pagerduty", "PD1", value="incident", text="pod-api down"),
        event(clock, "linked", "pagerduty", "PD1", value="INC-1", text="ticket"),
    ]


def ack(clock: str, actor: str | None = "ana", **more: Any) -> Event:
    return event(clock, "acknowledged", "pagerduty", "PD1", actor=actor, **more)


def ticket(clock: str, severity: str = "P1", title: str = "pod-api down") -> list[Event]:
    return [
        event(clock, "declared", "jira", "INC-1", value="Incident", text=title, actor="ana"),
        event(clock, "severity", "jira", "INC-1", value=severity, actor="ana"),
    ]


def status(clock: str, value: str, source: str = "jira", subject: str = "INC-1", actor: str | None = "ana") -> Event:
    return event(clock, "status", source, subject, value=value, actor=actor)


def say(clock: str, text: str, actor: str = "ana", subject: str = "#incident-2026-10-14-1", **more: Any) -> Event:
    return event(clock, "message", "slack", subject, text=text, actor=actor, **more)


def update(clock: str, state: str, **fields: str) -> Event:
    lines = {
        "Incident": "INC-1",
        "Status": state,
        "Impact": "logins fail",
        "Actions Taken": "looking",
        "Next Steps": "fix",
        "ETA": "15:00 UTC",
    }
    lines |= {name.replace("_", " "): value for name, value in fields.items()}
    body = "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
    return say(clock, f"**INCIDENT UPDATE [{clock[-5:]}]**\n{body}")


def notice(clock: str, value: str, text: str = "We are on it", **more: Any) -> Event:
    return event(clock, "notice", "statuspage", "abcdef123456", value=value, text=text, **more)


def status_entry(clock: str) -> list[Event]:
    return [
        event(clock, "declared", "statuspage", "abcdef123456", value="status_incident", text="API errors"),
        event(clock, "linked", "statuspage", "abcdef123456", value="INC-1", text="ticket"),
    ]


def tell(
    *told: Event | list[Event],
    people: tuple[Person, ...] = (),
    as_of: str | datetime = "+9 00:00",
    policy: Policy = POLICY,
) -> Told:
    """Everything of a story, linked, reconstructed and measured."""
    flat = [e for t in told for e in (t if isinstance(t, list) else [t])]
    events = EVENTS.frame({**{n: getattr(e, n) for n in Event.__slots__}, "file": "story"} for e in flat)
    directory = PEOPLE.frame({**asdict(p), "file": "story"} for p in people)
    members = link(events, policy)
    found = reconstruct(events, directory, members, policy, at(as_of))
    return Told(members, found, judge(found).readings)


class Told:
    """What came of a story."""

    def __init__(self, members: pl.DataFrame, found: Reconstruction, measured: pl.DataFrame) -> None:
        self.members, self.found, self.readings = members, found, measured

    def reading(self, clause: str, incident: str = "INC-1") -> dict[str, Any]:
        return self.readings.filter((pl.col("measure") == clause) & (pl.col("incident") == incident)).to_dicts()[0]

    def verdict(self, clause: str, incident: str = "INC-1") -> str:
        return str(self.reading(clause, incident)["verdict"])

    def moment(self, milestone: str, incident: str = "INC-1") -> dict[str, Any] | None:
        rows = self.found.milestones.filter(
            (pl.col("milestone") == milestone) & (pl.col("incident") == incident)
        ).to_dicts()
        return rows[0] if rows else None
