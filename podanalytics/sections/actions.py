"""Section 6, action items: what is promised already, how good the promises are, and drafts for what was missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from podanalytics.model import Kind
from podanalytics.review import Review
from podanalytics.sections._drafts import Suggested, suggested
from podanalytics.sections._evidence import row_links
from podanalytics.sections._quality import remarks
from podanalytics.show.blocks import Block, Cell, Column, Link, Marked, Section, Table, Text
from podanalytics.show.words import between, day, listed, plural

DRAFTS = 12  # in the table; more than anybody will do
STEPS = 4  # states of an item that are told


def section(review: Review) -> Section:
    """Known action items, a quality check of those still open, then drafts."""
    blocks: list[Block] = [_known(review), *([_quality(review)] if review.actions.height else []), *_drafts(review)]
    return Section("actions", "Action items", tuple(blocks))


def _known(review: Review) -> Table:
    columns = (
        Column("key", "Item"),
        Column("title", "What"),
        Column("state", "State"),
        Column("owner", "Owner"),
        Column("age", "Age"),
        Column("due", "Due", "time"),
        Column("against", "Against its date"),
        Column("history", "So far"),
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
    due, by = due_of(review, action)
    late = due is not None and due < now
    state: Cell = Marked(action["state"], tone="good" if action["done"] else "bad" if late else "")
    key: Cell = Link(action["subject"], action["url"]) if action["url"] else action["subject"]
    age = between(action["opened_at"], now)
    against = _against(due, now, action["done"]) + by
    return key, action["title"], state, action["owner"], age, action["due_at"], against, _history(review, action)


def due_of(review: Review, action: dict[str, Any]) -> tuple[datetime | None, str]:
    """When an item is due, and by what: its own date, else the policy's days from its opening."""
    if action["due_at"]:
        return action["due_at"], ""
    days = review.policy.actions.slo_days
    if days is None:
        return None, ""
    return action["opened_at"] + timedelta(days=days), f", by the policy's {days} days"


def _against(due: datetime | None, now: datetime, done: bool) -> str:
    if due is None:
        return "no date to hold it against"
    span = between(min(due, now), max(due, now))
    if done:
        return f"done {span} {'late' if now > due else 'early'}"
    return f"{span} overdue" if now > due else f"{span} left"


def _history(review: Review, action: dict[str, Any]) -> str:
    """The states it went through, and how often its date was moved."""
    mine = (pl.col("source") == action["source"]) & (pl.col("subject") == action["subject"])
    steps = review.steps.filter(mine)
    zone = review.policy.calendar.zone
    states = steps.filter(pl.col("kind") == Kind.STATUS.value).to_dicts()
    told = [f"{s['value']} {day(s['occurred_at'], zone)}" for s in states[-STEPS:]]
    dates = steps.filter((pl.col("kind") == Kind.OTHER.value) & pl.col("value").is_in(["duedate", "due_on"]))["text"]
    moved = sum(one != other for one, other in pairwise(dates))
    told += [f"due date moved {plural(moved, 'time')}"] if moved else []
    return ", ".join(told) or "no change of state is told"


def _quality(review: Review) -> Table:
    """Only what is still to be done: what is done needs no better words."""
    people = set(review.events.filter("human")["actor"].drop_nulls())
    people |= {*review.roles["person"], *review.actions["owner"].drop_nulls()}
    rows: list[tuple[Cell, ...]] = []
    for action in review.actions.filter(~pl.col("done")).iter_rows(named=True):
        found = remarks(action, people, review.policy)
        if found:
            rows.append((action["subject"], action["title"], "; ".join(found)))
    columns = (Column("key", "Item"), Column("title", "What"), Column("change", "What to change"))
    empty = "each open item has an owner, a date, an end, and one outcome that can be verified"
    caption = "Open items that could be clearer: owner, date, bounds, a state to verify, one outcome, a system"
    return Table("quality", caption, columns, tuple(rows), empty)


def _drafts(review: Review) -> list[Block]:
    found = suggested(review)
    columns = (
        Column("kind", "Type"),
        Column("draft", "Draft, to be rewritten by its owner"),
        Column("owner", "Owner (role)"),
        Column("due", "Due"),
        Column("proof", "How shall we know it worked?"),
        Column("because", "Because of"),
        Column("rows", "Rows"),
    )
    table = Table(
        "drafts",
        "Drafts from what was missed, found, or left without a trace",
        columns,
        tuple(_draft_row(review, draft) for draft in found[:DRAFTS]),
        "nothing was missed, found or left without a trace",
    )
    if len(found) <= DRAFTS:
        return [table]
    left = listed([draft.because for draft in found[DRAFTS:]])
    return [table, Text(f"{plural(len(found) - DRAFTS, 'weaker draft')} left out. They come from: {left}.")]


def _draft_row(review: Review, draft: Suggested) -> tuple[Cell, ...]:
    due = day(draft.due_at, review.policy.calendar.zone)
    owner = draft.owner or "to be named"
    return draft.type, draft.text, owner, due, draft.proof, draft.because, row_links(review, draft.events)
