"""Evidence by alerts: the key by which monitoring knows one alert again (a pager's incident key, Alertmanager's
fingerprint), told by two tools within a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import polars as pl

from podanalytics.linking.containers import Known
from podanalytics.linking.evidence import Evidence, between
from podanalytics.model import Kind

# Links (text says which, value is the key) and other entries (value says which, text is the key) that hold one.
NAMES = ("incident_key", "dedup_key", "fingerprint", "alias")
WITHIN = timedelta(hours=24)  # the same alert fires again next week, and is another incident then


def alert_keys(events: pl.DataFrame, known: Known) -> Iterator[Evidence]:
    """Records of different tools with one key, the nearest in time with each other."""
    as_link = (pl.col("kind") == Kind.LINKED.value) & pl.col("text").is_in(NAMES)
    as_other = (pl.col("kind") == Kind.OTHER.value) & pl.col("value").is_in(NAMES)
    key = pl.when(as_link).then("value").otherwise("text")
    told = events.filter(as_link | as_other).select("id", "source", "subject", "occurred_at", key.alias("name"))
    told = told.filter(pl.col("name") != "").unique(["source", "subject", "name"], keep="first", maintain_order=True)
    several = told.filter(pl.col("source").n_unique().over("name") > 1).sort("name", "occurred_at", "source", "subject")
    rows = several.iter_rows(named=True)
    for one, next_ in pairwise(rows):
        near = next_["occurred_at"] - one["occurred_at"] <= WITHIN
        if one["name"] == next_["name"] and one["source"] != next_["source"] and near:
            left, right = (one["source"], one["subject"]), (next_["source"], next_["subject"])
            why = f"{left[1]} and {right[1]} come from the alert {one['name']}"
            yield from between(known, 0.9, left, right, "alert key", why, next_["id"])
