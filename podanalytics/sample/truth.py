"""The truth: what really happened, as the generator knows it, to hold the reconstruction against.

A truth is the *true* moment; tools recorded it seconds later, people minutes or hours later, some never.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podanalytics.errors import PodError
from podanalytics.model import Milestone, Verdict
from podanalytics.sample.forms import document
from podanalytics.sample.plots import Plot
from podanalytics.sample.stage import Cue, Stage

# What a verb is by itself; anything finer is marked in the play. `!resolved` in a play replaces what verbs imply.
IMPLIED: dict[str, tuple[str, ...]] = {
    "impact": ("impact_started",),
    "alert": ("alert_fired",),
    "page": ("team_notified",),
    "ack": ("acknowledged", "responded"),
    "declare": ("declared", "severity_set"),
    "channel": ("channel_opened",),
    "update": ("first_update",),
    "notice": ("first_notice", "status_page_started"),
    "resolve": ("resolved",),
    "autoresolve": ("resolved",),
}
STATUS_IMPLIES = {"Investigating": ("investigated", "responded"), "Resolved": ("resolved",), "Closed": ("closed",)}
ALSO = {"investigated": ("responded",)}
LAST = frozenset({"resolved", "resolution_notice", "closed"})


@dataclass(frozen=True, slots=True)
class IncidentTruth:
    """One incident as it really was. `milestones` holds every Milestone; None: it never happened.

    `severities` are (moment, severity), in order. `breaches` are the verdicts planted on purpose, by clause id.
    `mess` names what was planted in the exports to make the truth hard to read.
    """

    id: str
    title: str
    service: str
    severities: tuple[tuple[datetime, str], ...]
    milestones: dict[Milestone, datetime | None]
    breaches: dict[str, Verdict]
    cause: str
    change: str | None
    detection: str
    excluded: str | None
    mess: tuple[str, ...]


def derive(stage: Stage) -> tuple[IncidentTruth, ...]:
    """The truth of every plot, by start."""
    return tuple(_one(stage, plot) for plot in stage.plots)


def _one(stage: Stage, plot: Plot) -> IncidentTruth:
    cues = stage.cues(plot)
    severities = [(cue.moment, cue.fields[0]) for cue in cues if cue.verb in ("declare", "severity")]
    return IncidentTruth(
        id=plot.id,
        title=next((cue.text for cue in reversed(cues) if cue.verb == "retitle"), plot.title),
        service=plot.service,
        severities=tuple(severities),
        milestones=_milestones(plot, cues),
        breaches=_expected(plot),
        cause=plot.one("cause"),
        change=plot.one("change") or None,
        detection=plot.one("detected"),
        excluded=plot.one("excluded") or None,
        mess=tuple(plot.head.get("mess", [])),
    )


def _milestones(plot: Plot, cues: list[Cue]) -> dict[Milestone, datetime | None]:
    marked: dict[str, list[datetime]] = {}
    implied: dict[str, list[datetime]] = {}
    for cue in cues:
        for name in cue.marks:
            marked.setdefault(name, []).append(cue.moment)
            for other in ALSO.get(name, ()):
                implied.setdefault(other, []).append(cue.moment)
        for name in _implied(cue):
            implied.setdefault(name, []).append(cue.moment)
    if unknown := set(marked) - set(Milestone):
        raise PodError(f"{plot.id}: unknown milestone {', '.join(sorted(unknown))} in its play")
    found: dict[Milestone, datetime | None] = {}
    for milestone in Milestone:
        moments = marked.get(milestone, []) or implied.get(milestone, [])
        if milestone not in LAST:
            moments = marked.get(milestone, []) + implied.get(milestone, [])
        chosen = max if milestone in LAST else min
        found[milestone] = chosen(moments) if moments else None
    return found


def _implied(cue: Cue) -> tuple[str, ...]:
    if cue.verb == "status":
        return STATUS_IMPLIES.get(cue.text, ())
    if cue.verb == "role":
        return ("commanded",) if cue.text == "Incident Commander" else ()
    if cue.verb == "notice" and cue.fields[0].startswith("resolved"):
        return ("resolution_notice",)
    if cue.verb == "declare" and cue.text in ("P1", "P2"):
        # podbot's announcement mentions the team.
        return (*IMPLIED["declare"], "team_notified")
    return IMPLIED.get(cue.verb, ())


# `timed=met` in a play's `expect` line stands for all of these; a later pair wins, and `=-` leaves one open.
EVERY_SEVERITY = ("ack", "response", "record", "classify", "notify-team", "investigate", "triage")
MAJOR = (
    "channel", "members", "commander", "status-page", "roles", "internal-cadence", "customer-first", "customer-cadence",
    "customer-resolved", "health-check", "review", "public-report",
)  # fmt: skip


def _expected(plot: Plot) -> dict[str, Verdict]:
    told: dict[str, str] = {}
    for pair in " ".join(plot.head.get("expect", [])).split():
        clause, verdict = pair.split("=")
        clauses = EVERY_SEVERITY + (MAJOR if plot.severity in ("P1", "P2") else ()) if clause == "timed" else (clause,)
        told |= dict.fromkeys(clauses, verdict)
    return {clause: Verdict(verdict) for clause, verdict in told.items() if verdict != "-"}


def to_json(seed: int, truths: tuple[IncidentTruth, ...]) -> bytes:
    """`truth.json`: times in ISO with microseconds and Z."""
    incidents = [
        {
            "id": one.id,
            "title": one.title,
            "service": one.service,
            "severities": [{"at": _time(at), "severity": severity} for at, severity in one.severities],
            "milestones": {str(name): _time(at) for name, at in one.milestones.items()},
            "breaches": {clause: str(verdict) for clause, verdict in one.breaches.items()},
            "cause": one.cause,
            "change": one.change,
            "detection": one.detection,
            "excluded": one.excluded,
            "mess": list(one.mess),
        }
        for one in truths
    ]
    return document({"seed": seed, "incidents": incidents})


def read(data: bytes) -> tuple[IncidentTruth, ...]:
    """The truth back from `truth.json`."""
    return tuple(_read(one) for one in json.loads(data)["incidents"])


def _read(one: dict[str, Any]) -> IncidentTruth:
    return IncidentTruth(
        id=one["id"],
        title=one["title"],
        service=one["service"],
        severities=tuple((datetime.fromisoformat(row["at"]), row["severity"]) for row in one["severities"]),
        milestones={
            Milestone(name): datetime.fromisoformat(at) if at else None for name, at in one["milestones"].items()
        },
        breaches={clause: Verdict(verdict) for clause, verdict in one["breaches"].items()},
        cause=one["cause"],
        change=one["change"],
        detection=one["detection"],
        excluded=one["excluded"],
        mess=tuple(one["mess"]),
    )


def _time(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
