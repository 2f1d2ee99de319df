"""The update template: how many updates lack a field."""

from __future__ import annotations

from collections import Counter

from podanalytics.case import Case
from podanalytics.metrics._judge import answer, inapplicable, settle
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.show.words import plural


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: its value is the number of incomplete updates."""
    if given := inapplicable(case, clause):
        return given
    updates = [u for u in case.updates if u.audience == clause.audience]
    if not updates and Milestone.FIRST_UPDATE in case.silent:
        return answer(case, clause, Verdict.NOT_APPLICABLE, "there was no update to look at")
    if not updates:
        return answer(case, clause, Verdict.UNKNOWN, "no update is told" + settle(case, clause))
    lacking = [u for u in updates if u.missing]
    evidence = tuple(u.event for u in (lacking or updates))
    if not lacking:
        return answer(
            case, clause, Verdict.MET, f"all of {plural(len(updates), 'update')} complete", value=0.0, evidence=evidence
        )
    fields = Counter(f for u in lacking for f in str(u.missing).split(", "))
    which = ", ".join(f"{name} ({count})" for name, count in sorted(fields.items(), key=lambda x: (-x[1], x[0])))
    because = f"{len(lacking)} of {plural(len(updates), 'update')} incomplete; missing: {which}"
    return answer(case, clause, Verdict.MISSED, because, value=float(len(lacking)), evidence=evidence)
