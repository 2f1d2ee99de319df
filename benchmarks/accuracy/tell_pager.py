"""PagerDuty's export: REST pages of incidents and of log entries, to the second."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from benchmarks.accuracy.noise import TOOL, recorded, told
from benchmarks.accuracy.world import PAGER, Act, Incident, Team
from podanalytics.sample.dice import UPPER, Dice
from podanalytics.sample.forms import Files, document, zulu

Json = dict[str, Any]
CHECKS = timedelta(days=7)  # the on-call phones are tried every week


def person(team: Team, who: str) -> Json:
    """A user."""
    return {"id": "P" + Dice(team.seed, "pager", who).code(UPPER, 6), "type": "user_reference", "summary": who.title()}


def service(name: str) -> Json:
    """A service, which is automation."""
    return {"id": "PS" + Dice(1, "service", name).code(UPPER, 5), "type": "service_reference", "summary": name}


def tell(team: Team) -> Files:
    """`pagerduty/incidents.json` and `pagerduty/log_entries_*.json`."""
    incidents: list[Json] = []
    entries: list[Json] = []
    for incident in team.incidents:
        acts = [a for a in incident.acts if TOOL[a.verb] == PAGER and told(team, a)]
        if any(a.verb == "trigger" for a in acts):
            entries += [e for a in acts for e in _entries(team, incident, a)]
            incidents += _incidents(team, incident, acts)
    at = team.starts - timedelta(days=5)
    while at < team.as_of:
        if team.exported(PAGER, at):
            incidents.append(_check(team, at))
        at += CHECKS
    entries.sort(key=lambda e: (e["created_at"], e["id"]), reverse=True)
    files = {"pagerduty/incidents.json": document({"incidents": incidents, "limit": 500, "offset": 0, "more": False})}
    for place in range(0, len(entries), 200):
        page = {"log_entries": entries[place : place + 200], "limit": 200, "offset": place, "more": False}
        files[f"pagerduty/log_entries_{place:05d}.json"] = document(page)
    return files


def _check(team: Team, at: datetime) -> Json:
    dice = Dice(team.seed, team.name, "check", zulu(at))
    return _record(
        team, "Q" + dice.code(UPPER, 13), dice.whole(90000, 99999), "TEST: on-call phones", at, at, "resolved"
    )


def _record(team: Team, id: str, number: int, title: str, made: datetime, last: datetime, status: str) -> Json:
    return {
        "id": id,
        "type": "incident",
        "summary": f"[#{number}] {title}",
        "html_url": f"https://{team.name}.pagerduty.com/incidents/{id}",
        "incident_number": number,
        "title": title,
        "created_at": zulu(made),
        "status": status,
        "service": service(title.partition(":")[0]),
        "last_status_change_at": zulu(last),
        "urgency": "high",
        "priority": None,
    }


def _entries(team: Team, incident: Incident, act: Act) -> list[Json]:
    dice = Dice(team.seed, incident.key, act.verb, act.at.isoformat(), "entry")
    at = recorded(team, act, dice)
    kind, agent, channel = {
        "trigger": ("trigger", service(incident.title), "api"),
        "duplicate": ("trigger", service(incident.title), "api"),
        "notify": ("notify", None, "auto"),
        "ack": ("acknowledge", act.who, "mobile"),
        "bot_ack": ("acknowledge", service(incident.title), "api"),
        "unack": ("unacknowledge", service(incident.title), "timeout"),
        "auto_resolve": ("resolve", service(incident.title), "api"),
        "pager_resolve": ("resolve", act.who, "website"),
        "merge": ("resolve", act.who, "website"),
    }[act.verb]
    of_duplicate = act.verb in ("duplicate", "merge")
    entry: Json = {
        "id": "R" + dice.code(UPPER, 25),
        "type": f"{kind}_log_entry",
        "summary": f"{kind} by {act.who.title() or 'the service'}",
        "created_at": zulu(at),
        "channel": {"type": channel},
        "incident": {"id": incident.duplicate if of_duplicate else incident.pager, "type": "incident_reference"},
    }
    if agent is not None:
        entry["agent"] = person(team, agent) if isinstance(agent, str) else agent
    if act.verb == "notify":
        entry |= {"user": person(team, act.who), "summary": f"Notified {act.who.title()} by push notification."}
    if not act.twice:
        return [entry]
    later = at + dice.delay(1, 20)
    return [entry, {**entry, "id": "R" + dice.code(UPPER, 25), "created_at": zulu(later)}]


def _incidents(team: Team, incident: Incident, acts: list[Act]) -> list[Json]:
    dice = Dice(team.seed, incident.key, "pager record")
    own = [a for a in acts if a.verb not in ("duplicate", "merge")]
    fired = next(a for a in own if a.verb == "trigger")
    changes = [a for a in own if a.verb in ("trigger", "ack", "bot_ack", "unack", "auto_resolve", "pager_resolve")]
    last = changes[-1]
    status = {"trigger": "triggered", "unack": "triggered", "ack": "acknowledged", "bot_ack": "acknowledged"}
    made = recorded(team, fired, dice)
    since = max(made, recorded(team, last, dice))
    found = _record(
        team, incident.pager, incident.number + 5000, incident.title, made, since, status.get(last.verb, "resolved")
    )
    if team.pager_priority:
        word = incident.truth.severities[-1][1]
        found["priority"] = {"id": f"PRIO{word}", "type": "priority", "summary": word}
    both = [found]
    merge = next((a for a in acts if a.verb == "merge"), None)
    second = next((a for a in acts if a.verb == "duplicate"), None)
    if merge and second:
        other = _record(team, incident.duplicate, incident.number + 8000, incident.title + " (2)",
                        recorded(team, second, dice), recorded(team, merge, dice), "resolved")  # fmt: skip
        other["resolve_reason"] = {
            "type": "merge_resolve_reason",
            "incident": {"id": incident.pager, "type": "incident_reference"},
        }
        both.append(other)
    return both
