"""Sentry's issues and what happened to them. An issue is a group of like errors, not an incident: it is told as an
alert that fired when the first of them was seen, and may belong to an incident.

Fields: https://docs.sentry.io/api/events/list-a-projects-issues/
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Person, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_or_none, iso_precision
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import Part, digest, each, head, id_of, text_of, with_parts

NAME = "sentry"
# What an entry of an issue's activity tells, by its type. Types that begin with set_ are states; all others are kept.
KINDS = {"note": Kind.MESSAGE, "assigned": Kind.ASSIGNED, "unassigned": Kind.ASSIGNED, "set_priority": Kind.SEVERITY}
ISSUE = {"firstSeen", "lastSeen", "shortId"}
NO_STATES = ("set_public", "set_private", "set_priority")


def owns(path: Path) -> bool:
    """Issues, or the activity of one."""
    found = sample(path)
    if found is None:  # a single issue that was cut off has no record that is whole
        start = head(path).lstrip()
        return start.startswith("{") and all(f'"{name}"' in start for name in ISSUE)
    # One of its two moments is enough: what lacks the other is an issue still, and reading it says what is missing.
    return ("shortId" in found and bool({"firstSeen", "lastSeen"} & set(found))) or _is_activity(found)


def _is_activity(item: dict[str, Any]) -> bool:
    """Whether it is what `issues/ID/activities/` answers, which does not say of which issue it is."""
    told = item.get("activity")
    return (
        isinstance(told, list)
        and "shortId" not in item
        and any(isinstance(t, dict) and "dateCreated" in t for t in told)
    )


def parse(path: Path) -> Iterator[Told]:
    """Issues, each followed by its activity, in the file's order."""
    yield from each(NAME, with_parts(records(path, NAME), "/activity"), _record, _id)


def _id(item: Any) -> Any:
    return (item.owner if isinstance(item, Part) else item).get("id")


def _record(item: Any, origin: str) -> Iterator[Told]:
    if isinstance(item, Part):
        return _entry(item.record, item.owner, origin)
    return _issue(item, origin)


def _issue(item: dict[str, Any], origin: str) -> Iterator[Told]:
    if _is_activity(item) and "id" not in item:
        return
    id, first = id_of(item), item["firstSeen"]
    last = iso_or_none(item.get("lastSeen")) or iso(first)
    base: dict[str, Any] = {
        "source": NAME,
        "subject": id,
        "origin": origin,
        "url": text_of(item.get("permalink")) or None,
    }
    began = {**base, "occurred_at": iso(first), "precision": iso_precision(first)}
    level, title = text_of(item.get("level")), text_of(item.get("title"))
    yield Event(kind=Kind.ALERTED, key=f"{id}/first_seen", value=level or "error", text=title, **began)
    if level:
        yield Event(kind=Kind.SEVERITY, key=f"{id}/level/{level}", value=level, text="level", **began)
    # What it is now is known as of the last error: when that changed is in the activity.
    known = {**base, "occurred_at": last, "precision": iso_precision(text_of(item.get("lastSeen")) or first)}
    count, users = text_of(item.get("count")), text_of(item.get("userCount"))
    seen = ", ".join([*([f"times by then: {count}"] if count else []), *([f"users: {users}"] if users else [])])
    yield Event(kind=Kind.OTHER, key=f"{id}/lastSeen", value="lastSeen", text=seen, recorded_at=last, **known)
    for name, text in _present(item):
        key = f"{id}/{name}/{digest(text)}"
        yield Event(kind=Kind.OTHER, key=key, value=name, text=text, recorded_at=last, **known)
    yield from _people(item.get("assignedTo"))


def _present(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    project, holder = item.get("project") or {}, item.get("assignedTo") or {}
    given = {name: item.get(name) for name in ("shortId", "culprit", "status", "substatus", "priority")}
    given |= {"project": project.get("slug") or project.get("name"), "assignedTo": holder.get("name")}
    for name, value in given.items():
        if text := text_of(value):
            yield name, text


def _entry(entry: dict[str, Any], issue: dict[str, Any], origin: str) -> Iterator[Told]:
    if "id" not in issue:
        raise ValueError("the activity does not say of which issue it is: put it into its issue, as `activity`")
    id, word, data = id_of(issue), text_of(entry["type"]), entry.get("data") or {}
    user = entry.get("user") or {}
    state = word.startswith("set_") and word not in NO_STATES
    kind = Kind.ALERTED if word == "first_seen" else Kind.STATUS if state else KINDS.get(word, Kind.OTHER)
    yield Event(
        kind=kind,
        source=NAME,
        subject=id,
        key=f"{id}/first_seen" if word == "first_seen" else f"{id}/activity/{id_of(entry)}",
        occurred_at=iso(entry["dateCreated"]),
        precision=iso_precision(entry["dateCreated"]),
        origin=origin,
        actor=text_of(user.get("id")) or None,
        **_said(kind, word, data, issue),
    )
    yield from _people(user)


def _said(kind: Kind, word: str, data: dict[str, Any], issue: dict[str, Any]) -> dict[str, Any]:
    if kind == Kind.ALERTED:
        return {"value": text_of(issue.get("level")) or "error", "text": text_of(issue.get("title"))}
    if kind == Kind.MESSAGE:
        return {"text": text_of(data.get("text"))}
    if kind == Kind.ASSIGNED:
        return {"value": text_of(data.get("assigneeEmail") or data.get("assignee")) or None}
    if kind == Kind.SEVERITY:
        return {"value": text_of(data.get("priority")), "text": "priority changed"}
    where = text_of(data.get("version") or data.get("commit"))
    return {"value": word, "text": where}


def _people(*given: Any) -> Iterator[Person]:
    for user in given:
        if user and user.get("id") and user.get("type", "user") == "user":
            yield Person(NAME, id_of(user), user.get("name"), user.get("username"), user.get("email"))


source = Source(
    title="Sentry issues",
    manual="https://docs.sentry.io/api/events/list-a-projects-issues/",
    owns=owns,
    parse=parse,
    group="alerts",
    takes="REST API: issues with their activity",
    known_by="an issue's `shortId`, with `firstSeen` or `lastSeen`",
)
