"""Section 1, the timeline: lanes with milestones as reference lines, the key moments, and every row with its source."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from podanalytics.model import Kind, Milestone
from podanalytics.review import AROUND, Review
from podanalytics.sections._evidence import began, cadences, cited_events, only, timeline_end, words_of
from podanalytics.show import charts
from podanalytics.show.blocks import Block, Cell, Column, Figure, Link, Marked, Section, Table, Text
from podanalytics.show.words import audience_name, between, clock, plain_name, plural, precision_name, shortened

LANES = {
    "alerts": ("alerted", "notified", "acknowledged", "unacknowledged", "escalated"),
    "changes": ("change",),
    "tracker": (
        "declared",
        "assigned",
        "severity",
        "status",
        "labelled",
        "renamed",
        "linked",
        "merged",
        "action",
        "stated",
    ),
    "chat": ("message", "edited", "deleted", "joined", "left", "channel", "role", "reacted"),
    "customers": ("notice", "component"),
    "logs": ("log",),
    "other": ("other",),
}
# Rows that say the same again or nothing a reviewer asks for; they stay in the data, and the reader is told how many.
QUIET = ("joined", "left", "notified", "labelled", "linked", "reacted", "other", "component")
TEXT = 240  # characters of an event's words in the table
ON_LINES = frozenset(
    ["impact_started", "alert_fired", "acknowledged", "declared", "triaged", "first_notice", "mitigated", "resolved"]
)


def section(review: Review) -> Section:
    """The lane figure, the key moments, and the numbered table of everything."""
    shown = shown_rows(review)
    hidden = review.events.height - shown.height
    blocks: list[Block] = []
    if not review.events.is_empty():
        blocks.append(_figure(review, shown))
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
    again = (pl.col("kind") == Kind.DECLARED.value) & (pl.int_range(pl.len()).over("source", "subject", "kind") > 0)
    again |= pl.col("id").is_in([id for also in review.updates["also"].to_list() for id in also.split()])
    proves = (pl.col("role") != "") | pl.col("id").is_in(cited_events(review))
    inside = pl.col("occurred_at") >= began(review) - AROUND
    return events.filter(proves | (~repeat & ~again & ~pl.col("kind").is_in(QUIET) & inside))


def lane_of(kind: str) -> str:
    """The lane an event kind is drawn in."""
    return next((lane for lane, kinds in LANES.items() if kind in kinds), "other")


def _changed(review: Review) -> str:
    """How many texts are not what they were, or gone."""
    counts = Counter(review.events["kind"])
    told = [f"{counts[kind]} {kind}" for kind in (Kind.EDITED.value, Kind.DELETED.value) if counts[kind]]
    return f" ({', '.join(told)} afterwards)" if told else ""


def _figure(review: Review, shown: pl.DataFrame) -> Figure:
    zone, start, end = review.parameters.zone, began(review), timeline_end(review)
    window = (start - AROUND, end + AROUND)
    rows = [r for r in shown.iter_rows(named=True) if window[0] <= r["occurred_at"] <= window[1]]
    points = [charts.Point(lane_of(r["kind"]), r["occurred_at"], _hover(r, zone), bool(r["role"])) for r in rows]
    spans = [
        charts.Span(
            "incident", start, end, "from begin to resolution", charts.GREY, f"{between(start, end)} from begin to end"
        )
    ]
    mitigated = review.moment(Milestone.MITIGATED)
    if mitigated and start < mitigated < end:
        spans[0] = charts.Span(
            "incident", start, mitigated, "until contained", charts.RED, f"{between(start, mitigated)} until contained"
        )
        spans.append(
            charts.Span(
                "incident", mitigated, end, "until resolved", charts.ORANGE, f"{between(mitigated, end)} until resolved"
            )
        )
    silences = quiet_spans(review)
    spans += silences
    lines = [
        charts.Line(m["occurred_at"], plain_name(m["milestone"]))
        for m in review.milestones.iter_rows(named=True)
        if m["milestone"] in ON_LINES and window[0] <= m["occurred_at"] <= window[1]
    ]
    present = {p.lane for p in points} | {s.lane for s in spans}
    lanes = [lane for lane in ("incident", *LANES, *dict.fromkeys(s.lane for s in silences)) if lane in present]
    count = f"{plural(len(points), 'event')} in {plural(len(lanes), 'lane')}"
    marks = ", ".join(f"{line.label} {clock(line.at, zone)}" for line in lines)
    ends = f" between {clock(points[0].at, zone)} and {clock(points[-1].at, zone)}" if points else ""
    alt = f"{count}{ends} ({zone}); {marks}"
    return Figure(
        "lanes", "What happened, lane by lane", alt + ".", charts.lane_timeline(lanes, points, spans, lines, zone)
    )


def _hover(row: dict[str, Any], zone: str) -> str:
    mark = f"<br><b>{row['role']}</b>" if row["role"] else ""
    head = f"{row['number']} · {clock(row['occurred_at'], zone)} · {row['source']} {row['kind']}{mark}"
    return f"{head}<br>{shortened(words_of(row), 120)}<br>{row['origin']}"


def quiet_spans(review: Review) -> list[charts.Span]:
    """The silences longer than the policy allows, a lane an audience."""
    found: list[charts.Span] = []
    for clause, quiet in cadences(review):
        for q in quiet:
            if q.over:
                lasted = between(q.began_at, q.ended_at)
                name = audience_name(clause.audience)
                hover = f"nothing to {name} for {lasted}; the policy says {q.target:g} min"
                lane = f"silence: {name}"
                found.append(charts.Span(lane, q.began_at, q.ended_at, lasted, charts.PINK, hover))
    return found


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
