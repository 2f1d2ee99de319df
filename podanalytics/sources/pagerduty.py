"""PagerDuty's REST API: pages of incidents, with or without their log entries, and pages of log entries.

The present is stored, the past is in the log: an incident's urgency is what it is now, its log says what it was. Only
users act; a service or an integration in `agent` is automation, and so is no agent at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Person, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import each, first_json, members

NAME = "pagerduty"
LISTS = ("incidents", "log_entries")
# What a log entry's type tells (without its suffix). Everything else is kept as OTHER.
KINDS = {
    "trigger": Kind.ALERTED,
    "notify": Kind.NOTIFIED,
    "acknowledge": Kind.ACKNOWLEDGED,
    "unacknowledge": Kind.UNACKNOWLEDGED,
    "assign": Kind.ASSIGNED,
    "delegate": Kind.ASSIGNED,
    "escalate": Kind.ESCALATED,
    "repeat_escalation_path": Kind.ESCALATED,
    "exhaust_escalation_path": Kind.ESCALATED,
    "annotate": Kind.MESSAGE,
    "snooze": Kind.STATUS,
    "resolve": Kind.STATUS,
    "urgency_change": Kind.SEVERITY,
}
STATUS = {"snooze": "snoozed", "resolve": "resolved"}


def owns(path: Path) -> bool:
    """Incidents (with a service and an urgency) or log entries, or an empty page of either."""
    found = sample(path, *LISTS)
    if found is None:
        document = first_json(path)
        return isinstance(document, dict) and any(document.get(n) == [] for n in LISTS) and "more" in document
    if str(found.get("type", "")).endswith(("_log_entry", "_log_entry_reference")):
        return True
    return {"incident_number", "service", "urgency"} <= set(found) or {"escalation_policy", "urgency", "status"} <= set(
        found
    )


def parse(path: Path) -> Iterator[Told]:
    """Incidents and log entries, in the file's order."""
    yield from each(NAME, records(path, NAME, *LISTS), _record)


def _record(item: dict[str, Any], origin: str) -> Iterator[Told]:
    if str(item.get("type", "")).endswith("_log_entry"):
        yield from _entry(item, item["incident"]["id"], origin)
        return
    yield from _incident(item, origin)
    entries = item.get("log_entries") or []
    for place, entry in members(origin, "/log_entries", entries):
        yield from _entry(entry, item["id"], place)


def _incident(item: dict[str, Any], origin: str) -> Iterator[Told]:
    id, made = item["id"], item["created_at"]
    seen = item.get("updated_at") or item.get("last_status_change_at") or made
    base = {
        "source": NAME,
        "subject": id,
        "occurred_at": iso(made),
        "precision": iso_precision(made),
        "origin": origin,
        "url": item.get("html_url"),
    }
    yield Event(
        kind=Kind.DECLARED,
        key=f"{id}/created",
        value="incident",
        text=item.get("title") or item.get("summary") or "",
        recorded_at=iso(seen),
        **base,
    )
    priority = (item.get("priority") or {}).get("summary")
    for name, word in (("priority", priority), ("urgency", item.get("urgency"))):
        if word:
            yield Event(kind=Kind.SEVERITY, key=f"{id}/{name}/{word}", value=word, text=name, **base)
    if item.get("incident_key"):
        yield Event(kind=Kind.LINKED, key=f"{id}/incident_key", value=item["incident_key"], text="incident_key", **base)
    if item.get("description") and item["description"] != item.get("title"):
        yield Event(
            kind=Kind.OTHER, key=f"{id}/description", value="description", text=str(item["description"]), **base
        )
    yield from _merged(item, base)
    yield from _people(item.get("service"), *(a.get("assignee") for a in item.get("assignments") or []))


def _merged(item: dict[str, Any], base: dict[str, Any]) -> Iterator[Event]:
    reason = item.get("resolve_reason") or {}
    target = (reason.get("incident") or {}).get("id")
    if reason.get("type") == "merge_resolve_reason" and target:
        when = item.get("resolved_at") or item.get("last_status_change_at") or item["created_at"]
        yield Event(kind=Kind.MERGED, key=f"{item['id']}/merged", value=target, **{**base, "occurred_at": iso(when)})


def _entry(entry: dict[str, Any], incident: str, origin: str) -> Iterator[Told]:
    word = entry["type"].removesuffix("_log_entry")
    agent = entry.get("agent") or {}
    kind = KINDS.get(word, Kind.OTHER)
    if (
        word in ("field_value_change", "custom_field_value_change")
        and "priority" in str(entry).lower()
        and entry.get("priority")
    ):
        kind = Kind.SEVERITY
    yield Event(
        kind=kind,
        source=NAME,
        subject=incident,
        key=entry["id"],
        occurred_at=iso(entry["created_at"]),
        origin=origin,
        precision=iso_precision(entry["created_at"]),
        actor=agent.get("id"),
        text=_text(entry, word),
        value=_value(entry, word, kind),
        was=None,
        url=entry.get("html_url"),
    )
    yield from _people(agent, entry.get("user"), *(entry.get("assignees") or []))


def _text(entry: dict[str, Any], word: str) -> str:
    channel = entry.get("channel") or {}
    if word == "annotate":
        return str(channel.get("summary") or channel.get("content") or entry.get("summary") or "")
    return str(entry.get("summary") or "")


def _value(entry: dict[str, Any], word: str, kind: Kind) -> str | None:
    if word in STATUS:
        return STATUS[word]
    channel = (entry.get("channel") or {}).get("type")
    named = entry.get("user") or next(iter(entry.get("assignees") or []), None)
    if kind in (Kind.NOTIFIED, Kind.ASSIGNED, Kind.ESCALATED):
        # Older entries name whom they told in the summary only.
        return str(named["id"]) if named else str(entry.get("summary") or channel or "somebody")
    if kind == Kind.SEVERITY:
        return str(
            (entry.get("priority") or {}).get("summary")
            or entry.get("urgency")
            or (entry.get("channel") or {}).get("summary")
            or "changed"
        )
    return word if kind == Kind.OTHER else None if kind == Kind.MESSAGE else channel


def _people(*references: dict[str, Any] | None) -> Iterator[Person]:
    for reference in references:
        if reference and reference.get("id"):
            bot = not str(reference.get("type", "")).startswith("user")
            yield Person(NAME, reference["id"], reference.get("summary"), email=reference.get("email"), bot=bot)


source = Source("PagerDuty REST API", "https://developer.pagerduty.com/api-reference/", owns, parse)
