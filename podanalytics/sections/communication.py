"""Section 4, communication: what each audience heard, how long it heard nothing, and what was promised."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from podanalytics.model import Milestone
from podanalytics.policy import Clause
from podanalytics.review import Review
from podanalytics.sections._evidence import Quiet, amount, began, cadences, only, row_links
from podanalytics.sections._spans import incident_window, marks, silence_spans, stating, told_marks, told_silences
from podanalytics.show import charts
from podanalytics.show.blocks import Block, Cell, Column, Facts, Figure, Marked, Section, Table
from podanalytics.show.words import audience_name, between, clock, duration, plural, shortened

SHOWN = 8  # silences listed for an audience, the longest first


def section(review: Review) -> Section:
    """A strip and a table of gaps per audience, then completeness, promises and the order of statuses."""
    blocks: list[Block] = []
    for clause, quiet in cadences(review):
        blocks += _audience(review, clause, quiet)
    blocks += [_completeness(review), _promises(review), _order(review)]
    return Section("communication", "Communication evaluation", tuple(blocks))


def _audience(review: Review, clause: Clause, quiet: list[Quiet]) -> list[Block]:
    name, target = audience_name(clause.audience), amount(clause.limit or 0.0, clause.unit)
    told = only(review.updates, "audience", clause.audience)
    long = [q for q in quiet if q.over]
    facts = Facts(
        (
            (f"Updates to {name}", _count(told.height, quiet)),
            ("First after the begin", between(began(review), told["occurred_at"][0]) if told.height else None),
            ("Longest silence", duration(max(q.minutes for q in quiet)) if quiet else None),
            (f"Silences over {target}", len(long) if quiet else None),
        )
    )
    blocks: list[Block] = [facts]
    if told.height:
        blocks.append(_strip(review, clause, str(target), quiet))
    blocks.append(_silences(review, clause, quiet, str(target)))
    return blocks


def _count(told: int, quiet: list[Quiet]) -> str:
    """All updates, and how many of them stand in the time that is judged."""
    inside = len({event for q in quiet for event in q.ends})
    return str(told) if inside == told or not quiet else f"{told}, {inside} of them in the time that is judged"


def _silences(review: Review, clause: Clause, quiet: list[Quiet], target: str) -> Table:
    columns = (
        Column("began", "From", "time"),
        Column("ended", "Until", "time"),
        Column("minutes", "Silence"),
        Column("over", f"Against {target}"),
        Column("rows", "Between rows"),
        Column("silence", "Silence, in min", "number", bare=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for q in sorted(quiet, key=lambda q: (-q.minutes, q.began_at))[:SHOWN]:
        kept: Cell = Marked(f"{duration(q.over)} over", tone="bad") if q.over else Marked("kept", tone="good")
        rows.append((q.began_at, q.ended_at, duration(q.minutes), kept, row_links(review, q.ends), q.minutes))
    reading = review.reading(clause.id)
    empty = f"none is measured: {reading.because}" if reading else "the clause was not judged"
    some = f", {SHOWN} of {len(quiet)}" if len(quiet) > SHOWN else ""
    caption = f"Longest silences towards {audience_name(clause.audience)}{some}"
    return Table(f"silences-{clause.audience}", caption, columns, tuple(rows), empty, review.parameters.zone)


def _strip(review: Review, clause: Clause, target: str, quiet: list[Quiet]) -> Figure:
    """The updates as ticks, and below them how far each of them reached: up to the next, or for as long as is allowed.

    What came long after the end, such as a post-mortem, would squeeze them: it is counted in words.
    """
    window, name = incident_window(review), audience_name(clause.audience)
    zone = window.zone
    told = only(review.updates, "audience", clause.audience)
    during = told.filter(pl.col("occurred_at").is_between(window.start, window.end))
    points = [
        charts.Point("updates", r["occurred_at"], _hover(r, zone), "updates", 26) for r in during.iter_rows(named=True)
    ]
    allowed, silences = _allowed(quiet, target), silence_spans(quiet, "too long", name)
    lanes = ["updates", *(["covered"] if allowed else []), *(["too long"] if silences else [])]
    beyond = told.height - during.height
    more = f", and {beyond} outside of what is drawn" if beyond else ""
    alt = (
        f"{plural(len(points), 'update')} to {name}{more}. Silences over {target}: {told_silences(quiet, window)}. "
        f"{told_marks(review)} (time in {zone})."
    )
    return Figure(
        f"strip-{clause.audience}",
        f"Updates to {name}, what they cover ({target} each), and the silences that were too long",
        alt,
        charts.lane_chart(lanes, window, points=points, spans=[*allowed, *silences], lines=marks(review)),
    )


def _hover(update: dict[str, Any], zone: str) -> str:
    return f"{clock(update['occurred_at'], zone)} {update['status'] or ''}<br>{shortened(update['text'], 72)}"


def _allowed(quiet: list[Quiet], target: str) -> list[charts.Span]:
    """What the updates cover; a start of the clock without an update covers as much. What touches is one."""
    found: list[list[datetime]] = []
    for q in sorted(quiet, key=lambda q: q.began_at):
        end = min(q.ended_at, q.began_at + timedelta(minutes=q.target))
        if found and found[-1][1] >= q.began_at:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([q.began_at, end])
    hover = f"covered: {target} after each update"
    return [charts.Span("covered", begin, end, "", charts.SKY, hover, width=0.3) for begin, end in found]


def _completeness(review: Review) -> Table:
    columns = (
        Column("at", "Time", "time"),
        Column("status", "States"),
        Column("template", "Template"),
        Column("row", "Row"),
    )
    rows: list[tuple[Cell, ...]] = []
    for r in only(review.updates, "audience", "internal").iter_rows(named=True):
        lacks: Cell = Marked(f"lacks {r['missing']}", tone="warn") if r["missing"] else Marked("complete", tone="good")
        rows.append((r["occurred_at"], r["status"], lacks, row_links(review, [r["event"]])))
    return Table(
        "completeness",
        f"Internal updates against the template ({', '.join(review.policy.updates.fields)})",
        columns,
        tuple(rows),
        "no internal update by the template is told",
        review.parameters.zone,
    )


def _promises(review: Review) -> Table:
    columns = (
        Column("at", "Said", "time"),
        Column("eta", "Promised", "time"),
        Column("real", "Resolved", "time"),
        Column("off", "Off by"),
        Column("row", "Row"),
    )
    resolved = review.moment(Milestone.RESOLVED)
    rows: list[tuple[Cell, ...]] = []
    for r in review.updates.iter_rows(named=True):
        if r["eta"]:
            rows.append(
                (r["occurred_at"], r["eta"], resolved, _off(r["eta"], resolved), row_links(review, [r["event"]]))
            )
    return Table(
        "promises",
        "Promised resolution against the real one (reported, not judged)",
        columns,
        tuple(rows),
        "no update promised a time",
        review.parameters.zone,
    )


def _off(eta: datetime, resolved: datetime | None) -> str:
    if resolved is None:
        return "still open"
    minutes = (resolved - eta).total_seconds() / 60
    return f"{duration(abs(minutes))} {'late' if minutes > 0 else 'early'}"


def _order(review: Review) -> Facts:
    def path(audience: str) -> str | None:
        words = [str(r["status"]) for r in stating(only(review.updates, "audience", audience)).iter_rows(named=True)]
        return " → ".join(w for i, w in enumerate(words) if i == 0 or words[i - 1] != w) or None

    return Facts(
        (
            ("Statuses told internally", path("internal")),
            ("Statuses told to customers", path("customers")),
            ("The workflow's order", " → ".join(review.policy.statuses)),
        )
    )
