"""GitHub issues: REST pages, timelines, issue events and comments.

The list of issues contains pull requests; they are counted and not kept. Severities and incidents are labels, and
when a label was put on is in the timeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from podanalytics.model import Event, Kind, Person, Skipped, Told
from podanalytics.sources import Source
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._manifest import address_of
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import backdated, digest, each, first_json, head, id_of, text_of

NAME = "github"
LISTS = ("items", "timeline")
_ISSUE = re.compile(r"(?:github\.com/(?:repos/)?|/repos/)([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)")
_TIMELINE = re.compile(r"/repos/[\w.-]+/[\w.-]+/issues/\d+/timeline(?:\?|$)")
_HOST = re.compile(r"github\.com|/api/v3/repos/")  # the second: a GitHub Enterprise Server, at any address
_PULL = re.compile(r"github\.com/[\w.-]+/[\w.-]+/pull/\d")
_HOME = re.compile(r'"issue_url"\s*:\s*"([^"]+)"')
TIMELESS = {"committed", "line-commented", "commit-commented"}  # of pull requests: GitHub gives these no time of theirs
PULL_REQUEST = "pull request, or something on one"


def owns(path: Path) -> bool:
    """Issues, a timeline with its issue, issue events, or comments of the REST API."""
    if _home(path):
        return True
    document = first_json(path)
    if isinstance(document, dict) and document.get("items") == [] and "total_count" in document:
        return True
    found = sample(path, *LISTS)
    if found and "event" in found and _pulled(path):
        return True
    address = str(found.get("url") or found.get("html_url") or found.get("issue_url")) if found else ""
    if found is None or not _HOST.search(address):
        return False
    keys = set(found)
    return bool(
        {"number", "state", "title"} <= keys or {"event", "created_at"} <= keys or {"issue_url", "body"} <= keys
    )


def parse(path: Path) -> Iterator[Told]:
    """Issues, events and comments, in the file's order; a timeline's own issue first."""
    home = _home(path)
    document = first_json(path) if home else None
    if document and isinstance(document.get("issue"), dict):
        yield from each(NAME, [(f"{path.name}#/issue", document["issue"])], lambda item, o: _record(item, o, home))
    issue = home or _pulled(path)
    yield from each(NAME, records(path, NAME, *LISTS), lambda item, origin: _record(item, origin, issue))


def _home(path: Path) -> str | None:
    """The issue that a timeline is of; None for any other file. Looked for as text where the file is cut off."""
    start = head(path, 4096)
    if '"timeline"' not in start or not start.lstrip().startswith("{"):
        return None
    document = first_json(path)
    if not isinstance(document, dict):
        written = _HOME.search(start.partition('"timeline"')[0])
        return written[1] if written else None
    issue = document.get("issue")
    found = str(document.get("issue_url") or (issue.get("url") if isinstance(issue, dict) else issue))
    return found if isinstance(document.get("timeline"), list) and "github.com" in found else None


def _pulled(path: Path) -> str | None:
    """The address of a timeline's page that `pull` kept as it came: nothing in it says which issue it is of."""
    address = address_of(path)
    return address if _TIMELINE.search(address) else None


def _record(item: dict[str, Any], origin: str, home: str | None) -> Iterator[Told]:
    on_pull = "pull_request" in item or "pull_request" in (item.get("issue") or {})
    if on_pull or _PULL.search(str(item.get("html_url"))):
        return iter([Skipped(origin, PULL_REQUEST)])
    if "event" in item:
        return _event(item, origin, home)
    return _comment(item, origin) if "issue_url" in item else _issue(item, origin)


def _subject(*addresses: Any) -> str:
    for address in addresses:
        if hit := _ISSUE.search(str(address or "")):
            return f"{hit[1]}#{hit[2]}"
    raise ValueError("it does not say which issue it belongs to")


def _issue(item: dict[str, Any], origin: str) -> Iterator[Told]:
    subject, made, id = _subject(item["html_url"], item["url"]), item["created_at"], id_of(item)
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject,
        "occurred_at": iso(made),
        "precision": iso_precision(made),
        "origin": origin,
        "url": item["html_url"],
        "actor": _who(item.get("user")),
    }
    yield Event(
        kind=Kind.DECLARED,
        key=f"{id}/opened",
        value=(item.get("type") or {}).get("name") or "issue",
        text=item["title"],
        recorded_at=iso(item["updated_at"]),
        **base,
    )
    yield Event(kind=Kind.STATUS, key=f"{id}/opened/status", value="open", **base)
    if item.get("body"):
        yield Event(
            kind=Kind.OTHER,
            key=f"{id}/body/{digest(item['body'])}",
            value="description",
            text=item["body"].replace("\r\n", "\n"),
            **base,
        )
    if item.get("closed_at"):
        yield Event(
            kind=Kind.OTHER,
            key=f"{id}/closed_at/{item['closed_at']}",
            value="closed_at",
            text=text_of(item.get("state_reason")),
            **{**base, "occurred_at": iso(item["closed_at"]), "actor": None},
        )
    for label in item.get("labels") or []:
        # When it was put on is in the timeline, under a key of its own; here it is only known to be there now.
        name = label["name"] if isinstance(label, dict) else str(label)
        yield Event(
            kind=Kind.OTHER,
            key=f"{id}/label/{name}",
            value="label",
            text=name,
            **{**base, "occurred_at": iso(item["updated_at"]), "actor": None},
        )
    yield from _people(item.get("user"), *(item.get("assignees") or []))


def _event(item: dict[str, Any], origin: str, home: str | None) -> Iterator[Told]:
    subject = _subject(home, (item.get("issue") or {}).get("html_url"), item.get("issue_url"), item.get("html_url"))
    name = item["event"]
    if name in TIMELESS:
        yield Skipped(origin, f"{name} without a time")
        return
    when = item.get("submitted_at") or item["created_at"]
    own = item.get("id") or item.get("node_id") or f"{subject}/{when}/{_pointed(item) or ''}"
    actor = item.get("actor") or item.get("user")
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject,
        "key": f"{name}/{own}",
        "occurred_at": iso(when),
        "precision": iso_precision(when),
        "origin": origin,
        "actor": _who(actor),
        "url": item.get("html_url"),
    }
    if name == "commented":
        yield from _said(item, base)
    else:
        yield _told(name, item, base)
    yield from _people(actor, item.get("assignee"))


def _told(name: str, item: dict[str, Any], base: dict[str, Any]) -> Event:
    if name in ("labeled", "unlabeled"):
        side = "value" if name == "labeled" else "was"
        return Event(kind=Kind.LABELLED, **{side: item["label"]["name"]}, **base)
    if name in ("closed", "reopened"):
        return Event(kind=Kind.STATUS, value=name, text=text_of(item.get("state_reason")), **base)
    if name in ("assigned", "unassigned"):  # nobody: an account that is gone
        who = _who(item.get("assignee"))
        return Event(kind=Kind.ASSIGNED, **{**base, "value" if name == "assigned" else "was": who})
    if name == "renamed":
        return Event(kind=Kind.RENAMED, was=item["rename"]["from"], value=item["rename"]["to"], **base)
    if name == "cross-referenced" and (target := _pointed(item)):
        return Event(kind=Kind.LINKED, value=target, text="cross-referenced", **base)
    return Event(kind=Kind.OTHER, value=name, text=text_of(item.get("commit_id")), **base)


def _pointed(item: dict[str, Any]) -> str | None:
    found = ((item.get("source") or {}).get("issue") or {}).get("html_url")
    return str(found) if found else None


def _comment(item: dict[str, Any], origin: str) -> Iterator[Told]:
    made = item["created_at"]
    # The same comment in a timeline is a `commented` event with the same id.
    key = f"commented/{id_of(item)}"
    base: dict[str, Any] = {
        "source": NAME,
        "subject": _subject(item["issue_url"], item["html_url"]),
        "key": key,
        "occurred_at": iso(made),
        "precision": iso_precision(made),
        "origin": origin,
        "actor": _who(item.get("user")),
        "url": item["html_url"],
    }
    yield from _said(item, base)
    yield from _people(item.get("user"))


def _said(item: dict[str, Any], base: dict[str, Any]) -> Iterator[Event]:
    """A comment as it reads now, and its last edit: by whom, and what it read before, is in no export."""
    told = {**base, "text": (item.get("body") or "").replace("\r\n", "\n")}
    changed = iso(item.get("updated_at") or item["created_at"])
    message = Event(kind=Kind.MESSAGE, **told)
    yield backdated(message, changed)
    if changed != message.occurred_at:
        key = f"{message.key}/edited/{item['updated_at']}"
        edit = {**told, "key": key, "occurred_at": changed, "actor": None}
        yield Event(kind=Kind.EDITED, value=message.key, **edit)


def _who(user: dict[str, Any] | None) -> str | None:
    return text_of(user.get("login")) or None if user else None


def _people(*users: dict[str, Any] | None) -> Iterator[Person]:
    for user in users:
        if user and user.get("login"):
            yield Person(
                NAME,
                user["login"],
                None,
                user["login"],
                None,
                user.get("type") == "Bot" or user["login"].endswith("[bot]"),
            )


source = Source(
    title="GitHub issues",
    manual="https://docs.github.com/en/rest/issues",
    owns=owns,
    parse=parse,
    group="tracker",
    takes="REST API: issues and what happened to them",
    known_by="records with an address on github.com",
)
