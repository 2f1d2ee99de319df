"""What several figures draw alike: the window they show, stretches, stated statuses, severities, marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from podanalytics.model import Milestone
from podanalytics.review import AROUND, Review
from podanalytics.sections._evidence import Quiet, began, only, timeline_end
from podanalytics.show import charts
from podanalytics.show.words import audience_name, between, duration, listed

SEVERITY_COLOURS = (charts.RED, charts.ORANGE, charts.SKY, charts.GREY)
STATE_COLOURS = {
    "investigating": charts.SKY,
    "identified": charts.BLUE,
    "fixing": charts.GREEN,
    "monitoring": charts.GREY,
    "resolved": charts.PINK,
}
NO_STATUS = "update"  # a status page's feed says so of a post that changes no status
DRAWN = 40  # silences that are drawn one by one
FEW = 8  # things that are listed in words one by one
SIGNS = (Milestone.ALERT_FIRED, Milestone.DECLARED, Milestone.ACKNOWLEDGED)
SQUEEZED = 4  # a begin so many times further back than the first sign is left out of view
SHORTLY = (timedelta(minutes=5), timedelta(hours=12))  # after the end: at least, and at most


def shortly_after(review: Review) -> datetime:
    """How far figures reach: past the end by a tenth of the incident, so that a late event does not squeeze it."""
    start, end = handled_from(review), seen_until(review)
    return end + min(max((end - start) / 10, SHORTLY[0]), SHORTLY[1])


def handled_from(review: Review) -> datetime:
    """From when on figures look closely: the begin, or the first sign that anybody knew, where that came much later.

    An impact that nobody noticed for a night would squeeze all that was done about it into a corner.
    """
    start, end = began(review), timeline_end(review)
    known = [m for m in map(review.moment, SIGNS) if m and start <= m < end]
    first = min(known, default=start)
    return first if (end - first) * SQUEEZED < end - start else start


def seen_until(review: Review) -> datetime:
    """Up to when figures look: the end; of an incident still open its last record, where that is long ago.

    One that was left open, and of which nothing is told any more, would squeeze all that was done into a corner.
    """
    start, end = handled_from(review), timeline_end(review)
    last: datetime = review.events.filter(pl.col("occurred_at") <= end)["occurred_at"].max() or end  # type: ignore[assignment]
    left_open = not review.fact("resolved_at") and (last - start) * SQUEEZED < end - start
    return max(last, start) if left_open else end


def window_of(review: Review, before: timedelta = AROUND) -> charts.Window:
    """The incident's time on the display zone's clock."""
    return charts.Window(handled_from(review) - before, shortly_after(review), review.parameters.zone)


def incident_window(review: Review) -> charts.Window:
    """The same with no more before the begin than after the end: for figures in which nothing happens before."""
    return window_of(review, shortly_after(review) - seen_until(review))


def marks(review: Review) -> list[charts.Line]:
    """Begin, containment and end, as reference lines."""
    end = "end" if review.fact("resolved_at") else "now"
    named = (
        ("begin", began(review)),
        ("mitigated", review.moment(Milestone.MITIGATED)),
        (end, timeline_end(review)),
    )
    return [charts.Line(at, label) for label, at in named if at]


def told_marks(review: Review) -> str:
    """The reference lines in words."""
    window = window_of(review)
    unseen = "" if window.holds(began(review)) else "; the begin lies before what is shown"
    unseen += "; now lies after what is shown" if seen_until(review) < timeline_end(review) else ""
    return f"Lines mark {listed([f'{line.label} {window.told(line.at)}' for line in marks(review)])}{unseen}"


def incident_spans(review: Review, lane: str) -> list[charts.Span]:
    """When the incident ran, up to its containment and from there on; several stretches where it was reopened."""
    stop, contained = timeline_end(review), review.moment(Milestone.MITIGATED)
    found = []
    for begin, ended in review.segments.select("began_at", "ended_at").iter_rows():
        end = min(ended or stop, stop)
        cut = contained if contained and begin < contained < end else end
        told = (
            (begin, cut, "until contained" if cut < end else "until resolved" if ended else "not over yet", charts.RED),
            (cut, end, "until resolved", charts.ORANGE),
        )
        for a, b, label, colour in told:
            if a < b:
                found.append(charts.Span(lane, a, b, label, colour, f"{label}: {between(a, b)}", label))
    return found


def status_spans(review: Review, lane: str, legend: bool = False) -> list[charts.Span]:
    """The statuses that were stated, each until the next: to the team, else to customers.

    `legend`: their words stand in a legend too, for bars too narrow to be written on.
    """
    end = timeline_end(review)
    found = []
    for row, until in _stated(review, end):
        stop = min(until, end)
        if stop > row["occurred_at"]:
            word = str(row["status"]).lower()
            colour = STATE_COLOURS.get(str(row["state"]), charts.ORANGE)
            hover = f"{word}: {between(row['occurred_at'], stop)}, as told to {audience_name(str(row['audience']))}"
            found.append(charts.Span(lane, row["occurred_at"], stop, word, colour, hover, word if legend else ""))
    return found


def stating(updates: pl.DataFrame) -> pl.DataFrame:
    """The updates that state a status."""
    return updates.filter(~pl.col("status").str.to_lowercase().is_in(["", NO_STATUS]))


def _stated(review: Review, end: datetime) -> Iterator[tuple[dict[str, Any], datetime]]:
    told = stating(review.updates).sort("occurred_at", "event")
    rows = only(told, "audience", "internal").to_dicts() or only(told, "audience", "customers").to_dicts()
    changes = [r for i, r in enumerate(rows) if i == 0 or r["status"] != rows[i - 1]["status"]]
    ends = [row["occurred_at"] for row in changes[1:]] + [end]
    return zip(changes, ends, strict=False)


def severity_spans(review: Review, lane: str) -> list[charts.Span]:
    """Which severity held, from when to when."""
    end, rank = timeline_end(review), {s.id: s.rank for s in review.policy.severities}
    found = []
    for row in review.spells.iter_rows(named=True):
        stop = min(row["ended_at"] or end, end)
        if stop > row["began_at"]:
            colour = SEVERITY_COLOURS[min(rank[row["severity"]], len(SEVERITY_COLOURS)) - 1]
            hover = f"{row['severity']} (told as {row['told']}), {between(row['began_at'], stop)}"
            found.append(charts.Span(lane, row["began_at"], stop, row["severity"], colour, hover))
    return found


def told_spans(spans: Iterable[charts.Span]) -> str:
    """Spans in words: each with how long it lasted."""
    return some([f"{s.label} for {between(s.began_at, s.ended_at)}" for s in spans])


def some(told: list[str], most: int = FEW) -> str:
    """Words as a list in a sentence, cut where it would be read by nobody."""
    return listed(told if len(told) <= most else [*told[:most], f"{len(told) - most} more"])


def silence_spans(quiet: Sequence[Quiet], lane: str, name: str) -> list[charts.Span]:
    """The silences that were too long, each with its length next to it; where they are many, rows of them are one."""
    over = sorted((q for q in quiet if q.over), key=lambda q: q.began_at)
    rows: list[list[Quiet]] = []
    for q in over:
        if len(over) > DRAWN and rows and rows[-1][-1].ended_at == q.began_at:
            rows[-1].append(q)
        else:
            rows.append([q])
    return [_silence(row, lane, name) for row in rows]


def _silence(row: Sequence[Quiet], lane: str, name: str) -> charts.Span:
    lasted = duration(max(q.minutes for q in row))
    label = lasted if len(row) == 1 else f"{len(row)} silences, up to {lasted}"
    hover = f"nothing to {name} for {lasted}" if len(row) == 1 else f"{len(row)} silences in a row, up to {lasted}"
    begin, end = row[0].began_at, row[-1].ended_at
    return charts.Span(lane, begin, end, label, charts.RED, f"{hover}; {row[0].target:g} min are allowed", beside=True)


def told_silences(quiet: Sequence[Quiet], window: charts.Window) -> str:
    """The silences that were too long in words: all of a few, the longest of many."""
    over = [q for q in quiet if q.over]
    if len(over) <= FEW:
        return listed([f"{duration(q.minutes)} from {window.told(q.began_at)}" for q in over])
    most = max(over, key=lambda q: (q.minutes, q.began_at))
    return f"{len(over)}, the longest {duration(most.minutes)} from {window.told(most.began_at)}"
