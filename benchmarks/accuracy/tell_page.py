"""Statuspage's export: incidents with their updates and post-mortems, and a maintenance now and then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from benchmarks.accuracy.noise import TOOL, recorded, told
from benchmarks.accuracy.world import PAGE, Act, Incident, Team
from podanalytics.sample.dice import LOWER, Dice
from podanalytics.sample.forms import Files, document, zulu_ms

Json = dict[str, Any]
IMPACT = {"P1": "critical", "P2": "major", "P3": "minor", "P4": "none"}


def tell(team: Team) -> Files:
    """`statuspage/incidents.json` and `statuspage/scheduled.json`."""
    entries = [entry for incident in team.incidents if (entry := _entry(team, incident))]
    works: list[Json] = []
    at = team.starts - timedelta(days=5)
    while at < team.as_of:
        if team.exported(PAGE, at):
            id = Dice(team.seed, team.name, zulu_ms(at)).code(LOWER, 12)
            update = _update(id, "completed", "Done.", zulu_ms(at), "u")
            works.append(_frame(team, id, "Routine database work", "maintenance", [update]) | {
                "scheduled_for": zulu_ms(at), "scheduled_until": zulu_ms(at + timedelta(hours=1)),
            })  # fmt: skip
        at += timedelta(days=14)
    page = {
        "id": "page00000000",
        "name": team.name,
        "url": f"https://status.{team.name}.example",
        "time_zone": "Etc/UTC",
    }
    return {
        "statuspage/incidents.json": document({"page": page, "incidents": entries[::-1]}),
        "statuspage/scheduled.json": document({"page": page, "scheduled_maintenances": works[::-1]}),
    }


def _update(entry: str, status: str, body: str, at: str, place: str) -> Json:
    id = Dice(1, entry, place).code(LOWER, 12)
    return {"id": id, "status": status, "body": body, "incident_id": entry, "created_at": at, "updated_at": at,
            "display_at": at, "affected_components": None}  # fmt: skip


def _frame(team: Team, id: str, name: str, impact: str, updates: list[Json]) -> Json:
    return {
        "id": id,
        "name": name,
        "status": updates[-1]["status"],
        "created_at": updates[0]["created_at"],
        "updated_at": max(u["updated_at"] for u in updates),
        "started_at": updates[0]["created_at"],
        "impact": impact,
        "shortlink": f"https://stspg.example/{id}",
        "incident_updates": updates[::-1],
        "components": [],
    }


def _entry(team: Team, incident: Incident) -> Json | None:
    dice = Dice(team.seed, incident.key, "page record")
    acts = [a for a in incident.acts if TOOL[a.verb] == PAGE and told(team, a)]
    posts = sorted((a for a in acts if a.verb in ("notice", "postmortem")), key=lambda a: a.at)
    if not posts:
        return None
    updates: list[Json] = []
    for number, act in enumerate(posts):
        updates += _posted(team, incident, act, number, dice)
    name = incident.title.partition(":")[0] + ": elevated errors"
    found = _frame(team, incident.page, name, IMPACT[incident.truth.severities[-1][1]], updates)
    backdated = next((a for a in acts if a.verb == "backdate"), None)
    if backdated and backdated.at < posts[0].at - timedelta(minutes=2):
        found["started_at"] = zulu_ms(backdated.at.replace(second=0, microsecond=0) + team.skew[PAGE])
    return found


def _posted(team: Team, incident: Incident, act: Act, number: int, dice: Dice) -> list[Json]:
    at = recorded(team, act, dice)
    status = "postmortem" if act.verb == "postmortem" else act.value
    once = _update(incident.page, status, act.text, zulu_ms(at), str(number))
    if not act.twice:
        return [once]
    return [once, _update(incident.page, status, act.text, zulu_ms(at + dice.delay(2, 30)), f"{number} again")]
