"""A cadence: the longest silence towards one audience, the last one running to the resolution (or to now)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from podanalytics.case import Case, Update
from podanalytics.metrics._judge import (
    MINUTE,
    Start,
    answer,
    applying,
    clock,
    inapplicable,
    minutes,
    settle,
    start_of,
    waived,
    without_start,
)
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.show.words import audience_name, duration, plural

_EXACT: Mapping[datetime, timedelta] = {}
FIRST = {"internal": Milestone.FIRST_UPDATE, "customers": Milestone.FIRST_NOTICE}


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch without an update: its ends, and the events at them (None where the window itself begins or ends)."""

    began_at: datetime
    ended_at: datetime
    before: str | None
    after: str | None
    rough_before: timedelta
    rough_after: timedelta

    @property
    def minutes(self) -> float:
        """How long it was, by the times as they stand."""
        return minutes(self.ended_at - self.began_at)

    @property
    def least(self) -> float:
        """How long it was at least: a coarse time stands for all moments that it may be."""
        return minutes(self.ended_at - self.began_at - _slack(self.rough_before))

    @property
    def most(self) -> float:
        """How long it may have been."""
        return minutes(self.ended_at - self.began_at + _slack(self.rough_after))


def _slack(grain: timedelta) -> timedelta:
    """How much later than it says a time of that grain may be: 14:05 stands for 14:05:00 to 14:05:59."""
    return max(timedelta(0), grain - MINUTE / 60)


def silences(
    updates: list[Update], windows: list[tuple[datetime, datetime]], rough: Mapping[datetime, timedelta] = _EXACT
) -> list[Silence]:
    """Every silence inside the windows, in time order: from a window's start to the first update, between, and to its
    end. `rough`: the grain of the windows' borders where they are not exact.
    """
    found: list[Silence] = []
    for start, end in windows:
        inside = [u for u in updates if start <= u.at <= end]
        times = [start, *(u.at for u in inside), end]
        events: list[str | None] = [None, *(u.event for u in inside), None]
        grains = [rough.get(start, timedelta(0)), *(u.grain for u in inside), rough.get(end, timedelta(0))]
        for i in range(len(times) - 1):
            if times[i] == times[i + 1]:
                continue  # the clause's own start is the first update
            found.append(Silence(times[i], times[i + 1], events[i], events[i + 1], grains[i], grains[i + 1]))
    return found


def measured(case: Case, clause: Clause) -> list[Silence]:
    """The silences behind a cadence clause's reading, in time order; none where it has no clock or nobody can tell."""
    lifted = inapplicable(case, clause) or waived(case, clause)
    if clause.kind != "cadence" or lifted or _untold(case, clause):
        return []
    return silences(_told(case, clause), _windows(case, clause))


def _windows(case: Case, clause: Clause) -> list[tuple[datetime, datetime]]:
    """The stretches the clause counts: while its severities hold, from its clock's start to the resolution."""
    start = start_of(case, clause)
    if start is None:
        return []
    return [(max(a, start.at), min(b, case.end)) for a, b in applying(case, clause) if b > start.at]


def _told(case: Case, clause: Clause) -> list[Update]:
    return [u for u in case.updates if u.audience == clause.audience]


def _untold(case: Case, clause: Clause) -> bool:
    """Whether no update is known and no tool covers the time that would tell of one: then silence is not known."""
    return not _told(case, clause) and FIRST.get(str(clause.audience)) not in case.silent


def metric(case: Case, clause: Clause) -> Reading:
    """The reading of one cadence clause: its value is the longest silence, in minutes."""
    if given := inapplicable(case, clause):
        return given
    start = start_of(case, clause)
    if start is None:
        return without_start(case, clause)
    windows, updates = _windows(case, clause), _told(case, clause)
    if _untold(case, clause):
        nothing = f"no update to {audience_name(clause.audience)} is told"
        return answer(case, clause, Verdict.UNKNOWN, nothing + settle(case, clause, FIRST[str(clause.audience)]))
    quiet = silences(updates, windows, _rough(case, start))
    assert clause.limit is not None
    if not quiet or sum(s.minutes for s in silences([], windows)) <= clause.limit:
        over = case.moment(Milestone.RESOLVED) is not None or not windows or windows[-1][1] < case.as_of
        verdict = Verdict.NOT_APPLICABLE if over else Verdict.PENDING
        because = "it was over before the first update was due" if over else "the first update is not due yet"
        return answer(case, clause, verdict, because, evidence=(start.moment.event,))
    inside = [u for u in updates if any(a <= u.at <= b for a, b in windows)]
    return _judged(case, clause, start, quiet, len(inside))


def _rough(case: Case, start: Start) -> dict[datetime, timedelta]:
    """The grain of the moments at which the clock starts and ends."""
    end = case.moment(Milestone.RESOLVED)
    known = [(start.moment.at, start.moment.grain)] + ([(end.at, end.grain)] if end else [])
    return {at: grain for at, grain in known if grain}


def _judged(case: Case, clause: Clause, start: Start, quiet: list[Silence], count: int) -> Reading:
    """Missed by any silence that was surely too long, unknown by one that may have been, else kept."""
    assert clause.limit is not None
    surely = [s for s in quiet if s.least > clause.limit]
    perhaps = [s for s in quiet if s.most > clause.limit]
    longest = max(surely or perhaps or quiet, key=lambda s: (s.minutes, s.began_at))
    stretch = f"{clock(longest.began_at, longest.ended_at)} to {clock(longest.ended_at, longest.began_at)}"
    because = f"{plural(count, 'update')}; longest silence {duration(longest.minutes)}, {stretch}"
    because += _missed(quiet, clause.limit)
    known = {
        "value": longest.minutes,
        "started_at": longest.began_at,
        "ended_at": longest.ended_at,
        "evidence": _ends(case, start, longest),
        "due_at": longest.began_at + timedelta(minutes=clause.limit),
    }
    end = case.moment(Milestone.RESOLVED)
    if not perhaps and end and end.earliest:
        return answer(case, clause, Verdict.UNKNOWN, because + ": its end is known at the earliest only", **known)
    if not perhaps:
        verdict = Verdict.MET if end else Verdict.PENDING
        return answer(case, clause, verdict, because, **known)
    if not surely:
        return answer(case, clause, Verdict.UNKNOWN, because + ": the times are too coarse to tell", **known)
    if end and end.latest and not [s for s in surely if s.after]:
        return answer(case, clause, Verdict.UNKNOWN, because + ": its end is known at the latest only", **known)
    return answer(case, clause, Verdict.MISSED, because, **known)


def _ends(case: Case, start: Start, silence: Silence) -> tuple[str, ...]:
    """The events at both ends of a silence: updates, or what began and ended the stretch that counts."""
    borders = {spell.began_at: spell.event for spell in case.spells}
    if end := case.moment(Milestone.RESOLVED):
        borders[end.at] = end.event
    before = silence.before or borders.get(silence.began_at) or start.moment.event
    after = silence.after or borders.get(silence.ended_at)
    return (before, after) if after and after != before else (before,)


def _missed(quiet: list[Silence], limit: float) -> str:
    """How many updates were missed, and for how long in all (statistics.md section 5, row 16): a silence of `g` minutes
    misses ceil(g / limit) - 1 of them.
    """
    over = [s.minutes for s in quiet if s.minutes > limit]
    if not over:
        return ""
    missed = sum(math.ceil(m / limit) - 1 for m in over)
    late = duration(sum(m - limit for m in over))
    covered = sum(min(s.minutes, limit) for s in quiet) / sum(s.minutes for s in quiet)
    told = (f"{plural(len(over), 'silence')} over the target", f"{plural(missed, 'update')} missed")
    return f"; {', '.join(told)}, {late} too long in all, {covered:.0%} of the time covered"
