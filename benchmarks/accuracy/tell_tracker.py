"""Jira's export: issues with comments and changelog as a REST search gives them, in the zone of whoever exported."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.accuracy.noise import TOOL, recorded, told
from benchmarks.accuracy.world import PAGE, TRACKER, Act, Incident, Team
from podanalytics.sample.dice import HEX, Dice
from podanalytics.sample.forms import Files, document

Json = dict[str, Any]
PRIORITY = {"P1": "Highest", "P2": "High", "P3": "Medium", "P4": "Low"}
PER_PAGE = 25


def person(team: Team, who: str) -> Json:
    """A user."""
    key = "712020:" + Dice(team.seed, "tracker", who).code(HEX, 12)
    return {"accountId": key, "displayName": who.title(), "accountType": "atlassian", "timeZone": team.zone(who)}


def tell(team: Team) -> Files:
    """`jira/issues_*.json`: incidents, and a weekly task so that the export has no hole of its own."""
    issues = [issue for incident in team.incidents if (issue := _issue(team, incident))]
    at = team.starts - timedelta(days=5)
    while at < team.as_of:
        if team.exported(TRACKER, at):
            issues.append(_task(team, at))
        at += timedelta(days=7)
    files: Files = {}
    for place in range(0, len(issues), PER_PAGE):
        # The list moved between two requests: the last of a page is the first of the next.
        chunk = issues[max(0, place - 1) : place + PER_PAGE]
        page = {"startAt": place, "maxResults": PER_PAGE, "total": len(issues), "issues": chunk}
        files[f"jira/issues_{place:04d}.json"] = document(page)
    return files


def _written(team: Team, at: datetime) -> str:
    local = at.astimezone(ZoneInfo(team.zone(team.people[0])))
    return local.strftime("%Y-%m-%dT%H:%M:%S.") + f"{local.microsecond // 1000:03d}" + local.strftime("%z")


def _envelope(team: Team, key: str, fields: Json, comments: list[Json], histories: list[Json]) -> Json:
    site = f"https://{team.name}.atlassian.net"
    number = int(key.split("-")[1])
    return {
        "id": str(20000 + number),
        "self": f"{site}/rest/api/2/issue/{20000 + number}",
        "key": key,
        "fields": {
            "project": {"key": key.split("-")[0]},
            "labels": [],
            **fields,
            "issuelinks": [],
            "comment": {"comments": comments, "total": len(comments), "maxResults": 100, "startAt": 0},
        },
        "changelog": {"startAt": 0, "maxResults": 100, "total": len(histories), "histories": histories[::-1]},
    }


def _task(team: Team, at: datetime) -> Json:
    number = 70000 + (at - team.starts).days
    fields = {
        "issuetype": {"name": "Task"},
        "summary": "weekly housekeeping",
        "created": _written(team, at),
        "updated": _written(team, at),
        "status": {"name": "Open", "statusCategory": {"key": "new"}},
        "priority": {"name": "Low"},
    }
    return _envelope(team, f"OPS-{number}", fields, [], [])


def _issue(team: Team, incident: Incident) -> Json | None:
    acts = [a for a in incident.acts if TOOL[a.verb] == TRACKER and told(team, a)]
    declared = next((a for a in acts if a.verb == "declare"), None)
    if declared is None:
        return None
    dice = Dice(team.seed, incident.key, "tracker record")
    made = recorded(team, declared, dice)
    histories, comments, status, priority = [], _own_comments(team, incident, made), "Open", None
    last = made
    for number, act in enumerate(acts):
        at = max(made, recorded(team, act, dice))
        last = max(last, at)
        if act.verb == "severity":
            if priority is not None or act.at > declared.at:
                histories.append(_change(team, act, at, number, "priority", priority, PRIORITY[act.value]))
            priority = PRIORITY[act.value]
        elif act.verb == "status":
            histories.append(_change(team, act, at, number, "status", status, act.value))
            status = act.value
        elif act.verb == "comment":
            comments.append(_comment(team, incident, act.who, at, act.text, number))
    done = status in ("Resolved", "Closed")
    fields: Json = {
        "issuetype": {"name": "Incident"},
        "summary": incident.title,
        "description": _description(team, incident),
        "priority": {"name": priority} if priority else None,
        "reporter": person(team, declared.who),
        "created": _written(team, made),
        "updated": _written(team, last),
        "status": {"name": status, "statusCategory": {"key": "done" if done else "indeterminate"}},
    }
    return _envelope(team, incident.key, fields, comments, histories)


def _description(team: Team, incident: Incident) -> str:
    lines = ["Details are in the channel."]
    if any(a.verb == "trigger" for a in incident.acts):
        lines.append(f"PagerDuty: https://{team.name}.pagerduty.com/incidents/{incident.pager}")
    return "\n".join(lines)


def _own_comments(team: Team, incident: Incident, made: datetime) -> list[Json]:
    """The automation's link to the page entry, as soon as there is one."""
    first = next((a for a in incident.acts if TOOL[a.verb] == PAGE and a.verb == "notice" and told(team, a)), None)
    if first is None:
        return []
    text = f"Status page: https://status.{team.name}.example/incidents/{incident.page}"
    at = max(made, first.at + timedelta(seconds=20) + team.skew[TRACKER])
    return [_comment(team, incident, "", at, text, 900)]


def _comment(team: Team, incident: Incident, who: str, at: datetime, text: str, number: int) -> Json:
    author = person(team, who) if who else person(team, "podbot") | {"accountType": "app"}
    written = _written(team, at)
    id = str(incident.number * 1000 + number)
    return {"id": id, "author": author, "body": text, "updateAuthor": author, "created": written, "updated": written}


def _change(team: Team, act: Act, at: datetime, number: int, field: str, was: str | None, to: str) -> Json:
    item = {"field": field, "fieldtype": "jira", "from": was, "fromString": was, "to": to, "toString": to}
    stamp = str(round(act.at.timestamp() * 10)) + str(number)
    return {"id": stamp, "author": person(team, act.who), "created": _written(team, at), "items": [item]}
