"""Clocks: how far the tools' clocks stand apart, from things that two of them tell.

A bot's post in chat and the record that it announces are one moment on two clocks; so are the `[HH:MM]` at the head of
an update and the time at which it was posted. A difference that is always the same whole number of half hours is a
time zone written as UTC; it is flagged, never repaired (measures.md, case 21).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median

import polars as pl

from podanalytics.linking.containers import URL, container_of
from podanalytics.model import Kind
from podanalytics.policy import Policy
from podanalytics.tables import CLOCKS

HALF_HOUR = 30.0
NEAR = 2.0  # minutes that a pair may lie off the others and still agree with them
AGREE = 0.8  # the share of pairs that must agree before a difference is the clock's and not chance
FEWEST = 3  # pairs below which nothing is said
DAY = 24 * 60.0
WRITTEN = "times that people write"
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")


def clocks(told: pl.DataFrame, known: pl.DataFrame, people: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """CLOCKS: one row a pair of tools that tell of the same moments.

    `told`: annotated events of incidents; `known`: all EVENTS, for a post whose clock is hours off is in no incident.
    """
    pairs: dict[tuple[str, str], list[float]] = defaultdict(list)
    for source, against, minutes in (*_announced(known, people), *_written(told, policy)):
        pairs[source, against].append(minutes)
    return CLOCKS.frame(_row(source, against, apart) for (source, against), apart in sorted(pairs.items()))


def _row(source: str, against: str, apart: list[float]) -> dict[str, object]:
    middle = median(apart)
    agreeing = sum(1 for m in apart if abs(m - middle) <= NEAR)
    halves = round(middle / HALF_HOUR)
    steady = len(apart) >= FEWEST and agreeing >= AGREE * len(apart)
    shifted = steady and halves != 0 and abs(middle - halves * HALF_HOUR) <= NEAR
    return {
        "source": source,
        "against": against,
        "minutes": round(middle, 3),
        "pairs": len(apart),
        "agreeing": agreeing,
        "shift": halves * HALF_HOUR if shifted else None,
        "steady": steady,
    }


def _announced(known: pl.DataFrame, people: pl.DataFrame) -> Iterator[tuple[str, str, float]]:
    """(chat, the record's tool, minutes from the record's first word to the bot's first post that names it)."""
    records = known.filter(pl.col("kind").is_in([Kind.ALERTED.value, Kind.DECLARED.value]))
    made: dict[tuple[str, str], datetime] = {}
    for source, subject, at in records.select("source", "subject", "occurred_at").sort("occurred_at").iter_rows():
        made.setdefault((source, subject), at)
    linking = known.filter((pl.col("kind") == Kind.MESSAGE.value) & pl.col("text").str.contains(URL))
    bots = people.filter("bot").select("source", actor="key").unique()
    by_a_bot = linking.join(bots, on=["source", "actor"], how="semi")
    posts = pl.concat([linking.filter(pl.col("actor").is_null()), by_a_bot])
    seen: set[tuple[str, str]] = set()
    for source, text, at in posts.select("source", "text", "occurred_at").sort("occurred_at").iter_rows():
        for url in re.findall(URL, text):
            named = container_of(url)
            if named in made and named not in seen and named[0] != source:
                seen.add(named)
                yield source, named[0], (at - made[named]) / timedelta(minutes=1)


def _written(told: pl.DataFrame, policy: Policy) -> Iterator[tuple[str, str, float]]:
    """(what people write, chat, minutes by which the clock time in an update's head is ahead of its post)."""
    for source, text, at in told.filter(pl.col("update")).select("source", "text", "occurred_at").iter_rows():
        head = re.search(policy.updates.header, text)
        clock = _CLOCK.search(head[0]) if head else None
        if clock is None or int(clock[1]) > 23 or int(clock[2]) > 59:
            continue
        ahead = int(clock[1]) * 60 + int(clock[2]) - (at.hour * 60 + at.minute)
        yield WRITTEN, source, (ahead + DAY / 2) % DAY - DAY / 2
