"""Evidence by alerts: the key by which monitoring knows one alert again (a pager's incident key, Alertmanager's
fingerprint), told by two tools within a day; and alerts that fired when an incident began, of a service that it names.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from podanalytics.linking.containers import Container, Known
from podanalytics.linking.evidence import Evidence, between
from podanalytics.linking.similar import WITHIN as AROUND
from podanalytics.linking.similar import services, words
from podanalytics.model import Kind

# Links (text says which, value is the key) and other entries (value says which, text is the key) that hold one.
NAMES = ("incident_key", "dedup_key", "alert_key", "fingerprint", "alias")
WITHIN = timedelta(hours=24)  # the same alert fires again next week, and is another incident then
_FINGERPRINT = r"\b[0-9a-f]{16}\b"


def _keys(events: pl.DataFrame) -> pl.DataFrame:
    """id, source, subject, occurred_at, name: the first telling of each key by each container."""
    as_link = (pl.col("kind") == Kind.LINKED.value) & pl.col("text").is_in(NAMES)
    as_other = (pl.col("kind") == Kind.OTHER.value) & pl.col("value").is_in(NAMES)
    key = pl.when(as_link).then("value").otherwise("text")
    told = events.filter(as_link | as_other).select("id", "source", "subject", "occurred_at", key.alias("name"))
    return told.filter(pl.col("name") != "").unique(["source", "subject", "name"], keep="first", maintain_order=True)


def alert_keys(events: pl.DataFrame, known: Known) -> Iterator[Evidence]:
    """Records of different tools with one key, the nearest in time with each other; and alerts that carry a record's
    key, or whose fingerprint a record or a channel writes.
    """
    told = _keys(events)
    alerts = pl.DataFrame(sorted(known.alerts), schema={"source": pl.String, "subject": pl.String}, orient="row")
    fired = told.join(alerts, on=["source", "subject"], how="semi", maintain_order="left")
    told = told.join(alerts, on=["source", "subject"], how="anti", maintain_order="left")
    yield from _firings(told, fired, known)
    yield from _written(events, fired, known)
    several = told.filter(pl.col("source").n_unique().over("name") > 1).sort("name", "occurred_at", "source", "subject")
    rows = several.iter_rows(named=True)
    for one, next_ in pairwise(rows):
        near = next_["occurred_at"] - one["occurred_at"] <= WITHIN
        if one["name"] == next_["name"] and one["source"] != next_["source"] and near:
            left, right = (one["source"], one["subject"]), (next_["source"], next_["subject"])
            why = f"{left[1]} and {right[1]} come from the alert {one['name']}"
            yield from between(known, 0.9, left, right, "alert key", why, next_["id"])


def _firings(told: pl.DataFrame, fired: pl.DataFrame, known: Known) -> Iterator[Evidence]:
    """Each alert with the record of its key that ran when it fired, else the nearest of that day: a key serves again
    and again, and a group of alerts has one.
    """
    records: dict[str, list[Container]] = defaultdict(list)
    for source, subject, name in told.select("source", "subject", "name").iter_rows():
        if (source, subject) in known.records:
            records[name].append((source, subject))
    for row in fired.filter(pl.col("name").is_in(list(records))).iter_rows(named=True):
        alert, at = (row["source"], row["subject"]), row["occurred_at"]
        near = [(*_apart(at, *known.spans[record]), record) for record in records[row["name"]]]
        _, begun, record = min(near)
        if begun <= WITHIN:
            why = f"{record[1]} was made of the alert {row['name']}"
            yield from between(known, 0.9, record, alert, "alert key", why, row["id"])


def _apart(at: datetime, begin: datetime, end: datetime) -> tuple[timedelta, timedelta]:
    """How far a moment is from a record's span, and from its begin."""
    return max(begin - at, at - end, timedelta()), abs(at - begin)


def _written(events: pl.DataFrame, fired: pl.DataFrame, known: Known) -> Iterator[Evidence]:
    """A fingerprint in what a record or a channel says: the last time before that the alert fired."""
    times: dict[str, list[tuple[datetime, Container]]] = defaultdict(list)
    for source, subject, at, name in fired.select("source", "subject", "occurred_at", "name").iter_rows():
        times[name].append((at, (source, subject)))
    if not times:
        return
    texts = events.with_columns(pl.col("text").str.extract_all(_FINGERPRINT).alias("names"))
    for row in texts.filter(pl.col("names").list.len() > 0).iter_rows(named=True):
        here = (row["source"], row["subject"])
        if here not in known or here in known.alerts:
            continue
        for name in sorted(set(row["names"]) & times.keys()):
            before = [item for item in times[name] if timedelta() <= row["occurred_at"] - item[0] <= WITHIN]
            if before:
                why = f"{here[1]} writes the fingerprint {name}"
                yield from between(known, 0.9, here, max(before)[1], "alert key", why, row["id"])


def in_time(events: pl.DataFrame, known: Known, alone: Callable[[Container], bool]) -> Iterator[Evidence]:
    """Alerts that fired within minutes of a record's begin and name a service that the record names: the first of each
    service. Whether they are about the same, a person says; `alone`: whether an alert belongs to nothing yet.
    """
    if not known.alerts:
        return
    fired = events.filter(pl.col("kind") == Kind.ALERTED.value).sort("occurred_at", "source", "subject")
    waiting = [
        (at, (source, subject), words(text), text)
        for at, source, subject, text in fired.select("occurred_at", "source", "subject", "text").iter_rows()
        if (source, subject) in known.alerts and alone((source, subject))
    ]
    times = [at for at, *_ in waiting]
    for record, named in services(events, known).items():
        begin, seen = known.spans[record][0], set[str]()
        for at, alert, said, text in waiting[bisect_left(times, begin - AROUND) : bisect_right(times, begin + AROUND)]:
            if new := (named & said) - seen:
                seen |= new
                why = f"{_title(text)} fired at {at:%H:%M} UTC; {record[1]} began within 15 minutes, about {min(new)}"
                yield from between(known, 0.6, record, alert, "alert in time", why)


def _title(text: str) -> str:
    return re.sub(r"\s+", " ", text)[:60].rstrip()
