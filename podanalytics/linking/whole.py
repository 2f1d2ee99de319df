"""What only all files together tell of a record: its one name, what it was at first, since when it is as
it is, and what was taken away.

A list of issues without their log tells what they are now; the log, in another file, tells what they were. Each file is
read by itself, so it is here that the one sets the other right.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl

from podanalytics.linking.aliases import one_name
from podanalytics.model import LISTED, Event, Kind

FIRST, SINCE = (
    "/first",
    r"/status/.+/as of \d{4}-",
)  # the ends of the keys of what was at first, and of what is as of a moment
_LOGGED = (Kind.STATUS.value, Kind.SEVERITY.value, Kind.ASSIGNED.value)
_RECORD = ("source", "subject", "kind")
MINUTE = timedelta(minutes=1)  # a coarse clock writes a moment up to so much too early


def made_whole(events: pl.DataFrame) -> pl.DataFrame:
    """EVENTS rows, each record under one name, and set right by what other files tell of it."""
    return _taken_away(_without_repeated(_at_first(one_name(events))))


def _at_first(events: pl.DataFrame) -> pl.DataFrame:
    """With what the first change of a field says that it was before, where another telling took the present for it."""
    kinds = events.filter(pl.col("kind").is_in(_LOGGED))
    first = kinds.filter(pl.col("key").str.ends_with(FIRST)).filter(pl.len().over(_RECORD) == 1)
    if first.is_empty():
        return events
    changes = kinds.filter(pl.col("was").is_not_null()).sort("occurred_at", "key")
    before = changes.unique(_RECORD, keep="first", maintain_order=True).select(*_RECORD, pl.col("was").alias("before"))
    wrong = first.join(before, on=_RECORD).filter(pl.col("value") != pl.col("before")).select("id", "before")
    if wrong.is_empty():
        return events
    joined = events.join(wrong, on="id", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("before", "value").alias("value")).drop("before")


def _without_repeated(events: pl.DataFrame) -> pl.DataFrame:
    """Without states told as of some moment that the record's log tells already, with their own moment."""
    states = events.filter(pl.col("kind") == Kind.STATUS.value)
    as_of = states.filter(pl.col("key").str.contains(SINCE))
    if as_of.is_empty():
        return events
    logged = states.filter(~pl.col("key").str.contains(SINCE)).sort("occurred_at", "key")
    last = logged.unique(["source", "subject"], keep="last", maintain_order=True).select(
        "source", "subject", pl.col("value").alias("stands"), pl.col("occurred_at").alias("since")
    )
    told = as_of.join(last, on=["source", "subject"])
    repeated = told.filter(
        (pl.col("value") == pl.col("stands")) & (pl.col("occurred_at") >= pl.col("since") - pl.lit(MINUTE))
    )
    return events.join(repeated.select("id"), on="id", how="anti", maintain_order="left")


def _taken_away(events: pl.DataFrame) -> pl.DataFrame:
    """With what was deleted, on the evidence of whole lists alone; the lists themselves have served then."""
    lists = (pl.col("kind") == Kind.OTHER.value) & (pl.col("value") == LISTED)
    told = events.filter(lists)
    if told.is_empty():
        return events
    gone: list[dict[str, object]] = []
    for _, listings in told.sort("occurred_at", "id").group_by("source", "subject", maintain_order=True):
        gone += _gone(listings.to_dicts())
    rest = events.filter(~lists)
    if not gone:
        return rest
    return pl.concat([rest, pl.DataFrame(gone, schema=events.schema)]).sort("occurred_at", "source", "key")


def _gone(listings: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    """What an earlier list of a record has and its last one lacks: deleted by the first list without it."""
    last = set(str(listings[-1]["text"]).split())
    missing = {key for listing in listings for key in str(listing["text"]).split()} - last
    for key in sorted(missing):
        held = max(number for number, listing in enumerate(listings) if key in str(listing["text"]).split())
        first = listings[held + 1]
        kept: dict[str, Any] = {n: first[n] for n in ("occurred_at", "source", "subject", "origin", "url", "precision")}
        event = Event(kind=Kind.DELETED, key=f"{key}/deleted", value=key, **kept)
        yield {"file": first["file"], **{n: getattr(event, n) for n in Event.__slots__}}
