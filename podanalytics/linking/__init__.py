"""Linking: which of the tools' containers (tickets, pager incidents, status entries, channels) tell of the same
incident.

Evidence is looked for in the events themselves, scored as docs/linking.md explains, and joined strongest first. Two
records of one tool never become one incident unless that tool itself says so (a merge or a duplicate), or a person
does. What a person has to decide is offered with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from podanalytics.linking.again import opened_again
from podanalytics.linking.alerts import alert_keys, in_time
from podanalytics.linking.attached import attached
from podanalytics.linking.containers import Container, Known, container_of, find_records, look_over
from podanalytics.linking.decisions import SOURCE as DECISIONS
from podanalytics.linking.decisions import complaints, decisions_of, in_force
from podanalytics.linking.evidence import Evidence
from podanalytics.linking.groups import Groups, Offer
from podanalytics.linking.names import channel_names
from podanalytics.linking.pointers import merges, pointers, posts, titles
from podanalytics.linking.similar import similar
from podanalytics.linking.whole import made_whole
from podanalytics.policy import Policy
from podanalytics.tables import FAULTS, MEMBERS

__all__ = [
    "DECISIONS",
    "Container",
    "Evidence",
    "Linked",
    "Offer",
    "container_of",
    "find_records",
    "link",
    "link_all",
    "made_whole",
]


@dataclass(frozen=True)
class Linked:
    """What linking found: MEMBERS rows, the pairs that a person has to decide about, and FAULTS rows of decisions
    that cannot be put into force.
    """

    members: pl.DataFrame
    offers: tuple[Offer, ...]
    faults: pl.DataFrame


def link(events: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Members of every incident.

    `events`: EVENTS rows. Returns MEMBERS: one row a container; a row with method `mention` covers its evidence event
    alone (a message in a general channel), one with method `action` is an action item of the incident.
    """
    return link_all(events, policy).members


def link_all(events: pl.DataFrame, policy: Policy) -> Linked:
    """Members of every incident, and what was not joined. `events`: EVENTS rows, the decisions among them."""
    decisions = decisions_of(events)
    known = look_over(events, policy, [c for d in decisions for c in d.pair])
    groups = Groups(known, policy)
    holding = in_force(decisions)
    refused = groups.decide(holding)
    groups.join(sorted(set(_evidence(events, known, policy))))
    groups.join(sorted(similar(events, known, groups.may_join)))
    groups.join(sorted(in_time(events, known, groups.alone)))
    members = opened_again(list(groups.members()), events, policy)
    home = {(str(m["source"]), str(m["subject"])): str(m["incident"]) for m in members if not m.get("since")}
    again = {str(m["incident"]) for m in members if m.get("since")}
    members += attached(events, home, known, policy, holding, again)
    faults = FAULTS.frame(complaints(decisions, set(known.all), refused) if decisions else ())
    return Linked(MEMBERS.frame(members), tuple(groups.offers()), faults)


def _evidence(events: pl.DataFrame, known: Known, policy: Policy) -> Iterator[Evidence]:
    yield from merges(events, known)
    yield from pointers(events, known)
    yield from channel_names(known, policy)
    yield from alert_keys(events, known)
    yield from titles(events, known)
    yield from posts(events, known, policy.chats)
