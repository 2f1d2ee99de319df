"""People in the response: roles taken and handed over, and who was there when."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from podanalytics.model import Kind
from podanalytics.policy import Policy
from podanalytics.tables import ROLES

# What stands where a name would, while nobody has the role.
NOBODY = frozenset(
    ["tbd", "tba", "none", "nobody", "noone", "unassigned", "unknown", "open", "vacant", "here", "channel", "everyone"]
)


def roles(told: pl.DataFrame, people: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """ROLES: who held which role.

    Declared in a text (`role_rule`) or by a tool's own role field; a new holder ends the old spell.
    """
    handles = {r["handle"]: r["key"] for r in people.iter_rows(named=True) if r["handle"]}
    taken: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in _declared(told, policy, handles):
        spells = taken.setdefault((str(row["incident"]), str(row["role"])), [])
        if spells and spells[-1]["person"] == row["person"]:
            continue
        if spells:
            spells[-1]["ended_at"] = row["began_at"]
        spells.append(row)
    return ROLES.frame(row for spells in taken.values() for row in spells).unique(
        ["incident", "role", "person", "began_at"], maintain_order=True
    )


def _declared(told: pl.DataFrame, policy: Policy, handles: dict[str, str]) -> Iterator[dict[str, object]]:
    named = {r.casefold(): r for r in policy.roles}
    patterns = [(r.role, re.compile(r.like), r.not_like and re.compile(r.not_like)) for r in policy.role_rules]
    spoken = pl.col("kind") == Kind.MESSAGE.value
    any_rule = (
        "|".join(f"(?:{rule.like})" for rule in policy.role_rules).replace("(?P<person>", "(?:").replace("(?i)", "")
    )
    spoken &= pl.col("text").str.contains("(?i)" + any_rule) if patterns else pl.lit(False)
    for e in told.filter(spoken | (pl.col("kind") == Kind.ROLE.value)).iter_rows(named=True):
        if e["kind"] == Kind.ROLE.value:
            if (role := named.get(e["value"].casefold())) and e["actor"]:
                yield _taken(e, role, e["actor"], f"{e['source']}: role field")
            continue
        for role, pattern, unless in patterns:
            if unless and unless.search(e["text"]):
                continue
            for hit in pattern.finditer(e["text"]):
                person = hit.groupdict().get("person") or (e["actor"] if e["human"] else None)
                if person and person.casefold() not in NOBODY:
                    yield _taken(e, role, handles.get(person, person), f"{e['source']}: declared in a message")


def _taken(event: dict[str, object], role: str, person: str, how: str) -> dict[str, object]:
    return {
        "incident": event["incident"],
        "role": role,
        "person": person,
        "began_at": event["occurred_at"],
        "ended_at": None,
        "how": how,
        "event": event["id"],
    }


def present(told: pl.DataFrame, channels: pl.DataFrame) -> pl.DataFrame:
    """incident, actor, occurred_at, id: when each person was first seen (joined or spoke) in the incident's own
    channels.
    """
    there = told.join(channels, on=["incident", "subject"], how="semi").filter(
        pl.col("human") & pl.col("kind").is_in([Kind.JOINED.value, Kind.MESSAGE.value])
    )
    first = there.sort("occurred_at", "id").unique(["incident", "actor"], keep="first", maintain_order=True)
    return first.select("incident", "actor", "occurred_at", "id").sort("incident", "occurred_at", "id")
