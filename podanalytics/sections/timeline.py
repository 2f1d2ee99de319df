"""Section 1, the timeline: lanes with milestones as reference lines, the key moments, and every row with its source."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import polars as pl

from podanalytics.model import Kind
from podanalytics.review import AROUND, Review
from podanalytics.sections._evidence import began, cited_events, only, words_of
from podanalytics.sections._lanes import lanes_figure
from podanalytics.show.blocks import Block, Cell, Column, Link, Marked, Section, Table, Text
from podanalytics.show.words import between, plain_name, plural, precision_name, shortened

# Rows that say the same again or nothing a reviewer asks for; they stay in the data, and the reader is told how many.
QUIET = ("joined", "left", "notified", "labelled", "linked", "reacted", "other", "component")
TEXT = 240  # characters of an event's words in the table


def section(review: Review) -> Section:
    """The lane figure, the key moments, and the numbered table of everything."""
    shown = shown_rows(review)
    hidden = review.events.height - shown.height
    blocks: list[Block] = []
    if not review.events.is_empty():
        blocks.append(lanes_figure(review, shown))
    blocks += [_key_moments(review), _table(review, shown)]
    if hidden:
        kinds = (
            review.events.join(shown, on="id", how="anti")["kind"]
            .value_counts()
            .sort("count", "kind", descending=[True, False])
        )
        told = ", ".join(f"{r['count']} {plain_name(r['kind'])}" for r in kinds.iter_rows(named=True))
        why = f"{plural(hidden, 'row')} not shown here, because they repeat a state or tell of no step: {told}"
        blocks.append(Text(f"{why}. All of them are in the ledger."))
    else:
        blocks.append(Text("All rows are shown."))
    return Section("timeline", "Timeline review", tuple(blocks))


def shown_rows(review: Review) -> pl.DataFrame:
    """The rows of the printed timeline: what is evidence for anything, and all that is neither a repeat nor quiet."""
    events = review.events
    repeat = (
        pl.col("kind").is_in([Kind.STATUS.value, Kind.SEVERITY.value])
        & (pl.col("value") == pl.col("value").shift(1).over("source", "subject", "kind"))
    ).fill_null(False)
    # Two deployments of one place that ended alike are two things, and no state that is repeated.
    repeat &= ~pl.col("source").is_in(list(review.policy.tools.get("change history", ())))
    again = (pl.col("kind") == Kind.DECLARED.value) & (pl.int_range(pl.len()).over("source", "subject", "kind") > 0)
    again |= pl.col("id").is_in([id for also in review.updates["also"].to_list() for id in also.split()])
    proves = (pl.col("role") != "") | pl.col("id").is_in(cited_events(review))
    inside = pl.col("occurred_at") >= began(review) - AROUND
    return events.filter(proves | (~repeat & ~again & ~pl.col("kind").is_in(QUIET) & inside))


def _changed(review: Review) -> str:
    """How many texts are not what they were, or gone."""
    counts = Counter(review.events["kind"])
    told = [f"{counts[kind]} {kind}" for kind in (Kind.EDITED.value, Kind.DELETED.value) if counts[kind]]
    return f" ({', '.join(told)} afterwards)" if told else ""


def _key_moments(review: Review) -> Table:
    columns = (
        Column("row", "Row", "text"),
        Column("at", "Time", "time"),
        Column("milestone", "Moment"),
        Column("since", "After begin", under="milestone"),
        Column("what", "What the record says"),
        Column("source", "Told by"),
    )
    rows: list[tuple[Cell, ...]] = []
    for m in review.milestones.iter_rows(named=True):
        number = review.number_of(m["event"])
        event = only(review.events, "id", m["event"]).to_dicts()
        what = shortened(words_of(event[0]), 120) if event else ""
        name: Cell = Marked(plain_name(m["milestone"]), tone="info") if m["corrected"] else plain_name(m["milestone"])
        link: Cell = Link(str(number), f"#timeline-row-{number}") if number else None
        rows.append((link, m["occurred_at"], name, _since(began(review), m["occurred_at"]), what, m["source"]))
    return Table(
        "key-moments", "Key moments", columns, tuple(rows), "no milestone is told by any source", review.parameters.zone
    )


def _since(start: datetime, moment: datetime) -> str:
    return between(start, moment)


def _table(review: Review, shown: pl.DataFrame) -> Table:
    columns = (
        Column("row", "#", "number"),
        Column("at", "Time", "time"),
        Column("source", "Source"),
        Column("kind", "Kind", under="source"),
        Column("who", "Who"),
        Column("what", "What"),
        Column("proves", "Good for"),
        Column("precision", "Known to the", under="at"),
        Column("origin", "Raw line", "code", under="what"),
    )
    corrected = set(only(review.milestones, "corrected", True)["event"])
    rows: list[tuple[Cell, ...]] = []
    for r in shown.iter_rows(named=True):
        mark: Cell = Marked(f"correction: {r['role']}", tone="info") if r["id"] in corrected else r["role"]
        late = r["recorded_at"] and r["recorded_at"] - r["occurred_at"] > timedelta(minutes=10)
        fine = precision_name(r["precision"])
        precision: Cell = Marked(f"{fine}, written later", tone="warn") if late else fine
        rows.append(
            (
                r["number"],
                r["occurred_at"],
                Link(r["source"], r["url"]) if r["url"] else r["source"],
                plain_name(r["kind"]),
                r["actor"],
                shortened(words_of(r), TEXT),
                mark,
                precision,
                r["origin"],
            )
        )
    return Table(
        "timeline",
        f"Everything in order{_changed(review)}",
        columns,
        tuple(rows),
        "no source tells of this incident",
        review.parameters.zone,
    )
