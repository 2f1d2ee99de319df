"""A clock between two milestones against a target: acknowledged within 5 minutes, reviewed within 48 hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from podanalytics.case import Case, Moment
from podanalytics.metrics._judge import (
    MINUTE,
    WORDS,
    Start,
    answer,
    chat_is_loaded,
    clock,
    due_at,
    inapplicable,
    minutes,
    settle,
    start_of,
    without_start,
)
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.show.words import duration, precision_name


def metric(case: Case, clause: Clause) -> Reading:
    """The reading of one time clause."""
    if given := inapplicable(case, clause):
        return given
    start = start_of(case, clause)
    if start is None:
        return without_start(case, clause)
    assert clause.stop is not None
    stop = case.moment(clause.stop)
    due = due_at(case, clause, start.at, stop.at if stop else case.as_of)
    if due is None:
        return answer(
            case,
            clause,
            Verdict.UNKNOWN,
            "the target hangs on the severity, and none is told",
            started_at=start.at,
            evidence=(start.moment.event,),
        )
    if stop is None:
        return _without_stop(case, clause, start, due)
    return compare(case, clause, start, stop, due)


def compare(case: Case, clause: Clause, start: Start, stop: Moment, due: datetime, note: str = "") -> Reading:
    """Judge stop against due, as instants; the interval that a coarse time stands for may leave it open."""
    took = stop.at - start.at
    slack = timedelta(minutes=case.policy.skew_minutes)
    grain_start = timedelta(0) if start.raised else start.moment.grain
    known = {
        "value": minutes(took),
        "target": minutes(due - start.at),
        "started_at": start.at,
        "ended_at": stop.at,
        "due_at": due,
        "evidence": (start.moment.event, stop.event),
    }
    began = "severity raised" if start.raised else WORDS[start.milestone]
    ended = WORDS[clause.stop] if clause.stop else clause.title
    what = f"{began} {clock(start.at, stop.at)} → {ended} {clock(stop.at, start.at)}"
    what += f" ({stop.rule})" + (f"; {note}" if note else "")
    if took < -slack and not clause.early and not start.raised:
        return answer(
            case,
            clause,
            Verdict.CONTRADICTORY,
            f"{what}: it ends {duration(-minutes(took))} before it starts, so two clocks disagree",
            **known,
        )
    if stop.at + max(timedelta(0), stop.grain - MINUTE / 60) <= due:
        return answer(case, clause, Verdict.MET, what, **known)
    if stop.at - grain_start >= due and stop.at > due:
        return answer(case, clause, Verdict.MISSED, what, **known)
    coarse = precision_name(max((start.moment, stop), key=lambda m: m.grain).precision)
    return answer(case, clause, Verdict.UNKNOWN, f"{what}: stamped to the {coarse}, too coarse to tell", **known)


def _without_stop(case: Case, clause: Clause, start: Start, due: datetime) -> Reading:
    """It is not told: it never happened (where a tool that would tell covers the time), or nobody knows."""
    assert clause.stop is not None
    word = WORDS[clause.stop]
    known = {
        "started_at": start.at,
        "due_at": due,
        "target": minutes(due - start.at),
        "evidence": (start.moment.event,),
    }
    if case.as_of <= due:
        return answer(case, clause, Verdict.PENDING, f"no {word} yet; due {clock(due, start.at)}", **known)
    if clause.stop not in case.silent:
        return answer(case, clause, Verdict.UNKNOWN, f"no {word} is told" + settle(case, clause, clause.stop), **known)
    if clause.unless and not chat_is_loaded(case):
        because = f"no {word} is told, nor whether somebody waived it: no chat of that time is loaded"
        return answer(case, clause, Verdict.UNKNOWN, because, **known)
    # What is owed after the end cannot be over before it was due.
    if case.end <= due and Milestone.RESOLVED not in clause.start:
        return answer(case, clause, Verdict.NOT_APPLICABLE, f"no {word}: it was over before the target passed", **known)
    return answer(
        case, clause, Verdict.MISSED, f"no {word}, though the tools that would tell of one cover the time", **known
    )
