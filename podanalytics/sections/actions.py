"""Section 6, action items: what is promised already, how good the promises are, and drafts for what was missed."""

from __future__ import annotations

import re
from typing import Any

from podanalytics.model import Verdict
from podanalytics.policy import Clause
from podanalytics.review import Review
from podanalytics.sections._evidence import judged, row_links
from podanalytics.show.blocks import Block, Cell, Column, Link, Marked, Section, Table
from podanalytics.show.words import between, listed

# Words that nobody can tell to be done (Google's SRE workbook asks for actionable, specific and bounded items).
VAGUE = re.compile(r"(?i)\b(?:improve|investigate|look into|consider|better|think about|be more careful|make sure)\b")


def section(review: Review) -> Section:
    """Known action items with a quality check, then drafts."""
    blocks: list[Block] = [_known(review), _drafts(review)]
    return Section("actions", "Action items", tuple(blocks))


def _known(review: Review) -> Table:
    columns = (
        Column("key", "Item"),
        Column("title", "What"),
        Column("state", "State"),
        Column("owner", "Owner"),
        Column("due", "Due", "time"),
        Column("age", "Age"),
        Column("quality", "Could be clearer"),
    )
    rows = tuple(_row(review, r) for r in review.actions.iter_rows(named=True))
    return Table(
        "actions",
        "Action items already known",
        columns,
        rows,
        "no action item points at this incident",
        review.parameters.zone,
    )


def _row(review: Review, action: dict[str, Any]) -> tuple[Cell, ...]:
    now = action["done_at"] or review.parameters.as_of
    overdue = not action["done"] and action["due_at"] and action["due_at"] < review.parameters.as_of
    state: Cell = Marked(action["state"], tone="good" if action["done"] else "bad" if overdue else "")
    key: Cell = Link(action["subject"], action["url"]) if action["url"] else action["subject"]
    return (
        key,
        action["title"],
        state,
        action["owner"],
        action["due_at"],
        between(action["opened_at"], now),
        weakness(action, bool(overdue)),
    )


def weakness(action: dict[str, Any], overdue: bool) -> str:
    """What keeps an item from being checkable: no owner, no date, words nobody can tell to be done."""
    faults = []
    if not action["owner"]:
        faults.append("no owner")
    if not action["due_at"]:
        faults.append("no due date")
    if VAGUE.search(action["title"]):
        faults.append("says no state one could verify")
    if overdue:
        faults.append("overdue")
    return listed(faults) if faults else ""


def _drafts(review: Review) -> Table:
    columns = (
        Column("kind", "Type"),
        Column("draft", "Draft, to be rewritten by its owner"),
        Column("owner", "Owner (role)"),
        Column("due", "Due"),
        Column("proof", "How shall we know it worked?"),
        Column("rows", "Because of rows"),
    )
    rows: list[tuple[Cell, ...]] = []
    for clause, reading in judged(review):
        if reading.verdict is Verdict.MISSED:
            rows.append(
                (
                    _kind(clause),
                    f"Keep “{clause.title.lower()}” next time",
                    None,
                    None,
                    f"the clause {clause.id} is met in the next incidents it applies to",
                    row_links(review, reading.evidence),
                )
            )
        elif reading.verdict is Verdict.UNKNOWN and (clause.settle or clause.stop):
            hint = clause.settle or (review.policy.milestone(clause.stop).settle if clause.stop else "")
            rows.append(
                (
                    "record",
                    f"Leave a trace of “{clause.title.lower()}”: {hint}",
                    None,
                    None,
                    f"the clause {clause.id} can be judged",
                    None,
                )
            )
    return Table(
        "drafts",
        "Drafts from what was missed or left no trace",
        columns,
        tuple(rows),
        "nothing was missed or left without a trace",
    )


def _kind(clause: Clause) -> str:
    if clause.agenda == 4:
        return "respond: communicate"
    return "respond" if clause.agenda == 3 else "learn"
