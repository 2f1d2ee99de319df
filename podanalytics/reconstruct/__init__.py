"""Reconstruction: from events to what happened.

Milestones by the policy's rules, severities, updates, roles, action items.

All incidents at once and vectorised where it pays: `reconstruct` is a pure function of frames, the policy and `as_of`.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, fields
from datetime import datetime

import polars as pl

from podanalytics.policy import Policy
from podanalytics.reconstruct.actions import actions
from podanalytics.reconstruct.afterwards import as_sent, rewritten, with_reactions
from podanalytics.reconstruct.clocks import clocks
from podanalytics.reconstruct.doubles import doubles
from podanalytics.reconstruct.flags import flagged
from podanalytics.reconstruct.incidents import incidents
from podanalytics.reconstruct.meaning import APART, SINGLE, Shelves, annotate, marks, tell
from podanalytics.reconstruct.milestones import milestones
from podanalytics.reconstruct.oddities import oddities
from podanalytics.reconstruct.people import present, roles, watches
from podanalytics.reconstruct.severity import spells
from podanalytics.reconstruct.states import segments, states
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
    watches: pl.DataFrame
    states: pl.DataFrame
    segments: pl.DataFrame
    clocks: pl.DataFrame
    oddities: pl.DataFrame
    spells: pl.DataFrame
    actions: pl.DataFrame
    marks: pl.DataFrame
    present: pl.DataFrame
    channels: pl.DataFrame
    silent: pl.DataFrame
    covered: pl.DataFrame
    doubles: pl.DataFrame
    spoken: pl.DataFrame
    policy: Policy
    as_of: datetime


def reconstruct(
    events: pl.DataFrame,
    people: pl.DataFrame,
    members: pl.DataFrame,
    policy: Policy,
    as_of: datetime,
    cut: Set[str] = frozenset(),
) -> Reconstruction:
    """What happened in every incident of `members`.

    `events`: EVENTS rows, all there are: what tools tell of other things shows which time they cover. `people`: PEOPLE
    rows. Events after `as_of` are not known yet and are left out. `cut`: the tools
    of which a file breaks off.
    """
    known = events.filter(pl.col("occurred_at") <= as_of)
    sent = as_sent(tell(known, members))
    told = annotate(sent, people, policy)
    found_roles = roles(told, people, policy)
    told = told.join(_role_marks(found_roles.filter(~pl.col("inferred"))), on=["incident", "id"], how="left")
    told = with_reactions(told)
    later = annotate(rewritten(sent), people, policy)
    shelves = Shelves(pl.concat([told, later], how="diagonal"))
    found_milestones = milestones(shelves, policy, as_of)
    found_spells = spells(told, policy)
    found_incidents = incidents(told, members, found_milestones, found_spells, policy, as_of)
    found_states = states(told, found_milestones)
    found_segments = segments(found_incidents, found_states, policy)
    found_incidents = flagged(found_incidents, told, found_milestones, found_segments, policy)
    found_clocks = clocks(told, known, people, policy)
    found_doubles = doubles(found_incidents, members, known)
    covered = coverage(found_incidents, known, found_doubles, cut)
    own = members.filter(~pl.col("method").is_in([*SINGLE, *APART]))
    channels = own.filter(pl.col("source").is_in(policy.chats)).select("incident", "source", "subject")
    return Reconstruction(
        incidents=found_incidents,
        told=told,
        milestones=found_milestones,
        updates=updates(told, policy),
        roles=found_roles,
        watches=watches(found_roles, found_incidents),
        states=found_states,
        segments=found_segments,
        clocks=found_clocks,
        oddities=oddities(told, found_incidents, found_clocks, policy),
        spells=found_spells,
        actions=actions(known, members, policy),
        marks=marks(shelves, policy),
        present=present(told, channels),
        channels=channels,
        silent=silent(found_incidents, found_milestones, covered, policy),
        covered=covered,
        doubles=found_doubles,
        spoken=told.filter(pl.col("human") & pl.col("kind").is_in(["message", "notice"])).select("incident", "id"),
        policy=policy,
        as_of=as_of,
    )


def joined(parts: Sequence[Reconstruction]) -> Reconstruction:
    """Several reconstructions of different incidents as one; its policy is the last one's."""
    last = parts[-1]
    frames = [f.name for f in fields(Reconstruction) if isinstance(getattr(last, f.name), pl.DataFrame)]
    both = {name: pl.concat([getattr(part, name) for part in parts]) for name in frames}
    both["incidents"] = both["incidents"].sort("began_at", "incident")
    # Each part tells of the clocks from its own incidents; the part with the most pairs knows best.
    most = both["clocks"].sort("source", "against", "pairs", descending=[False, False, True])
    both["clocks"] = most.unique(["source", "against"], keep="first", maintain_order=True)
    return Reconstruction(**both, policy=last.policy, as_of=last.as_of)


def _role_marks(roles: pl.DataFrame) -> pl.DataFrame:
    return (
        roles.group_by("incident", "event")
        .agg(pl.col("role").sort().str.join("|").alias("role"))
        .rename({"event": "id"})
    )
