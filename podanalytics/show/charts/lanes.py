"""Charts of lanes over time: spans as bars, events as dots or ticks, reference lines with their labels above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from podanalytics.show.charts.labels import GAP, Line, placed, plot_room, width_of
from podanalytics.show.charts.window import Window
from podanalytics.show.figures import PALETTE

BLUE, ORANGE, GREEN, RED, PINK, SKY, GREY = PALETTE
LANE = 34  # pixels a lane
ROW = 17  # pixels a row of labels
LEGEND = 26  # pixels above the plot for a legend
FITS = 400.0  # pixels of plot in which a bar's label must fit; in a narrower one Plotly makes it smaller
MS = timedelta(milliseconds=1)
SMALL = 11  # pixels: the letters of labels
# What is written on a bar stands on the bar's own colour, in light and dark alike.
WRITTEN_ON = {BLUE: "#ffffff"}
WRITTEN = "#16181d"
# How the events of a series are drawn, and how far above the middle of their lane (in lanes).
SERIES: dict[str, tuple[dict[str, Any], float]] = {
    "other events": ({"symbol": "circle", "color": SKY, "opacity": 0.85}, -0.15),
    "evidence": ({"symbol": "diamond", "color": RED, "opacity": 1}, 0.15),
    "updates": ({"symbol": "line-ns", "color": BLUE, "line": {"width": 2.5, "color": BLUE}}, 0.0),
}


@dataclass(frozen=True, slots=True)
class Point:
    """Something that happened: its lane, its moment, what the pointer shows, its series (of SERIES) and size."""

    lane: str
    at: datetime
    hover: str
    series: str = "other events"
    size: float = 7


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasted. `label` is written on it where it fits, or next to it where `beside` and there is room.

    `series` names its colour in a legend; `width` and `shift` are in lanes.
    """

    lane: str
    began_at: datetime
    ended_at: datetime
    label: str
    colour: str
    hover: str
    series: str = ""
    width: float = 0.62
    shift: float = 0.0
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """A lane of which nothing is known, and what is said there."""

    lane: str
    text: str


def lane_timeline(
    lanes: Sequence[str],
    points: Iterable[Point],
    spans: Sequence[Span],
    lines: Sequence[Line],
    window: Window,
    whole: Window | None = None,
) -> dict[str, Any]:
    """Swim lanes with a range slider below it, which reaches over `whole` where that is more than the window."""
    made = lane_chart(lanes, window, spans=spans, points=points, lines=lines)
    around = whole or window
    made["layout"]["xaxis"]["rangeslider"] = {
        "visible": True,
        "thickness": 0.1,
        "range": [window.at(around.start), window.at(around.end)],
    }
    # Plotly measures the slider's tiny copies too, and then hides every text that should be of one size with them.
    del made["layout"]["uniformtext"]
    least = window.length / MS / FITS
    for trace in (t for t in made["data"] if t["type"] == "bar"):
        bars = list(zip(trace["text"], trace["x"], trace["base"], strict=True))
        trace["text"] = [
            text if length >= width_of(text) * least and base >= window.at(window.start) else ""
            for text, length, base in bars
        ]
        # What is written on each of its bars needs no entry in the legend.
        trace["showlegend"] = trace["showlegend"] and trace["text"] != [text for text, _, _ in bars]
    _legend(made)
    made["layout"]["height"] += 52
    return made


def lane_chart(
    lanes: Sequence[str],
    window: Window,
    *,
    spans: Sequence[Span] = (),
    points: Iterable[Point] = (),
    lines: Sequence[Line] = (),
    empty: Sequence[Empty] = (),
) -> dict[str, Any]:
    """Lanes, the first on top. The lanes' axis counts upwards, so that labels of lines have room above the lanes."""
    heights = {lane: len(lanes) - 1 - number for number, lane in enumerate(lanes)}
    room = plot_room(lanes)
    labels = placed(lines, window, room)
    rows = max((label.row + 1 for label in labels), default=0)
    top = len(lanes) - 0.5 + rows * ROW / LANE
    beside = _beside(spans, window, room)
    inside = [replace(span, label="") if number in beside else span for number, span in enumerate(spans)]
    traces = [*_bars(inside, heights, window), *_dots(points, heights, window)]
    notes = [_said(e, heights) for e in empty]
    for number, before in beside.items():
        span = spans[number]
        at = span.began_at if before else span.ended_at
        notes.append(_note(window.at(at), heights[span.lane] + span.shift, span.label, before))
    shapes = []
    for label in labels:
        height = len(lanes) - 0.5 + (label.row + 0.5) * ROW / LANE
        notes.append(_note(window.at(label.at), height, label.text, label.before))
        shapes += [_line(window.at(line.at), height + ROW / LANE / 3, line.colour) for line in label.lines]
    layout = {
        "height": round(LANE * (top + 0.5)) + 84,
        "barmode": "overlay",
        "uniformtext": {"mode": "hide", "minsize": 9},
        "margin": {"l": 12, "r": 16, "t": 12, "b": 48},
        "xaxis": window.axis(),
        "yaxis": {
            "type": "linear",
            "range": [-0.5, round(top, 3)],
            "tickvals": [heights[lane] for lane in lanes],
            "ticktext": list(lanes),
            "zeroline": False,
            "fixedrange": True,
        },
        "shapes": shapes,
        "annotations": notes,
        "hovermode": "closest",
    }
    made = {"data": traces, "layout": layout}
    _legend(made)
    return made


def _legend(made: dict[str, Any]) -> None:
    """A legend above the plot where it tells at least two series apart."""
    layout, before = made["layout"], made["layout"].get("showlegend", False)
    layout["showlegend"] = sum(trace["showlegend"] for trace in made["data"]) > 1
    more = LEGEND * (layout["showlegend"] - before)
    layout["height"] += more
    layout["margin"]["t"] += more


def _bars(spans: Iterable[Span], heights: dict[str, int], window: Window) -> list[dict[str, Any]]:
    """A trace for each series and colour, so that the picture stays small and the legend has one entry for each."""
    alike: dict[tuple[str, str, float], list[Span]] = {}
    for span in spans:
        alike.setdefault((span.series, span.colour, span.width), []).append(span)
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": series or "spans",
            "showlegend": bool(series),
            "y": [heights[s.lane] + s.shift for s in chosen],
            "base": [window.at(s.began_at) for s in chosen],
            "x": [round((s.ended_at - s.began_at) / MS) for s in chosen],
            "text": [s.label for s in chosen],
            "textposition": "inside",
            "textangle": 0,
            "insidetextanchor": "middle",
            "hovertext": [s.hover for s in chosen],
            "hoverinfo": "text",
            "width": width,
            "marker": {"color": colour, "line": {"color": "rgba(128,132,140,0.6)", "width": 1}},
            "insidetextfont": {"color": WRITTEN_ON.get(colour, WRITTEN), "size": 12},
        }
        for (series, colour, width), chosen in alike.items()
    ]


def _dots(points: Iterable[Point], heights: dict[str, int], window: Window) -> list[dict[str, Any]]:
    alike: dict[str, list[Point]] = {name: [] for name in SERIES}
    for point in points:
        alike[point.series].append(point)
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "showlegend": True,
            "x": [window.at(p.at) for p in found],
            "y": [heights[p.lane] + SERIES[name][1] for p in found],
            "text": [p.hover for p in found],
            "hoverinfo": "text",
            "marker": {**SERIES[name][0], "size": _sizes(found)},
        }
        for name, found in alike.items()
        if found
    ]


def _sizes(points: Sequence[Point]) -> float | list[float]:
    sizes = [p.size for p in points]
    return sizes[0] if len(set(sizes)) == 1 else sizes


def _beside(spans: Sequence[Span], window: Window, room: float) -> dict[int, bool]:
    """Which spans have their label next to them, by place in `spans`: False for right of it, True for left (before) it.

    It stands where nothing else of the lane and no edge is in the way; a span with no such side keeps it inside.
    """
    found: dict[int, bool] = {}
    for number, span in enumerate(spans):
        if not span.beside:
            continue
        wide = (width_of(span.label) + 2 * GAP) / room
        others = [s for s in spans if s.lane == span.lane and s.shift == span.shift and s is not span]
        ahead = min((window.share(s.began_at) for s in others if s.began_at >= span.ended_at), default=1.0)
        behind = max((window.share(s.ended_at) for s in others if s.ended_at <= span.began_at), default=0.0)
        if window.share(span.ended_at) + wide <= ahead:
            found[number] = False
        elif window.share(span.began_at) - wide >= behind:
            found[number] = True
    return found


def _note(x: str, y: float, text: str, before: bool) -> dict[str, Any]:
    return {
        "x": x,
        "y": round(y, 3),
        "xref": "x",
        "yref": "y",
        "xanchor": "right" if before else "left",
        "yanchor": "middle",
        "xshift": -GAP / 2 if before else GAP / 2,
        "showarrow": False,
        "text": text,
        "font": {"size": SMALL},
    }


def _said(empty: Empty, heights: dict[str, int]) -> dict[str, Any]:
    return {**_note("", heights[empty.lane], empty.text, before=False), "xref": "paper", "x": 0}


def _line(x: str, top: float, colour: str) -> dict[str, Any]:
    stroke = {"color": colour, "width": 1, "dash": "dot"}
    where = {"x0": x, "x1": x, "y0": -0.5, "y1": round(top, 3), "xref": "x", "yref": "y"}
    return {"type": "line", **where, "line": stroke, "layer": "below"}
