"""Base rates: how often there is a change, and how often an incident follows one anyway.

A change shortly before an incident looks guilty. Whether that nearness means anything shows only beside what is usual:
the same lag, over the history that is loaded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual between `since` and `until`.

    `changes` were made in it; `near` is the share of all its moments that have a change within the lag before them.
    `followed` of the `followable` changes were followed by the begin of an incident within the lag: those count from
    the first incident that is loaded, because before it nobody knows of any.
    """

    since: datetime
    until: datetime
    changes: int
    near: float
    followed: int
    followable: int

    @property
    def days(self) -> float:
        """How long that time is."""
        return (self.until - self.since) / timedelta(days=1)


def usual(changes: Sequence[datetime], incidents: Sequence[datetime], lag: timedelta, until: datetime) -> Usual | None:
    """What was usual before `until`, for a change that came `lag` before its incident; None without any change before.

    `changes` and `incidents` are moments, in any order; an incident that begins with a change does not follow it.
    """
    made = sorted(moment for moment in changes if moment < until)
    if not made:
        return None
    began = sorted(incidents)
    watched = [moment for moment in made if began and moment >= began[0] - lag]
    followed = sum(_follows(began, moment, lag) for moment in watched)
    return Usual(made[0], until, len(made), _covered(made, lag, until) / (until - made[0]), followed, len(watched))


def _follows(began: list[datetime], moment: datetime, lag: timedelta) -> bool:
    place = bisect_right(began, moment)
    return place < len(began) and began[place] - moment <= lag


def _covered(made: list[datetime], lag: timedelta, until: datetime) -> timedelta:
    """How much of the time up to `until` lies within the lag after any change."""
    total, reached = NOTHING, made[0]
    for moment in made:
        end = min(moment + lag, until)
        total += max(NOTHING, end - max(moment, reached))
        reached = max(reached, end)
    return total
