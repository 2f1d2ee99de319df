"""ETAs: the resolution that was promised against the real one. Reported, not judged."""

from __future__ import annotations

from podanalytics.case import Case
from podanalytics.metrics._judge import answer, clock, inapplicable, minutes, settle
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.show.words import duration, plural


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: its value is the minutes from the *first* promise to the resolution (negative: before it)."""
    if given := inapplicable(case, clause):
        return given
    promises = [u for u in case.updates if u.audience == clause.audience and u.eta]
    if not promises:
        verdict = Verdict.NOT_APPLICABLE if case.updates or Milestone.FIRST_UPDATE in case.silent else Verdict.UNKNOWN
        return answer(
            case,
            clause,
            verdict,
            "no update promised a time" + (settle(case, clause) if verdict == Verdict.UNKNOWN else ""),
        )
    first = promises[0]
    assert first.eta is not None
    said = f"first promise {clock(first.eta)}, of {plural(len(promises), 'promise')}"
    evidence = (first.event,)
    resolved = case.moment(Milestone.RESOLVED)
    if resolved is None:
        late = f", {duration(minutes(case.as_of - first.eta))} late already" if case.as_of > first.eta else ""
        return answer(case, clause, Verdict.PENDING, f"{said}; still open{late}", evidence=evidence, due_at=first.eta)
    error = minutes(resolved.at - first.eta)
    late = f"{duration(abs(error))} {'late' if error > 0 else 'early'}"
    return answer(
        case,
        clause,
        Verdict.NOT_APPLICABLE,
        f"reported, not judged: {said}, resolved {clock(resolved.at)}, {late}",
        value=error,
        started_at=first.eta,
        ended_at=resolved.at,
        evidence=(*evidence, resolved.event),
    )
