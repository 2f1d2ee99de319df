"""One issue of Jira as its API and its webhooks write it: what it was at first, what it is now, its changes, comments
and links, and who wrote them.

The first status and priority are in no field: they are the `fromString` of the first change, or the present value where
nothing changed. Statuses and priorities stay in the tool's own words (and language).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from podanalytics.model import Event, Fault, Kind, Person, Precision, Skipped, Told
from podanalytics.sources._adf import plain_text
from podanalytics.sources._clock import epoch, iso, iso_or_none, iso_precision
from podanalytics.sources._jira_log import NOISE, ROLE_WORDS, Log, told_by
from podanalytics.sources._read import backdated, digest, id_of, text_of

NAME = "jira"
LATEST = "at the latest: so it stood when the issue was last updated"
HISTORIES, COMMENTS, BULK = "/changelog/histories", "/fields/comment/comments", "/changeHistories"
MILLISECONDS = 10**11  # a larger number is no count of seconds: it would be the year 5138


def issue(item: dict[str, Any], origin: str) -> Iterator[Told]:
    """An issue of the API: as it was at first, and what it points at now."""
    fields, id, log = item["fields"], id_of(item), Log.of(item)
    base = _base(item, origin)
    seen = iso(fields["updated"]) if fields.get("updated") else None
    yield from opening(item, origin, log, seen)
    yield from _states(fields, log, id, seen, base)
    if text := log.at_first("description", plain_text(fields.get("description"))):
        # Its words are in the key: of two exports, each with its own, neither is lost.
        key_of_text = f"{id}/description/{digest(text)}"
        yield Event(kind=Kind.OTHER, key=key_of_text, value="description", text=text, **base)
    for label in (log.at_first("labels", " ".join(fields.get("labels") or [])) or "").split():
        yield Event(kind=Kind.LABELLED, key=f"{id}/label/first/{label}", value=label, **base)
    if due := log.at_first("duedate", fields.get("duedate"), "from"):
        yield Event(kind=Kind.OTHER, key=f"{id}/duedate", value="duedate", text=due, **base)
    if assignee := log.at_first("assignee", who(fields.get("assignee")), "from"):
        yield Event(kind=Kind.ASSIGNED, key=f"{id}/assignee/first", value=assignee, **base)
    yield from _roles(fields, log, id, base)
    # The field holds the links there are now, as of the last update; when each was made is in the changelog.
    yield from _links(fields, id, {**base, "occurred_at": seen or base["occurred_at"], "actor": None})
    yield from _incomplete(item, origin)


def opening(item: dict[str, Any], origin: str, log: Log, seen: datetime | None) -> Iterator[Event | Person]:
    """That the issue was made, by what number it goes, too, and its people. `seen`: when it was as it is told here."""
    fields, id, base = item["fields"], id_of(item), _base(item, origin)
    type_ = (fields.get("issuetype") or {}).get("name") or "issue"
    title = log.at_first("summary", fields.get("summary")) or ""
    yield Event(kind=Kind.DECLARED, key=f"{id}/created", value=type_, text=title, recorded_at=seen, **base)
    yield also_called(id, seen, base)
    yield from people(fields.get("reporter"), fields.get("creator"), fields.get("assignee"))


def also_called(other: str, seen: datetime | None, base: dict[str, Any]) -> Event:
    """That the record of `base` goes by another name, too: its number, which outlives each of its keys."""
    key = f"{other}/alias/{base['subject']}"
    told = {**base, "actor": None, "url": None, "recorded_at": seen}
    return Event(kind=Kind.ALIAS, key=key, value=other, **told)


def _base(item: dict[str, Any], origin: str) -> dict[str, Any]:
    fields, made = item["fields"], item["fields"]["created"]
    return {
        "source": NAME,
        "subject": item["key"],
        "occurred_at": iso(made),
        "precision": iso_precision(made),
        "origin": origin,
        "url": browse(item),
        "actor": who(fields.get("reporter") or fields.get("creator")),
    }


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
        key = f"{id}/status/{now['name']}/as of {since.isoformat()}"
        yield Event(kind=Kind.STATUS, key=key, value=now["name"], text=text, **told)


def _named(value: Any) -> str | None:
    return value.get("name") or value.get("value") if isinstance(value, dict) else None


def browse(item: dict[str, Any]) -> str | None:
    """Where people see the issue."""
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
    parent = [fields["parent"]] if fields.get("parent") else []
    for name, others in (("parent", parent), ("sub-task", fields.get("subtasks") or [])):
        for other in others:
            yield Event(kind=Kind.LINKED, key=f"{id}/{name}/{id_of(other)}", value=other["key"], text=name, **base)


def _roles(fields: dict[str, Any], log: Log, id: str, base: dict[str, Any]) -> Iterator[Event]:
    for name, value in sorted(fields.items()):
        holder = who(value) if name.lower() in ROLE_WORDS and isinstance(value, dict) else None
        if holder and (first := log.at_first(name.lower(), holder, "from")):
            yield Event(kind=Kind.ROLE, key=f"{id}/role/{name}", value=name, **{**base, "actor": first})


def history(entry: dict[str, Any], subject: str, origin: str) -> Iterator[Told]:
    """One entry of a changelog: what somebody changed at once."""
    at, precision = moment(entry["created"])
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject,
        "occurred_at": at,
        "precision": precision,
        "origin": origin,
        "actor": who(entry.get("author")),
    }
    yield from people(entry.get("author"))
    for number, change in enumerate(entry["items"]):
        if change["field"] in NOISE:
            yield Skipped(origin, f"change of {change['field']}")
            continue
        # The entry's own id alone: what the issue is called depends on who told of it, and when.
        yield from told_by(change, f"changelog/{id_of(entry)}/{number}", base)
        if change["field"] == "Key" and change.get("fromString") and change.get("toString"):
            yield also_called(change["fromString"], None, {**base, "subject": change["toString"]})


def moment(written: Any) -> tuple[datetime, Precision]:
    """A moment and how finely it is written: ISO, or seconds or milliseconds since 1970, as webhooks and the bulk fetch
    of changelogs have it. Raises ValueError.
    """
    if isinstance(written, int) and not isinstance(written, bool):
        fine = abs(written) >= MILLISECONDS
        at = epoch(f"{written // 1000}.{written % 1000:03}" if fine else written)
        return at, Precision.MILLISECOND if fine else Precision.SECOND
    return iso(written), iso_precision(written)


def comment(entry: dict[str, Any], subject: str, origin: str, url: str | None) -> Iterator[Told]:
    """What somebody wrote under an issue, and that it was edited."""
    made, changed = iso(entry["created"]), iso(entry.get("updated") or entry["created"])
    key, author = f"comment/{id_of(entry)}", who(entry.get("author"))
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject,
        "origin": origin,
        "url": url,
        "text": plain_text(entry.get("body")),
        "precision": iso_precision(entry["created"]),
    }
    yield backdated(Event(kind=Kind.MESSAGE, key=key, occurred_at=made, actor=author, **base), changed)
    if changed != made:
        # The moment and not its text: how Jira writes it depends on the zone of whoever asked.
        edit = f"{key}/edited/{changed.isoformat()}"
        by = who(entry.get("updateAuthor")) or author
        yield Event(kind=Kind.EDITED, key=edit, value=key, occurred_at=changed, actor=by, **base)
    yield from people(entry.get("author"), entry.get("updateAuthor"))


def who(person: dict[str, Any] | None) -> str | None:
    """The key of a person, as this Jira has it: the account's id, else an older key or name."""
    found = person and (person.get("accountId") or person.get("key") or person.get("name") or person.get("displayName"))
    return text_of(found) or None


def person(entry: dict[str, Any]) -> Person:
    """A user, or an app, as the API describes them."""
    return Person(
        NAME,
        who(entry) or "unknown",
        entry.get("displayName"),
        None,
        entry.get("emailAddress") or None,
        entry.get("accountType") == "app",
        entry.get("timeZone"),
    )


def people(*given: dict[str, Any] | None) -> Iterable[Person]:
    """Those of them who are somebody."""
    return (person(p) for p in given if p and who(p))
