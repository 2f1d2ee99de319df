"""Coordination load: how much was written and paged in each stretch of time, and by how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from podanalytics.show.charts.labels import Line, placed, plot_room
from podanalytics.show.charts.lanes import ROW, SMALL
from podanalytics.show.charts.window import Window
from podanalytics.show.figures import PALETTE

BLUE, ORANGE, GREEN, RED, PINK, SKY, GREY = PALETTE
COLOURS = (SKY, BLUE, ORANGE, GREY)
PLOT = 250  # pixels of the two plots together


@dataclass(frozen=True, slots=True)
class Bin:
    """A stretch of time: counts by kind, and how many people wrote; both None where they may not be shown."""

    began_at: datetime
    counts: Mapping[str, int] | None
    people: int | None


def load_chart(
    bins: Sequence[Bin], kinds: Sequence[str], width: timedelta, lines: Sequence[Line], window: Window, hidden: str
) -> dict[str, Any]:
    """Below, stacked bars of what happened; above, a line of how many people wrote; a grey field where neither shows.

    `hidden` is the word for such a field.
    """
    labels = placed(lines, window, plot_room(["000000"]))
    rows = max((label.row + 1 for label in labels), default=0)
    middles = [window.at(b.began_at + width / 2) for b in bins]
    bars = [
        {
            "type": "bar",
            "name": kind,
            "x": middles,
            "y": [None if b.counts is None else b.counts[kind] for b in bins],
            "width": round(width / timedelta(milliseconds=1) * 0.9),
            "marker": {"color": colour},
            "hovertext": [_hover(b, kind, width, window) for b in bins],
            "hoverinfo": "text",
        }
        for kind, colour in zip(kinds, COLOURS, strict=False)
    ]
    people = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "people who wrote",
        "x": middles,
        "y": [b.people for b in bins],
        "yaxis": "y2",
        "connectgaps": False,
        "line": {"color": GREEN, "width": 2},
        "marker": {"size": 7, "color": GREEN, "symbol": "square"},
        "text": ["" if b.people is None else f"{b.people} people wrote" for b in bins],
        "hoverinfo": "text",
    }
    share = ROW * rows / (PLOT + ROW * rows)
    floor, ceiling = 0.66 * (1 - share), 1 - share
    top = max((b.people or 0 for b in bins), default=0) or 1
    shapes, notes = _fields(bins, width, window, hidden, ceiling)
    for label in labels:
        height = ceiling + share * (label.row + 0.5) / rows
        notes.append(_note(window.at(label.at), height, label.text, label.before))
        shapes += [_line(window.at(line.at), height + share / rows / 3, line.colour) for line in label.lines]
    layout = {
        "height": PLOT + ROW * rows + 130,
        "showlegend": True,
        "barmode": "stack",
        "legend": {"orientation": "h", "traceorder": "normal", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "margin": {"l": 12, "r": 16, "t": 52, "b": 48},
        "xaxis": window.axis(),
        "yaxis": {
            "title": {"text": "events"},
            "rangemode": "tozero",
            "domain": [0, round(floor, 4)],
            "fixedrange": True,
        },
        "yaxis2": {
            "title": {"text": "people"},
            "range": [0, round(top * 1.15, 2)],
            "domain": [round(floor + 0.06, 4), round(ceiling, 4)],
            "fixedrange": True,
        },
        "shapes": shapes,
        "annotations": notes,
        "hovermode": "closest",
    }
    return {"data": [*bars, people], "layout": layout}


def _hover(one: Bin, kind: str, width: timedelta, window: Window) -> str:
    begin, end = (f"{window.wall(moment):%H:%M}" for moment in (one.began_at, one.began_at + width))
    return "" if one.counts is None else f"{begin}–{end}: {one.counts[kind]} {kind}"


def _fields(
    bins: Sequence[Bin], width: timedelta, window: Window, hidden: str, ceiling: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A grey field over each run of hidden bins."""
    shapes: list[dict[str, Any]] = []
    runs: list[list[datetime]] = []
    for one in bins:
        if one.counts is None:
            if runs and runs[-1][1] == one.began_at:
                runs[-1][1] = one.began_at + width
            else:
                runs.append([one.began_at, one.began_at + width])
    notes = []
    for begin, end in runs:
        where = {"x0": window.at(begin), "x1": window.at(end), "y0": 0, "y1": round(ceiling, 4)}
        shapes.append(
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                **where,
                "fillcolor": "rgba(128,132,140,0.18)",
                "line": {"width": 0},
                "layer": "below",
            }
        )
        notes.append(
            {
                "xref": "x",
                "yref": "paper",
                "x": window.at(begin + (end - begin) / 2),
                "y": 0,
                "xanchor": "center",
                "yanchor": "bottom",
                "showarrow": False,
                "text": hidden,
                "font": {"size": SMALL},
            }
        )
    return shapes, notes


def _note(x: str, y: float, text: str, before: bool) -> dict[str, Any]:
    return {
        "xref": "x",
        "yref": "paper",
        "x": x,
        "y": round(y, 4),
        "xanchor": "right" if before else "left",
        "yanchor": "middle",
        "xshift": -3 if before else 3,
        "showarrow": False,
        "text": text,
        "font": {"size": SMALL},
    }


def _line(x: str, top: float, colour: str) -> dict[str, Any]:
    stroke = {"color": colour, "width": 1, "dash": "dot"}
    where = {"x0": x, "x1": x, "y0": 0, "y1": round(top, 4), "xref": "x", "yref": "paper"}
    return {"type": "line", **where, "line": stroke, "layer": "below"}
