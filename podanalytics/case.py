"""A Case: one incident as the metrics see it, in plain Python values.

Frames are for thousands of incidents at once; a verdict is about one. This is where the one becomes the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from podanalytics.model import Milestone, Precision
from podanalytics.policy import Policy

GRAIN: Mapping[str, timedelta] = {
    Precision.MICROSECOND: timedelta(0),
    Precision.MILLISECOND: timedelta(0),
    Precision.SECOND: timedelta(0),
    Precision.MINUTE: timedelta(minutes=1),
    Precision.HOUR: timedelta(hours=1),
    Precision.DAY: timedelta(days=1),
}
"""How wide the interval is that a time of this precision stands for. A second is the finest that matters here."""


class Moment(NamedTuple):
    """A milestone reached: when, how finely known, which event tells it, by which rule."""

    at: datetime
    precision: str
    event: str
    source: str
    rule: str
    corrected: bool
    latest: bool = False  # it happened then or earlier
    earliest: bool = False  # it happened then or later
    also: str | None = None  # the reaction that marks the message `event`, or the message that `event` is a reaction to

    @property
    def evidence(self) -> tuple[str, ...]:
        """Every event that tells it; `event` last."""
        return (self.also, self.event) if self.also else (self.event,)

    @property
    def grain(self) -> timedelta:
        """The width of the interval `at` stands for."""
        return GRAIN[self.precision]


class Spell(NamedTuple):
    """A severity from one moment to another (None: to the end)."""

    began_at: datetime
    ended_at: datetime | None
    severity: str
    event: str


class State(NamedTuple):
    """A state of the incident's record, from one moment to another (None: to the end)."""

    began_at: datetime
    ended_at: datetime | None
    state: str
    human: bool


class Update(NamedTuple):
    """One update to one audience."""

    audience: str
    at: datetime
    event: str
    status: str | None
    state: str | None
    eta: datetime | None
    missing: str | None
    precision: str

    @property
    def grain(self) -> timedelta:
        """The width of the interval `at` stands for."""
        return GRAIN[self.precision]


class Held(NamedTuple):
    """A role, held by somebody from a moment on."""

    role: str
    person: str
    began_at: datetime
    event: str


class Mark(NamedTuple):
    """An event that one of a clause's matches found."""

    clause: str
    step: int
    at: datetime
    event: str
    text: str


class Presence(NamedTuple):
    """When somebody was first seen in the incident's channel."""

    actor: str
    at: datetime
    event: str
    source: str


@dataclass(frozen=True)
class Case:
    """One incident, ready to be measured.

    `silent` are the milestones that a tool covering the time does not tell of; `spoken` the ids of what people wrote;
    `apart` how far the clocks of two tools stand apart, where that is known and more than the policy lets pass.
    """

    incident: str
    policy: Policy
    as_of: datetime
    began_at: datetime
    severity: str | None
    moments: Mapping[Milestone, Moment]
    silent: frozenset[Milestone]
    spells: tuple[Spell, ...]
    updates: tuple[Update, ...]
    roles: tuple[Held, ...]
    marks: tuple[Mark, ...]
    present: tuple[Presence, ...]
    channels: tuple[str, ...]
    covered: frozenset[str]
    spoken: tuple[str, ...]
    states: tuple[State, ...]
    flags: frozenset[str]
    apart: Mapping[tuple[str, str], timedelta]

    def moment(self, milestone: Milestone) -> Moment | None:
        """When it was reached; None when nothing tells of it."""
        return self.moments.get(milestone)

    @cached_property
    def end(self) -> datetime:
        """The resolution, or as_of while the incident is open."""
        resolved = self.moment(Milestone.RESOLVED)
        return resolved.at if resolved else self.as_of

    def marks_of(self, clause: str, step: int = 0) -> list[Mark]:
        """The events that match this step of a clause, in time order."""
        return [m for m in self.marks if m.clause == clause and m.step == step] if self.marks else []

    @cached_property
    def severity_path(self) -> str:
        """The severities that its clocks go by, in words: `P3, then P1`."""
        return ", then ".join(s.severity for s in self.spells)

    @cached_property
    def severity_evidence(self) -> tuple[str, ...]:
        """The events that tell of these severities."""
        return tuple(s.event for s in self.spells)

    @cached_property
    def _windows(self) -> dict[tuple[str, ...], list[tuple[datetime, datetime]]]:
        return {}

    def windows(self, severities: tuple[str, ...]) -> list[tuple[datetime, datetime]]:
        """The stretches of the incident during which it had one of these severities (none given: all of it)."""
        if not severities:
            return [(self.began_at, self.end)]
        if severities not in self._windows:  # many clauses hold for the same severities
            self._windows[severities] = self._stretches(severities)
        return self._windows[severities]

    def _stretches(self, severities: tuple[str, ...]) -> list[tuple[datetime, datetime]]:
        joined: list[tuple[datetime, datetime]] = []
        for number, spell in enumerate(self.spells):
            # The first severity anybody told holds from the beginning: before it, nobody knew another.
            began = min(spell.began_at, self.began_at) if number == 0 else spell.began_at
            start, stop = min(began, self.end), min(spell.ended_at or self.end, self.end)
            if spell.severity not in severities:
                continue
            if joined and joined[-1][1] == start:
                joined[-1] = (joined[-1][0], stop)
            else:
                joined.append((start, stop))
        return joined


def cases(
    incidents: pl.DataFrame,
    milestones: pl.DataFrame,
    updates: pl.DataFrame,
    roles: pl.DataFrame,
    spells: pl.DataFrame,
    marks: pl.DataFrame,
    present: pl.DataFrame,
    channels: pl.DataFrame,
    silent: pl.DataFrame,
    covered: pl.DataFrame,
    spoken: pl.DataFrame,
    states: pl.DataFrame,
    clocks: pl.DataFrame,
    policy: Policy,
    as_of: datetime,
) -> Iterator[Case]:
    """One Case an incident, in the order of `incidents`. Frames as `reconstruct.Reconstruction` holds them."""
    known = ("occurred_at", "precision", "event", "source", "rule", "corrected", "latest", "earliest", "also")
    moments = _grouped(milestones, "milestone", *known)
    told = _grouped(updates, "audience", "occurred_at", "event", "status", "state", "eta", "missing", "precision")
    held = _grouped(roles.filter(~pl.col("inferred")), "role", "person", "began_at", "event")
    spell = _grouped(spells, "began_at", "ended_at", "severity", "event")
    mark = _grouped(marks, "clause", "step", "occurred_at", "id", "text")
    seen = _grouped(present, "actor", "occurred_at", "id", "source")
    names = _grouped(channels, "subject")
    quiet = _grouped(silent, "milestone")
    cover = _grouped(covered, "source")
    words = _grouped(spoken, "id")
    state = _grouped(states, "began_at", "ended_at", "state", "human")
    apart = _apart(clocks, policy)
    asked = incidents.select("incident", "began_at", "severity", "flags")
    for id, began_at, severity, flags in asked.iter_rows():
        # Each is taken out as it is handed on: what was judged already needs no more room.
        yield Case(
            incident=id,
            policy=policy,
            as_of=as_of,
            began_at=began_at,
            severity=severity,
            moments={Milestone(name): Moment(*rest) for name, *rest in moments.pop(id, ())},
            silent=frozenset(Milestone(name) for (name,) in quiet.pop(id, ())),
            spells=_judging(tuple(map(Spell._make, spell.pop(id, ()))), severity, policy),
            updates=tuple(map(Update._make, told.pop(id, ()))),
            roles=tuple(map(Held._make, held.pop(id, ()))),
            marks=tuple(map(Mark._make, mark.pop(id, ()))),
            present=tuple(map(Presence._make, seen.pop(id, ()))),
            channels=tuple(name for (name,) in names.pop(id, ())),
            covered=frozenset(tool for (tool,) in cover.pop(id, ())),
            spoken=tuple(event for (event,) in words.pop(id, ())),
            states=tuple(map(State._make, state.pop(id, ()))),
            flags=frozenset(flags.split(", ")) - {""},
            apart=apart,
        )


def _judging(spells: tuple[Spell, ...], severity: str | None, policy: Policy) -> tuple[Spell, ...]:
    """The spells that the clocks go by: all of them, or the one severity that judges the whole incident."""
    if policy.judge == "prospective" or len(spells) < 2 or severity is None:
        return spells
    event = next(s.event for s in spells if s.severity == severity)
    return (Spell(spells[0].began_at, None, severity, event),)


def _apart(clocks: pl.DataFrame, policy: Policy) -> dict[tuple[str, str], timedelta]:
    """How far apart two tools' clocks are, both ways; where they share no moment, by way of tools that both do."""
    beside: dict[str, dict[str, float]] = defaultdict(dict)
    for source, against, minutes in clocks.filter("steady").select("source", "against", "minutes").iter_rows():
        beside[source][against] = minutes
        beside[against][source] = -minutes
    found: dict[tuple[str, str], timedelta] = {}
    for one in beside:
        ahead, waiting = {one: 0.0}, [one]
        for here in waiting:  # breadth first: by way of as few other tools as can be
            for other, minutes in beside[here].items():
                if other not in ahead:
                    ahead[other] = ahead[here] + minutes
                    waiting.append(other)
        found |= {(one, other): timedelta(minutes=abs(minutes)) for other, minutes in ahead.items()}
    least = timedelta(minutes=policy.skew_minutes)
    return {pair: span for pair, span in found.items() if span > least}


def _grouped(frame: pl.DataFrame, *columns: str) -> dict[str, list[tuple[Any, ...]]]:
    """These columns of each row, by incident, in the frame's order.

    Plain tuples: unlike the classes above, a large ledger's worth of them costs the garbage collector nothing.
    """
    found: dict[str, list[tuple[Any, ...]]] = {}
    ids = frame["incident"].to_list()
    for id, values in zip(ids, frame.select(columns).iter_rows(), strict=True):
        found.setdefault(id, []).append(values)
    return found
