"""The review's agenda: which of the six items its record names."""

from __future__ import annotations

from podanalytics.case import Case
from podanalytics.metrics._judge import answer, inapplicable, settle
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.show.words import plural


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: met when the review's record names every item."""
    if given := inapplicable(case, clause):
        return given
    if case.moment(Milestone.RESOLVED) is None:
        return answer(case, clause, Verdict.PENDING, "the incident is still open")
    records = case.marks_of(clause.id)
    if not records:
        return answer(case, clause, Verdict.UNKNOWN, "no record of a review is known" + settle(case, clause))
    words = " ".join(m.text for m in records).casefold()
    lacking = [name for name in clause.names if name.casefold() not in words]
    evidence = tuple(m.event for m in records)
    if lacking:
        because = f"the review's record does not name: {', '.join(lacking)}" + settle(case, clause)
        return answer(case, clause, Verdict.UNKNOWN, because, evidence=evidence)
    because = f"the review's record names all {plural(len(clause.names), 'item')}"
    return answer(case, clause, Verdict.MET, because, evidence=evidence)
