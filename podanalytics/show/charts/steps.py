"""Where the time went: the steps of one clock as floating bars, and clauses as shares of their targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from podanalytics.show.charts.labels import PHONE, width_of
from podanalytics.show.charts.lanes import SMALL
from podanalytics.show.figures import PALETTE

BLUE, ORANGE, GREEN, RED, PINK, SKY, GREY = PALETTE
ROW = 44  # pixels a row: its words above, its bar below
SECOND = 15  # pixels more where its words take two lines
BAR = 0.34  # of a row: its bar
MOST = 2.0  # times its target: where a bar of a clause is cut
UNITS = ((4 * 24 * 60.0, "days", 24 * 60.0), (4 * 60.0, "hours", 60.0), (0.0, "minutes", 1.0))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the clock, in minutes from its start; without a begin and an end there is nothing to draw.

    `targets` are the latest minutes at which it may have ended, with a word for each; `missed` colours it.
    """

    name: str
    told: str
    begin: float | None = None
    end: float | None = None
    targets: tuple[tuple[float, str], ...] = ()
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """One clause: its name, what was measured of what, in words, and the share of its target that it took."""

    name: str
    told: str
    share: float
    missed: bool


def waterfall(steps: Sequence[Step], reach: float, since: str) -> dict[str, Any]:
    """A floating bar a step, ticks where its targets end. Nothing beyond `reach` minutes is drawn: words tell of it.

    `since` says where the clock starts.
    """
    unit, size = next((name, size) for least, name, size in UNITS if reach >= least)
    drawn = [s for s in steps if s.begin is not None and s.end is not None and s.end <= reach]
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": "missed a target" if missed else "step",
            "base": [round((s.begin or 0.0) / size, 4) for s in chosen],
            "x": [round(((s.end or 0.0) - (s.begin or 0.0)) / size, 4) for s in chosen],
            "y": [s.name for s in chosen],
            "hovertext": [f"{s.name}: {s.told}" for s in chosen],
            "hoverinfo": "text",
            "width": BAR,
            "marker": {"color": RED if missed else SKY, "line": {"color": RED if missed else SKY, "width": 1.5}},
        }
        for missed in (False, True)
        if (chosen := [s for s in drawn if s.missed is missed])
    ]
    ends = [(minutes, word, s.name) for s in steps for minutes, word in s.targets if minutes <= reach]
    ticks = {
        "type": "scatter",
        "mode": "markers",
        "name": "target",
        "x": [round(minutes / size, 4) for minutes, _, _ in ends],
        "y": [name for _, _, name in ends],
        "text": [word for _, word, _ in ends],
        "hoverinfo": "text",
        "marker": {"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": BLUE}, "color": BLUE},
    }
    axis = {"type": "linear", "title": {"text": f"{unit} since {since}"}, "range": [0, round(reach / size, 4)]}
    return _rows([*bars, ticks] if ends else bars, [(s.name, s.told) for s in steps], axis)


def against_targets(shares: Sequence[Share]) -> dict[str, Any]:
    """A bar a clause: how much of its target it took. All end at one line, however far apart the targets are."""
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": "missed" if missed else "kept",
            "x": [round(100 * min(s.share, MOST), 1) for s in chosen],
            "y": [s.name for s in chosen],
            "hovertext": [f"{s.name}: {s.told}" for s in chosen],
            "hoverinfo": "text",
            "width": BAR,
            "marker": {"color": RED if missed else SKY},
        }
        for missed in (False, True)
        if (chosen := [s for s in shares if s.missed is missed])
    ]
    cut = f"; cut at {100 * MOST:.0f} %" if any(s.share > MOST for s in shares) else ""
    most = min(MOST, max(1.0, *(s.share for s in shares)))
    axis = {
        "type": "linear",
        "title": {"text": f"share of its target, in % (the line is the target{cut})"},
        "range": [0, round(104 * most, 1)],
    }
    made = _rows(bars, [(s.name, s.told) for s in shares], axis)
    stroke = {"color": BLUE, "width": 3}
    made["layout"]["shapes"] = [
        {"type": "line", "xref": "x", "yref": "paper", "x0": 100, "x1": 100, "y0": 0, "y1": 1, "line": stroke}
    ]
    return made


def _rows(traces: list[dict[str, Any]], rows: Sequence[tuple[str, str]], axis: dict[str, Any]) -> dict[str, Any]:
    """Every row's words stand above its bar and need no room beside it; in two lines where a phone asks so."""
    two = any(width_of(f"{name} · {told}") > PHONE for name, told in rows)
    row = ROW + SECOND * two
    notes = [
        {
            "xref": "paper",
            "yref": "y",
            "x": 0,
            "y": name,
            "xanchor": "left",
            "yanchor": "middle",
            "yshift": 19 + SECOND / 2 * two,
            "showarrow": False,
            "text": f"<b>{name}</b>{'<br>' if two else ' · '}{told}",
            "align": "left",
            "font": {"size": SMALL},
        }
        for name, told in rows
    ]
    legend = len(traces) > 1
    layout = {
        "height": row * len(rows) + (100 if legend else 74),
        "showlegend": legend,
        "barmode": "overlay",
        "margin": {"l": 12, "r": 16, "t": 34 if legend else 8, "b": 48},
        "xaxis": axis,
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [name for name, _ in reversed(rows)],
            "range": [-0.5, len(rows) - 0.25],
            "showticklabels": False,
            "showgrid": False,
            "fixedrange": True,
        },
        "annotations": notes,
        "hovermode": "closest",
    }
    return {"data": traces, "layout": layout}
