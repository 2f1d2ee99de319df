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
from podanalytics.sources._pages import records, sample
from podanalytics.sources._read import each, first_json, json_document, members

NAME = "github"
LISTS = ("items",)
_ISSUE = re.compile(r"github\.com/(?:repos/)?([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)")
PULL_REQUEST = "pull request, or something on one"


def owns(path: Path) -> bool:
    """Issues, a timeline with its issue, issue events, or comments of the REST API."""
    document = first_json(path)
    if (
        isinstance(document, dict)
        and "timeline" in document
        and "github.com" in str(document.get("issue_url") or document.get("issue"))
    ):
        return True
    found = sample(path, *LISTS)
    if found is None or "github.com" not in str(found.get("url") or found.get("html_url") or found.get("issue_url")):
        return False
    keys = set(found)
    return bool(
        {"number", "state", "title"} <= keys or {"event", "created_at"} <= keys or {"issue_url", "body"} <= keys
    )


def parse(path: Path) -> Iterator[Told]:
    """Issues, events and comments, in the file's order."""
    document = first_json(path)
    if isinstance(document, dict) and "timeline" in document:
        document = json_document(path)
        home = document.get("issue_url") or document["issue"]["url"]
        if isinstance(document.get("issue"), dict):
            yield from each(NAME, [(f"{path.name}#/issue", document["issue"])], _record)
        told = (
            (place, {**event, "_home": home}) for place, event in members(path.name, "/timeline", document["timeline"])
        )
        yield from each(NAME, told, _record)
        return
    yield from each(NAME, records(path, NAME, *LISTS), _record)


def _record(item: dict[str, Any], origin: str) -> Iterator[Told]:
    if (
        "pull_request" in item
        or "pull_request" in (item.get("issue") or {})
        or "/pull/" in str(item.get("html_url", ""))
    ):
        return iter([Skipped(origin, PULL_REQUEST)])
    if "event" in item:
        return _event(item, origin)
    return _comment(item, origin) if "issue_url" in item else _issue(item, origin)


def _subject(*addresses: Any) -> str:
    for address in addresses:
        if hit := _ISSUE.search(str(address or "")):
            return f"{hit[1]}#{hit[2]}"
    raise ValueError("it does not say which issue it belongs to")


def _issue(item: dict[str, Any], origin: str) -> Iterator[Told]:
    subject, made = _subject(item["html_url"], item["url"]), item["created_at"]
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
        key=f"{item['id']}/opened",
        value=(item.get("type") or {}).get("name") or "issue",
        text=item["title"],
        recorded_at=iso(item["updated_at"]),
        **base,
    )
    yield Event(kind=Kind.STATUS, key=f"{item['id']}/opened/status", value="open", **base)
    if item.get("body"):
        yield Event(
            kind=Kind.OTHER,
            key=f"{item['id']}/body",
            value="description",
            text=item["body"].replace("\r\n", "\n"),
            **base,
        )
    if item.get("closed_at"):
        yield Event(
            kind=Kind.OTHER,
            key=f"{item['id']}/closed_at/{item['closed_at']}",
            value="closed_at",
            text=str(item.get("state_reason") or ""),
            **{**base, "occurred_at": iso(item["closed_at"]), "actor": None},
        )
    for label in item.get("labels") or []:
        # When it was put on is in the timeline, under a key of its own; here it is only known to be there now.
        name = label["name"] if isinstance(label, dict) else str(label)
        yield Event(
            kind=Kind.OTHER,
            key=f"{item['id']}/label/{name}",
            value="label",
            text=name,
            **{**base, "occurred_at": iso(item["updated_at"])},
        )
    yield from _people(item.get("user"), *(item.get("assignees") or []))


def _event(item: dict[str, Any], origin: str) -> Iterator[Told]:
    subject = _subject(
        item.get("_home"), (item.get("issue") or {}).get("html_url"), item.get("issue_url"), item.get("html_url")
    )
    name, when = item["event"], item.get("created_at") or item.get("submitted_at")
    if when is None:
        yield Skipped(origin, f"{name} without a time")
        return
    key = f"{name}/{item.get('id') or item.get('node_id') or item.get('sha') or f'{subject}/{when}'}"
    actor = item.get("actor") or item.get("user")
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject,
        "key": key,
        "occurred_at": iso(when),
        "precision": iso_precision(when),
        "origin": origin,
        "actor": _who(actor),
        "url": item.get("html_url"),
    }
    yield _told(name, item, base)
    if name == "commented" and item.get("updated_at") not in (None, when):
        yield _edited(item, key, base)
    yield from _people(actor, item.get("assignee"))


def _told(name: str, item: dict[str, Any], base: dict[str, Any]) -> Event:
    if name in ("labeled", "unlabeled"):
        side = "value" if name == "labeled" else "was"
        return Event(kind=Kind.LABELLED, **{side: item["label"]["name"]}, **base)
    if name in ("closed", "reopened"):
        return Event(kind=Kind.STATUS, value=name, text=str(item.get("state_reason") or ""), **base)
    if name in ("assigned", "unassigned"):
        return Event(
            kind=Kind.ASSIGNED, **{"value" if name == "assigned" else "was": item["assignee"]["login"]}, **base
        )
    if name == "renamed":
        return Event(kind=Kind.RENAMED, was=item["rename"]["from"], value=item["rename"]["to"], **base)
    if name == "commented":
        return Event(kind=Kind.MESSAGE, text=(item.get("body") or "").replace("\r\n", "\n"), **base)
    if name == "cross-referenced" and (target := ((item.get("source") or {}).get("issue") or {}).get("html_url")):
        return Event(kind=Kind.LINKED, value=target, text="cross-referenced", **base)
    return Event(kind=Kind.OTHER, value=name, text=str(item.get("commit_id") or ""), **base)


def _comment(item: dict[str, Any], origin: str) -> Iterator[Told]:
    made = item["created_at"]
    # The same comment in a timeline is a `commented` event with the same id.
    key = f"commented/{item['id']}"
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
    yield Event(kind=Kind.MESSAGE, text=(item.get("body") or "").replace("\r\n", "\n"), **base)
    if item.get("updated_at") not in (None, made):
        yield _edited(item, key, base)
    yield from _people(item.get("user"))


def _edited(item: dict[str, Any], key: str, base: dict[str, Any]) -> Event:
    changed = {**base, "key": f"{key}/edited/{item['updated_at']}", "occurred_at": iso(item["updated_at"])}
    return Event(kind=Kind.EDITED, value=key, text=(item.get("body") or "").replace("\r\n", "\n"), **changed)


def _who(user: dict[str, Any] | None) -> str | None:
    return str(user["login"]) if user and user.get("login") else None


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


source = Source("GitHub issues", "https://docs.github.com/en/rest/issues", owns, parse)
