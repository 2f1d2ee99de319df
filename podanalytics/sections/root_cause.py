"""Section 2, root cause analysis: candidates with their evidence, and nothing that claims to be the cause."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import polars as pl

from podanalytics.model import Kind
from podanalytics.review import Review
from podanalytics.sections._evidence import began, only, row_links
from podanalytics.show.blocks import Block, Cell, Column, Note, Section, Table
from podanalytics.show.words import between, duration, plural, quote, shortened

HYPOTHESIS = (
    r"(?i)\b(?:suspect|hypothes[ie]s|theory|i think|could (?:it )?be|might be|looks like|smells like"
    r"|probably|my guess)\b"
)
ROLLBACK = re.compile(r"(?i)\b(?:roll(?:ed|ing)?[ -]?back|rollback|revert(?:ed)?)\b")
LOGS = timedelta(minutes=30)


def section(review: Review) -> Section:
    """Changes before the incident, the last known good version, error lines around its begin, hypotheses from chat."""
    guard = Note(
        "info",
        "These are candidates to talk about. That something came shortly before an incident does not make it a cause; "
        "most changes are followed by nothing.",
    )
    blocks: list[Block] = [guard, _changes(review), _last_good(review), _logs(review), _hypotheses(review)]
    return Section("root-cause", "Root cause analysis: candidates", tuple(blocks))


def before(review: Review) -> pl.DataFrame:
    """The changes before the incident began, nearest first."""
    return review.changes.filter(pl.col("occurred_at") <= began(review)).sort(
        "occurred_at", "key", descending=[True, False]
    )


def _changes(review: Review) -> Table:
    columns = (
        Column("before", "Before the begin"),
        Column("at", "Time", "time"),
        Column("where", "Where"),
        Column("version", "Version"),
        Column("was", "After"),
        Column("what", "What"),
        Column("origin", "Raw line", "code"),
    )
    rows: list[tuple[Cell, ...]] = []
    for r in before(review).iter_rows(named=True):
        rows.append(
            (
                between(r["occurred_at"], began(review)),
                r["occurred_at"],
                r["subject"],
                r["value"],
                r["was"],
                shortened(r["text"], 140),
                r["origin"],
            )
        )
    empty = "no change is known in the 72 hours before" + (
        "" if review.changes.height else ": no change history covers them"
    )
    return Table(
        "changes", "Changes in the 72 hours before, nearest first", columns, tuple(rows), empty, review.parameters.zone
    )


def _last_good(review: Review) -> Table:
    """Per place that changed: the version that ran before its last change ahead of the incident."""
    columns = (
        Column("where", "Where"),
        Column("version", "Version before the last change"),
        Column("why", "Why this one"),
    )
    rows: list[tuple[Cell, ...]] = []
    for (subject,), group in before(review).group_by("subject", maintain_order=True):
        forward = [r for r in group.iter_rows(named=True) if not ROLLBACK.search(r["text"])]
        if forward and forward[0]["was"]:
            gap = between(forward[0]["occurred_at"], began(review))
            rows.append((str(subject), forward[0]["was"], f"{forward[0]['value']} replaced it {gap} before the begin"))
    return Table(
        "last-known-good",
        "Last known good, by the change history",
        columns,
        tuple(rows),
        "cannot be told: no tagged change is known in the 72 hours before",
    )


def _logs(review: Review) -> Table:
    """First error lines and bursts around the begin, in time order."""
    start = began(review)
    near = only(review.events, "kind", Kind.LOG.value).filter(
        pl.col("occurred_at").is_between(start - LOGS, start + LOGS)
    )
    columns = (
        Column("at", "Time", "time"),
        Column("offset", "From the begin"),
        Column("where", "Where"),
        Column("level", "Level"),
        Column("line", "Line"),
        Column("row", "Row"),
        Column("origin", "Raw line", "code"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            r["occurred_at"],
            _offset(start, r["occurred_at"]),
            r["subject"],
            r["value"],
            shortened(r["text"], 160),
            row_links(review, [r["id"]]),
            r["origin"],
        )
        for r in near.iter_rows(named=True)
    ]
    empty = "no notable log line within half an hour of the begin; either it was quiet or no log of that time is loaded"
    return Table(
        "log-lines",
        "Notable log lines within half an hour of the begin",
        columns,
        tuple(rows),
        empty,
        review.parameters.zone,
    )


def _offset(start: datetime, moment: datetime) -> str:
    minutes = (moment - start).total_seconds() / 60
    return f"{duration(abs(minutes))} {'after' if minutes >= 0 else 'before'}"


def _hypotheses(review: Review) -> Block:
    said = only(review.events, "kind", Kind.MESSAGE.value).filter(
        pl.col("text").str.contains(HYPOTHESIS) & pl.col("actor").is_not_null()
    )
    columns = (Column("at", "Time", "time"), Column("who", "Who"), Column("said", "Said"), Column("row", "Row"))
    rows: list[tuple[Cell, ...]] = [
        (r["occurred_at"], r["actor"], quote(r["text"], 200), row_links(review, [r["id"]]))
        for r in said.iter_rows(named=True)
    ]
    caption = f"Hypotheses that people voiced ({plural(said.height, 'message')})"
    return Table(
        "hypotheses",
        caption,
        columns,
        tuple(rows),
        "nobody wrote one down in words this looks for",
        review.parameters.zone,
    )
