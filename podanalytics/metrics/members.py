"""The team in the channel: when the second responder joined or spoke."""

from __future__ import annotations

from podanalytics.case import Case, Moment
from podanalytics.metrics._judge import answer, due_at, inapplicable, settle, start_of, without_start
from podanalytics.metrics.elapsed import compare
from podanalytics.model import Milestone, Precision, Reading, Verdict
from podanalytics.policy import Clause

ENOUGH = 2


def metric(case: Case, clause: Clause) -> Reading:
    """The reading: its value is the minutes until two people were there."""
    if given := inapplicable(case, clause):
        return given
    start = start_of(case, clause)
    if start is None:
        return without_start(case, clause)
    due = due_at(case, clause, start.at, case.as_of)
    assert due is not None
    if len(case.present) >= ENOUGH:
        second = case.present[ENOUGH - 1]
        stop = Moment(
            second.at, Precision.SECOND, second.event, second.source, f"the {ENOUGH}nd person joined or spoke", False
        )
        # A channel may be older than the alert; that is no contradiction.
        return compare(case, clause.model_copy(update={"early": True, "stop": Milestone.RESPONDED}), start, stop, due)
    if case.as_of <= due:
        return answer(case, clause, Verdict.PENDING, "fewer than two responders so far", due_at=due)
    if case.channels or Milestone.CHANNEL_OPENED in case.silent:
        there = tuple(p.event for p in case.present) or (start.moment.event,)
        return answer(
            case,
            clause,
            Verdict.MISSED,
            f"{len(case.present)} responder in the channel, two are wanted",
            evidence=there,
            due_at=due,
        )
    return answer(
        case, clause, Verdict.UNKNOWN, "no channel of this incident is known" + settle(case, clause), due_at=due
    )
