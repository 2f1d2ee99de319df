"""Section 4, communication: what each audience heard, how long it heard nothing, and what was promised."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from podanalytics.model import Milestone
from podanalytics.policy import Clause
from podanalytics.review import Review
from podanalytics.sections._evidence import Quiet, amount, began, cadences, only, row_links, timeline_end
from podanalytics.show import charts
from podanalytics.show.blocks import Block, Cell, Column, Facts, Figure, Marked, Section, Table
from podanalytics.show.words import audience_name, between, clock, duration, listed, plural, shortened

AFTER = timedelta(hours=1)  # how long after the end the strip still shows updates
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
        blocks.append(_strip(review, clause, str(target), long))
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
    )
    rows: list[tuple[Cell, ...]] = []
    for q in sorted(quiet, key=lambda q: (-q.minutes, q.began_at))[:SHOWN]:
        kept: Cell = Marked(f"{duration(q.over)} over", tone="bad") if q.over else Marked("kept", tone="good")
        rows.append((q.began_at, q.ended_at, duration(q.minutes), kept, row_links(review, q.ends)))
    reading = review.reading(clause.id)
    empty = f"none is measured: {reading.because}" if reading else "the clause was not judged"
    caption = f"Longest silences towards {audience_name(clause.audience)}, {min(SHOWN, len(quiet))} of {len(quiet)}"
    return Table(f"silences-{clause.audience}", caption, columns, tuple(rows), empty, review.parameters.zone)


def _strip(review: Review, clause: Clause, target: str, long: list[Quiet]) -> Figure:
    """The updates up to the end of the incident; what came later, such as a post-mortem, would squeeze them."""
    zone, name = review.parameters.zone, audience_name(clause.audience)
    told = only(review.updates, "audience", clause.audience)
    during = told.filter(pl.col("occurred_at") <= timeline_end(review) + AFTER)
    points = [
        charts.Point(
            name,
            r["occurred_at"],
            f"{clock(r['occurred_at'], zone)} {r['status'] or ''}<br>{shortened(r['text'], 120)}",
        )
        for r in during.iter_rows(named=True)
    ]
    spans = [
        charts.Span(name, q.began_at, q.ended_at, duration(q.minutes), charts.RED, f"nothing for {duration(q.minutes)}")
        for q in long
    ]
    lines = [
        charts.Line(at, label)
        for label, at in (
            ("begin", began(review)),
            ("mitigated", review.moment(Milestone.MITIGATED)),
            ("end", timeline_end(review)),
        )
        if isinstance(at, datetime)
    ]
    over = listed([s.label for s in spans])
    later = told.height - during.height
    more = f", and {later} more than an hour after the end" if later else ""
    alt = f"{plural(len(points), 'update')} to {name}{more}; silences over {target}: {over}."
    return Figure(
        f"strip-{clause.audience}",
        f"Updates to {name}, and where there were none for too long",
        alt,
        charts.strip(points, spans, lines, zone),
    )


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
        words = [
            str(r["status"]) for r in only(review.updates, "audience", audience).iter_rows(named=True) if r["status"]
        ]
        return " → ".join(w for i, w in enumerate(words) if i == 0 or words[i - 1] != w) or None

    return Facts(
        (
            ("Statuses told internally", path("internal")),
            ("Statuses told to customers", path("customers")),
            ("The workflow's order", " → ".join(review.policy.statuses)),
        )
    )
