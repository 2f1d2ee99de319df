"""Statuspage tells: the public page's incidents, and the polls of its summary that were taken during the worst one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from podanalytics.sample.dice import LOWER
from podanalytics.sample.forms import Files, document, zulu_ms
from podanalytics.sample.plots import Plot
from podanalytics.sample.stage import STATUS_SITE, Cue, Stage

COMPONENTS = {
    "API": "pod-api",
    "Message relay": "pod-relay",
    "Search and history": "pod-indexer",
    "Web console": "pod-web",
}
INDICATORS = {
    "critical": "Major System Outage",
    "major": "Partial System Outage",
    "minor": "Minor Service Outage",
    "none": "All Systems Operational",
}


def tell(stage: Stage) -> Files:
    """`statuspage/incidents.json` and `statuspage/polls/summary_*.json`."""
    shown = [plot for plot in stage.plots if plot.has("notice")]
    last = max(cue.moment for cue in stage.every("notice", "edit-notice"))
    pages = [page for plot in shown if (page := incident(stage, plot, None))]
    pages.sort(key=lambda page: (page["created_at"], page["id"]), reverse=True)
    files = {"statuspage/incidents.json": document({"page": _page(stage, last), "incidents": pages})}
    for cue in stage.every("poll"):
        files[f"statuspage/polls/summary_{cue.moment:%Y-%m-%dT%H%M%SZ}.json"] = document(_summary(stage, cue, shown))
    return files


def _page(stage: Stage, at: datetime) -> dict[str, Any]:
    key = stage.dice("page").code(LOWER, 12)
    return {"id": key, "name": "Lantern Relay", "url": STATUS_SITE, "time_zone": "Etc/UTC", "updated_at": zulu_ms(at)}


def _summary(stage: Stage, poll: Cue, shown: list[Plot]) -> dict[str, Any]:
    """What the summary said at one moment: unresolved incidents only, as they read then."""
    told = (incident(stage, plot, poll.moment) for plot in shown)
    pages = [page for page in told if page and page["status"] not in ("resolved", "postmortem")]
    worst = next((level for level in INDICATORS for page in pages if page["impact"] == level), "none")
    return {
        "page": _page(stage, poll.moment),
        "components": _components(stage, poll.moment),
        "incidents": pages,
        "scheduled_maintenances": [],
        "status": {"indicator": worst, "description": INDICATORS[worst]},
    }


def _components(stage: Stage, moment: datetime) -> list[dict[str, Any]]:
    now = dict.fromkeys(COMPONENTS, "operational")
    since: dict[str, datetime] = {}
    for cue in stage.every("notice"):
        if cue.moment <= moment:
            changes = _changes(cue)
            now |= changes
            since |= dict.fromkeys(changes, cue.moment)
    start = stage.plots[0].starts
    return [
        {
            "id": stage.dice("component", name).code(LOWER, 12),
            "name": name,
            "status": state,
            "created_at": "2024-02-05T09:00:00.000Z",
            "updated_at": zulu_ms(since.get(name, start)),
            "position": place,
            "description": None,
            "showcase": True,
            "group_id": None,
            "group": False,
            "only_show_if_degraded": False,
        }
        for place, (name, state) in enumerate(now.items(), 1)
    ]


def _changes(cue: Cue) -> dict[str, str]:
    """The components a notice sets: `identified; API=major_outage | text`."""
    pairs = [part.split("=") for part in cue.fields[0].split("; ")[1:]]
    return {name: state for name, state in pairs}


def incident(stage: Stage, plot: Plot, moment: datetime | None) -> dict[str, Any] | None:
    """The page's incident as it read at `moment` (None: in the end); None before its first post."""
    cues = [
        cue for cue in stage.cues(plot, "notice", "edit-notice", "backdate") if moment is None or cue.moment <= moment
    ]
    posts = [cue for cue in cues if cue.verb == "notice"]
    if not posts:
        return None
    bodies = {place: cue for place, cue in enumerate(posts, 1)}
    changed: dict[int, Cue] = {int(cue.fields[0]): cue for cue in cues if cue.verb == "edit-notice"}
    states = dict.fromkeys(COMPONENTS, "operational")
    updates = [_update(stage, plot, place, cue, changed.get(place), states) for place, cue in bodies.items()]
    created = stage.told("statuspage", posts[0], 0.1, 0.8)
    status = updates[-1]["status"]
    resolved = [update["created_at"] for update in updates if update["status"] == "resolved"]
    name, _, impact = plot.one("page").partition(" | ")
    backdated = [cue for cue in cues if cue.verb == "backdate"]
    started = stage.fill(backdated[-1].text, plot, plot.starts) if backdated else zulu_ms(created)
    return {
        "id": stage.page_id(plot),
        "name": name,
        "status": status,
        "created_at": zulu_ms(created),
        "updated_at": max(update["updated_at"] for update in updates),
        "monitoring_at": next((update["created_at"] for update in updates if update["status"] == "monitoring"), None),
        "resolved_at": resolved[-1] if resolved else None,
        "impact": impact,
        "shortlink": f"https://stspg.io/{stage.page_id(plot)}",
        "started_at": started,
        "page_id": _page(stage, created)["id"],
        "incident_updates": updates[::-1],
        "components": [],
    }


def _update(stage: Stage, plot: Plot, place: int, cue: Cue, edit: Cue | None, states: dict[str, str]) -> dict[str, Any]:
    at = stage.told("statuspage", cue, 0.1, 0.8)
    changes = _changes(cue)
    codes = {name: stage.dice("component", name).code(LOWER, 12) for name in changes}
    affected = [{"code": codes[n], "name": n, "old_status": states[n], "new_status": new} for n, new in changes.items()]
    states |= changes
    body = edit.text.partition(" | ")[2] if edit else cue.text.partition(" | ")[2]
    return {
        "id": stage.dice("notice", plot.id, place).code(LOWER, 12),
        "status": cue.fields[0].split("; ")[0],
        "body": body,
        "incident_id": stage.page_id(plot),
        "created_at": zulu_ms(at),
        "updated_at": zulu_ms(stage.told("statuspage", edit, 0.1, 0.8) if edit else at),
        "display_at": zulu_ms(at),
        "affected_components": affected or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }
