"""People in the response: roles taken and handed over, and who was there when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import polars as pl

from podanalytics.model import Kind
from podanalytics.policy import Policy
from podanalytics.reconstruct.meaning import condition
from podanalytics.tables import ROLES, WATCHES

# What stands where a name would, while nobody has the role.
NOBODY = frozenset(
    ["tbd", "tba", "none", "nobody", "noone", "unassigned", "unknown", "open", "vacant", "here", "channel", "everyone"]
)


def roles(told: pl.DataFrame, people: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """ROLES: who held which role, and (`inferred`) who acted in one without having said so.

    Declared in a text (`role_rule`) or by a tool's own role field; a new holder ends the old spell; so does leaving.
    """
    handles = {r["handle"]: r["key"] for r in people.iter_rows(named=True) if r["handle"]}
    taken: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in _declared(told, policy, handles):
        _take(taken.setdefault((str(row["incident"]), str(row["role"])), []), row)
    declared = [row for spells in taken.values() for row in spells]
    return ROLES.frame([*declared, *_acting(told, taken, policy)]).unique(
        ["incident", "role", "person", "began_at"], maintain_order=True
    )


def _take(spells: list[dict[str, object]], row: dict[str, object]) -> None:
    """Adds a spell, or ends the last one: by a new holder, or by its own holder's leaving."""
    leaves = row.pop("leaves")
    holds = spells[-1] if spells and spells[-1]["ended_at"] is None else None
    own = holds is not None and holds["person"] == row["person"]
    if holds and leaves == own:  # its holder leaves it, or somebody else takes it
        holds["ended_at"] = row["began_at"]
    if not leaves and not own:
        spells.append(row)


def _acting(
    told: pl.DataFrame, taken: dict[tuple[str, str], list[dict[str, object]]], policy: Policy
) -> Iterator[dict[str, object]]:
    """Who did often enough what the holder of a role does, while somebody else held it or nobody."""
    for rule in policy.role_behaviours:
        hits = told.filter(condition(rule.match) & pl.col("actor").is_not_null()).sort("occurred_at", "key")
        for (incident, person), group in hits.group_by("incident", "actor", maintain_order=True):
            rows = group.to_dicts()
            spells = taken.get((str(incident), rule.role), [])
            own = [r for r in rows if not any(_holds(s, person, r["occurred_at"]) for s in spells)]
            if len(own) >= rule.least:
                how = f"{own[0]['source']}: acted {len(own)} times as one does in this role"
                row = _taken(own[0], rule.role, str(person), how)
                del row["leaves"]
                yield {**row, "ended_at": own[-1]["occurred_at"], "inferred": True}


def _holds(spell: dict[str, Any], person: object, at: datetime) -> bool:
    ended: datetime | None = spell["ended_at"]
    return bool(spell["person"] == person and spell["began_at"] <= at and (ended is None or at < ended))


def watches(roles: pl.DataFrame, incidents: pl.DataFrame) -> pl.DataFrame:
    """WATCHES: for each role that anybody declared, the stretches until the incident's end when nobody held it, and
    those in which somebody else than its holder acted in it.
    """
    ends = {r[0]: r[1] for r in incidents.select("incident", "resolved_at").iter_rows()}
    rows: list[dict[str, object]] = []
    declared = roles.filter(~pl.col("inferred")).sort("incident", "role", "began_at")
    for (incident, role), group in declared.group_by("incident", "role", maintain_order=True):
        spells = group.select("began_at", "ended_at").rows()
        begins = [began for began, _ in spells[1:]] + [ends[str(incident)]]
        for (_, ended), following in zip(spells, begins, strict=True):
            if ended is not None and (following is None or following > ended):
                rows.append(_watch(incident, role, "gap", ended, following))
    both = roles.filter(pl.col("inferred")).join(declared, on=["incident", "role"], suffix="_held")
    for r in both.iter_rows(named=True):
        began = max(r["began_at"], r["began_at_held"])
        until = min(r["ended_at"], r["ended_at_held"] or r["ended_at"])
        if began <= until and r["person"] != r["person_held"]:
            rows.append(_watch(r["incident"], r["role"], "overlap", began, until))
    return WATCHES.frame(rows).unique(["incident", "role", "kind", "began_at"], maintain_order=True)


def _watch(incident: object, role: object, kind: str, began: object, ended: object) -> dict[str, object]:
    return {"incident": incident, "role": role, "kind": kind, "began_at": began, "ended_at": ended}


def _declared(told: pl.DataFrame, policy: Policy, handles: dict[str, str]) -> Iterator[dict[str, object]]:
    named = {r.casefold(): r for r in policy.roles}
    patterns = [(r, re.compile(r.like), r.not_like and re.compile(r.not_like)) for r in policy.role_rules]
    spoken = pl.col("kind") == Kind.MESSAGE.value
    any_rule = (
        "|".join(f"(?:{rule.like})" for rule in policy.role_rules).replace("(?P<person>", "(?:").replace("(?i)", "")
    )
    spoken &= pl.col("text").str.contains("(?i)" + any_rule) if patterns else pl.lit(False)
    for e in told.filter(spoken | (pl.col("kind") == Kind.ROLE.value)).iter_rows(named=True):
        if e["kind"] == Kind.ROLE.value:
            holder = e["actor"] or e["was"]  # nobody holds it any more: its former holder has left it
            if (role := named.get(e["value"].casefold())) and holder:
                yield _taken(e, role, holder, f"{e['source']}: role field", leaves=not e["actor"])
            continue
        for rule, pattern, unless in patterns:
            if unless and unless.search(e["text"]):
                continue
            for hit in pattern.finditer(e["text"]):
                person = hit.groupdict().get("person") or (e["actor"] if e["human"] else None)
                if person and person.casefold() not in NOBODY:
                    how = f"{e['source']}: declared in a message"
                    yield _taken(e, rule.role, handles.get(person, person), how, rule.leaves)


def _taken(event: dict[str, object], role: str, person: str, how: str, leaves: bool = False) -> dict[str, object]:
    return {
        "incident": event["incident"],
        "role": role,
        "person": person,
        "began_at": event["occurred_at"],
        "ended_at": None,
        "how": how,
        "inferred": False,
        "event": event["id"],
        "leaves": leaves,
    }


def present(told: pl.DataFrame, channels: pl.DataFrame) -> pl.DataFrame:
    """incident, actor, occurred_at, id, source: when each person was first seen (joined or spoke) in the incident's own
    channels.
    """
    there = told.join(channels, on=["incident", "source", "subject"], how="semi").filter(
        pl.col("human") & pl.col("kind").is_in([Kind.JOINED.value, Kind.MESSAGE.value])
    )
    first = there.sort("occurred_at", "id").unique(["incident", "actor"], keep="first", maintain_order=True)
    return first.select("incident", "actor", "occurred_at", "id", "source").sort("incident", "occurred_at", "id")
