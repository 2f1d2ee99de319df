"""Something must be there between two milestones: a health check between mitigation and resolution."""

from __future__ import annotations

from podanalytics.case import Case
from podanalytics.metrics._judge import WORDS, answer, clock, inapplicable, settle
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: met by one piece of evidence at the right time; without any, nobody knows."""
    if given := inapplicable(case, clause):
        return given
    first, last = clause.start[0], clause.stop or Milestone.RESOLVED
    start, stop = case.moment(first), case.moment(last)
    found = case.marks_of(clause.id)
    if start is None:
        return answer(
            case,
            clause,
            Verdict.UNKNOWN,
            f"no {WORDS[first]} is known" + settle(case, clause, first),
            evidence=tuple(m.event for m in found),
        )
    inside = [m for m in found if m.at >= start.at and (stop is None or m.at <= stop.at)]
    if inside:
        because = f"{clock(inside[0].at, start.at)}, between {WORDS[first]} {clock(start.at)} and {WORDS[last]}"
        return answer(
            case, clause, Verdict.MET, because, ended_at=inside[0].at, evidence=tuple(m.event for m in inside)
        )
    if stop is None:
        return answer(
            case,
            clause,
            Verdict.PENDING,
            f"none since {WORDS[first]} {clock(start.at)}; still open",
            evidence=(start.event,),
        )
    return answer(
        case,
        clause,
        Verdict.UNKNOWN,
        f"none is told between {WORDS[first]} {clock(start.at)} and {WORDS[last]} {clock(stop.at, start.at)}"
        + settle(case, clause),
        evidence=(start.event, stop.event),
    )
