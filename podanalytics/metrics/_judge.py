"""What every metric asks first: does the clause apply, since when, from where does its clock run, and until when may
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from podanalytics.business import next_business_close
from podanalytics.case import Case, Moment
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import NEXT_BUSINESS_DAY, Clause
from podanalytics.reconstruct.meaning import WAIVER

HELD = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
WORDS = {
    Milestone.IMPACT_STARTED: "beginning of the impact",
    Milestone.ALERT_FIRED: "alert",
    Milestone.TEAM_NOTIFIED: "call of the team",
    Milestone.ACKNOWLEDGED: "acknowledgement by a person",
    Milestone.RESPONDED: "response by a person",
    Milestone.DECLARED: "incident record",
    Milestone.SEVERITY_SET: "severity",
    Milestone.INVESTIGATED: "beginning of the investigation",
    Milestone.TRIAGED: "end of the triage",
    Milestone.CHANNEL_OPENED: "incident channel",
    Milestone.COMMANDED: "Incident Commander",
    Milestone.FIRST_UPDATE: "internal update",
    Milestone.STATUS_PAGE_STARTED: "status-page entry",
    Milestone.FIRST_NOTICE: "customer notice",
    Milestone.MITIGATED: "mitigation",
    Milestone.RESOLVED: "resolution",
    Milestone.RESOLUTION_NOTICE: "resolution notice",
    Milestone.CLOSED: "closing",
    Milestone.REVIEWED: "review",
    Milestone.REPORTED: "public report",
}


@dataclass(frozen=True, slots=True)
class Start:
    """Where a clause's clock starts: the milestone's own moment, or later, when a rise in severity made the clause
    apply.
    """

    at: datetime
    moment: Moment
    milestone: Milestone
    raised: bool


def answer(case: Case, clause: Clause, verdict: Verdict, because: str, **more: Any) -> Reading:
    """A reading of this clause with what all readings share filled in."""
    target = clause.target if isinstance(clause.target, float | int) else None
    return Reading(
        **{
            "measure": clause.id,
            "verdict": verdict,
            "because": because,
            "unit": clause.unit,
            "severity": case.severity,
            "target": target,
            **more,
        }
    )


def settle(case: Case, clause: Clause, missing: Milestone | None = None) -> str:
    """What would settle an unknown, in words."""
    hint = (case.policy.milestone(missing).settle if missing else "") or clause.settle
    return f"; {hint} would settle it" if hint else ""


def chat_is_loaded(case: Case) -> bool:
    """Whether a chat covers the incident's time, so that what nobody wrote in it was not said there."""
    return bool(case.channels) or Milestone.CHANNEL_OPENED in case.silent


def inapplicable(case: Case, clause: Clause) -> Reading | None:
    """The reading of a clause that this incident's severity does not call for; None where it applies."""
    if not clause.applies_to:
        return None
    if not case.spells:
        return answer(
            case,
            clause,
            Verdict.UNKNOWN,
            f"no severity is told, and the clause holds for {' and '.join(clause.applies_to)} only"
            + settle(case, clause, Milestone.SEVERITY_SET),
        )
    if not applying(case, clause):
        path = ", then ".join(s.severity for s in case.spells)
        return answer(
            case,
            clause,
            Verdict.NOT_APPLICABLE,
            f"holds for {' and '.join(clause.applies_to)}; this incident was {path}",
            evidence=tuple(s.event for s in case.spells),
        )
    return None


def waived(case: Case, clause: Clause) -> Reading | None:
    """The reading of a clause that somebody's declaration lifted (`unless`); None where nothing did.

    What customers were told later says more than an early "no public impact".
    """
    lifted = case.marks_of(clause.id, WAIVER)
    if not lifted or any(u.audience == "customers" and u.at > lifted[0].at for u in case.updates):
        return None
    return answer(
        case,
        clause,
        Verdict.NOT_APPLICABLE,
        f"waived {clock(lifted[0].at)} by a declaration in the record",
        evidence=(lifted[0].event,),
    )


def applying(case: Case, clause: Clause) -> list[tuple[datetime, datetime]]:
    """The stretches in which the clause applies; a severity held for under five minutes counts only if it was the
    only one.
    """
    windows = case.windows(clause.applies_to)
    if len(case.spells) <= 1 or not clause.applies_to:
        return windows
    # The first severity counts from the incident's beginning, but it was held only since somebody set it.
    first = case.spells[0].began_at
    return [w for w in windows if w[1] - max(w[0], first) >= HELD]


def start_of(case: Case, clause: Clause) -> Start | None:
    """The first of the clause's `from` milestones that is known, moved to the rise in severity that made the clause
    apply.
    """
    for milestone in clause.start:
        moment = case.moment(milestone)
        if moment is None:
            continue
        windows = applying(case, clause) if clause.applies_to else []
        raised = bool(windows) and windows[0][0] > case.spells[0].began_at and windows[0][0] > moment.at
        return Start(windows[0][0] if raised else moment.at, moment, milestone, raised)
    return None


def without_start(case: Case, clause: Clause) -> Reading:
    """The reading of a clause whose clock has no known start."""
    first = clause.start[0]
    if first == Milestone.RESOLVED:
        return answer(case, clause, Verdict.PENDING, "the incident is still open")
    if all(m in case.silent for m in clause.start):
        return answer(
            case,
            clause,
            Verdict.NOT_APPLICABLE,
            f"there was no {WORDS[first]}: the tools that would tell of one cover the time",
        )
    first = next(m for m in clause.start if m not in case.silent)
    return answer(
        case,
        clause,
        Verdict.UNKNOWN,
        f"no {WORDS[first]} is known, so the clock has no start" + settle(case, clause, first),
    )


def due_at(case: Case, clause: Clause, start: datetime, before: datetime) -> datetime | None:
    """The latest moment that meets the target; None when the target hangs on a severity that nobody told.

    On a rise the due moment is the earlier of the old one and the new target counted from the rise; on a fall it is
    the new target counted from the start, but a breach already incurred stands (statistics.md section 5, row 2). Only
    severities set before `before` (the act itself, or now) matter.
    """
    if isinstance(clause.target, float | int):
        return start + timedelta(minutes=float(clause.target))
    due: datetime | None = None
    rank = 0
    for spell in case.spells:
        if due is not None and spell.began_at > before:
            break
        severity = case.policy.severity(spell.severity)
        if due is None:
            due = deadline(case, severity.response, start)
        elif severity.rank < rank:
            due = min(due, deadline(case, severity.response, max(start, spell.began_at)))
        elif spell.began_at <= due:
            due = deadline(case, severity.response, start)
        rank = severity.rank
    return due


def deadline(case: Case, target: float | str, start: datetime) -> datetime:
    """Start plus a target in minutes, or the close of the next business day."""
    if target == NEXT_BUSINESS_DAY:
        return next_business_close(start, case.policy.calendar)
    return start + timedelta(minutes=float(target))


def minutes(span: timedelta) -> float:
    """A span in minutes, to a tenth of a second."""
    return round(span.total_seconds() / 60, 3)


def clock(moment: datetime, beside: datetime | None = None) -> str:
    """A moment as it stands in sentences: time of day in UTC, with its date where `beside` is on another day."""
    dated = "" if beside is None or moment.date() == beside.date() else "%Y-%m-%d "
    return moment.strftime(f"{dated}%H:%M:%S UTC")
