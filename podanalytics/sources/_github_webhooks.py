"""GitHub's webhooks: what each delivery tells, whichever of the two readers of GitHub was given the file.

An issue's webhook carries the issue as it is then, so it tells what the list of issues tells, and what happened. The
body has no time of its own; the issue's `updated_at` is when it happened. Only of what is gone by then nobody knows it.
Source: webhook events and payloads, docs.github.com/en/webhooks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from podanalytics.model import Event, Fault, Kind, Skipped, Told
from podanalytics.sources import _github_changes as changes
from podanalytics.sources import _github_records as records
from podanalytics.sources._clock import iso, iso_precision
from podanalytics.sources._github_records import NAME, people_of, said, subject_of, who
from podanalytics.sources._hooks import NO_TIME, Hook, opened
from podanalytics.sources._read import digest, id_of, text_of

ABOUT_CHANGES = ("deployment", "deployment_status", "release", "workflow_run", "push")
ABOUT_ISSUES = ("issues", "issue_comment")


def event_name(hook: Hook) -> str:
    """The event's name: as its header says, else as the body shows; empty where it is no webhook of GitHub."""
    body = hook.body
    repository = body.get("repository")
    if not (isinstance(repository, dict) and repository.get("full_name") and isinstance(body.get("sender"), dict)):
        return ""
    if named := hook.headers.get("x-github-event"):
        return named
    if "pusher" in body and "ref" in body:
        return "push"
    if "comment" in body and "issue" in body:
        return "issue_comment"
    for part in ("issue", "deployment_status", "deployment", "release", "workflow_run"):
        if body.get(part) is not None:
            return "issues" if part == "issue" else part
    return "another event" if "action" in body else ""


def named(record: Any) -> str:
    """The event's name of a record as it stands in a file; empty for one that is no webhook of GitHub. For `owns`."""
    return event_name(opened(record)) if isinstance(record, dict) else ""


def webhook(hook: Hook) -> Iterator[Told]:
    """What one delivery tells."""
    event, body = event_name(hook), hook.body
    if event == "issues":
        return _issues(hook)
    if event == "issue_comment":
        return _comments(hook)
    if event in ABOUT_CHANGES:
        return _changes(event, body, hook)
    return iter([Skipped(hook.origin, f"webhook of {_part(event, body)}, which is about no issue and no change")])


def _part(event: str, body: dict[str, Any]) -> str:
    if event != "another event":
        return event
    return ", ".join(sorted(set(body) - {"action", "sender", "repository", "organization", "installation", "changes"}))


def _changes(event: str, body: dict[str, Any], hook: Hook) -> Iterator[Told]:
    repository, origin = text_of(body["repository"]["full_name"]), hook.origin
    if event == "push":
        return changes.push(body, origin, repository, hook.delivered)
    if event == "release":
        return changes.release(body["release"], origin, repository, text_of(body.get("action")), hook.delivered)
    if event == "workflow_run":
        return changes.workflow_run(body["workflow_run"], origin, repository, body.get("workflow"))
    return _deployed(event, body, origin, repository)


def _deployed(event: str, body: dict[str, Any], origin: str, repository: str) -> Iterator[Told]:
    yield from changes.deployment(body["deployment"], origin, repository)
    if event == "deployment_status":
        yield from changes.deployment_status(body["deployment_status"], origin, repository, body["deployment"])


# --- issues -----------------------------------------------------------------------------------------------------------


def _issues(hook: Hook) -> Iterator[Told]:
    body, item = hook.body, hook.body["issue"]
    if "pull_request" in item:
        yield Skipped(hook.origin, records.PULL_REQUEST)
        return
    yield from records.issue(item, hook.origin)
    yield from people_of(body["sender"], body.get("assignee"))
    action, id, when = text_of(body["action"]), id_of(item), item["updated_at"]
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject_of(item["html_url"], item["url"]),
        "origin": hook.origin,
        "actor": who(body["sender"]),
        "occurred_at": iso(when),
        "precision": iso_precision(when),
        "key": f"hook/{action}/{id}/{when}",
    }
    if action == "deleted":
        yield _deleted(f"{id}/opened", base, hook, "the issue was deleted")
    elif action == "edited":
        yield from _edited(body.get("changes") or {}, item, id, base)
    elif told := _happened(action, body, item, base):
        yield told


def _happened(action: str, body: dict[str, Any], item: dict[str, Any], base: dict[str, Any]) -> Event | None:
    """The event of one action; None for the opening itself, which the issue tells."""
    if action == "opened":
        former = ((body.get("changes") or {}).get("old_issue") or {}).get("html_url")
        return Event(kind=Kind.LINKED, value=former, text="transferred from", **base) if former else None
    if action in ("labeled", "unlabeled"):
        label = text_of(body["label"]["name"])
        side = "value" if action == "labeled" else "was"
        return Event(kind=Kind.LABELLED, **{**base, side: label, "key": f"{base['key']}/{label}"})
    if action in ("assigned", "unassigned"):
        login = who(body.get("assignee"))
        side = "value" if action == "assigned" else "was"
        return Event(kind=Kind.ASSIGNED, **{**base, side: login, "key": f"{base['key']}/{login}"})
    if action in ("closed", "reopened"):
        at = item.get("closed_at") if action == "closed" else None
        base = {**base, "occurred_at": iso(at)} if at else base
        return Event(kind=Kind.STATUS, value=action, text=text_of(item.get("state_reason")), **base)
    if action == "transferred":
        survivor = body["changes"]["new_issue"]
        return Event(kind=Kind.MERGED, value=subject_of(survivor["html_url"]), text="transferred", **base)
    return Event(kind=Kind.OTHER, value=action, **base)


def _edited(changed: dict[str, Any], item: dict[str, Any], id: str, base: dict[str, Any]) -> Iterator[Told]:
    if "title" in changed:
        former = text_of(changed["title"]["from"])
        yield Event(kind=Kind.RENAMED, **{**base, "value": item["title"], "was": former, "key": f"{base['key']}/title"})
    if "body" in changed:
        now, former = (_text(text) for text in (item.get("body"), changed["body"]["from"]))
        edit = {**base, "text": now, "was": former, "key": f"{base['key']}/body"}
        yield Event(kind=Kind.EDITED, value=f"{id}/body/{digest(former)}", **edit)
    if not {"title", "body"} & set(changed):
        yield Skipped(base["origin"], "edit that says not what was changed")


def _comments(hook: Hook) -> Iterator[Told]:
    body, item = hook.body, hook.body["comment"]
    if "pull_request" in body["issue"]:
        yield Skipped(hook.origin, records.PULL_REQUEST)
        return
    yield from people_of(body["sender"])
    message = f"commented/{id_of(item)}"
    made, changed = item["created_at"], item["updated_at"]
    base: dict[str, Any] = {
        "source": NAME,
        "subject": subject_of(item.get("issue_url"), item["html_url"]),
        "origin": hook.origin,
        "key": message,
        "occurred_at": iso(made),
        "precision": iso_precision(made),
        "actor": who(item.get("user")),
        "url": item["html_url"],
    }
    known = list(said(item, base))
    former = (body.get("changes") or {}).get("body") or {}
    for told in known:
        if told.kind is Kind.EDITED and body["action"] == "edited" and "from" in former:
            # Only the webhook says who did it and what it read before, so this telling stands before the list's.
            before = _text(former["from"])
            yield replace(told, actor=who(body["sender"]), was=before, recorded_at=told.occurred_at)
        else:
            yield told
    yield from people_of(item.get("user"))
    if body["action"] == "deleted":
        gone = {**base, "actor": who(body["sender"]), "key": f"{message}/deleted", "url": None}
        yield _deleted(message, gone, hook, "the comment was deleted")
    elif body["action"] == "edited" and iso(changed) == iso(made):
        yield Skipped(hook.origin, "edit in the second in which the comment was made")


def _deleted(what: str, base: dict[str, Any], hook: Hook, words: str) -> Event | Fault:
    """That something is gone, at the moment of the delivery: what is gone has no `updated_at` of that."""
    if hook.delivered is None:
        return Fault(NAME, hook.origin, f"{words}: {NO_TIME}", base["subject"])
    when = {"occurred_at": hook.delivered, "precision": iso_precision(hook.written), "key": f"{what}/deleted"}
    return Event(kind=Kind.DELETED, value=what, **{**base, **when})


def _text(value: Any) -> str:
    return text_of(value).replace("\r\n", "\n")
