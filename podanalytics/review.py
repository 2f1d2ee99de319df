"""A Review: everything the packet's sections may look at, as one frozen value.

It is already safe to share: people are role pseudonyms, secrets are masked. Sections read it and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import polars as pl

from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Policy

CHANGES = timedelta(hours=72)  # how far before it changes are candidates; what came earlier is what is usual
AROUND = timedelta(minutes=30)  # how far before and after the incident its timeline reaches


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the packet was asked for."""

    incident: str
    zone: str
    as_of: datetime


@dataclass(frozen=True)
class Review:
    """One incident, reconstructed and judged.

    Frames have the columns of `tables`: `incident` (one row of INCIDENTS), `events` (EVENTS without `file`, in time
    order, plus `number`: 1.. as the timeline counts them, `role`: what that event is good for, such as the
    milestone it proves, and `human`: a person did it), `milestones`, `readings`, `updates`, `silences`, `roles`,
    `watches`, `segments`, `spells`, `actions`, `members`. `covered` (source) are the tools that tell of its time;
    `doubles` (other, began_at, sources) the incidents at the same time that may be this one. `changes` are the
    change events of the days before and during; `clocks`, `faults`, `loads` and `checks` are the whole workspace's;
    `history` holds the readings of all earlier incidents; `exclusions` counts incidents by reason. `deploys` are
    all changes ever, up to its begin (`versions.DEPLOYS`); `earlier` are the earlier incidents that count (began_at,
    detection).
    `similar` are those told in like words (incident, title, severity, began_at, resolved_at, score, words,
    components), and `unfinished` (ACTIONS) what is not done of their action items. `steps` are the EVENTS, without
    `file`, of this incident's own action items. What is private is in none of them by name.
    """

    parameters: Parameters
    policy: Policy
    incident: pl.DataFrame
    events: pl.DataFrame
    milestones: pl.DataFrame
    readings: pl.DataFrame
    updates: pl.DataFrame
    silences: pl.DataFrame
    roles: pl.DataFrame
    watches: pl.DataFrame
    segments: pl.DataFrame
    clocks: pl.DataFrame
    spells: pl.DataFrame
    actions: pl.DataFrame
    members: pl.DataFrame
    covered: pl.DataFrame
    doubles: pl.DataFrame
    changes: pl.DataFrame
    faults: pl.DataFrame
    loads: pl.DataFrame
    checks: pl.DataFrame
    history: pl.DataFrame
    exclusions: pl.DataFrame
    deploys: pl.DataFrame
    earlier: pl.DataFrame
    similar: pl.DataFrame
    unfinished: pl.DataFrame
    steps: pl.DataFrame

    @property
    def zone(self) -> ZoneInfo:
        """The zone times are displayed in (inside, all is UTC)."""
        return ZoneInfo(self.parameters.zone)

    def fact(self, column: str) -> object:
        """One cell of the incident's row."""
        return self.incident[column][0]

    def moment(self, milestone: Milestone) -> datetime | None:
        """When a milestone was reached; None when nothing tells of it."""
        found = self.milestones.filter(pl.col("milestone") == milestone.value)["occurred_at"]
        return found[0] if len(found) else None

    def reading(self, measure: str) -> Reading | None:
        """The reading of one clause; None when the policy has no such clause."""
        rows = self.readings.filter(pl.col("measure") == measure).to_dicts()
        return reading_of(rows[0]) if rows else None

    def number_of(self, event: str) -> int | None:
        """The timeline row number of an event id."""
        return self.numbers.get(event)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The timeline row number of every event, by its id."""
        return {str(id): int(number) for id, number in self.events.select("id", "number").iter_rows()}


def reading_of(row: dict[str, object]) -> Reading:
    """A Reading from one row of READINGS."""
    fields = {
        k: row[k]
        for k in ("measure", "value", "target", "unit", "severity", "started_at", "ended_at", "due_at", "because")
    }
    return Reading(verdict=Verdict(str(row["verdict"])), evidence=tuple(str(row["evidence"]).split()), **fields)  # type: ignore[arg-type]
