"""Section 2, root cause analysis: candidates with their evidence, and nothing that claims to be the cause."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from podanalytics.model import Kind, Milestone
from podanalytics.review import Review
from podanalytics.sections._changes import base_rates, before, changes_table, last_good
from podanalytics.sections._evidence import began, first_degraded, numbers, only, row_links, spoken
from podanalytics.sections._hypotheses import hypotheses
from podanalytics.show.blocks import Block, Cell, Column, Marked, Note, Section, Table
from podanalytics.show.words import between, duration, listed, plain_name, plural, quote, shortened

LOGS = timedelta(minutes=30)
GROUPS = 12  # kinds of log lines in the table
ALIKE = 5  # similar incidents in the table
VOICED = 12  # hypotheses in the table
# What differs from line to line of one kind: numbers, hashes and the ids of requests.
VARYING = re.compile(r"\breq[-_]\w+|\b(?=[0-9a-f-]*\d)[0-9a-f-]{6,}\b|\d+(?:[.,]\d+)*")
BURST_END = re.compile(r"\s*\(last of \d+ in [^)]*\)\s*$")
FAILING = re.compile(r"(?i)^(?:err\w*|fatal|crit\w*|emerg\w*|alert|panic|severe)$")
SIGNALS = (
    Milestone.IMPACT_STARTED,
    Milestone.ALERT_FIRED,
    Milestone.ACKNOWLEDGED,
    Milestone.DECLARED,
    Milestone.INVESTIGATED,
    Milestone.FIRST_NOTICE,
)


def section(review: Review) -> Section:
    """Signals in order, changes with their base rates, hypotheses, similar incidents, and log lines."""
    guard = Note(
        "info",
        "Each share stands beside its counts, and each change beside what is usual for its place: most changes are "
        "followed by nothing, and what is near in time may be so by chance.",
    )
    blocks: list[Block] = [
        guard,
        _signals(review),
        changes_table(review),
        *([base_rates(review)] if before(review).height else []),
        last_good(review),
        _hypotheses(review),
        _similar(review),
        _logs(review),
    ]
    return Section("root-cause", "Root cause analysis: candidates", tuple(blocks))


def _signals(review: Review) -> Table:
    """What was seen in which order: the first of each sort of sign."""
    columns = (
        Column("at", "Time", "time"),
        Column("offset", "From the begin"),
        Column("signal", "First sign"),
        Column("source", "Told by"),
        Column("row", "Row"),
    )
    rows: list[tuple[Cell, ...]] = [
        (at, offset(began(review), at), what, source, row_links(review, [event]))
        for at, what, source, event in sorted(_first_signs(review))
    ]
    empty = "no sign is told"
    return Table("signals", "Signals, in the order they came", columns, tuple(rows), empty, review.parameters.zone)


def _first_signs(review: Review) -> Iterator[tuple[datetime, str, str, str]]:
    for r in before(review).head(1).iter_rows(named=True):
        yield r["occurred_at"], f"last change before: {r['subject']} {r['value']}", r["source"], r["id"]
    failing = [r for r in _near_logs(review) if FAILING.match(r["value"])]
    for r in failing[:1]:
        yield r["occurred_at"], f"first error line, {r['subject']}", r["source"], r["id"]
    for r in spoken(review)[:1]:
        yield r["occurred_at"], "first message of a person", r["source"], r["id"]
    for r in first_degraded(review):
        yield r["occurred_at"], f"status page: {r['text']} {plain_name(r['value'])}", r["source"], r["id"]
    for m in review.milestones.iter_rows(named=True):
        if m["milestone"] in SIGNALS:
            yield m["occurred_at"], plain_name(m["milestone"]), m["source"], m["event"]


def _hypotheses(review: Review) -> Table:
    columns = (
        Column("at", "Time", "time"),
        Column("who", "Who"),
        Column("said", "Said"),
        Column("row", "Row"),
        Column("became", "What became of it, in words"),
        Column("answer", "By row"),
    )
    found = hypotheses(review)
    rows: list[tuple[Cell, ...]] = []
    for one in found[:VOICED]:
        answer = one.answer
        became = f"reads as {one.outcome}: {quote(one.words, 120)}" if answer else "nothing in the record settles it"
        rows.append(
            (
                one.voiced["occurred_at"],
                one.voiced["actor"],
                quote(one.voiced["text"], 200),
                row_links(review, [one.voiced["id"]]),
                Marked(became, tone="" if answer else "warn"),
                row_links(review, [answer["id"]] if answer else []),
            )
        )
    left = f"; the first {VOICED}, the others are on the timeline" if len(found) > VOICED else ""
    caption = f"Hypotheses that people voiced ({plural(len(found), 'message')}{left}), kept as evidence"
    empty = "nobody wrote one down in words this looks for"
    return Table("hypotheses", caption, columns, tuple(rows), empty, review.parameters.zone)


def _similar(review: Review) -> Table:
    columns = (
        Column("incident", "Incident"),
        Column("began", "Began", "time"),
        Column("title", "Title"),
        Column("severity", "Severity"),
        Column("lasted", "Lasted"),
        Column("score", "Alike, 0 to 1", "number"),
        Column("why", "What both share"),
        Column("open", "Action items still open"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            s["incident"],
            s["began_at"],
            shortened(s["title"], 100),
            s["severity"],
            between(s["began_at"], s["resolved_at"]) if s["resolved_at"] else "still open",
            s["score"],
            _shared(s),
            _unfinished(review, s["incident"]),
        )
        for s in review.similar.head(ALIKE).iter_rows(named=True)
    ]
    left = review.similar.height - len(rows)
    caption = "Earlier incidents told in like words" + (
        f", the {ALIKE} most alike of {left + ALIKE}" if left > 0 else ""
    )
    none = f"none of {plural(review.earlier.height, 'earlier incident')} shares two of its words and components"
    known = f"{none}, and a tenth of their weight" if review.earlier.height else "no earlier incident is loaded"
    return Table("similar", caption, columns, tuple(rows), known, review.parameters.zone)


def _shared(similar: dict[str, Any]) -> str:
    parts = [f"{name}: {similar[name]}" for name in ("words", "components") if similar[name]]
    return "; ".join(parts)


def _unfinished(review: Review, incident: str) -> Cell:
    items = only(review.unfinished, "incident", incident).to_dicts()
    if not items:
        return None
    now = review.parameters.as_of
    told = [
        f"{a['subject']} “{shortened(a['title'], 70)}” ({a['state']}"
        + (f", {between(a['due_at'], now)} overdue)" if a["due_at"] and a["due_at"] < now else ")")
        for a in items
    ]
    return Marked(listed(told), tone="warn")


def _near_logs(review: Review) -> list[dict[str, Any]]:
    start = began(review)
    near = only(review.events, "kind", Kind.LOG.value).filter(
        pl.col("occurred_at").is_between(start - LOGS, start + LOGS)
    )
    return near.to_dicts()


def _logs(review: Review) -> Table:
    """Notable lines around the begin, those alike but for numbers and ids as one row; failures before the rest."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for r in _near_logs(review):
        line = VARYING.sub("#", BURST_END.sub("", " ".join(r["text"].split())))
        groups.setdefault((r["value"], line), []).append(r)
    worst_first = sorted(groups.values(), key=lambda g: not FAILING.match(g[0]["value"]))
    kept = sorted(worst_first[:GROUPS], key=lambda g: (g[0]["occurred_at"], g[0]["number"]))
    columns = (
        Column("first", "First", "time"),
        Column("offset", "From the begin"),
        Column("last", "Last", "time"),
        Column("count", "Notable lines", "number"),
        Column("where", "Where"),
        Column("level", "Level"),
        Column("line", "Line"),
        Column("rows", "Rows"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(_log_row(review, group) for group in kept)
    left = len(groups) - len(kept)
    more = f" ({plural(left, 'further kind')} on the timeline)" if left else ""
    empty = "no notable log line within half an hour of the begin; either it was quiet or no log of that time is loaded"
    caption = f"Notable log lines within half an hour of the begin, like lines together{more}"
    return Table("log-lines", caption, columns, rows, empty, review.parameters.zone)


def _log_row(review: Review, group: list[dict[str, Any]]) -> tuple[Cell, ...]:
    first, last = group[0], group[-1]
    return (
        first["occurred_at"],
        offset(began(review), first["occurred_at"]),
        last["occurred_at"] if len(group) > 1 else None,
        len(group),
        listed(sorted({r["subject"] for r in group})),
        first["value"],
        shortened(first["text"], 160),
        row_links(review, [r["id"] for r in group]) if numbers(review, [first["id"]]) else first["origin"],
    )


def offset(start: datetime, moment: datetime) -> str:
    """How far a moment lies from another, and on which side."""
    minutes = (moment - start).total_seconds() / 60
    return "at it" if minutes == 0 else f"{duration(abs(minutes))} {'after' if minutes > 0 else 'before'}"
