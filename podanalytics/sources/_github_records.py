"""One issue, one thing that happened to it, one comment, as GitHub's API writes them.

Severities and incidents are labels, and when a label was put on is in the timeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from podanalytics.model import Event, Kind, Person, Skipped, Told
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._read import backdated, digest, id_of, text_of

NAME = "github"
_ISSUE = re.compile(r"(?:github\.com/(?:repos/)?|/repos/)([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)")
_PULL = re.compile(r"github\.com/[\w.-]+/[\w.-]+/pull/\d")
TIMELESS = {"committed", "line-commented", "commit-commented"}  # of pull requests: GitHub gives these no time of theirs
PULL_REQUEST = "pull request, or something on one"


def record(item: dict[str, Any], origin: str, home: str | None) -> Iterator[Told]:
    """What one record tells; `home` is the issue that a timeline is of."""
    on_pull = "pull_request" in item or "pull_request" in (item.get("issue") or {})
    if on_pull or _PULL.search(str(item.get("html_url"))):
        return iter([Skipped(origin, PULL_REQUEST)])
    if "event" in item:
        return event(item, origin, home)
    return comment(item, origin) if "issue_url" in item else issue(item, origin)


def subject_of(*addresses: Any) -> str:
    """The issue that one of these addresses leads to. Raises ValueError where none does."""
    for address in addresses:
        if hit := _ISSUE.search(str(address or "")):
            return f"{hit[1]}#{hit[2]}"
    raise ValueError("it does not say which issue it belongs to")


def issue(item: dict[str, Any], origin: str) -> Iterator[Told]:
    """An issue as it is now."""
    subject, made, id = subject_of(item["html_url"], item["url"]), item["created_at"], id_of(item)
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject,
        "occurred_at": iso(made),
        "precision": iso_precision(made),
        "origin": origin,
        "url": item["html_url"],
        "actor": who(item.get("user")),
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
    yield from people_of(item.get("user"), *(item.get("assignees") or []))


def event(item: dict[str, Any], origin: str, home: str | None) -> Iterator[Told]:
    """One thing that happened to an issue."""
    subject = subject_of(home, (item.get("issue") or {}).get("html_url"), item.get("issue_url"), item.get("html_url"))
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
        "actor": who(actor),
        "url": item.get("html_url"),
    }
    if name == "commented":
        yield from said(item, base)
    else:
        yield _told(name, item, base)
    yield from people_of(actor, item.get("assignee"))


def _told(name: str, item: dict[str, Any], base: dict[str, Any]) -> Event:
    if name in ("labeled", "unlabeled"):
        side = "value" if name == "labeled" else "was"
        return Event(kind=Kind.LABELLED, **{side: item["label"]["name"]}, **base)
    if name in ("closed", "reopened"):
        return Event(kind=Kind.STATUS, value=name, text=text_of(item.get("state_reason")), **base)
    if name in ("assigned", "unassigned"):  # nobody: an account that is gone
        side = "value" if name == "assigned" else "was"
        return Event(kind=Kind.ASSIGNED, **{**base, side: who(item.get("assignee"))})
    if name == "renamed":
        return Event(kind=Kind.RENAMED, was=item["rename"]["from"], value=item["rename"]["to"], **base)
    if name == "cross-referenced" and (target := _pointed(item)):
        return Event(kind=Kind.LINKED, value=target, text="cross-referenced", **base)
    return Event(kind=Kind.OTHER, value=name, text=text_of(item.get("commit_id")), **base)


def _pointed(item: dict[str, Any]) -> str | None:
    found = ((item.get("source") or {}).get("issue") or {}).get("html_url")
    return str(found) if found else None


def comment(item: dict[str, Any], origin: str) -> Iterator[Told]:
    """A comment of the list of comments."""
    made = item["created_at"]
    # The same comment in a timeline is a `commented` event with the same id.
    key = f"commented/{id_of(item)}"
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject_of(item["issue_url"], item["html_url"]),
        "key": key,
        "occurred_at": iso(made),
        "precision": iso_precision(made),
        "origin": origin,
        "actor": who(item.get("user")),
        "url": item["html_url"],
    }
    yield from said(item, base)
    yield from people_of(item.get("user"))


def said(item: dict[str, Any], base: dict[str, Any]) -> Iterator[Event]:
    """A comment as it reads now, and its last edit: by whom, and what it read before, is in no export."""
    told = {**base, "text": (item.get("body") or "").replace("\r\n", "\n")}
    changed = iso(item.get("updated_at") or item["created_at"])
    message = Event(kind=Kind.MESSAGE, **told)
    yield backdated(message, changed)
    if changed != message.occurred_at:
        key = f"{message.key}/edited/{item['updated_at']}"
        edit = {**told, "key": key, "occurred_at": changed, "actor": None}
        yield Event(kind=Kind.EDITED, value=message.key, **edit)


def who(user: dict[str, Any] | None) -> str | None:
    """The account's name; None for nobody."""
    return text_of(user.get("login")) or None if user else None


def people_of(*users: dict[str, Any] | None, source: str = NAME) -> Iterator[Person]:
    """The directory entries of accounts."""
    for user in users:
        if user and user.get("login"):
            yield Person(
                source,
                user["login"],
                None,
                user["login"],
                None,
                user.get("type") == "Bot" or user["login"].endswith("[bot]"),
            )
