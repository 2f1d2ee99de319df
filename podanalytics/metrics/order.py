"""Status order: which statuses the updates state, and whether they are in the workflow's vocabulary."""

from __future__ import annotations

from itertools import pairwise

from podanalytics.case import Case
from podanalytics.metrics._judge import answer, inapplicable, settle
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.show.words import plural


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: its value is the number of statuses outside the vocabulary. Going back is shown, not judged."""
    if given := inapplicable(case, clause):
        return given
    stated = [u for u in case.updates if u.audience == "internal" and u.status]
    if not stated:
        if Milestone.FIRST_UPDATE in case.silent:
            return answer(
                case, clause, Verdict.NOT_APPLICABLE, "there was no internal update that could state a status"
            )
        return answer(case, clause, Verdict.UNKNOWN, "no internal update states a status" + settle(case, clause))
    words = [str(u.status).strip().upper() for u in stated]
    strange = [u for u, w in zip(stated, words, strict=True) if w not in case.policy.statuses]
    path = [w for i, w in enumerate(words) if i == 0 or words[i - 1] != w]
    # What is no status is shown as it was written: in capitals, redaction would not know a secret again.
    written = {w: w if w in case.policy.statuses else str(u.status).strip() for u, w in zip(stated, words, strict=True)}
    order = {w: n for n, w in enumerate(case.policy.statuses)}
    back = sum(1 for a, b in pairwise(path) if a in order and b in order and order[b] < order[a])
    because = " → ".join(written[w] for w in path) + (f"; went back {plural(back, 'time')}" if back else "")
    if strange:
        because += f"; not in the vocabulary: {', '.join(sorted({str(u.status) for u in strange}))}"
    evidence = tuple(u.event for u in (strange or stated))
    return answer(
        case, clause, Verdict.MISSED if strange else Verdict.MET, because, value=float(len(strange)), evidence=evidence
    )
