"""Deadlines: what is owed after the resolution, and until when; the calendar file is made from this table."""

from __future__ import annotations

from collections.abc import Iterator

from podanalytics.model import Milestone, Reading, Verdict
from podanalytics.review import Review
from podanalytics.sections._evidence import judged
from podanalytics.show.blocks import Cell, Column, Marked, Table
from podanalytics.show.words import day, duration

OVER = {Milestone.RESOLVED, Milestone.RESOLUTION_NOTICE, Milestone.CLOSED, Milestone.REVIEWED, Milestone.REPORTED}


def deadlines(review: Review) -> Table:
    """The table `deadlines`: clauses whose clock starts at the end of the incident, then action items with a due date.

    `day` is the day that an action item is due on, in the policy's zone; a clause is due at a moment and has none.
    `done` is empty where nothing tells that it was done.
    """
    columns = (
        Column("item", "Item", "id"),
        Column("what", "What"),
        Column("since", "Since", "time", under="due"),
        Column("due", "Due", "time"),
        Column("day", "on the day", under="due"),
        Column("state", "State"),
        Column("done", "Done", "time"),
    )
    empty = "nothing is due" if review.moment(Milestone.RESOLVED) else "nothing is due before it is resolved"
    rows = sorted((*_clauses(review), *_actions(review)), key=lambda row: (row[4] is not None, row[3], row[0]))
    return Table("deadlines", "What is due, and when", columns, tuple(rows), empty, review.parameters.zone)


def _clauses(review: Review) -> Iterator[tuple[Cell, ...]]:
    for clause, reading in judged(review):
        owed = reading.due_at and reading.verdict is not Verdict.NOT_APPLICABLE
        if owed and clause.kind == "elapsed" and OVER.intersection(clause.start):
            when = reading.started_at, reading.due_at, None
            yield clause.id, clause.title, *when, _state(review, reading), reading.ended_at


def _state(review: Review, reading: Reading) -> Marked:
    assert reading.due_at is not None
    left = (reading.due_at - review.parameters.as_of).total_seconds() / 60
    if reading.verdict is Verdict.MET:
        return Marked("done in time", tone="good")
    if reading.ended_at:
        late = reading.verdict is Verdict.MISSED
        return Marked("done late" if late else "done; whether in time is unknown", tone="bad" if late else "warn")
    if left >= 0:
        return Marked(f"due in {duration(left)}", tone="info")
    told = "no record tells of it" if reading.verdict is Verdict.UNKNOWN else "not done"
    return Marked(f"{told}; it was due {duration(-left)} ago", tone="warn" if told.startswith("no ") else "bad")


def _actions(review: Review) -> Iterator[tuple[Cell, ...]]:
    for item in review.actions.iter_rows(named=True):
        if item["due_at"] is not None:
            overdue = not item["done"] and item["due_at"] < review.parameters.as_of
            state = Marked(item["state"], tone="good" if item["done"] else "bad" if overdue else "")
            when = item["opened_at"], item["due_at"], day(item["due_at"], review.policy.calendar.zone)
            yield item["subject"], item["title"], *when, state, item["done_at"]
