"""Jira tells: issues with comments, links and the changelog, as a REST v2 search gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from podanalytics.sample.forms import Files, document, jira_time
from podanalytics.sample.people import CAST
from podanalytics.sample.stage import JIRA_SITE, STATUS_SITE, Cue, Stage, mentions

PRIORITIES = {"P1": "Highest", "P2": "High", "P3": "Medium", "P4": "Low"}
PRIORITY_IDS = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4"}
STATUSES = {
    "Open": ("1", "new"),
    "Investigating": ("10101", "indeterminate"),
    "Identified": ("10102", "indeterminate"),
    "Fixing": ("10103", "indeterminate"),
    "Monitoring": ("10104", "indeterminate"),
    "Resolved": ("5", "done"),
    "Closed": ("6", "done"),
    "Reopened": ("4", "indeterminate"),
    "To Do": ("10000", "new"),
    "In Progress": ("3", "indeterminate"),
    "Done": ("10001", "done"),
    "Won't Do": ("10002", "done"),
}
PAGE = 20
Issue = dict[str, Any]


def tell(stage: Stage) -> Files:
    """`jira/issues_*.json`: incidents (INC) and action items (ACT), by the number of the issue."""
    issues: dict[str, _Issue] = {}
    for plot in stage.plots:
        if plot.one("record", "jira") == "jira":
            _Telling(stage, issues).play(stage.cues(plot))
    done = [issue.done() for _, issue in sorted(issues.items(), key=lambda pair: pair[1].order)]
    files: Files = {}
    for start in range(0, len(done), PAGE):
        page = {"expand": "schema,names", "startAt": start, "maxResults": PAGE, "total": len(done)}
        files[f"jira/issues_{start:03d}.json"] = document(page | {"issues": done[start : start + PAGE]})
    return files


class _Issue:
    """One issue while it is being told."""

    def __init__(self, stage: Stage, key: str, kind: str, at: datetime, status: str, fields: dict[str, Any]) -> None:
        self.stage, self.key, self.kind, self.created, self.updated = stage, key, kind, at, at
        number = int(key.split("-")[1])
        self.order = (kind != "Incident", number)
        self.id = str(20000 + number if kind == "Incident" else 40000 + number)
        self.status, self.fields = status, fields
        self.comments: list[dict[str, Any]] = []
        self.histories: list[dict[str, Any]] = []
        self.links: list[dict[str, Any]] = []

    def log(self, cue: Cue, at: datetime, *items: dict[str, Any]) -> None:
        key = str(self.stage.serial(at, "history", self.key, cue.place))
        self.histories.append(
            {"id": key, "author": person(self.stage, cue.who), "created": jira_time(at), "items": list(items)}
        )
        self.updated = max(self.updated, at)

    def move(self, cue: Cue, at: datetime, to: str, *more: dict[str, Any]) -> None:
        was, self.status = self.status, to
        self.log(cue, at, item("status", STATUSES[was][0], was, STATUSES[to][0], to), *more)

    def comment(self, cue: Cue, at: datetime, text: str) -> None:
        body = mentions(text, lambda key: f"[~accountid:{self.stage.account(key)}]")
        author = person(self.stage, cue.who)
        key = str(self.stage.serial(at, "comment", self.key, cue.place))
        told = {"id": key, "author": author, "body": body, "updateAuthor": author}
        self.comments.append(told | {"created": jira_time(at), "updated": jira_time(at)})
        self.updated = max(self.updated, at)

    def link(self, name: str, inward: str, outward: str, side: str, other: _Issue) -> None:
        key = str(self.stage.number("link", *sorted((self.key, other.key)), digits=8))
        kind = {"id": "10002", "name": name, "inward": inward, "outward": outward}
        self.links.append(
            {"id": key, "type": kind, side: {"id": other.id, "key": other.key, "fields": {"summary": other.summary}}}
        )

    @property
    def summary(self) -> str:
        return str(self.fields["summary"])

    def done(self) -> Issue:
        status_id, category = STATUSES[self.status]
        comments = {
            "comments": self.comments,
            "maxResults": len(self.comments),
            "total": len(self.comments),
            "startAt": 0,
        }
        return {
            "expand": "changelog",
            "id": self.id,
            "self": f"{JIRA_SITE}/rest/api/2/issue/{self.id}",
            "key": self.key,
            "fields": {
                "issuetype": {"name": self.kind, "subtask": False},
                "project": {"key": self.key.split("-")[0]},
                **self.fields,
                "status": {"id": status_id, "name": self.status, "statusCategory": {"key": category}},
                "created": jira_time(self.created),
                "updated": jira_time(self.updated),
                "issuelinks": self.links,
                "comment": comments,
            },
            "changelog": {
                "startAt": 0,
                "maxResults": len(self.histories),
                "total": len(self.histories),
                # Newest first, as the Cloud tells them since 2019.
                "histories": self.histories[::-1],
            },
        }


class _Telling:
    """One plot in Jira: its incident, and the action items that came of it."""

    def __init__(self, stage: Stage, issues: dict[str, _Issue]) -> None:
        self.stage, self.issues = stage, issues
        self.issue: _Issue | None = None

    def play(self, cues: list[Cue]) -> None:
        for cue in cues:
            at = self.stage.told("jira", cue, 0.1, 1.8)
            if cue.verb == "declare":
                self.declare(cue, at)
            elif cue.verb in ("action", "move"):
                (self.action if cue.verb == "action" else self.move)(cue, at)
            elif self.issue and (act := self._acts().get(cue.verb)):
                act(self.issue, cue, at)

    def _acts(self) -> dict[str, Callable[[_Issue, Cue, datetime], None]]:
        return {
            "severity": self.severity, "status": self.status, "comment": self.comment, "merge": self.merge,
            "assign": self.assign, "retitle": self.retitle, "label": self.label,
        }  # fmt: skip

    def declare(self, cue: Cue, at: datetime) -> None:
        plot = cue.plot
        labels = ["incident", *plot.one("labels").split()]
        fields = {
            "summary": plot.title,
            "description": "\n".join(self._description(cue)),
            "priority": priority(PRIORITIES[cue.text]),
            "labels": labels,
            "components": [{"name": plot.service}],
            "reporter": person(self.stage, cue.who),
            "assignee": None,
            "duedate": None,
        }
        self.issue = self.issues[plot.id] = _Issue(self.stage, plot.id, "Incident", at, "Open", fields)

    def _description(self, cue: Cue) -> Iterator[str]:
        yield from cue.plot.head.get("about", [])
        if cue.plot.has("alert"):
            yield f"PagerDuty: https://lanternrelay.pagerduty.com/incidents/{self.stage.pager_id(cue.plot)}"
        if channel := cue.plot.one("channel"):
            yield f"Slack: #{channel}"

    def severity(self, issue: _Issue, cue: Cue, at: datetime) -> None:
        was, to = issue.fields["priority"], priority(PRIORITIES[cue.fields[0]])
        issue.fields["priority"] = to
        issue.log(cue, at, item("priority", was["id"], was["name"], to["id"], to["name"]))

    def status(self, issue: _Issue, cue: Cue, at: datetime) -> None:
        more = []
        if cue.text == "Investigating" and issue.fields["assignee"] is None:
            more.append(self._assigned(issue, cue.who))
        issue.move(cue, at, cue.text, *more)

    def _assigned(self, issue: _Issue, who: str) -> dict[str, Any]:
        was = issue.fields["assignee"] or {"accountId": None, "displayName": None}
        to = issue.fields["assignee"] = person(self.stage, who)
        return item("assignee", was["accountId"], was["displayName"], to["accountId"], to["displayName"])

    def assign(self, issue: _Issue, cue: Cue, at: datetime) -> None:
        issue.log(cue, at, self._assigned(issue, cue.text))

    def retitle(self, issue: _Issue, cue: Cue, at: datetime) -> None:
        was, issue.fields["summary"] = issue.summary, cue.text
        issue.log(cue, at, item("summary", None, was, None, cue.text))

    def label(self, issue: _Issue, cue: Cue, at: datetime) -> None:
        was = " ".join(issue.fields["labels"])
        issue.fields["labels"] = [*issue.fields["labels"], cue.text]
        issue.log(cue, at, item("labels", None, was, None, " ".join(issue.fields["labels"])))

    def comment(self, issue: _Issue, cue: Cue, at: datetime) -> None:
        issue.comment(cue, at, cue.text.replace("{site}", STATUS_SITE))

    def merge(self, issue: _Issue, cue: Cue, at: datetime) -> None:
        survivor = self.issues[cue.text]
        told = f"This issue duplicates {survivor.key}"
        issue.log(cue, at, item("Link", None, None, survivor.key, told))
        issue.link("Duplicate", "is duplicated by", "duplicates", "outwardIssue", survivor)
        survivor.link("Duplicate", "is duplicated by", "duplicates", "inwardIssue", issue)

    def action(self, cue: Cue, at: datetime) -> None:
        """`ACT-7 tomasz 2026-06-30 | Title`: an action item, its owner (`-` nobody) and due date (`-` none)."""
        key, owner, due = cue.fields[0].split()
        fields = {
            "summary": cue.text.partition(" | ")[2],
            "description": f"Follow-up of {cue.plot.id}.",
            "priority": priority("Medium"),
            "labels": ["postmortem"],
            "components": [{"name": cue.plot.service}],
            "reporter": person(self.stage, cue.who),
            "assignee": None if owner == "-" else person(self.stage, owner),
            "duedate": None if due == "-" else due,
        }
        made = self.issues[key] = _Issue(self.stage, key, "Action", at, "To Do", fields)
        if self.issue:
            made.link("Relates", "relates to", "relates to", "outwardIssue", self.issue)
            self.issue.link("Relates", "relates to", "relates to", "inwardIssue", made)

    def move(self, cue: Cue, at: datetime) -> None:
        """`ACT-7 In Progress`."""
        key, _, to = cue.text.partition(" ")
        self.issues[key].move(cue, at, to)


def priority(name: str) -> dict[str, Any]:
    """A priority field."""
    return {"id": PRIORITY_IDS[name], "name": name}


def item(field: str, was: str | None, was_name: str | None, to: str | None, to_name: str | None) -> dict[str, Any]:
    """One change of a history entry."""
    return {
        "field": field,
        "fieldtype": "jira",
        "fieldId": "issuelinks" if field == "Link" else field,
        "from": was,
        "fromString": was_name,
        "to": to,
        "toString": to_name,
    }


def person(stage: Stage, key: str) -> dict[str, Any]:
    """A user; `-` is the automation account."""
    if key == "-":
        return {"accountId": stage.account("podbot"), "displayName": "podbot", "active": True, "accountType": "app"}
    member = CAST[key]
    return {
        "accountId": stage.account(key),
        "emailAddress": member.email,
        "displayName": member.name,
        "active": member.left is None,
        "timeZone": member.zone,
        "accountType": "atlassian",
    }
