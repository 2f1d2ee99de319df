"""PagerDuty's webhooks: events of version 3, and messages of version 2, which carry log entries.

An event has an id, under which it is delivered again for up to 48 hours. It has none in common with the log entry that
tells the same, so what both tell stands twice; only what is true of the incident itself (that it was made, its key,
what it was merged into) and an end in the same second is one event. Source: PagerDuty's webhook overviews.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podanalytics.model import Event, Kind, Person, Skipped, Told
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._read import id_of, text_of

NAME = "pagerduty"
# What an event's type tells, behind `incident.`. Everything else is kept as OTHER.
KINDS = {
    "triggered": Kind.ALERTED,
    "acknowledged": Kind.ACKNOWLEDGED,
    "unacknowledged": Kind.UNACKNOWLEDGED,
    "reassigned": Kind.ASSIGNED,
    "delegated": Kind.ASSIGNED,
    "escalated": Kind.ESCALATED,
    "priority_updated": Kind.SEVERITY,
    "resolved": Kind.STATUS,
    "reopened": Kind.STATUS,
    "annotated": Kind.MESSAGE,
    "status_update_published": Kind.MESSAGE,
    "responder.added": Kind.NOTIFIED,
}
# What a message of version 2 tells that carries no log entry.
OLDER = {
    "trigger": Kind.ALERTED,
    "acknowledge": Kind.ACKNOWLEDGED,
    "unacknowledge": Kind.UNACKNOWLEDGED,
}


def is_event(record: dict[str, Any]) -> bool:
    """Whether a record is a body of version 3."""
    event = record.get("event")
    return isinstance(event, dict) and "event_type" in event and "occurred_at" in event


def is_message(record: dict[str, Any]) -> bool:
    """Whether a record is a message of version 2, or of version 1."""
    kind = record.get("event") or record.get("type")
    return isinstance(kind, str) and kind.startswith("incident.") and bool({"incident", "data"} & set(record))


def is_body(record: dict[str, Any]) -> bool:
    """Whether a record is what a webhook sent, of either version."""
    return is_event(record) or is_message(record) or isinstance(record.get("messages"), list)


def read_event(body: dict[str, Any], origin: str) -> Iterator[Told]:
    """What one event of version 3 tells."""
    event = body["event"]
    kind, data = text_of(event["event_type"]), event.get("data") or {}
    if not kind.startswith("incident."):
        yield Skipped(origin, f"event {kind}, of no incident")
        return
    word, id = kind.removeprefix("incident."), id_of(event)
    people = list(_users(event.get("agent"), data))
    base: dict[str, Any] = {
        "source": NAME,
        "origin": origin,
        "occurred_at": iso(event["occurred_at"]),
        "precision": iso_precision(event["occurred_at"]),
        "actor": (event.get("agent") or {}).get("id"),
    }
    if word == "role.assigned":
        yield from _roles(data, id, base)
    elif word.startswith("task."):
        yield from _task(data, id, base)
    else:
        incident = _incident(data)
        url = data.get("html_url") or (data.get("incident") or {}).get("html_url")
        yield from _change(word, data, id, {**base, "subject": incident, "url": url})
        yield from _made(data, word == "triggered", {**base, "subject": incident, "url": url})
        if word == "resolved":
            yield from _merged(data, {**base, "subject": incident})
    yield from people


def _incident(data: dict[str, Any]) -> str:
    return id_of(data if data.get("type") == "incident" else data["incident"])


def _change(word: str, data: dict[str, Any], id: str, base: dict[str, Any]) -> Iterator[Event]:
    kind = KINDS.get(word, Kind.OTHER)
    text, value = _words(word, kind, data)
    key = resolved_key(base["subject"], base["occurred_at"]) if word == "resolved" else id
    yield Event(kind=kind, key=key, text=text, value=value, **base)


def resolved_key(incident: str, at: Any) -> str:
    """The key of an incident's end: its list has it to the second, a webhook to the millisecond."""
    return f"{incident}/resolved/{at:%Y-%m-%dT%H:%M:%SZ}"


def _words(word: str, kind: Kind, data: dict[str, Any]) -> tuple[str, str | None]:
    """(text, value) of an event."""
    if kind == Kind.MESSAGE:
        cut = " [cut off by the webhook]" if data.get("trimmed") else ""
        return text_of(data.get("content") or data.get("message")) + cut, None
    if kind in (Kind.ASSIGNED, Kind.ESCALATED, Kind.NOTIFIED):
        named = next(iter(data.get("assignees") or []), None) or data.get("user") or data.get("escalation_policy")
        return text_of(data.get("message") or data.get("title")), id_of(named) if named else "somebody"
    if kind == Kind.SEVERITY:
        now = text_of((data.get("priority") or {}).get("summary")) or "none"
        return f"priority changed to {now}", now
    if kind == Kind.STATUS:
        return "", word
    if kind == Kind.OTHER:
        return text_of(data.get("state") or data.get("summary") or data.get("title")), word
    return text_of(data.get("title")), None


def _made(data: dict[str, Any], begins: bool, base: dict[str, Any]) -> Iterator[Event]:
    """What is true of an incident from its begin on, keyed as in the list of incidents: each event about it knows."""
    made, seen = text_of(data.get("created_at")), base["occurred_at"]
    if data.get("type") != "incident" or not (made or begins):
        return
    first = {**base, "actor": None}
    if made:
        first |= {"occurred_at": iso(made), "precision": iso_precision(made)}
    id, title = base["subject"], text_of(data.get("title"))
    yield Event(kind=Kind.DECLARED, key=f"{id}/created", value="incident", text=title, recorded_at=seen, **first)
    if name := text_of(data.get("incident_key")):
        yield Event(kind=Kind.LINKED, key=f"{id}/incident_key", value=name, text="incident_key", **first)
    for name, word in (("priority", (data.get("priority") or {}).get("summary")), ("urgency", data.get("urgency"))):
        if word and begins:
            key = f"{id}/{name}/{text_of(word)}@triggered"
            yield Event(kind=Kind.SEVERITY, key=key, value=word, text=name, **first)


def _merged(data: dict[str, Any], base: dict[str, Any]) -> Iterator[Event]:
    reason = data.get("resolve_reason") or {}
    target = (reason.get("incident") or {}).get("id")
    if reason.get("type") == "merge_resolve_reason" and target:
        yield Event(kind=Kind.MERGED, key=f"{base['subject']}/merged", value=target, **base)


def _roles(data: dict[str, Any], id: str, base: dict[str, Any]) -> Iterator[Event]:
    """Who took which role; without an actor it was given up by who had it before."""
    for number, given in enumerate(data["incident_role_assignments"]):
        role = given.get("role") or {}
        yield Event(
            kind=Kind.ROLE,
            key=f"{id}/{number}",
            subject=id_of(given["incident"]),
            value=text_of(role.get("name") or role.get("summary")),
            was=(given.get("old_assignee") or {}).get("id"),
            **{**base, "actor": (given.get("assignee") or {}).get("id")},
        )


def _task(data: dict[str, Any], id: str, base: dict[str, Any]) -> Iterator[Event]:
    """A task of an incident: a record of its own that points at it."""
    incident, task = id_of(data["incident"]), f"task {id_of(data)}"
    told = {**base, "subject": task}
    title = text_of(data.get("name") or data.get("summary"))
    yield Event(kind=Kind.DECLARED, key=f"{task}/created", value="task", text=title, **told)
    yield Event(kind=Kind.LINKED, key=f"{task}/incident", value=incident, text="task of an incident", **told)
    if status := text_of(data.get("status")):
        yield Event(kind=Kind.STATUS, key=f"{id}/status", value=status, **told)
    if assignee := next(iter(data.get("assignees") or []), None):
        yield Event(kind=Kind.ASSIGNED, key=f"{id}/assignee", value=id_of(assignee), **told)


def _users(agent: Any, data: dict[str, Any]) -> Iterator[Person]:
    roles = data.get("incident_role_assignments") or []
    given = [role.get(side) for role in roles for side in ("assignee", "old_assignee")]
    yield from people(agent, data.get("user"), data.get("service"), *(data.get("assignees") or []), *given)


def people(*references: dict[str, Any] | None) -> Iterator[Person]:
    """The entries of users; a service or an integration is marked as a bot."""
    for reference in references:
        if reference and reference.get("id"):
            # Integrations and services say what they are; what says nothing of itself may be a person.
            bot = bool(reference.get("type")) and not str(reference["type"]).startswith("user")
            yield Person(NAME, reference["id"], reference.get("summary"), email=reference.get("email"), bot=bot)


def read_message(message: dict[str, Any], origin: str) -> Iterator[Told]:
    """What a message of version 2 tells beside its incident and its log entries, where it has none of these."""
    if not isinstance(message.get("incident"), dict):
        raise ValueError("a message of webhooks version 1, which is not read: take the log entries of the REST API")
    word = text_of(message["event"]).removeprefix("incident.")
    incident = message["incident"]
    base: dict[str, Any] = {
        "source": NAME,
        "subject": id_of(incident),
        "origin": origin,
        "occurred_at": iso(message["created_on"]),
        "precision": iso_precision(message["created_on"]),
        "url": incident.get("html_url"),
    }
    for alert in incident.get("alerts") or []:
        if name := text_of(alert.get("alert_key")):
            first = {**base, "occurred_at": iso(incident["created_at"])}
            yield Event(
                kind=Kind.LINKED, key=f"{base['subject']}/alert_key/{name}", value=name, text="alert_key", **first
            )
    if not message.get("log_entries") and word != "resolve":  # how it ended, the incident itself tells
        kind = OLDER.get(word, Kind.OTHER)
        by = (incident.get("last_status_change_by") or {}).get("id") if kind == Kind.ACKNOWLEDGED else None
        value, title = word if kind == Kind.OTHER else None, text_of(incident.get("title"))
        yield Event(kind=kind, key=id_of(message), actor=by, value=value, text=title, **base)
