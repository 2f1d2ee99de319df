"""Bars: where each lies on its axes, and its label where there is room for one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from podanalytics.show.drawing.pen import Paint, Pen, filled, paint, stroked, tag
from podanalytics.show.drawing.reading import Told, each, named, numeric, one_of, points
from podanalytics.show.drawing.rich import Rich, draw_text, rich
from podanalytics.show.drawing.scales import Axis, Reach, Scale

ROOM = 12.0  # pixels kept free beyond the longest bar and the outermost point
_PAD = 5.0  # pixels between a label and the end of its bar
_LEAST_TEXT = 24.0  # pixels: less room than that shows nothing of a text
_LEAST = 1.5  # pixels: what was short is still there
_DARK, _WHITE = Paint("#1c232d"), Paint("#ffffff")
_DAY = 86_400_000.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the numbers of its axes: from `begin` to `end` along its length, around `across`, so `thick`."""

    trace: int
    axis: str  # the y axis it belongs to
    lying: bool
    begin: float
    end: float
    across: float
    thick: float
    based: bool  # it says itself where it begins
    fill: Paint
    edge: tuple[Paint, float] | None
    text: Rich
    where: str
    anchor: str
    inside: Paint | None
    outside: Paint | None


def bars_of(
    traces: Sequence[tuple[int, Told]], axes: Mapping[str, Axis], layout: Told, colours: Sequence[str]
) -> list[Bar]:
    """Every bar of the figure, set side by side or on top of one another as the layout's barmode says."""
    found: list[Bar] = []
    groups: dict[tuple[str, bool], list[tuple[int, Told]]] = {}
    for index, trace in traces:
        if trace.get("type") == "bar":
            lying = one_of(trace.get("orientation", "v"), ("h", "v"), f"{named(trace, index)}: an orientation") == "h"
            groups.setdefault((trace.get("yaxis", "y"), lying), []).append((index, trace))
    for (axis, lying), members in groups.items():
        along, across = (axes["x"], axes[axis]) if lying else (axes[axis], axes["x"])
        made = [_bars(i, t, axis, lying, along, across, layout, colours[i % len(colours)]) for i, t in members]
        found += _arranged(made, members, layout.get("barmode", "group"), across, float(layout.get("bargap", 0.2)))
    return found


def _bars(
    index: int, trace: Told, axis: str, lying: bool, along: Axis, across: Axis, layout: Told, colour: str
) -> list[Bar]:
    what = named(trace, index)
    xs, ys = points(trace, what)
    lengths, places = (xs, ys) if lying else (ys, xs)
    count = len(xs)
    base, width = each(trace.get("base"), count), each(trace.get("width"), count)
    text = each(trace.get("text"), count, "")
    where = each(trace.get("textposition"), count, "auto")
    fills, edges = _faces(trace, count, colour, what)
    size = float(layout.get("font", {}).get("size", 13))
    size = float(trace.get("textfont", {}).get("size", min(size, 12)))
    one_of(trace.get("textangle", 0), (0, "auto"), f"{what}: a textangle")
    anchor = one_of(trace.get("insidetextanchor", "end"), ("start", "middle", "end"), f"{what}: an insidetextanchor")
    inside, outside = (_font_colour(trace, key, what) for key in ("insidetextfont", "outsidetextfont"))
    found = []
    for n in range(count):
        at, length = across.number(places[n]), along.number(lengths[n]) if base[n] is None else numeric(lengths[n])
        if at is None or length is None:
            continue
        begin = _origin(along) if base[n] is None else along.number(base[n])
        end = length if base[n] is None else along.end(base[n], length)
        if begin is None or end is None:
            continue
        one_of(where[n], ("inside", "outside", "auto", "none"), f"{what}: a textposition")
        thick = numeric(width[n]) if width[n] is not None else 0.0
        found.append(
            Bar(index, axis, lying, begin, end, at, thick or 0.0, base[n] is not None, fills[n], edges[n],
                rich(text[n], size), str(where[n]), anchor, inside, outside)
        )  # fmt: skip
    return found


def _origin(along: Axis) -> float:
    """Where a bar without a base begins: at zero; on a logarithmic axis so far down that it is never seen."""
    return -300.0 if along.kind == "log" else 0.0


def _font_colour(trace: Told, key: str, what: str) -> Paint | None:
    told = trace.get(key, {}).get("color", trace.get("textfont", {}).get("color"))
    return None if told is None else paint(told, what)


def _faces(trace: Told, count: int, colour: str, what: str) -> tuple[list[Paint], list[tuple[Paint, float] | None]]:
    marker = trace.get("marker", {})
    opacities = each(marker.get("opacity"), count, 1.0)
    colours = each(marker.get("color"), count, colour)
    whole = float(trace.get("opacity", 1.0))
    fills = [paint(c, what).faded(float(o) * whole) for c, o in zip(colours, opacities, strict=True)]
    line = marker.get("line", {})
    widths = each(line.get("width"), count, 0.0)
    edges = [
        (paint(c, what), float(w)) if w else None
        for c, w in zip(each(line.get("color"), count, "#444444"), widths, strict=True)
    ]
    return fills, edges


def _arranged(
    made: list[list[Bar]], members: Sequence[tuple[int, Told]], mode: str, across: Axis, gap: float
) -> list[Bar]:
    places = sorted({bar.across for bars in made for bar in bars})
    apart = min((b - a for a, b in pairwise(places)), default=0.0)
    unit = 1.0 if across.kind == "category" else apart or (_DAY if across.kind == "date" else 1.0)
    share = len(made) if mode == "group" else 1
    slot = unit * (1 - gap) / share
    heights: dict[float, float] = {}
    found = []
    for number, bars in enumerate(made):
        for bar in bars:
            moved = bar.across + (slot * (number - (share - 1) / 2) if share > 1 and not bar.thick else 0.0)
            bar = replace(bar, across=moved, thick=bar.thick or slot)
            if mode == "stack" and not bar.based:
                below = heights.get(bar.across, 0.0)
                heights[bar.across] = below + bar.end
                bar = replace(bar, begin=below, end=below + bar.end)
            found.append(bar)
    return found


def bar_reaches(bars: Sequence[Bar], axis: str) -> Iterator[Reach]:
    """What the bars need on an axis: x, or one of the y axes."""
    for bar in bars:
        if axis not in ("x", bar.axis):
            continue
        if bar.lying == (axis == "x"):
            beyond = ROOM
            if bar.where == "outside" or (bar.where == "auto" and bar.lying and not bar.based):
                beyond += (bar.text.width if bar.lying else bar.text.height) + _PAD
            forward = bar.end >= bar.begin
            if bar.begin > -300:
                yield Reach(bar.begin, 0 if not bar.based else ROOM, 0, floor=not bar.based and bar.begin == 0)
            yield Reach(bar.end, 0 if forward else beyond, beyond if forward else 0)
        else:
            yield Reach(bar.across - bar.thick / 2)
            yield Reach(bar.across + bar.thick / 2)


@dataclass(frozen=True, slots=True)
class Laid:
    """A bar in pixels, in the part of the plot that is shown; `ahead` is +1 where it runs right or down, else -1."""

    x: float
    y: float
    wide: float
    high: float
    ahead: int


def _shown(scale: Scale, *ends: float) -> tuple[float, float]:
    """The part of a stretch of pixels that lies within the scale; its end is before its begin where none does."""
    return max(min(ends), min(scale.begin, scale.end)), min(max(ends), max(scale.begin, scale.end))


def laid(bar: Bar, x: Scale, y: Scale) -> Laid | None:
    """Where a bar is drawn; None where nothing of it is to be seen."""
    along, across = (x, y) if bar.lying else (y, x)
    begin, end = along.at(bar.begin), along.at(bar.end)
    if begin == end:
        return None
    near, far = _shown(along, begin, end)
    side, other = _shown(across, across.at(bar.across - bar.thick / 2), across.at(bar.across + bar.thick / 2))
    if far < near or other < side:
        return None
    if far - near < _LEAST:
        far = near + _LEAST
    ahead = 1 if end > begin else -1
    return (
        Laid(near, side, far - near, other - side, ahead)
        if bar.lying
        else Laid(side, near, other - side, far - near, ahead)
    )


def draw_bars(bars: Sequence[Bar], x: Scale, ys: Mapping[str, Scale]) -> str:
    """The rectangles, a group for each run of one look."""
    parts: list[str] = []
    look: dict[str, Any] | None = None
    run: list[str] = []
    for bar in bars:
        spot = laid(bar, x, ys[bar.axis])
        if spot is None:
            continue
        edge = bar.edge if bar.edge and min(spot.wide, spot.high) >= 3 * bar.edge[1] else None
        now = {**filled(bar.fill), **(stroked(edge[0], edge[1]) if edge else {})}
        if now != look and run:
            parts.append(tag("g", "".join(run), **(look or {})))
            run = []
        look = now
        run.append(tag("rect", x=spot.x, y=spot.y, width=spot.wide, height=spot.high))
    return "".join([*parts, tag("g", "".join(run), **(look or {}))] if run else parts)


def draw_labels(pen: Pen, bars: Sequence[Bar], x: Scale, ys: Mapping[str, Scale], width: float) -> str:
    """The texts in and beside bars: inside only where they fit, outside cut where the picture ends."""
    parts = []
    for bar in bars:
        spot = None if bar.text.empty or bar.where == "none" else laid(bar, x, ys[bar.axis])
        if spot is None:
            continue
        fits = bar.text.width + 2 * _PAD <= spot.wide and bar.text.height <= spot.high + 2
        if bar.where != "outside" and fits:
            parts.append(_inside(pen, bar, spot))
        elif bar.where in ("outside", "auto"):
            parts.append(_outside(pen, bar, spot, width))
    return "".join(parts)


def _inside(pen: Pen, bar: Bar, spot: Laid) -> str:
    colour = bar.inside or (_DARK if bar.fill.is_light() else _WHITE)
    middle_x, middle_y = spot.x + spot.wide / 2, spot.y + spot.high / 2
    low = (bar.anchor == "start") == (spot.ahead > 0)  # at the side with the lesser pixels
    if bar.anchor == "middle":
        return draw_text(pen, bar.text, middle_x, middle_y, colour=colour)
    if bar.lying:
        edge, anchor = (spot.x + _PAD, "start") if low else (spot.x + spot.wide - _PAD, "end")
        return draw_text(pen, bar.text, edge, middle_y, anchor, colour=colour)
    edge, vertical = (spot.y + _PAD / 2, "top") if low else (spot.y + spot.high - _PAD / 2, "bottom")
    return draw_text(pen, bar.text, middle_x, edge, vertical=vertical, colour=colour)


def _outside(pen: Pen, bar: Bar, spot: Laid, width: float) -> str:
    onward = spot.ahead > 0
    if bar.lying:
        x, anchor = (spot.x + spot.wide + _PAD, "start") if onward else (spot.x - _PAD, "end")
        y, vertical = spot.y + spot.high / 2, "middle"
        room = width - x if onward else x
    else:
        x, anchor = spot.x + spot.wide / 2, "middle"
        y, vertical = (spot.y + spot.high + 2, "top") if onward else (spot.y - 2, "bottom")
        room = 2 * min(x, width - x)
    if room < min(bar.text.width, _LEAST_TEXT):
        return ""
    return draw_text(pen, bar.text.within(room), x, y, anchor, vertical, bar.outside)
