"""The ledger: every incident of a store, linked, reconstructed and judged."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from podanalytics.errors import UnknownIncidentError
from podanalytics.linking import DECISIONS, link, link_all, made_whole
from podanalytics.metrics import judge
from podanalytics.model import FaultRule, Kind, Verdict
from podanalytics.policy import Policy
from podanalytics.policy.history import Policies, policies_of
from podanalytics.reconstruct import Reconstruction, joined, reconstruct
from podanalytics.reconstruct.meaning import APART, SINGLE
from podanalytics.reconstruct.oddities import fault
from podanalytics.store import Store
from podanalytics.tables import CHECKS, FAULTS, LOADS, READINGS, SILENCES


@dataclass(frozen=True)
class Ledger:
    """Every incident of a workspace, with the frames it was reconstructed from. People still have their names here."""

    events: pl.DataFrame
    people: pl.DataFrame
    members: pl.DataFrame
    found: Reconstruction
    policies: Policies
    readings: pl.DataFrame
    silences: pl.DataFrame
    faults: pl.DataFrame
    loads: pl.DataFrame
    checks: pl.DataFrame
    whole: pl.DataFrame  # EVENTS rows, what is told after `as_of` too

    @property
    def incidents(self) -> pl.DataFrame:
        """INCIDENTS rows."""
        return self.found.incidents

    @property
    def goes_on(self) -> bool:
        """Whether the store tells of anything after `as_of`."""
        return self.whole.height > self.events.height

    def policy_of(self, incident: str) -> Policy:
        """The policy that judged an incident."""
        labels = self.readings.filter(pl.col("incident") == incident)["policy"]
        return self.policies.labelled(labels[0]) if len(labels) else self.found.policy

    def resolve(self, name: str) -> str:
        """The incident a person means: its id, or the id of any of its members.

        Raises UnknownIncidentError with the nearest ids.
        """
        ids = self.incidents["incident"].to_list()
        if name in ids:
            return name
        own = self.members.filter(~pl.col("method").is_in([*SINGLE, *APART]) & pl.col("since").is_null())
        aliases = dict(own.select(pl.col("subject").str.to_lowercase(), "incident").iter_rows())
        aliases = self._former(own) | aliases
        aliases = {alias: i for alias, i in aliases.items() if i in ids} | {i.lower(): i for i in ids}
        if found := aliases.get(name.lower()) or aliases.get(f"#{name.lower()}"):
            return str(found)
        later = _later(self.whole, self.found.policy) if self.goes_on else {}
        if containers := later.get(name.lower()) or later.get(f"#{name.lower()}"):
            # It may have run already, under another name: before its ticket was written, a page is all there is.
            for source, subject, incident in own.select("source", "subject", "incident").iter_rows():
                if (source, subject) in containers and incident in ids:
                    return str(incident)
            raise UnknownIncidentError(f"{name} had not begun {self._as_of()}")
        if not ids:
            raise UnknownIncidentError(
                f"no incident {name!r}: the ledger holds none at all; load some exports first (`podanalytics load`)"
            )
        near = difflib.get_close_matches(name, ids, n=3, cutoff=0.3) or ids[-3:]
        raise UnknownIncidentError(
            f"no incident {name!r}; nearest: {', '.join(near)} (`podanalytics list` shows all {len(ids)})"
        )

    def _former(self, own: pl.DataFrame) -> dict[str, str]:
        """Other names of records, in lower case, with the incident that each belongs to."""
        told = self.events.filter(pl.col("kind") == Kind.ALIAS.value).join(own, on=["source", "subject"])
        return dict(told.select(pl.col("value").str.to_lowercase(), "incident").iter_rows())

    def others(self) -> list[tuple[str, str, int]]:
        """(source, type in its own words, how many) of records that belong to no incident, most first."""
        made = self.events.filter(pl.col("kind") == Kind.DECLARED.value).unique(["source", "subject"])
        left = made.join(self.members, on=["source", "subject"], how="anti")
        counts = left.group_by("source", "value").len().sort("len", "source", "value", descending=[True, False, False])
        return [(str(source), str(value), int(count)) for source, value, count in counts.iter_rows()]

    def oddities(self) -> list[dict[str, Any]]:
        """The faults that came up on making sense of what was read well: FAULTS rows."""
        read = [
            FaultRule.UNREADABLE,
            FaultRule.CUT_SHORT,
            FaultRule.NOT_RECOGNISED,
            FaultRule.CAPPED,
            FaultRule.NO_HISTORY,
        ]
        return self.faults.filter(~pl.col("rule").is_in([r.value for r in read])).to_dicts()

    def worst(self) -> str:
        """The incident a review would look at first: highest severity, then most clauses missed, then longest.

        Raises UnknownIncidentError when there is none.
        """
        counted = self.incidents.filter(pl.col("excluded").is_null())
        if counted.is_empty() and self.goes_on:
            raise UnknownIncidentError(f"no incident had begun {self._as_of()}")
        if counted.is_empty():
            raise UnknownIncidentError(
                "the ledger holds no incident yet; load some exports first (`podanalytics load`)"
            )
        rank = {s.id: s.rank for s in self.found.policy.severities}
        missed = self.readings.filter(pl.col("verdict") == Verdict.MISSED.value).group_by("incident").len("missed")
        order = counted.join(missed, on="incident", how="left").with_columns(
            pl.col("severity").replace_strict(rank, default=99, return_dtype=pl.Int64).alias("rank"),
            (pl.col("resolved_at") - pl.col("began_at")).alias("took"),
        )
        worst_first = order.sort(
            "rank", "missed", "took", "incident", descending=[False, True, True, False], nulls_last=True
        )
        return str(worst_first["incident"][0])

    def _as_of(self) -> str:
        return f"by {self.found.as_of:%Y-%m-%d %H:%M:%S} UTC, the moment this is judged as of"


def load_ledger(store: Store, policy: Policy | Policies, as_of: datetime) -> Ledger:
    """Links, reconstructs and measures what the store tells up to `as_of`: what came later is not known yet.

    Of several policies the one in force at `as_of` says which records are incidents and belong together; each incident
    is judged by the one in force when it began.
    """
    policies = policies_of([policy]) if isinstance(policy, Policy) else policy
    told, people, faults = made_whole(store.events()), store.people(), store.read(FAULTS)
    events = told_by(told, as_of)
    linked = link_all(events, policies.in_force(as_of))
    members = linked.members
    parts = _reconstructed(events, people, members, policies, as_of, _cut(told, faults))
    judged = [judge(part) for part in parts]
    found = joined(parts)
    readings = pl.concat([j.readings for j in judged]).sort(READINGS.order)
    return Ledger(
        events=events,
        people=people,
        members=members,
        found=found,
        policies=policies,
        readings=readings,
        silences=pl.concat([j.silences for j in judged]).sort(SILENCES.order),
        faults=pl.concat(
            [faults, _homeless(events, members), linked.faults, found.oddities, _backwards(readings, found.told)]
        ),
        loads=store.read(LOADS),
        checks=store.read(CHECKS),
        whole=told,
    )


def _reconstructed(
    events: pl.DataFrame,
    people: pl.DataFrame,
    members: pl.DataFrame,
    policies: Policies,
    as_of: datetime,
    cut: frozenset[str],
) -> list[Reconstruction]:
    """The incidents, part by part: those that began under one policy. The policy in force now comes last."""
    now = policies.in_force(as_of)
    whole = reconstruct(events, people, members, now, as_of, cut)
    judging = {i: policies.in_force(began) for i, began in whole.incidents.select("incident", "began_at").iter_rows()}
    if all(policy is now for policy in judging.values()):
        return [whole]
    parts = []
    for policy in sorted(policies.versions, key=lambda p: p is now):
        mine = [incident for incident, judged_by in judging.items() if judged_by is policy]
        if mine or policy is now:
            own = members.filter(pl.col("incident").is_in(mine))
            # What is private is so for everybody, whichever policy was in force when it began.
            judge_by = policy.model_copy(update={"private": now.private})
            parts.append(reconstruct(events, people, own, judge_by, as_of, cut))
    return parts


def _cut(told: pl.DataFrame, faults: pl.DataFrame) -> frozenset[str]:
    """The tools of which a file breaks off: what they do not tell may stand in the rest of it."""
    broken = faults.filter(pl.col("rule") == FaultRule.CUT_SHORT.value)
    told_so_far = told.join(broken, on="file", how="semi")["source"]
    return frozenset([*broken["source"], *told_so_far])


def _backwards(readings: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """FAULTS for clauses whose clock ran backwards: quarantined as contradictory, never clamped."""
    odd = readings.filter(pl.col("verdict") == Verdict.CONTRADICTORY.value)
    last = odd.with_columns(pl.col("evidence").str.split(" ").list.last().alias("id"))
    return FAULTS.frame(
        fault(
            {**row, "subject": row["incident"]},
            FaultRule.NEGATIVE_DURATION,
            f"{row['measure']}: {row['because']}; it counts on neither side: correct the moment that is wrong",
        )
        for row in last.join(told, on=["incident", "id"]).iter_rows(named=True)
    )


def told_by(told: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """EVENTS rows of what was known at that moment. Which records are one incident is no matter of time: a decision
    about it holds for every moment, whenever it was made.
    """
    return told.filter((pl.col("occurred_at") <= as_of) | (pl.col("source") == DECISIONS))


def _later(told: pl.DataFrame, policy: Policy) -> dict[str, frozenset[tuple[str, str]]]:
    """Every name of every incident once all is told, in lower case, with the containers that incident is made of."""
    whole = link(told, policy).filter(~pl.col("method").is_in([*SINGLE, *APART]))
    found: dict[str, frozenset[tuple[str, str]]] = {}
    for (incident,), group in whole.group_by("incident", maintain_order=True):
        containers = frozenset(group.select("source", "subject").iter_rows())
        found |= {str(name).lower(): containers for name in (incident, *group["subject"])}
    return found


def _homeless(events: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """FAULTS for corrections of incidents that nothing loaded tells of: somebody meant them to change something."""
    corrections = (pl.col("kind") == Kind.STATED.value) & (pl.col("source") != DECISIONS)
    stated = events.filter(corrections).join(members, on=["source", "subject"], how="anti")
    return FAULTS.frame(
        {
            "file": row["file"],
            "origin": row["origin"],
            "source": row["source"],
            "record": row["subject"],
            "rule": FaultRule.STRAY.value,
            "reason": f"corrects {row['subject']}, which is no incident of this ledger: mend its id, or take it out",
        }
        for row in stated.iter_rows(named=True)
    )
