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
    extended,
    inapplicable,
    minutes,
    pauses,
    settle,
    start_of,
    without_start,
)
from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.reconstruct.flags import AFTER_THE_FACT, AUTO_RESOLVED, LAPSED
from podanalytics.show.words import duration, precision_name

HUMAN = (Milestone.ACKNOWLEDGED, Milestone.RESPONDED)  # what is asked of people: automation that ends it spares them


def metric(case: Case, clause: Clause) -> Reading:
    """The reading of one time clause."""
    if given := inapplicable(case, clause):
        return given
    start = start_of(case, clause)
    if start is None:
        return without_start(case, clause)
    assert clause.stop is not None
    stop = case.moment(clause.stop)
    if start.milestone == Milestone.DECLARED and AFTER_THE_FACT in case.flags and not start.raised:
        because = "posted after the fact: its record was made when it was over, and tells no speed"
        return answer(case, clause, Verdict.NOT_APPLICABLE, because, evidence=(start.moment.event,))
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
    due = extended(case, clause, start.at, due)
    if stop is None:
        return _without_stop(case, clause, start, due)
    return compare(case, clause, start, stop, due)


def compare(case: Case, clause: Clause, start: Start, stop: Moment, due: datetime, note: str = "") -> Reading:
    """Judge stop against due, as instants; the interval that a coarse time stands for may leave it open."""
    paused = pauses(case, clause, start.at, stop.at)
    took = stop.at - start.at - paused
    slack = timedelta(minutes=case.policy.skew_minutes)
    grain_start = timedelta(0) if start.raised else start.moment.grain
    known = {
        "value": minutes(took),
        "target": minutes(due - start.at),
        "started_at": start.at,
        "ended_at": stop.at,
        "due_at": due,
        "evidence": (*start.moment.evidence, *stop.evidence),
    }
    began = "severity raised" if start.raised else WORDS[start.milestone]
    ended = WORDS[clause.stop] if clause.stop else clause.title
    what = f"{began} {clock(start.at, stop.at)} → {ended} {clock(stop.at, start.at)}"
    what += f" ({stop.rule})" + (f"; {note}" if note else "")
    if start.raised:
        what += f"; {duration(minutes(stop.at - start.moment.at))} since the {WORDS[start.milestone]}"
    if clause.stop == Milestone.ACKNOWLEDGED:
        what += "".join(f"; {flag}" for flag in sorted(case.flags) if flag.startswith(LAPSED))
    if paused:
        what += f"; {duration(minutes(took + paused))} with the {duration(minutes(paused))} it waited for somebody else"
    if took < -slack and not clause.early and not start.raised:
        return answer(
            case,
            clause,
            Verdict.CONTRADICTORY,
            f"{what}: a negative duration: it ends {duration(-minutes(took))} before it starts, so two clocks disagree",
            **known,
        )
    if took < timedelta(0) and not clause.early and not start.raised:
        what += f"; the skew between two clocks makes it {duration(minutes(took))}"
    if doubt := _doubt(case, clause, start, stop, due):
        return answer(case, clause, Verdict.UNKNOWN, f"{what}; {doubt}", **known)
    if stop.at + max(timedelta(0), stop.grain - MINUTE / 60) <= due:
        return answer(case, clause, Verdict.MET, what, **known)
    if stop.at - grain_start >= due and stop.at > due:
        return answer(case, clause, Verdict.MISSED, what, **known)
    coarse = precision_name(max((start.moment, stop), key=lambda m: m.grain).precision)
    return answer(case, clause, Verdict.UNKNOWN, f"{what}: stamped to the {coarse}, too coarse to tell", **known)


def _doubt(case: Case, clause: Clause, start: Start, stop: Moment, due: datetime) -> str:
    """Why a verdict would be a guess, in words; empty where it would be none."""
    apart = timedelta(0) if start.raised else case.apart.get((start.moment.source, stop.source), timedelta(0))
    if apart and abs(due - stop.at) <= apart:
        tools = f"{start.moment.source} and {stop.source}"
        return f"the clocks of {tools} stand {duration(minutes(apart))} apart: too close to the target to tell"
    if (stop.latest and stop.at > due) or (start.moment.latest and stop.at <= due):
        odd = WORDS[clause.stop] if stop.latest and clause.stop else WORDS[start.milestone]
        return f"the {odd} is known at the latest only: it came then or earlier"
    if (stop.earliest and stop.at <= due) or (start.moment.earliest and stop.at > due):
        odd = WORDS[clause.stop] if stop.earliest and clause.stop else WORDS[start.milestone]
        return f"the {odd} is known at the earliest only: the tool does not tell when the reaction was given"
    if (start.at_most and stop.at <= due) or (start.at_least and stop.at > due):
        assert start.instead is not None
        hint = settle(case, clause, start.instead)
        return f"counted from the {WORDS[start.milestone]}, because no {WORDS[start.instead]} is told{hint}"
    return ""


def _without_stop(case: Case, clause: Clause, start: Start, due: datetime) -> Reading:
    """It is not told: it never happened (where a tool that would tell covers the time), or nobody knows."""
    assert clause.stop is not None
    word = WORDS[clause.stop]
    known = {
        "started_at": start.at,
        "due_at": due,
        "target": minutes(due - start.at),
        "evidence": start.moment.evidence,
    }
    if AUTO_RESOLVED in case.flags and clause.stop in HUMAN:
        over = f"no {word}: auto-resolved {clock(case.end, start.at)}, before any person acknowledged it"
        return answer(case, clause, Verdict.NOT_APPLICABLE, over, **known)
    if case.as_of <= due:
        return answer(case, clause, Verdict.PENDING, f"no {word} yet; due {clock(due, start.at)}", **known)
    if clause.stop not in case.silent:
        return answer(case, clause, Verdict.UNKNOWN, f"no {word} is told" + settle(case, clause, clause.stop), **known)
    if clause.unless and not chat_is_loaded(case):
        because = f"no {word} is told, nor whether somebody waived it: no chat of that time is loaded"
        return answer(case, clause, Verdict.UNKNOWN, because, **known)
    # What is owed after the end cannot be over before it was due.
    if start.at <= case.end <= due and Milestone.RESOLVED not in clause.start:
        return answer(case, clause, Verdict.NOT_APPLICABLE, f"no {word}: it was over before the target passed", **known)
    return answer(
        case,
        clause,
        Verdict.MISSED,
        f"no {word}, though the tools that would tell of one cover the time",
        **known,
    )
