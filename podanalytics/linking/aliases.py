"""Aliases: one record under several names, told by its tool (`Kind.ALIAS`): its number beside its key, the key it had
before it was moved. Every event of it gets the name it has now, so that whatever comes after this sees one record.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from podanalytics.linking.decisions import SOURCE as DECISIONS
from podanalytics.model import Kind

Name = tuple[str, str]  # (source, subject)


def one_name(events: pl.DataFrame) -> pl.DataFrame:
    """EVENTS rows in which each record has one subject: the name that its tool told last.

    What points at a record is renamed with it: links, merges, corrections and decisions.
    """
    now = present_names(events)
    if not now:
        return events
    changed = {(source, name): subject for (source, name), (_, subject) in now.items()}
    known = pl.DataFrame(
        [(*name, subject) for name, subject in sorted(changed.items())],
        schema={"source": pl.String, "name": pl.String, "renamed": pl.String},
        orient="row",
    )
    renamed = _renamed(events, known, "subject", pl.lit(True))
    points = pl.col("kind").is_in([Kind.LINKED.value, Kind.MERGED.value])
    renamed = _renamed(renamed, known, "value", points)
    renamed = _from_elsewhere(renamed, changed)
    return renamed.select(events.columns)


def present_names(events: pl.DataFrame) -> dict[Name, Name]:
    """(source, other name) → (source, the name it has now), of every record that goes by several names."""
    told = events.filter(pl.col("kind") == Kind.ALIAS.value)
    if told.is_empty():
        return {}
    stamp = pl.coalesce("recorded_at", "occurred_at")
    ordered = told.sort(stamp, "occurred_at", "id").select("source", "subject", "value")
    head: dict[Name, Name] = {}
    latest: dict[Name, Name] = {}  # of each group, by its head: the name told last
    for source, subject, other in ordered.iter_rows():
        one, two = _head(head, (source, subject)), _head(head, (source, other))
        head[two] = one
        latest[one] = (source, subject)
    return {name: now for name in head if (now := latest[_head(head, name)]) != name}


def _head(head: dict[Name, Name], name: Name) -> Name:
    """The name that stands for a name's group for now; a new name is a group of its own."""
    head.setdefault(name, name)
    while head[name] != name:
        head[name] = head[head[name]]
        name = head[name]
    return name


def _renamed(events: pl.DataFrame, known: pl.DataFrame, column: str, where: pl.Expr) -> pl.DataFrame:
    """The column with present names, where the condition holds and the event is of the alias's own tool."""
    joined = events.join(
        known, left_on=["source", column], right_on=["source", "name"], how="left", maintain_order="left"
    )
    fits = where & pl.col("renamed").is_not_null()
    return joined.with_columns(pl.when(fits).then("renamed").otherwise(column).alias(column)).drop("renamed")


def _from_elsewhere(events: pl.DataFrame, changed: dict[Name, str]) -> pl.DataFrame:
    """What another tool or a person calls a record by: a former key, if one tool alone has used it; a bare number may
    be anybody's.
    """
    known = _single((name, subject) for (_, name), subject in changed.items() if not name.isdecimal())
    both = {f"{source} {name}": f"{source} {subject}" for (source, name), subject in changed.items()}
    decided = pl.col("source") == DECISIONS
    corrected = (pl.col("kind") == Kind.STATED.value) & ~decided
    return events.with_columns(
        pl.when(corrected)
        .then(_now("subject", known))
        .when(decided)
        .then(_now("subject", both))
        .otherwise("subject")
        .alias("subject"),
        pl.when(pl.col("kind") == Kind.LINKED.value).then(_now("value", known)).otherwise("value").alias("value"),
        pl.when(decided).then(_now("was", both)).otherwise("was").alias("was"),
    )


def _single(keys: Iterable[tuple[str, str]]) -> dict[str, str]:
    """name → what it is now, of names that mean one thing only."""
    found: dict[str, set[str]] = {}
    for name, subject in keys:
        found.setdefault(name, set()).add(subject)
    return {name: next(iter(subjects)) for name, subjects in found.items() if len(subjects) == 1}


def _now(column: str, names: dict[str, str]) -> pl.Expr:
    return pl.col(column).replace(names)
