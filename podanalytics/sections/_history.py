"""One clause over the earlier incidents that owed it: how often it was missed, what was measured, and other targets."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import NamedTuple

import polars as pl

from podanalytics.model import Reading, Verdict
from podanalytics.policy import Clause, Runs
from podanalytics.review import Review
from podanalytics.show.words import FEW, percent
from podanalytics.stats import wilson

FEW_TIMES = 6  # below so many, no 95 % interval of a median exists
# Targets that people agree on, in minutes: what a clause might ask for instead.
LADDER = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880, 4320, 7200, 10080)


class Before(NamedTuple):
    """How a clause went in earlier incidents: missed of judged, and how many nobody could judge."""

    missed: int
    judged: int
    unknown: int


class Times(NamedTuple):
    """What was measured in the judged ones; infinite where it never happened."""

    values: tuple[float, ...]

    @property
    def median(self) -> float | None:
        """Their median; None of fewer than six, or where half of them have no end."""
        ordered = sorted(self.values)
        count = len(ordered)
        if count < FEW_TIMES:
            return None
        middle = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
        return None if middle == inf else middle

    def within(self, target: float) -> int:
        """How many kept that target."""
        return sum(value <= target for value in self.values)


def before(review: Review, measure: str) -> Before:
    """Over the earlier incidents to which the clause applied."""
    verdicts = review.history.filter(pl.col("measure") == measure)["verdict"].to_list()
    missed = verdicts.count(Verdict.MISSED.value)
    unknown = verdicts.count(Verdict.UNKNOWN.value) + verdicts.count(Verdict.CONTRADICTORY.value)
    return Before(missed, missed + verdicts.count(Verdict.MET.value), unknown)


def times(review: Review, clause: Clause, reading: Reading) -> Times:
    """The values of the judged ones; of the same severity where the target is the severity's."""
    mine = (pl.col("measure") == clause.id) & pl.col("verdict").is_in([Verdict.MET.value, Verdict.MISSED.value])
    if isinstance(clause.target, str):
        mine &= pl.col("severity") == reading.severity
    values = review.history.filter(mine & (pl.col("unit") == "min"))["value"].to_list()
    return Times(tuple(inf if value is None else value for value in values))


def candidates(review: Review, clause: Clause, reading: Reading) -> list[float]:
    """Targets to try for a missed time clause: the next higher one, and the first that this incident would have met.

    None for a clause that does not count minutes, or counts business time.
    """
    promise = review.policy.target(clause.id, reading.severity)
    if reading.unit != "min" or promise is None or promise.runs is not Runs.ALWAYS:
        return []
    higher = [float(step) for step in LADDER if step > promise.minutes]
    met = [step for step in higher if reading.value is not None and step >= reading.value]
    return sorted({*higher[:1], *met[:1]})


def share(hits: int, of: int, shown: Callable[[float], str] = percent) -> str:
    """`2 of 12 (17 %, 5 % to 45 %)`: the share and its interval from ten on, written as `shown` does.

    >>> share(2, 12), share(1, 4)
    ('2 of 12 (17 %, 5 % to 45 %)', '1 of 4; too few for a share')
    """
    bounds = wilson(hits, of)
    if of < FEW or bounds is None:
        return f"{hits} of {of}; too few for a share"
    return f"{hits} of {of} ({shown(hits / of)}, {shown(bounds[0])} to {shown(bounds[1])})"
