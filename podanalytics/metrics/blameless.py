"""Blameless wording: phrases in what people wrote that judge a person instead of a system."""

from __future__ import annotations

from podanalytics.case import Case
from podanalytics.metrics._judge import answer, inapplicable
from podanalytics.model import Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.show.words import plural


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: its value is the number of texts with such a phrase. The phrases are the policy's."""
    if given := inapplicable(case, clause):
        return given
    if not case.spoken:
        return answer(case, clause, Verdict.UNKNOWN, "no text by a person is loaded")
    found = case.marks_of(clause.id)
    checked = f"{plural(len(case.spoken), 'text')} by people looked at"
    if found:
        because = f"{checked}; {plural(len(found), 'wording')} to talk over"
        return answer(
            case, clause, Verdict.MISSED, because, value=float(len(found)), evidence=tuple(m.event for m in found)
        )
    return answer(
        case,
        clause,
        Verdict.MET,
        f"{checked}; none of the listed phrases",
        value=0.0,
        evidence=(case.spoken[0], case.spoken[-1]),
    )
