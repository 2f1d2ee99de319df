"""Jira's webhooks: a delivery tells what was done just now, with the issue as it is by then.

What it tells has the same ids as in the API's answers, so a delivery that comes twice, or late, is the same event. Of
an issue that was made before its first delivery the first values are not known: they are in the API's answers.
Format: https://developer.atlassian.com/server/jira/platform/webhooks/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from podanalytics.model import Event, Kind, Skipped, Told
from podanalytics.sources._jira_issue import (
    NAME,
    also_called,
    browse,
    comment,
    history,
    issue,
    moment,
    opening,
    people,
    who,
)
from podanalytics.sources._jira_log import Log
from podanalytics.sources._read import id_of, text_of

KEYS = {"webhookEvent", "timestamp"}
_ISSUE = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted")
_COMMENT = ("comment_created", "comment_updated", "comment_deleted")


def hook(item: dict[str, Any], origin: str) -> Iterator[Told]:
    """What one delivery tells. Raises ValueError and KeyError."""
    name = item["webhookEvent"]
    if name in _ISSUE:
        return _on_issue(item, origin, name)
    if name in _COMMENT:
        return _on_comment(item, origin, name)
    if name == "issuelink_created":
        return iter([_link(item, origin)])
    return iter([Skipped(origin, f"webhook {text_of(name)}")])


def _on_issue(item: dict[str, Any], origin: str, name: str) -> Iterator[Told]:
    made = item["issue"]
    if name == "jira:issue_created":
        # Just made: what it is now is what it was at first, and nothing was changed yet.
        yield from issue({**made, "changelog": {"total": 0, "histories": []}}, origin)
        return
    # What is told of its making gives way to any telling that says when it was so: no moment of recording.
    yield from opening(made, origin, Log((), False), None)
    yield from people(item.get("user"))
    if name == "jira:issue_deleted":
        yield _deleted(f"{id_of(made)}/created", item, origin)
    elif changes := item.get("changelog"):
        yield from history({**changes, "created": _when(item), "author": item.get("user")}, made["key"], origin)
    if item.get("comment") and name == "jira:issue_updated":
        yield from comment(item["comment"], made["key"], origin, browse(made))


def _when(item: dict[str, Any]) -> Any:
    """When it was done: the issue's last update is the moment that its log has; the delivery is made a bit later."""
    updated = item["issue"]["fields"].get("updated")
    return updated if updated and moment(updated)[0] <= moment(item["timestamp"])[0] else item["timestamp"]


def _on_comment(item: dict[str, Any], origin: str, name: str) -> Iterator[Told]:
    of, said = item["issue"], item["comment"]
    if name == "comment_deleted":
        yield _deleted(f"comment/{id_of(said)}", item, origin)
        return
    yield from comment(said, of["key"], origin, browse(of))
    at, precision = moment(said["created"])
    yield also_called(id_of(of), _moment_of(item), _base(item, origin, of["key"]) | _at(at, precision))


def _deleted(what: str, item: dict[str, Any], origin: str) -> Event:
    """That something is gone, known by the key of its own event."""
    told = _base(item, origin, item["issue"]["key"])
    return Event(kind=Kind.DELETED, key=f"{what}/deleted", value=what, **told)


def _link(item: dict[str, Any], origin: str) -> Event:
    """A link between two issues, which the delivery knows by their numbers alone."""
    link = item["issueLink"]
    here, there = text_of(link["sourceIssueId"]), text_of(link["destinationIssueId"])
    words = text_of((link.get("issueLinkType") or {}).get("outwardName"))
    told = _base(item, origin, here)
    return Event(kind=Kind.LINKED, key=f"{here}/link/{id_of(link)}", value=there, text=words, **told)


def _moment_of(item: dict[str, Any]) -> datetime:
    return moment(item["timestamp"])[0]


def _base(item: dict[str, Any], origin: str, subject: str) -> dict[str, Any]:
    told = _at(*moment(item["timestamp"]))
    return {"source": NAME, "subject": subject, "origin": origin, "actor": who(item.get("user")), **told}


def _at(at: datetime, precision: Any) -> dict[str, Any]:
    return {"occurred_at": at, "precision": precision}
