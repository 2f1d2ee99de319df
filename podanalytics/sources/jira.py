"""Jira's REST API (v2 and v3): issues with their changelog, pages of changelogs, remote links, users, and side tables.

The first status and priority are in no field: they are the `fromString` of the first change, or the present value where
nothing changed. Statuses and priorities stay in the tool's own words (and language).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._adf import plain_text
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import each, first_json, members

NAME = "jira"
LISTS = ("issues", "values", "histories")
ROLE_WORDS = (
    "incident commander",
    "technical lead",
    "tech lead",
    "devops engineer",
    "product manager",
    "customer success",
    "commander",
    "scribe",
    "communications lead",
)
# Changes that say nothing of an incident: counted, not kept.
NOISE = {
    "RemoteIssueLink",
    "Rank",
    "Sprint",
    "Workflow",
    "timeestimate",
    "timeoriginalestimate",
    "timespent",
    "WorklogId",
    "WorklogTimeSpent",
    "Epic Link",
    "Epic Child",
    "IssueParentAssociation",
    "Attachment",
    "Story Points",
}


def owns(path: Path) -> bool:
    """Issues, changelog entries, remote links, statuses, users or worklogs of the REST API."""
    document = first_json(path)
    if isinstance(document, dict) and document.get("issues") == [] and "maxResults" in document:
        return True
    found = sample(path, *LISTS)
    if found is None:
        return False
    keys = set(found)
    return (
        ({"key", "fields"} <= keys and isinstance(found["fields"], dict))
        or ({"items", "created", "author"} <= keys and isinstance(found["items"], list))
        or ({"statusCategory", "name", "id"} <= keys)
        or ({"accountId", "accountType"} <= keys)
        or ("/rest/api/" in str(found.get("self", "")) and bool({"object", "timeSpentSeconds"} & keys))
    )


def parse(path: Path) -> Iterator[Told]:
    """Everything in the file, in its order."""
    yield from each(
        NAME,
        records(path, NAME, *LISTS),
        _record,
        lambda item: item.get("key") or item.get("id") or item.get("accountId"),
    )


def _record(item: dict[str, Any], origin: str) -> Iterator[Told]:
    if "fields" in item:
        return _issue(item, origin)
    if "items" in item:
        return _history(item, _issue_of(item), origin)
    if "accountId" in item and "fields" not in item and "timeSpentSeconds" not in item:
        return iter([_person(item)])
    if "object" in item:
        return _remote_link(item, origin)
    what = (
        "worklog"
        if "timeSpentSeconds" in item
        else "status of the workflow"
        if "statusCategory" in item
        else "record of another kind"
    )
    return iter([Skipped(origin, what)])


def _issue_of(item: dict[str, Any]) -> str:
    envelope = item.get("_envelope") or {}
    found = (envelope.get("input") or {}).get("issue_id")
    if found is None:
        raise ValueError("the changelog entry does not say which issue it belongs to")
    return str(found)


def _issue(item: dict[str, Any], origin: str) -> Iterator[Told]:
    fields, key, id = item["fields"], item["key"], str(item["id"])
    made = fields["created"]
    changes = [(h, c) for h in _oldest_first(item) for c in h["items"]]
    base: dict[str, Any] = {
        "source": NAME,
        "subject": key,
        "occurred_at": iso(made),
        "precision": iso_precision(made),
        "origin": origin,
        "url": _browse(item),
        "actor": _who(fields.get("reporter") or fields.get("creator")),
    }
    seen = iso(fields["updated"]) if fields.get("updated") else None
    yield Event(
        kind=Kind.DECLARED,
        key=f"{id}/created",
        value=(fields.get("issuetype") or {}).get("name") or "issue",
        text=_first(changes, "summary") or fields.get("summary") or "",
        recorded_at=seen,
        **base,
    )
    for kind, name in ((Kind.STATUS, "status"), (Kind.SEVERITY, "priority")):
        word = _first(changes, name) or (fields.get(name) or {}).get("name")
        if word:
            yield Event(kind=kind, key=f"{id}/{name}/first", value=word, **base)
    if text := plain_text(fields.get("description")):
        yield Event(kind=Kind.OTHER, key=f"{id}/description", value="description", text=text, **base)
    yield from _first_labels(id, fields, changes, base)
    if fields.get("duedate"):
        yield Event(kind=Kind.OTHER, key=f"{id}/duedate", value="duedate", text=str(fields["duedate"]), **base)
    if assignee := _first(changes, "assignee", "from") or (
        _who(fields.get("assignee")) if not _changed(changes, "assignee") else None
    ):
        yield Event(kind=Kind.ASSIGNED, key=f"{id}/assignee/first", value=assignee, **base)
    yield from _people(fields.get("reporter"), fields.get("creator"), fields.get("assignee"))
    yield from _roles(fields, id, base)
    # The field holds the links there are now, as of the last update; when each was made is in the changelog.
    yield from _links(fields, id, {**base, "occurred_at": seen or base["occurred_at"], "actor": None})
    for place, history in members(origin, "/changelog/histories", (item.get("changelog") or {}).get("histories") or []):
        yield from _history(history, key, place)
    yield from _incomplete(item, origin)
    for place, comment in members(
        origin, "/fields/comment/comments", (fields.get("comment") or {}).get("comments") or []
    ):
        yield from _comment(comment, key, place, base["url"])


def _browse(item: dict[str, Any]) -> str | None:
    link = str(item.get("self", ""))
    return f"{link.split('/rest/')[0]}/browse/{item['key']}" if "/rest/" in link else None


def _oldest_first(item: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted((item.get("changelog") or {}).get("histories") or [], key=lambda h: (iso(h["created"]), str(h["id"])))


def _first(changes: list[tuple[dict[str, Any], dict[str, Any]]], field: str, side: str = "fromString") -> str | None:
    return next((c.get(side) for _, c in changes if c["field"].lower() == field), None)


def _changed(changes: list[tuple[dict[str, Any], dict[str, Any]]], field: str) -> bool:
    return any(c["field"].lower() == field for _, c in changes)


def _first_labels(
    id: str, fields: dict[str, Any], changes: list[tuple[dict[str, Any], dict[str, Any]]], base: dict[str, Any]
) -> Iterator[Event]:
    before = _first(changes, "labels") if _changed(changes, "labels") else " ".join(fields.get("labels") or [])
    for label in (before or "").split():
        yield Event(kind=Kind.LABELLED, key=f"{id}/label/first/{label}", value=label, **base)


def _incomplete(item: dict[str, Any], origin: str) -> Iterator[Fault]:
    log = item.get("changelog") or {}
    told = len(log.get("histories") or [])
    if int(log.get("total") or 0) > told:
        yield Fault(
            NAME,
            f"{origin}/changelog",
            f"the changelog is cut: {told} of {log['total']} entries; fetch the issue's own changelog pages",
            item["key"],
        )


def _links(fields: dict[str, Any], id: str, base: dict[str, Any]) -> Iterator[Event]:
    for link in fields.get("issuelinks") or []:
        side = "outwardIssue" if "outwardIssue" in link else "inwardIssue"
        words = str((link.get("type") or {}).get("outward" if side == "outwardIssue" else "inward") or "")
        target = link[side]["key"]
        yield Event(kind=Kind.LINKED, key=f"{id}/link/{link.get('id') or target}", value=target, text=words, **base)
        if words.lower() == "duplicates":
            when = iso(fields.get("resolutiondate") or fields["created"])
            yield Event(kind=Kind.MERGED, key=f"{id}/duplicate/{target}", value=target, **{**base, "occurred_at": when})


def _roles(fields: dict[str, Any], id: str, base: dict[str, Any]) -> Iterator[Event]:
    for name, value in sorted(fields.items()):
        if name.lower() in ROLE_WORDS and isinstance(value, dict) and (who := _who(value)):
            yield Event(kind=Kind.ROLE, key=f"{id}/role/{name}", value=name, **{**base, "actor": who})


def _history(history: dict[str, Any], subject: str, origin: str) -> Iterator[Told]:
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject,
        "occurred_at": iso(history["created"]),
        "precision": iso_precision(history["created"]),
        "origin": origin,
        "actor": _who(history.get("author")),
    }
    yield from _people(history.get("author"))
    for number, change in enumerate(history["items"]):
        if change["field"] in NOISE:
            yield Skipped(origin, f"change of {change['field']}")
        else:
            yield from _change(change, f"{subject}/{history['id']}/{number}", base)


def _change(change: dict[str, Any], key: str, base: dict[str, Any]) -> Iterator[Event]:
    field, was, value = change["field"].lower(), change.get("fromString"), change.get("toString")
    if field in ("status", "priority", "severity") and value:
        yield Event(kind=Kind.STATUS if field == "status" else Kind.SEVERITY, key=key, was=was, value=value, **base)
    elif field == "summary" and value:
        yield Event(kind=Kind.RENAMED, key=key, was=was, value=value, **base)
    elif field == "assignee":
        yield Event(kind=Kind.ASSIGNED, key=key, was=change.get("from"), value=change.get("to"), **base)
    elif field == "labels":
        yield from _labels(was, value, key, base)
    elif field == "link":
        yield Event(
            kind=Kind.LINKED,
            key=key,
            was=change.get("from"),
            value=change.get("to") or change.get("from") or "removed",
            text=value or was or "",
            **base,
        )
    elif field in ROLE_WORDS and change.get("to"):
        yield Event(
            kind=Kind.ROLE, key=key, was=change.get("from"), value=change["field"], **{**base, "actor": change["to"]}
        )
    else:
        yield Event(kind=Kind.OTHER, key=key, was=was, value=change["field"], text=value or "", **base)


def _labels(was: str | None, value: str | None, key: str, base: dict[str, Any]) -> Iterator[Event]:
    before, after = set((was or "").split()), set((value or "").split())
    for label in sorted(after - before):
        yield Event(kind=Kind.LABELLED, key=f"{key}/{label}", value=label, **base)
    for label in sorted(before - after):
        yield Event(kind=Kind.LABELLED, key=f"{key}/-{label}", was=label, **base)


def _comment(comment: dict[str, Any], subject: str, origin: str, url: str | None) -> Iterator[Told]:
    made, changed = comment["created"], comment.get("updated") or comment["created"]
    text = plain_text(comment.get("body"))
    base: dict[str, Any] = {"source": NAME, "subject": subject, "origin": origin, "url": url, "text": text}
    author = _who(comment.get("author"))
    yield Event(
        kind=Kind.MESSAGE,
        key=f"comment/{comment['id']}",
        occurred_at=iso(made),
        precision=iso_precision(made),
        actor=author,
        **base,
    )
    if changed != made:
        yield Event(
            kind=Kind.EDITED,
            key=f"comment/{comment['id']}/edited/{changed}",
            value=f"comment/{comment['id']}",
            occurred_at=iso(changed),
            precision=iso_precision(changed),
            actor=_who(comment.get("updateAuthor")) or author,
            **base,
        )
    yield from _people(comment.get("author"), comment.get("updateAuthor"))


def _remote_link(item: dict[str, Any], origin: str) -> Iterator[Told]:
    issue = str(item.get("self", "")).split("/issue/")[-1].split("/")[0]
    at = (item.get("_envelope") or {}).get("fetched_at")
    if not issue or not at:
        raise ValueError("the remote link does not say which issue it belongs to, or when it was read")
    # A remote link has no time of its own: known since it was read.
    when = at.strip().replace(" ", "T", 1)
    yield Event(
        kind=Kind.LINKED,
        source=NAME,
        subject=issue,
        key=f"remotelink/{item['id']}",
        value=item["object"]["url"],
        text=item["object"].get("title") or "",
        occurred_at=iso(when, UTC),
        precision=iso_precision(when),
        origin=origin,
    )


def _who(person: dict[str, Any] | None) -> str | None:
    found = person and (person.get("accountId") or person.get("key") or person.get("name") or person.get("displayName"))
    return str(found) if found else None


def _person(person: dict[str, Any]) -> Person:
    return Person(
        NAME,
        _who(person) or "unknown",
        person.get("displayName"),
        None,
        person.get("emailAddress") or None,
        person.get("accountType") == "app",
        person.get("timeZone"),
    )


def _people(*given: dict[str, Any] | None) -> Iterable[Person]:
    return (_person(p) for p in given if p and _who(p))


source = Source("Jira REST API", "https://developer.atlassian.com/cloud/jira/platform/rest/v2/intro/", owns, parse)
