"""The lane figure of the timeline: which lanes, which dots, which lines, and what the pointer shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import polars as pl

from podanalytics.review import AROUND, Review
from podanalytics.sections._evidence import began, cadences, words_of
from podanalytics.sections._spans import (
    incident_spans,
    seen_until,
    shortly_after,
    silence_spans,
    some,
    status_spans,
    told_spans,
    window_of,
)
from podanalytics.show import charts
from podanalytics.show.blocks import Figure
from podanalytics.show.words import audience_name, clock, listed, plain_name, plural, shortened, stamp

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
INCIDENT, STATUS = "incident", "stated status"
ON_LINES = frozenset(
    {
        *("impact_started", "alert_fired", "acknowledged", "declared", "triaged"),
        *("first_notice", "mitigated", "resolved", "closed"),
    }
)
DOTS = 80  # drawn at the most, about: what lies closer together becomes one larger dot
FINEST = 120  # dots of a series next to each other in a lane
WORDS = 72  # characters of an event that the pointer shows


def lane_of(kind: str, home: str = "tracker") -> str:
    """The lane an event kind is drawn in; what a tracker tells as well as others stands at the `home` of its tool."""
    lane = next((lane for lane, kinds in LANES.items() if kind in kinds), "other")
    return home if lane == "tracker" else lane


def homes(review: Review) -> dict[str, str]:
    """Where a record's own states stand: a status page's with what customers read, those of a pager and of an alert
    itself with the alerts, and a deployment's with the changes.
    """
    pagers = (*review.policy.tools.get("pager", ()), *review.policy.tools.get("alerts", ()))
    changes = review.policy.tools.get("change history", ())
    public = review.policy.public.sources
    return dict.fromkeys(pagers, "alerts") | dict.fromkeys(changes, "changes") | dict.fromkeys(public, "customers")


def lanes_figure(review: Review, shown: pl.DataFrame) -> Figure:
    """Lanes by source, the incident and its statuses above them, silences below the lane that was silent."""
    window = window_of(review)
    whole = charts.Window(
        min(began(review) - AROUND, window.start), max(seen_until(review) + AROUND, window.end), window.zone
    )
    rows = [r for r in shown.iter_rows(named=True) if whole.holds(r["occurred_at"])]
    points = dots(rows, window, homes(review))
    silences = _silences(review)
    ran, stated = incident_spans(review, INCIDENT), status_spans(review, STATUS, legend=True)
    spans = [*ran, *stated, *silences]
    lines = [
        charts.Line(m["occurred_at"], plain_name(m["milestone"]))
        for m in review.milestones.iter_rows(named=True)
        if m["milestone"] in ON_LINES and window.holds(m["occurred_at"])
    ]
    present = {p.lane for p in points} | {s.lane for s in spans}
    lanes = [lane for lane in _order(silences) if lane in present]
    return Figure(
        "lanes",
        "What happened, lane by lane; a larger mark stands for several rows",
        _alt(rows, lanes, (ran, stated, silences), lines, window, _later(review, shown)),
        charts.lane_timeline(lanes, points, spans, lines, window, whole),
    )


def dots(
    rows: Sequence[dict[str, Any]], window: charts.Window, home: Mapping[str, str] = MappingProxyType({})
) -> list[charts.Point]:
    """A dot a row; rows of one lane that lie so close that dots would cover each other share a larger one."""
    cells = FINEST
    while len(found := list(_bunches(rows, window, cells, home))) > DOTS and cells > 10:
        cells = cells * 3 // 4
    return [_dot(lane, series, bunch, window.zone) for lane, series, bunch in found]


def _bunches(
    rows: Sequence[dict[str, Any]], window: charts.Window, cells: int, home: Mapping[str, str]
) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    bunches: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for row in rows:
        series = "evidence" if row["role"] else "other events"
        place = int(window.share(row["occurred_at"]) * cells // 1)
        bunches.setdefault((lane_of(row["kind"], home.get(row["source"], "tracker")), series, place), []).append(row)
    for (lane, series, _), bunch in bunches.items():
        yield lane, series, bunch


def _dot(lane: str, series: str, bunch: list[dict[str, Any]], zone: str) -> charts.Point:
    first, last = bunch[0], bunch[-1]
    size = 9 if series == "evidence" else 7
    if len(bunch) == 1:
        return charts.Point(lane, first["occurred_at"], _hover(first, zone), series, size)
    roles = list(dict.fromkeys(r["role"] for r in bunch if r["role"]))
    head = (
        f"{len(bunch)} rows, {first['number']} to {last['number']} · "
        f"{clock(first['occurred_at'], zone)} to {clock(last['occurred_at'], zone)}"
    )
    proves = f"<br><b>{shortened(', '.join(roles), WORDS)}</b>" if roles else ""
    middle = first["occurred_at"] + (last["occurred_at"] - first["occurred_at"]) / 2
    grown = round(size + 2.2 * (len(bunch) - 1) ** 0.5, 1)
    hover = f"{head}{proves}<br>first: {shortened(words_of(first), WORDS)}"
    return charts.Point(lane, middle, hover, series, min(grown, 20))


def _hover(row: dict[str, Any], zone: str) -> str:
    mark = f" · <b>{row['role']}</b>" if row["role"] else ""
    head = f"row {row['number']} · {clock(row['occurred_at'], zone)} · {row['source']} {plain_name(row['kind'])}{mark}"
    return f"{head}<br>{shortened(words_of(row), WORDS)}<br>{row['origin']}"


def _lane_of_silence(audience: str | None) -> str:
    return f"silence:<br>{audience_name(audience)}"


def _silences(review: Review) -> list[charts.Span]:
    """The silences longer than the policy allows, a lane an audience."""
    return [
        span
        for clause, quiet in cadences(review)
        for span in silence_spans(quiet, _lane_of_silence(clause.audience), audience_name(clause.audience))
    ]


def _order(silences: Sequence[charts.Span]) -> list[str]:
    """Every lane, from the top; a silence stands below the lane in which something was to be read."""
    told = {"chat": _lane_of_silence("internal"), "customers": _lane_of_silence("customers")}
    order = [INCIDENT, STATUS]
    for lane in LANES:
        order += [lane, *([told[lane]] if lane in told else [])]
    return [*order, *dict.fromkeys(s.lane for s in silences if s.lane not in order)]


def _later(review: Review, shown: pl.DataFrame) -> str:
    """What is not drawn because it came long after."""
    end = max(seen_until(review) + AROUND, shortly_after(review))
    late: list[datetime] = [at for at in shown["occurred_at"] if at > end]
    before = sum(at < began(review) - AROUND for at in shown["occurred_at"])
    told = [f"{plural(len(late), 'later row')}, up to {stamp(late[-1], review.parameters.zone)}"] if late else []
    told += [plural(before, "earlier row")] if before else []
    return f" Not drawn: {listed(told)}; the table has them." if told else ""


def _alt(
    rows: Sequence[dict[str, Any]],
    lanes: Sequence[str],
    spans: tuple[Sequence[charts.Span], ...],
    lines: Sequence[charts.Line],
    window: charts.Window,
    later: str,
) -> str:
    zone, (ran, stated, silences) = window.zone, spans
    drawn = [lane for lane in lanes if lane in LANES]
    ends = f" between {stamp(rows[0]['occurred_at'], zone)} and {stamp(rows[-1]['occurred_at'], zone)}" if rows else ""
    parts = [f"{plural(len(rows), 'event')}{ends}, in lanes for {listed(drawn)} (time in {zone})"]
    parts += [f"The incident: {told_spans(ran)}"] if ran else []
    parts += [f"Stated statuses: {told_spans(stated)}"] if stated else []
    quiet = [f"{s.lane.replace('silence:<br>', '')} {s.label} from {window.told(s.began_at)}" for s in silences]
    parts += [f"Too long without a word: {some(quiet)}" if quiet else "No silence was too long"]
    parts += [f"Lines mark {listed([f'{x.label} {window.told(x.at)}' for x in lines])}"] if lines else []
    return ". ".join(parts) + "." + later
