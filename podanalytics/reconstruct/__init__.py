"""Reconstruction: from events to what happened.

Milestones by the policy's rules, severities, updates, roles, action items.

All incidents at once and vectorised where it pays: `reconstruct` is a pure function of frames, the policy and `as_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from podanalytics.policy import Policy
from podanalytics.reconstruct.actions import actions
from podanalytics.reconstruct.incidents import incidents
from podanalytics.reconstruct.meaning import APART, SINGLE, annotate, marks, tell
from podanalytics.reconstruct.milestones import milestones
from podanalytics.reconstruct.people import present, roles
from podanalytics.reconstruct.severity import spells
from podanalytics.reconstruct.updates import updates
from podanalytics.reconstruct.witness import coverage, silent


@dataclass(frozen=True)
class Reconstruction:
    """What happened, as frames of `tables`; `told` are the incidents' events with what they mean, the rest feeds the
    metrics.
    """

    incidents: pl.DataFrame
    told: pl.DataFrame
    milestones: pl.DataFrame
    updates: pl.DataFrame
    roles: pl.DataFrame
    spells: pl.DataFrame
    actions: pl.DataFrame
    marks: pl.DataFrame
    present: pl.DataFrame
    channels: pl.DataFrame
    silent: pl.DataFrame
    covered: pl.DataFrame
    spoken: pl.DataFrame
    policy: Policy
    as_of: datetime


def reconstruct(
    events: pl.DataFrame,
    people: pl.DataFrame,
    members: pl.DataFrame,
    policy: Policy,
    as_of: datetime,
) -> Reconstruction:
    """What happened in every incident of `members`.

    `events`: EVENTS rows, all there are: what tools tell of other things shows which time they cover. `people`: PEOPLE
    rows. Events after `as_of` are not known yet and are left out.
    """
    known = events.filter(pl.col("occurred_at") <= as_of)
    told = annotate(tell(known, members), people, policy)
    found_roles = roles(told, people, policy)
    told = told.join(_role_marks(found_roles), on=["incident", "id"], how="left")
    found_milestones = milestones(told, policy)
    found_spells = spells(told, policy)
    found_incidents = incidents(told, members, found_milestones, found_spells, policy)
    covered = coverage(found_incidents, known)
    channels = members.filter((pl.col("source") == "slack") & ~pl.col("method").is_in([*SINGLE, *APART])).select(
        "incident", "subject"
    )
    return Reconstruction(
        incidents=found_incidents,
        told=told,
        milestones=found_milestones,
        updates=updates(told, policy),
        roles=found_roles,
        spells=found_spells,
        actions=actions(known, members, policy),
        marks=marks(told, policy),
        present=present(told, channels),
        channels=channels,
        silent=silent(found_incidents, found_milestones, covered, policy),
        covered=covered,
        spoken=told.filter(pl.col("human") & pl.col("kind").is_in(["message", "notice"])).select("incident", "id"),
        policy=policy,
        as_of=as_of,
    )


def _role_marks(roles: pl.DataFrame) -> pl.DataFrame:
    return (
        roles.group_by("incident", "event")
        .agg(pl.col("role").sort().str.join("|").alias("role"))
        .rename({"event": "id"})
    )
