"""Noise: which records are missing, late, edited, deleted or told twice, and which clock is off by how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from benchmarks.accuracy.world import (
    CHAT,
    PAGE,
    PAGER,
    PEOPLE_ONLY,
    TOOLS,
    TRACKER,
    WITNESS,
    Act,
    Incident,
    Team,
    delay,
)
from podanalytics.sample.dice import Dice

VERBS = {
    PAGER: ("trigger", "notify", "ack", "bot_ack", "unack", "duplicate", "merge", "auto_resolve", "pager_resolve"),
    TRACKER: ("declare", "severity", "status", "comment"),
    CHAT: ("look", "say", "chat_ack", "update", "role", "chatter", "channel", "join"),
    PAGE: ("notice", "postmortem", "backdate"),
}
TOOL = {verb: tool for tool, verbs in VERBS.items() for verb in verbs}
SPOKEN = ("say", "look", "chat_ack", "update", "role", "chatter", "comment")
NAMELESS = "said where its incident cannot be told"
WHOLE, PART, ABSENT = "whole", "part", "absent"
# Clauses whose clock may start at a second moment where the first is not told.
SECOND_START = {
    "alert_fired": ("declared", ("response", "channel", "members", "commander", "status-page", "roles")),
    "declared": ("alert_fired", ("customer-first",)),
}


@dataclass(frozen=True)
class Noise:
    """The switches. Each is a share between 0 (off) and 1; what it came to is in the report."""

    holes: float = 1.0  # of the planned stretches in which a tool was not exported
    untold: float = 0.48  # of what only people can tell: never written down, or written and deleted again
    deleted: float = 0.2  # of the untold: written and deleted
    late: float = 0.08  # of what people told: written later than it happened
    corrected: float = 0.5  # of the late: put right by a correction with its true moment
    skewed: float = 1.0  # of the tools: a clock that is some seconds off (lognormal, median 6 s, at most 60 s)
    shifted: float = 1.0  # of the planned teams in which one tool tells local time as UTC
    twice: float = 0.03  # of the records that a tool delivered twice; whole files are doubled in every other team
    edited: float = 0.05  # of the messages that were edited afterwards
    chatter: float = 1.0  # of the messages that say nothing or nearly something

    def items(self) -> Iterator[tuple[str, float]]:
        """The switches by name."""
        return ((f.name, getattr(self, f.name)) for f in fields(self))


QUIET = Noise(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def spoil(team: Team, noise: Noise) -> None:
    """Puts the noise on a team: its holes and clocks, and every act of its incidents."""
    dice = Dice(team.seed, team.name, "noise")
    team.holes = team.holes if noise.holes > 0 else ()
    team.shifted = team.shifted if noise.shifted > 0 else ""
    for tool in TOOLS:
        off = min(60.0, delay(dice, 6, 1.1).total_seconds() / 60) * (1 if dice.real(0, 1) < 0.5 else -1)
        team.skew[tool] = timedelta(milliseconds=round(off * 1000)) if dice.real(0, 1) < noise.skewed else timedelta(0)
    if team.shifted:
        team.skew[team.shifted] += timedelta(minutes=30 * dice.pick((-16, -10, -4, -2, 2, 4, 11)))
    for incident in team.incidents:
        own = Dice(team.seed, team.name, incident.key, "noise")
        incident.acts = [a for a in incident.acts if a.verb != "chatter" or own.real(0, 1) < noise.chatter]
        for act in incident.acts:
            _spoil(team, incident, act, noise, own)


def _spoil(team: Team, incident: Incident, act: Act, noise: Noise, dice: Dice) -> None:
    chances = [dice.real(0, 1) for _ in range(5)]
    by_people = act.verb in ("say", "comment") and set(act.tells) & set(PEOPLE_ONLY)
    if by_people and chances[0] < noise.untold:
        act.gone = "deleted" if chances[1] < noise.deleted else "never written"
    elif by_people and chances[2] < noise.late:
        median = 60 if {"reviewed", "reported"} & set(act.tells) else 5
        act.lag = min(delay(dice, median, 0.8), max(timedelta(0), team.as_of - act.at))
    act.twice = chances[3] < noise.twice and act.verb in ("trigger", "update", "notice", "ack", "say")
    act.edited = act.edited or (chances[4] < noise.edited and act.verb in ("say", "update", "role"))
    page_entry = any(one.verb in ("notice",) for one in incident.acts)
    if act.verb in ("backdate", "postmortem") and not page_entry:
        act.gone = "never written"
    if not act.gone and _nameless(team, incident, act):
        act.gone = NAMELESS


def _nameless(team: Team, incident: Incident, act: Act) -> bool:
    """Whether it was said in a general channel so that the exports do not show which incident it is about: neither by
    the key of an exported ticket nor right under the pager's post.
    """
    if TOOL[act.verb] != CHAT or act.verb in ("channel", "join"):
        return False
    if act.room != "ops" and any(a.verb == "channel" and a.at <= act.at for a in incident.acts):
        return False
    declared, fired = incident.truth.moments["declared"], incident.truth.moments["alert_fired"]
    keyed = declared is not None and act.at >= declared and team.exported(TRACKER, declared)
    return not keyed and not under_the_page(team, fired, act.at)


def under_the_page(team: Team, fired: datetime | None, at: datetime) -> bool:
    """Whether what is said then follows the pager's post closely enough to need no name."""
    return fired is not None and team.exported(PAGER, fired) and timedelta(0) <= at - fired < timedelta(minutes=8)


def told(team: Team, act: Act) -> bool:
    """Whether its record is in the exports."""
    return not act.gone and team.exported(TOOL[act.verb], act.at)


def recorded(team: Team, act: Act, dice: Dice) -> datetime:
    """The time that its tool writes: later by the note's lag and the tool's own second, off by the tool's clock."""
    return act.at + act.lag + dice.delay(0.05, 1.2) + team.skew[TOOL[act.verb]]


def known(team: Team, incident: Incident, moment: str) -> str:
    """How much of a moment is in the exports: the whole (its own record, or a tool that would have told of it and does
    not), part of it (another record that tells of it later), or nothing.
    """
    special = {
        "severity": _severity, "resolved": _resolved, "health inside": _health_inside, "rollback": _rollback,
        "words": _words, "agenda": _agenda,
    }.get(moment)  # fmt: skip
    return special(team, incident) if special else _moment(team, incident, moment)


def _moment(team: Team, incident: Incident, moment: str) -> str:
    telling = [act for act in incident.acts if moment in act.tells]
    if not telling:
        at = incident.acts[0].at
        return WHOLE if any(team.exported(tool, at) for tool in WITNESS.get(moment, ())) else ABSENT
    if any(act.tells[moment] and told(team, act) for act in telling):
        return WHOLE
    # Whose it is may still be guessed from what was said around it.
    return PART if any(told(team, act) or act.gone == NAMELESS for act in telling) else ABSENT


def _severity(team: Team, incident: Incident) -> str:
    set_by = [act for act in incident.acts if act.verb == "severity"]
    if set_by and all(told(team, act) for act in set_by):
        return WHOLE
    alerted = any(act.verb == "trigger" and told(team, act) for act in incident.acts)
    shown = any(act.verb == "notice" and told(team, act) for act in incident.acts)
    if not (alerted and team.pager_priority) and not shown:
        return ABSENT
    return PART if set_by else WHOLE  # a priority or an impact as it was in the end


def _resolved(team: Team, incident: Incident) -> str:
    if incident.truth.moments["resolved"] is not None:
        return _moment(team, incident, "resolved")
    return WHOLE if team.exported(TRACKER, incident.acts[0].at) else PART


def _health_inside(team: Team, incident: Incident) -> str:
    since, until = incident.truth.moments["mitigated"], incident.truth.moments["resolved"]
    inside = [
        act
        for act in incident.acts
        if "health" in act.tells and since and act.at >= since and (until is None or act.at <= until)
    ]
    return WHOLE if any(told(team, act) for act in inside) else ABSENT


def _rollback(team: Team, incident: Incident) -> str:
    if "rollback" in incident.truth.steps:
        return _moment(team, incident, "rollback")
    return WHOLE if team.exported(CHAT, incident.acts[0].at) else ABSENT


def _words(team: Team, incident: Incident) -> str:
    said = [act for act in incident.acts if act.who and act.verb in SPOKEN]
    if all(told(team, act) for act in said if not act.gone) and any(told(team, act) for act in said):
        return WHOLE
    return PART if any(told(team, act) or act.gone == NAMELESS for act in said) else ABSENT


def _agenda(team: Team, incident: Incident) -> str:
    # A record that does not name an item proves nothing: it may have been covered.
    return _moment(team, incident, "agenda") if len(incident.truth.agenda) == 6 else ABSENT


def evidence(team: Team, incident: Incident, clause: str, needs: tuple[str, ...]) -> str:
    """How much of what a verdict needs is in the exports: as much as of the least known of them."""
    order = (WHOLE, PART, ABSENT)
    levels = []
    for moment in needs:
        level = known(team, incident, moment)
        second, clauses = SECOND_START.get(moment, ("", ()))
        if level == ABSENT and clause in clauses and known(team, incident, second) != ABSENT:
            level = PART
        levels.append(level)
    return max(levels, key=order.index)
