"""Jira's REST API (v2 and v3): issues with their changelog, pages of changelogs, remote links, users, and side tables.

The first status and priority are in no field: they are the `fromString` of the first change, or the present value where
nothing changed. Statuses and priorities stay in the tool's own words (and language).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._adf import plain_text
from podanalytics.sources._clock import iso, iso_or_none, iso_precision
from podanalytics.sources._jira_log import NOISE, ROLE_WORDS, Log, told_by
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import Part, backdated, digest, each, first_json, id_of, text_of, with_parts

NAME = "jira"
LATEST = "at the latest: so it stood when the issue was last updated"
LISTS = ("issues", "values", "histories")
PARTS = (HISTORIES, COMMENTS) = ("/changelog/histories", "/fields/comment/comments")


_ASKED = re.compile(r"/issue/([^/?]+)/changelog")


def owns(path: Path) -> bool:
    """Issues, changelog entries, remote links, statuses, users or worklogs of the REST API."""
    if _is_empty(first_json(path)):
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


def _is_empty(document: Any) -> bool:
    """Whether it is a page without a record: of issues, or with the fields that Jira's other pages have."""
    return isinstance(document, dict) and (
        document.get("issues") == []
        or (document.get("values") == [] and bool({"isLast", "maxResults"} & set(document)))
    )


def parse(path: Path) -> Iterator[Told]:
    """Everything in the file, in its order."""
    yield from each(NAME, with_parts(records(path, NAME, *LISTS), *PARTS), _record, _id)


def _id(item: Any) -> Any:
    record = item.record if isinstance(item, Part) else item
    return record.get("key") or record.get("id") or record.get("accountId")


def _record(item: Any, origin: str) -> Iterator[Told]:
    if isinstance(item, Part):
        read = _history if HISTORIES in origin else _comment
        return read(item.record, item.owner["key"], origin, _browse(item.owner))
    if "fields" in item:
        return _issue(item, origin)
    if "items" in item:
        return _history(item, _issue_of(item), origin, None)
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
    """The issue of an entry that came without it: its key or numeric id, whichever the request named."""
    envelope = item.get("_envelope") or {}
    if found := (envelope.get("input") or {}).get("issue_id"):
        return str(found)
    if asked := _ASKED.search(str(envelope.get("url") or envelope.get("self"))):
        return asked[1]
    raise ValueError("the changelog entry does not say which issue it belongs to")


def _issue(item: dict[str, Any], origin: str) -> Iterator[Told]:
    fields, key, id = item["fields"], item["key"], id_of(item)
    made = fields["created"]
    log = Log.of(item)
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
        text=log.at_first("summary", fields.get("summary")) or "",
        recorded_at=seen,
        **base,
    )
    yield from _states(fields, log, id, seen, base)
    if text := log.at_first("description", plain_text(fields.get("description"))):
        # Its words are in the key: of two exports, each with its own, neither is lost.
        key_of_text = f"{id}/description/{digest(text)}"
        yield Event(kind=Kind.OTHER, key=key_of_text, value="description", text=text, **base)
    for label in (log.at_first("labels", " ".join(fields.get("labels") or [])) or "").split():
        yield Event(kind=Kind.LABELLED, key=f"{id}/label/first/{label}", value=label, **base)
    if due := log.at_first("duedate", fields.get("duedate"), "from"):
        yield Event(kind=Kind.OTHER, key=f"{id}/duedate", value="duedate", text=due, **base)
    if assignee := log.at_first("assignee", _who(fields.get("assignee")), "from"):
        yield Event(kind=Kind.ASSIGNED, key=f"{id}/assignee/first", value=assignee, **base)
    yield from _people(fields.get("reporter"), fields.get("creator"), fields.get("assignee"))
    yield from _roles(fields, log, id, base)
    # The field holds the links there are now, as of the last update; when each was made is in the changelog.
    yield from _links(fields, id, {**base, "occurred_at": seen or base["occurred_at"], "actor": None})
    yield from _incomplete(item, origin)


def _states(fields: dict[str, Any], log: Log, id: str, seen: datetime | None, base: dict[str, Any]) -> Iterator[Event]:
    """Status and severity as they were at first. Without the whole log a first status would be a guess that looks like
    somebody's deed: then the present one is told, as of the resolution where it is done, else of the last update.
    """
    known = [(Kind.STATUS, "status")] if log.whole else []
    for kind, name in [*known, (Kind.SEVERITY, "priority"), (Kind.SEVERITY, "severity")]:
        if word := log.at_first(name, _named(fields.get(name))):
            yield Event(kind=kind, key=f"{id}/{name}/first", value=word, **base)
    now = fields.get("status") or {}
    done = (now.get("statusCategory") or {}).get("key") == "done"
    since = (iso_or_none(fields.get("resolutiondate")) if done else None) or seen
    if not log.whole and now.get("name") and since:
        told = {**base, "occurred_at": since, "actor": None}
        text = LATEST if since == seen and not (done and fields.get("resolutiondate")) else ""
        key = f"{id}/status/{now['name']}@{since.isoformat()}"
        yield Event(kind=Kind.STATUS, key=key, value=now["name"], text=text, **told)


def _named(value: Any) -> str | None:
    return value.get("name") or value.get("value") if isinstance(value, dict) else None


def _browse(item: dict[str, Any]) -> str | None:
    link = str(item.get("self", ""))
    return f"{link.split('/rest/')[0]}/browse/{item['key']}" if "/rest/" in link else None


def _incomplete(item: dict[str, Any], origin: str) -> Iterator[Fault]:
    """What a search leaves out: it gives no more than the first page of an issue's changelog and comments."""
    parts = (
        (item.get("changelog"), "histories", HISTORIES, "changelog"),
        (item["fields"].get("comment"), "comments", COMMENTS, "comments"),
    )
    for page, name, pointer, words in parts:
        total, told = int((page or {}).get("total") or 0), len((page or {}).get(name) or [])
        if total > told:
            reason = f"only {told} of {total} entries of its {words} are here: fetch the issue's own pages of them"
            yield Fault(NAME, f"{origin}{pointer}", reason, item["key"])


def _links(fields: dict[str, Any], id: str, base: dict[str, Any]) -> Iterator[Event]:
    for link in fields.get("issuelinks") or []:
        side = "outwardIssue" if "outwardIssue" in link else "inwardIssue"
        words = text_of((link.get("type") or {}).get("outward" if side == "outwardIssue" else "inward"))
        target = link[side]["key"]
        yield Event(kind=Kind.LINKED, key=f"{id}/link/{link.get('id') or target}", value=target, text=words, **base)
        if words.lower() == "duplicates":
            when = iso(fields.get("resolutiondate") or fields["created"])
            yield Event(kind=Kind.MERGED, key=f"{id}/duplicate/{target}", value=target, **{**base, "occurred_at": when})


def _roles(fields: dict[str, Any], log: Log, id: str, base: dict[str, Any]) -> Iterator[Event]:
    for name, value in sorted(fields.items()):
        holder = _who(value) if name.lower() in ROLE_WORDS and isinstance(value, dict) else None
        if holder and (who := log.at_first(name.lower(), holder, "from")):
            yield Event(kind=Kind.ROLE, key=f"{id}/role/{name}", value=name, **{**base, "actor": who})


def _history(history: dict[str, Any], subject: str, origin: str, url: str | None) -> Iterator[Told]:
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
            yield from told_by(change, f"{subject}/{id_of(history)}/{number}", base)


def _comment(comment: dict[str, Any], subject: str, origin: str, url: str | None) -> Iterator[Told]:
    made, changed = iso(comment["created"]), iso(comment.get("updated") or comment["created"])
    key, author = f"comment/{id_of(comment)}", _who(comment.get("author"))
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject,
        "origin": origin,
        "url": url,
        "text": plain_text(comment.get("body")),
        "precision": iso_precision(comment["created"]),
    }
    yield backdated(Event(kind=Kind.MESSAGE, key=key, occurred_at=made, actor=author, **base), changed)
    if changed != made:
        # The moment and not its text: how Jira writes it depends on the zone of whoever asked.
        edit = f"{key}/edited/{changed.isoformat()}"
        by = _who(comment.get("updateAuthor")) or author
        yield Event(kind=Kind.EDITED, key=edit, value=key, occurred_at=changed, actor=by, **base)
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
        key=f"remotelink/{id_of(item)}",
        value=item["object"]["url"],
        text=item["object"].get("title") or "",
        occurred_at=iso(when, UTC),
        recorded_at=iso(when, UTC),  # read again, it may lead elsewhere: what was read last stands
        precision=iso_precision(when),
        origin=origin,
    )


def _who(person: dict[str, Any] | None) -> str | None:
    found = person and (person.get("accountId") or person.get("key") or person.get("name") or person.get("displayName"))
    return text_of(found) or None


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


source = Source(
    title="Jira REST API",
    manual="https://developer.atlassian.com/cloud/jira/platform/rest/v2/intro/",
    owns=owns,
    parse=parse,
    group="tracker",
    takes="REST API v2 and v3",
    known_by="issues with `key` and `fields`, changelog entries, remote links, users",
)
