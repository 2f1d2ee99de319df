"""What every metric asks first: does the clause apply, since when, from where does its clock run, and until when may
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from podanalytics import business
from podanalytics.case import Case, Moment
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause, Target
from podanalytics.policy.targets import Runs
from podanalytics.reconstruct.meaning import WAIVER
from podanalytics.reconstruct.severity import HELD

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


_ORDER = {milestone: place for place, milestone in enumerate(Milestone)}


@dataclass(frozen=True, slots=True)
class Start:
    """Where a clause's clock starts: the milestone's own moment, or later, when a rise in severity made the clause
    apply.

    `instead` is the milestone it stands in for, of which nobody tells and no tool witnesses that it did not happen.
    """

    at: datetime
    moment: Moment
    milestone: Milestone
    raised: bool
    instead: Milestone | None = None

    @property
    def at_most(self) -> bool:
        """Whether the clock may have begun earlier than here: what it starts at is a stand-in for something earlier."""
        return self.instead is not None and _ORDER[self.instead] < _ORDER[self.milestone] and not self.raised

    @property
    def at_least(self) -> bool:
        """Whether the clock may have begun later than here."""
        return self.instead is not None and _ORDER[self.instead] > _ORDER[self.milestone]


def answer(case: Case, clause: Clause, verdict: Verdict, because: str, **more: Any) -> Reading:
    """A reading of this clause with what all readings share filled in."""
    target, start, due = clause.limit, more.get("started_at"), more.get("due_at")
    if target is None and clause.target is not None and start and due:
        target = minutes(due - start)  # of business time, or a severity's
    more.setdefault("target", target)
    return Reading(
        measure=clause.id, verdict=verdict, because=because, unit=clause.unit, severity=case.severity, **more
    )


def settle(case: Case, clause: Clause, missing: Milestone | None = None) -> str:
    """What would settle an unknown, in words; what the policy says of it behind a semicolon comes after it."""
    hint = (case.policy.milestone(missing).settle if missing else "") or clause.settle
    named, _, remark = hint.partition("; ")
    return f"; {named} would settle it{f' ({remark})' if remark else ''}" if hint else ""


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
        return answer(
            case,
            clause,
            Verdict.NOT_APPLICABLE,
            f"holds for {' and '.join(clause.applies_to)}; this incident was {case.severity_path}",
            evidence=case.severity_evidence,
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
    instead: Milestone | None = None
    for milestone in clause.start:
        moment = case.moment(milestone)
        if moment is None:
            instead = instead or (milestone if milestone not in case.silent else None)
            continue
        windows = applying(case, clause) if clause.applies_to else []
        raised = bool(windows) and windows[0][0] > case.spells[0].began_at and windows[0][0] > moment.at
        return Start(windows[0][0] if raised else moment.at, moment, milestone, raised, instead)
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
    if isinstance(clause.target, Target):
        return deadline(case, clause.target, start)
    due: datetime | None = None
    rank = 0
    for spell in case.spells:
        if due is not None and spell.began_at > before:
            break
        severity = case.policy.severity(spell.severity)
        target = severity.targets.get(str(clause.target))
        if target is None:
            continue  # only a severity that the clause does not apply to may lack its target
        if due is None:
            due = deadline(case, target, start)
        elif severity.rank < rank:
            due = min(due, deadline(case, target, max(start, spell.began_at)))
        elif spell.began_at <= due:
            due = deadline(case, target, start)
        rank = severity.rank
    return due


def pauses(case: Case, clause: Clause, start: datetime, stop: datetime) -> timedelta:
    """How long, between two moments, the incident waited as the clause lets it: in a state of `pauses` that a person
    put it into (statistics.md section 5, row 10).
    """
    return sum((b - a for a, b in _waits(case, clause, start, stop)), timedelta(0))


def _waits(case: Case, clause: Clause, start: datetime, stop: datetime) -> Iterator[tuple[datetime, datetime]]:
    for state in case.states if clause.pauses else ():
        if state.human and state.state in clause.pauses:
            began, ended = max(state.began_at, start), min(state.ended_at or stop, stop)
            if began < ended:
                yield began, ended


def extended(case: Case, clause: Clause, start: datetime, due: datetime) -> datetime:
    """The due moment, moved on by what the incident waited before it: in business time where the target counts that."""
    if not clause.pauses:
        return due
    target, calendar = case.policy.target(clause.id, case.severity), case.policy.calendar
    in_business = target is not None and target.runs is Runs.BUSINESS
    moved, last = due, start
    while moved != last:
        last = moved
        if in_business:
            waits = (business.business_time(a, b, calendar) for a, b in _waits(case, clause, start, last))
            moved = business.after_business_time(due, sum(waits, timedelta(0)), calendar)
        else:
            moved = due + pauses(case, clause, start, last)
    return moved


def deadline(case: Case, target: Target, start: datetime) -> datetime:
    """The latest moment that keeps the target, by the policy's calendar where it counts business time."""
    return business.due(start, target, case.policy.calendar)


def minutes(span: timedelta) -> float:
    """A span in minutes, to a tenth of a second."""
    return round(span.total_seconds() / 60, 3)


def clock(moment: datetime, beside: datetime | None = None) -> str:
    """A moment as it stands in sentences: time of day in UTC, with its date where `beside` is on another day."""
    dated = "" if beside is None or moment.date() == beside.date() else "%Y-%m-%d "
    return moment.strftime(f"{dated}%H:%M:%S UTC")
