"""A cadence: the longest silence towards one audience, the last one running to the resolution (or to now)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from podanalytics.case import Case, Update
from podanalytics.metrics._judge import (
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

FIRST = {"internal": Milestone.FIRST_UPDATE, "customers": Milestone.FIRST_NOTICE}


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch without an update: its ends, and the events at them (None where the window itself begins or ends)."""

    began_at: datetime
    ended_at: datetime
    before: str | None
    after: str | None
    grain: timedelta

    @property
    def minutes(self) -> float:
        """How long it was."""
        return minutes(self.ended_at - self.began_at)


def silences(updates: list[Update], windows: list[tuple[datetime, datetime]]) -> list[Silence]:
    """Every silence inside the windows, in time order: from a window's start to the first update, between, and to its
    end.
    """
    found: list[Silence] = []
    for start, end in windows:
        inside = [u for u in updates if start <= u.at <= end]
        times = [start, *(u.at for u in inside), end]
        events: list[str | None] = [None, *(u.event for u in inside), None]
        grains = [timedelta(0), *(u.grain for u in inside), timedelta(0)]
        for i in range(len(times) - 1):
            if times[i] == times[i + 1]:
                continue  # the clause's own start is the first update
            found.append(Silence(times[i], times[i + 1], events[i], events[i + 1], max(grains[i], grains[i + 1])))
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
    quiet = silences(updates, windows)
    assert clause.limit is not None
    if not quiet or sum(s.minutes for s in silences([], windows)) <= clause.limit:
        over = case.moment(Milestone.RESOLVED) is not None or not windows or windows[-1][1] < case.as_of
        verdict = Verdict.NOT_APPLICABLE if over else Verdict.PENDING
        because = "it was over before the first update was due" if over else "the first update is not due yet"
        return answer(case, clause, verdict, because, evidence=(start.moment.event,))
    return _judged(case, clause, quiet, [u for u in updates if any(a <= u.at <= b for a, b in windows)])


def _judged(case: Case, clause: Clause, quiet: list[Silence], updates: list[Update]) -> Reading:
    assert clause.limit is not None
    longest = max(quiet, key=lambda s: (s.minutes, s.began_at))
    evidence = tuple(e for e in (longest.before, longest.after) if e) or tuple(u.event for u in updates[:1])
    stretch = f"{clock(longest.began_at, longest.ended_at)} to {clock(longest.ended_at, longest.began_at)}"
    because = f"{plural(len(updates), 'update')}; longest silence {duration(longest.minutes)}, {stretch}"
    because += _missed(quiet, clause.limit)
    known = {
        "value": longest.minutes,
        "started_at": longest.began_at,
        "ended_at": longest.ended_at,
        "evidence": evidence,
        "due_at": longest.began_at + timedelta(minutes=clause.limit),
    }
    if longest.minutes <= clause.limit:
        verdict = Verdict.MET if case.moment(Milestone.RESOLVED) else Verdict.PENDING
        return answer(case, clause, verdict, because, **known)
    if longest.minutes - minutes(longest.grain) < clause.limit:
        return answer(case, clause, Verdict.UNKNOWN, because + ": the updates' times are too coarse to tell", **known)
    end = case.moment(Milestone.RESOLVED)
    if end and end.latest and not [s for s in quiet if s.after and s.minutes > clause.limit]:
        return answer(case, clause, Verdict.UNKNOWN, because + ": its end is known at the latest only", **known)
    return answer(case, clause, Verdict.MISSED, because, **known)


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
