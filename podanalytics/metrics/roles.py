"""The roles of the response: which were named in time, which later, which never."""

from __future__ import annotations

from datetime import datetime

from podanalytics.case import Case
from podanalytics.metrics._judge import answer, due_at, inapplicable, minutes, settle, start_of, without_start
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: its value is the minutes until the last of the roles was named, where all were."""
    if given := inapplicable(case, clause):
        return given
    start = start_of(case, clause)
    if start is None:
        return without_start(case, clause)
    due = due_at(case, clause, start.at, case.as_of)
    assert due is not None
    first: dict[str, tuple[datetime, str]] = {}
    for held in case.roles:
        first.setdefault(held.role, (held.began_at, held.event))
    never = [r for r in case.policy.roles if r not in first]
    late = [r for r in case.policy.roles if r in first and first[r][0] > due]
    known = {"started_at": start.at, "due_at": due, "evidence": (start.moment.event, *(e for _, e in first.values()))}
    told = f"{len(first)} of {len(case.policy.roles)} roles named"
    told += f"; late: {', '.join(late)}" if late else ""
    told += f"; never named: {', '.join(never)}" if never else ""
    if not never:
        last = max(at for at, _ in first.values())
        verdict = Verdict.MISSED if late else Verdict.MET
        return answer(case, clause, verdict, told, value=minutes(last - start.at), ended_at=last, **known)
    if case.as_of <= due:
        return answer(case, clause, Verdict.PENDING, told, **known)
    if late or case.channels or Milestone.CHANNEL_OPENED in case.silent:
        return answer(case, clause, Verdict.MISSED, told, **known)
    return answer(case, clause, Verdict.UNKNOWN, told + settle(case, clause), **known)
