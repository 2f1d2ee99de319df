"""A small language for tests: tell a story in a few lines, get it linked, reconstructed and measured."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from podanalytics.gather import review_of, section
from podanalytics.gather_month import month_section, trend_of
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.linking import link
from podanalytics.metrics import judge
from podanalytics.model import Event, Kind, Person
from podanalytics.policy import Policy, load_policy
from podanalytics.reconstruct import Reconstruction, reconstruct
from podanalytics.sources import jira, slack
from podanalytics.store import Store
from podanalytics.tables import EVENTS, LOADS, PEOPLE

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


def pager(clock: str, kind: str, actor: str | None = "ana", **more: Any) -> Event:
    return event(clock, kind, "pagerduty", "PD1", actor=actor, **more)


def paged(fired: str, severity: str) -> list[Event]:
    """The pager's own incident PD1, without a ticket, that fired at an ISO moment."""
    when = datetime.fromisoformat(fired)
    return [
        event(when, "alerted", "pagerduty", "PD1", value="monitor"),
        event(when, "declared", "pagerduty", "PD1", value="incident", text="pod-api down"),
        event(when, "severity", "pagerduty", "PD1", value=severity),
    ]


def page_record(clock: str) -> list[Event]:
    """The pager's own record, pointing at the ticket."""
    return [
        event(clock, "declared", "pagerduty", "PD1", value="incident", text="pod-api down"),
        event(clock, "linked", "pagerduty", "PD1", value="INC-1", text="ticket"),
    ]


def ack(clock: str | datetime, actor: str | None = "ana", **more: Any) -> Event:
    return event(clock, "acknowledged", "pagerduty", "PD1", actor=actor, **more)


def ticket(clock: str, severity: str = "P1", title: str = "pod-api down") -> list[Event]:
    return [
        event(clock, "declared", "jira", "INC-1", value="Incident", text=title, actor="ana"),
        event(clock, "severity", "jira", "INC-1", value=severity, actor="ana"),
    ]


def raised(clock: str, now: str, was: str) -> Event:
    """The ticket's severity, raised or lowered."""
    return event(clock, "severity", "jira", "INC-1", value=now, was=was, actor="ana")


def status(clock: str, value: str, source: str = "jira", subject: str = "INC-1", actor: str | None = "ana") -> Event:
    return event(clock, "status", source, subject, value=value, actor=actor)


# How most stories begin (with a pager's alert and a ticket, acknowledged or not), and how they end.
BASIC = [*page_record("14:00"), *ticket("14:02")]
FIRED = [alert("14:00"), *BASIC]
OVER = status("16:00", "Resolved")


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


def amended(clauses: Mapping[str, Mapping[str, Any]] | None = None, **settings: Any) -> Policy:
    """The shipped policy with some settings written otherwise, and some clauses: changed, or new by their id."""
    written = tomllib.loads((files("podanalytics") / "policies/pod-protocol.toml").read_text("utf-8"))
    changed = {id: dict(told) for id, told in (clauses or {}).items()}
    kept = [clause | changed.pop(clause["id"], {}) for clause in written["clause"]]
    new = [{"id": id, "title": id, "text": id, "kind": "elapsed", **told} for id, told in changed.items()]
    return Policy.model_validate({**written, **settings, "clause": kept + new})


def tell(
    *told: Event | list[Event],
    people: tuple[Person, ...] = (),
    as_of: str | datetime = "+9 00:00",
    policy: Policy = POLICY,
) -> Told:
    """Everything of a story, linked, reconstructed and measured."""
    events = EVENTS.frame(_rows(told))
    directory = PEOPLE.frame({**asdict(p), "file": "story"} for p in people)
    members = link(events, policy)
    found = reconstruct(events, directory, members, policy, at(as_of))
    return Told(members, found, judge(found).readings)


def _rows(told: tuple[Event | list[Event], ...]) -> list[dict[str, Any]]:
    flat = [e for t in told for e in (t if isinstance(t, list) else [t])]
    return [{**{n: getattr(e, n) for n in Event.__slots__}, "file": "story"} for e in flat]


def stored(*told: Event | list[Event], people: tuple[Person, ...] = ()) -> Store:
    """A story in a store of its own."""
    store = Store("sqlite://")
    load = {c.name: 0 if c.type == "integer" else DAY if c.type == "time" else "story" for c in LOADS.columns}
    store.replace_file(
        load | {"skipped": "{}"},
        {"events": _rows(told), "people": [{**asdict(p), "file": "story"} for p in people]},
    )
    return store


def ledger_of(
    *told: Event | list[Event],
    people: tuple[Person, ...] = (),
    as_of: str | datetime = "+9 00:00",
    policy: Policy = POLICY,
) -> Ledger:
    """A story as the notebooks get it: by way of a store."""
    store = stored(*told, people=people)
    try:
        return load_ledger(store, policy, at(as_of))
    finally:
        store.close()


def packet(name: str, *told: Event | list[Event], incident: str = "INC-1", **more: Any) -> str:
    """What one section of an incident's packet says of a story, as Markdown."""
    return section(name, review_of(ledger_of(*told, **more), incident, "UTC")).markdown()


def report(name: str, *told: Event | list[Event], month: str = "2026-10", **more: Any) -> str:
    """What one section of a month's report says of a story, as Markdown."""
    return month_section(name, trend_of(ledger_of(*told, **more), month, "UTC")).markdown()


def exported(folder: Path, *messages: dict[str, Any]) -> list[Any]:
    """What a Slack export tells that has the incident's channel, and one person, Gwendolyn, who has left since."""
    channel = "incident-2026-10-14-1"
    (folder / channel).mkdir()
    for name, content in {
        "users.json": [{"id": "U1", "deleted": True, "real_name": "Gwendolyn Achterberg", "name": "gwen"}],
        "channels.json": [{"id": "C1", "name": channel, "created": int(at("14:01").timestamp())}],
        f"{channel}/2026-10-14.json": [{"type": "message", "user": "U1", **message} for message in messages],
    }.items():
        (folder / name).write_text(json.dumps(content))
    return list(slack.source.parse(folder))


def finished_ticket(folder: Path, **fields: Any) -> list[Event]:
    """What Jira's API tells of INC-1 when it is done: the present alone, without a changelog."""
    issue = {"summary": "down", "issuetype": {"name": "Incident"}, "priority": {"name": "P1"}, **fields}
    issue |= {"created": "2026-10-14T14:02:00Z", "status": {"name": "Done", "statusCategory": {"key": "done"}}}
    path = folder / "issues.json"
    path.write_text(json.dumps({"issues": [{"id": "1", "key": "INC-1", "fields": issue}]}))
    return [entry for entry in jira.source.parse(path) if isinstance(entry, Event)]


def stamp(clock: str) -> str:
    """A moment as Slack writes it."""
    return f"{int(at(clock).timestamp())}.123456"


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
