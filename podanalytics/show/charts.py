"""Charts: Plotly figures as plain dicts, from plain values. Times are drawn in one zone, and the axis says which.

Colours, grid and background are the Figure block's; here are only shapes that carry meaning. Labels of milestones are
set in staggered rows above the plot, so that neighbours in time do not cover each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from podanalytics.show.figures import PALETTE

BLUE, ORANGE, GREEN, RED, PINK, SKY, GREY = PALETTE
ROWS = 4  # staggered rows of milestone labels
LANE = 34  # pixels a lane


@dataclass(frozen=True, slots=True)
class Point:
    """Something that happened: its lane, its moment, what the pointer shows."""

    lane: str
    at: datetime
    hover: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasted."""

    lane: str
    began_at: datetime
    ended_at: datetime
    label: str
    colour: str
    hover: str


@dataclass(frozen=True, slots=True)
class Line:
    """A reference line with a label."""

    at: datetime
    label: str
    colour: str = GREY


def local(moment: datetime, zone: str) -> str:
    """A moment as wall time in the zone, as Plotly's date axes take it."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="milliseconds")


def lane_timeline(
    lanes: Sequence[str], points: Iterable[Point], spans: Iterable[Span], lines: Sequence[Line], zone: str
) -> dict[str, Any]:
    """Swim lanes (the first on top), spans as bars, events as dots, milestones as lines; a range slider below."""
    order = list(reversed(lanes))
    traces = [*_bars(spans, zone), *_dots(points, zone)]
    shapes, labels = _references(lines, zone)
    height = 150 + LANE * len(order) + 20 * ROWS
    layout = {
        "height": height,
        "showlegend": False,
        "barmode": "overlay",
        "margin": {"l": 12, "r": 20, "t": 24 + 18 * ROWS, "b": 40},
        "xaxis": {**_time_axis(zone), "rangeslider": {"visible": True, "thickness": 0.06}},
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": order,
            "range": [-0.6, len(order) - 0.4],
        },
        "shapes": shapes,
        "annotations": labels,
        "hovermode": "closest",
    }
    return {"data": traces, "layout": layout}


def strip(updates: Sequence[Point], spans: Sequence[Span], lines: Sequence[Line], zone: str) -> dict[str, Any]:
    """One audience: a tick an update, a bar where it heard nothing for too long."""
    lane = [updates[0].lane] if updates else [s.lane for s in spans[:1]]
    shapes, labels = _references(lines, zone, rows=2)
    ticks = {
        "type": "scatter",
        "mode": "markers",
        "name": "updates",
        "x": [local(u.at, zone) for u in updates],
        "y": [u.lane for u in updates],
        "text": [u.hover for u in updates],
        "hoverinfo": "text",
        "marker": {"symbol": "line-ns", "size": 26, "line": {"width": 3, "color": BLUE}, "color": BLUE},
    }
    layout = {
        "height": 210,
        "showlegend": False,
        "barmode": "overlay",
        "margin": {"l": 12, "r": 20, "t": 60, "b": 40},
        "xaxis": _time_axis(zone),
        "yaxis": {"type": "category", "categoryarray": lane, "categoryorder": "array"},
        "shapes": shapes,
        "annotations": labels,
        "hovermode": "closest",
    }
    return {"data": [*_bars(spans, zone), ticks], "layout": layout}


def phases(
    names: Sequence[str], minutes: Sequence[float], targets: Sequence[float | None], labels: Sequence[str]
) -> dict[str, Any]:
    """How long each step took: a bar each, with a tick at its target where it has one; red where the bar passed it."""
    over = [t is not None and m > t for m, t in zip(minutes, targets, strict=True)]
    rows = {name: f"{name} · {label}" for name, label in zip(names, labels, strict=True)}
    order = list(reversed(rows.values()))
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": "took",
        "x": list(minutes),
        "y": list(rows.values()),
        "hovertext": list(labels),
        "hoverinfo": "text",
        "marker": {"color": [RED if o else BLUE for o in over]},
    }
    with_target = [(n, t) for n, t in zip(names, targets, strict=True) if t is not None]
    ticks = {
        "type": "scatter",
        "mode": "markers",
        "name": "target",
        "x": [t for _, t in with_target],
        "y": [rows[n] for n, _ in with_target],
        "hoverinfo": "text",
        "text": [f"target {t:g} min" for _, t in with_target],
        "marker": {"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": ORANGE}, "color": ORANGE},
    }
    layout = {
        "height": 90 + 34 * len(names),
        "showlegend": False,
        "margin": {"l": 12, "r": 20, "t": 16, "b": 48},
        "xaxis": {"title": {"text": "minutes from the start of each clock"}, "rangemode": "tozero"},
        "yaxis": {"type": "category", "categoryorder": "array", "categoryarray": order},
    }
    return {"data": [bars, ticks], "layout": layout}


def gantt(spans: Sequence[Span], lanes: Sequence[str], lines: Sequence[Line], zone: str) -> dict[str, Any]:
    """Spans only, a lane each: who held which role, which severity held."""
    shapes, labels = _references(lines, zone, rows=1)
    layout = {
        "height": 110 + LANE * len(lanes),
        "showlegend": False,
        "barmode": "overlay",
        "margin": {"l": 12, "r": 20, "t": 40, "b": 40},
        "xaxis": _time_axis(zone),
        "shapes": shapes,
        "annotations": labels,
        "yaxis": {"type": "category", "categoryorder": "array", "categoryarray": list(reversed(lanes))},
    }
    return {"data": _bars(spans, zone), "layout": layout}


def _time_axis(zone: str) -> dict[str, Any]:
    return {"type": "date", "title": {"text": f"time ({zone})"}}


def _bars(spans: Iterable[Span], zone: str) -> list[dict[str, Any]]:
    """A bar a span; one trace a colour, so that the picture stays small."""
    by_colour: dict[str, list[Span]] = {}
    for span in spans:
        by_colour.setdefault(span.colour, []).append(span)
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": chosen[0].label,
            "y": [s.lane for s in chosen],
            "base": [local(s.began_at, zone) for s in chosen],
            "x": [(s.ended_at - s.began_at) / timedelta(milliseconds=1) for s in chosen],
            "text": [s.label for s in chosen],
            "textposition": "inside",
            "textangle": 0,
            "insidetextanchor": "start",
            "constraintext": "none",
            "hovertext": [s.hover for s in chosen],
            "hoverinfo": "text",
            "width": 0.62,
            "marker": {"color": colour, "opacity": 0.72, "line": {"color": "#ffffff", "width": 1.5}},
            "insidetextfont": {"color": "#ffffff"},
        }
        for colour, chosen in by_colour.items()
    ]


def _dots(points: Iterable[Point], zone: str) -> list[dict[str, Any]]:
    """Two traces: events that prove something, and the others."""
    chosen: dict[bool, list[Point]] = {False: [], True: []}
    for point in points:
        chosen[point.strong].append(point)
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "key moments" if strong else "events",
            "x": [local(p.at, zone) for p in found],
            "y": [p.lane for p in found],
            "text": [p.hover for p in found],
            "hoverinfo": "text",
            "marker": {
                "size": 11 if strong else 7,
                "color": RED if strong else SKY,
                "opacity": 1.0 if strong else 0.8,
                "symbol": "diamond" if strong else "circle",
            },
        }
        for strong, found in chosen.items()
        if found
    ]


def _references(
    lines: Sequence[Line], zone: str, rows: int = ROWS
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Vertical lines, and their labels in staggered rows above the plot."""
    shapes, labels = [], []
    for number, line in enumerate(sorted(lines, key=lambda x: x.at)):
        at = local(line.at, zone)
        stroke = {"color": line.colour, "width": 1, "dash": "dot"}
        shapes.append(
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": at,
                "x1": at,
                "y0": 0,
                "y1": 1,
                "line": stroke,
                "layer": "below",
            }
        )
        labels.append(
            {
                "xref": "x",
                "yref": "paper",
                "x": at,
                "y": 1,
                "yanchor": "bottom",
                "xanchor": "left",
                "showarrow": False,
                "text": line.label,
                "font": {"size": 11},
                "yshift": 4 + 17 * (rows - 1 - number % rows),
                "xshift": 2,
            }
        )
    return shapes, labels
