"""Mitigation by rollback: last known good identified, rolled back, health verified, in that order."""

from __future__ import annotations

from podanalytics.case import Case, Mark
from podanalytics.metrics._judge import answer, chat_is_loaded, clock, inapplicable, settle
from podanalytics.model import Reading, Verdict
from podanalytics.policy import Clause

STEPS = ("last known good version identified", "rolled back", "health verified")


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: judged only where a rollback is told."""
    if given := inapplicable(case, clause):
        return given
    good, back, health = (case.marks_of(clause.id, step) for step in range(3))
    if not back and chat_is_loaded(case):
        return answer(case, clause, Verdict.NOT_APPLICABLE, "no rollback is told")
    if not back:
        because = "no rollback is told, and no chat of that time is loaded" + settle(case, clause)
        return answer(case, clause, Verdict.UNKNOWN, because)
    done = back[0]
    chosen: list[Mark | None] = [
        next((m for m in good if m.at <= done.at), good[0] if good else None),
        done,
        next((m for m in health if m.at >= done.at), health[0] if health else None),
    ]
    evidence = tuple(m.event for m in chosen if m)
    told = ", ".join(
        f"{name} {clock(m.at)}" if m else f"{name}: not told" for name, m in zip(STEPS, chosen, strict=True)
    )
    if None in chosen:
        return answer(case, clause, Verdict.UNKNOWN, told + settle(case, clause), evidence=evidence)
    times = [m.at for m in chosen if m]
    return answer(case, clause, Verdict.MET if times == sorted(times) else Verdict.MISSED, told, evidence=evidence)
