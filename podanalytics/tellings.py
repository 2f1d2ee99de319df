"""One thing told several times, in other words each time: what it said before is kept, as an edit.

A poll or a later export shows what a text reads now. That it read otherwise is known only where an earlier one was
kept; of the two, the one recorded later is the edit. What changed without a later moment of recording is no edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from podanalytics.model import Event, Kind

if TYPE_CHECKING:
    import polars as pl

# Told again in other words, the first two are edited, a record has another title.
TEXTS = (Kind.NOTICE, Kind.MESSAGE, Kind.DECLARED)
RENAMED = "/renamed/"  # in the key of a new title that is known by comparison alone
_KEPT = ("source", "subject", "key", "origin", "url")


def stamp(telling: Mapping[str, Any]) -> datetime:
    """As of when a telling knows what it says."""
    found: datetime = telling["recorded_at"] or telling["occurred_at"]
    return found


def edits(tellings: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Event, Mapping[str, Any]]]:
    """(what was changed from one telling to the next, the telling that shows it) of one event, told several times."""
    told = [t for t in tellings if t["recorded_at"] or t["kind"] != Kind.DECLARED]
    ordered = sorted(told, key=lambda t: (stamp(t), t["occurred_at"], t["origin"]))
    before = ordered[0] if ordered else {}
    for now in ordered[1:]:
        if stamp(now) > stamp(before) and now["text"] != before["text"]:
            yield _edit(before, now), now
        if stamp(now) > stamp(before):
            before = now


def which_edit(event: Event) -> tuple[str, str | None, datetime]:
    """What an edit is known again by, whoever tells of it: the tool, the thing edited, the moment."""
    return event.source, event.value, event.occurred_at


def _edit(before: Mapping[str, Any], now: Mapping[str, Any]) -> Event:
    at = stamp(now)
    told: dict[str, Any] = {name: now[name] for name in _KEPT} | {"occurred_at": at}
    if now["kind"] == Kind.DECLARED:
        key = f"{now['key']}{RENAMED}{at.isoformat()}"
        new = now["text"] or "(no title)"
        return Event(**told | {"key": key}, kind=Kind.RENAMED, value=new, was=before["text"])
    key = f"{now['key']}/edited/{at.isoformat()}"
    changed = {"value": now["key"], "text": now["text"], "was": before["text"]}
    return Event(**told | {"key": key}, kind=Kind.EDITED, **changed)


def with_edits(told: pl.DataFrame, once: pl.DataFrame) -> pl.DataFrame:
    """EVENTS rows of `once`, each event once, with the edits that all tellings in `told` show.

    A tool's own word of an edit, which seldom says what stood there before, is completed and not repeated.
    """
    import polars as pl

    if told.height == once.height:
        return once  # nothing is told twice
    texts = told.filter(pl.col("kind").is_in([kind.value for kind in TEXTS]))
    several = texts.filter(pl.col("text").n_unique().over("id") > 1)
    if several.is_empty():
        return once
    groups = several.partition_by("id", maintain_order=True)
    found = [(edit, row) for group in groups for edit, row in edits(group.to_dicts())]
    own = once.filter((pl.col("kind") == Kind.RENAMED.value) & ~pl.col("key").str.contains(RENAMED, literal=True))
    logged = set(own.select("source", "subject").iter_rows())  # a tool that logs its renames needs no word of ours
    found = [f for f in found if f[0].kind != Kind.RENAMED or (f[0].source, f[0].subject) not in logged]
    columns = [name for name in once.columns if name != "file"]
    rows = [{"file": row["file"], **{name: getattr(edit, name) for name in columns}} for edit, row in found]
    made = pl.DataFrame(rows, schema=once.schema)
    same = ["source", "kind", "value", "occurred_at"]
    before = made.select(*same, pl.col("was").alias("before")).unique(same, keep="first", maintain_order=True)
    known = once.join(before, on=same, how="left", maintain_order="left")
    known = known.with_columns(pl.coalesce("was", "before").alias("was")).drop("before")
    return pl.concat([known, made.join(once, on=same, how="anti", maintain_order="left")])
