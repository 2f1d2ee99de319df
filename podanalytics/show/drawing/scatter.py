"""Scatter traces: lines, the area below them, markers and texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podanalytics.show.drawing.bars import ROOM
from podanalytics.show.drawing.pen import Paint, Pen, filled, number, paint, stroked, tag
from podanalytics.show.drawing.reading import Told, each, named, one_of, points
from podanalytics.show.drawing.rich import Rich, draw_text, rich
from podanalytics.show.drawing.scales import Axis, Reach, Scale
from podanalytics.show.drawing.symbols import SYMBOLS, symbol_path

_PLACES = tuple(f"{v} {h}" for v in ("top", "middle", "bottom") for h in ("left", "center", "right"))
_FEW = 20  # from so many points on, Plotly draws a line without markers unless told otherwise
_SAME = 2  # markers of one look within half a pixel of one another are drawn once


@dataclass(frozen=True, slots=True)
class Mark:
    """One marker: its symbol, size, fill, and edge with its width."""

    symbol: str
    size: float
    fill: Paint
    edge: Paint
    edge_width: float


@dataclass(frozen=True, slots=True)
class Scatter:
    """A scatter trace in the numbers of its axes; a point is None where one of its values is missing."""

    axis: str
    modes: frozenset[str]
    points: tuple[tuple[float, float] | None, ...]
    marks: tuple[Mark, ...]
    texts: tuple[Rich, ...]
    places: tuple[str, ...]
    text_colours: tuple[Paint | None, ...]
    line: Paint
    line_width: float
    dash: str
    stepped: bool
    bridged: bool  # a missing point does not break the line
    below: Paint | None  # the fill down to zero


def scatters_of(
    traces: Sequence[tuple[int, Told]], axes: Mapping[str, Axis], layout: Told, colours: Sequence[str]
) -> list[Scatter]:
    """Every scatter trace of the figure."""
    return [
        _scatter(index, trace, axes, float(layout.get("font", {}).get("size", 13)), colours[index % len(colours)])
        for index, trace in traces
        if trace.get("type", "scatter") == "scatter"
    ]


def _scatter(index: int, trace: Told, axes: Mapping[str, Axis], size: float, colour: str) -> Scatter:
    what = named(trace, index)
    xs, ys = points(trace, what)
    axis, line = trace.get("yaxis", "y"), trace.get("line", {})
    stroke = paint(line.get("color") or _one(trace.get("marker", {}).get("color")) or colour, what)
    opacity = float(trace.get("opacity", 1.0))
    pairs = [(axes["x"].number(x), axes[axis].number(y)) for x, y in zip(xs, ys, strict=True)]
    font = trace.get("textfont", {})
    count = len(pairs)
    fill = one_of(trace.get("fill", "none"), ("none", "tozeroy"), f"{what}: a fill")
    modes = _modes(trace, count, what)
    written = trace.get("text") if "text" in modes else None  # else it is for the pointer
    sizes = each(font.get("size"), count, size)
    return Scatter(
        axis=axis,
        modes=modes,
        points=tuple((x, y) if x is not None and y is not None else None for x, y in pairs),
        marks=_marks(trace, count, colour, opacity, what),
        texts=tuple(rich(t, float(s)) for t, s in zip(each(written, count, ""), sizes, strict=True)),
        places=tuple(
            one_of(p, _PLACES, f"{what}: a textposition")
            for p in each(trace.get("textposition"), count, "middle center")
        ),
        text_colours=tuple(None if c is None else paint(c, what) for c in each(font.get("color"), count)),
        line=stroke.faded(opacity),
        line_width=float(line.get("width", 2)),
        dash=line.get("dash", "solid"),
        stepped=one_of(line.get("shape", "linear"), ("linear", "hv"), f"{what}: a line's shape") == "hv",
        bridged=bool(trace.get("connectgaps", False)),
        below=_below(trace, stroke, what).faded(opacity) if fill == "tozeroy" else None,
    )


def _one(value: Any) -> Any:
    return None if isinstance(value, list | tuple) else value


def _below(trace: Told, stroke: Paint, what: str) -> Paint:
    return paint(trace["fillcolor"], what) if trace.get("fillcolor") else stroke.faded(0.5)


def _modes(trace: Told, count: int, what: str) -> frozenset[str]:
    mode = str(trace.get("mode") or ("lines+markers" if count < _FEW else "lines"))
    if mode == "none":
        return frozenset()
    return frozenset(one_of(part, ("lines", "markers", "text"), f"{what}: a mode") for part in mode.split("+"))


def _marks(trace: Told, count: int, colour: str, opacity: float, what: str) -> tuple[Mark, ...]:
    marker = trace.get("marker", {})
    line = marker.get("line", {})
    fills = each(marker.get("color"), count, trace.get("line", {}).get("color", colour))
    columns = zip(
        each(marker.get("symbol"), count, "circle"),
        each(marker.get("size"), count, 6),
        fills,
        each(marker.get("opacity"), count, 1.0),
        each(line.get("color"), count, "#444444"),
        each(line.get("width"), count, 0),
        strict=True,
    )
    return tuple(
        Mark(
            one_of(symbol, SYMBOLS, f"{what}: the symbol"),
            float(size),
            paint(fill, what).faded(float(fade) * opacity),
            paint(fill if symbol == "line-ns" and "color" not in line else edge, what).faded(float(fade) * opacity),
            float(wide),
        )
        for symbol, size, fill, fade, edge, wide in columns
    )


def scatter_reaches(scatters: Sequence[Scatter], axis: str) -> Iterator[Reach]:
    """What the scatter traces need on an axis: x, or one of the y axes."""
    for trace in scatters:
        if axis not in ("x", trace.axis):
            continue
        rooms = _rooms(trace, axis)
        for point, (before, after) in zip(trace.points, rooms, strict=True):
            if point is not None:
                yield Reach(point[axis != "x"], before, after)
        if trace.below is not None and axis != "x":
            yield Reach(0.0, floor=True)


def _rooms(trace: Scatter, axis: str) -> Iterator[tuple[float, float]]:
    """Pixels before and after each point: half its marker, and its text where it stands beside that."""
    for mark, text, place in zip(trace.marks, trace.texts, trace.places, strict=True):
        room = mark.size / 2 + ROOM if trace.modes & {"markers", "text"} else ROOM if axis != "x" else 0.0
        vertical, side = place.split()
        where = side if axis == "x" else vertical
        extent = (text.width if axis == "x" else text.height) if "text" in trace.modes else 0.0
        middle = max(room, extent / 2) if where in ("center", "middle") else room
        yield (
            room + extent if where in ("left", "bottom") else middle,
            room + extent if where in ("right", "top") else middle,
        )


def draw_scatter(pen: Pen, trace: Scatter, x: Scale, y: Scale) -> str:
    """One trace: the area below it, its line, its markers, its texts."""
    spots = [None if p is None else (x.at(p[0]), y.at(p[1])) for p in trace.points]
    parts: list[str] = []
    if "lines" in trace.modes or trace.below is not None:
        parts += _lines(trace, spots, y)
    if "markers" in trace.modes:
        parts.append(_markers(trace, spots))
    if "text" in trace.modes:
        parts += [
            _text(pen, *told)
            for told in zip(spots, trace.marks, trace.texts, trace.places, trace.text_colours, strict=True)
        ]
    return "".join(parts)


Spot = tuple[float, float]


def _runs(spots: Sequence[Spot | None], bridged: bool) -> Iterator[list[Spot]]:
    run: list[Spot] = []
    for spot in spots:
        if spot is not None:
            run.append(spot)
        elif run and not bridged:
            yield run
            run = []
    if run:
        yield run


def _path(run: Sequence[Spot], stepped: bool) -> str:
    pieces = [f"M{number(run[0][0])} {number(run[0][1])}"]
    for x, y in run[1:]:
        pieces.append(f"H{number(x)}V{number(y)}" if stepped else f"L{number(x)} {number(y)}")
    return "".join(pieces)


def _lines(trace: Scatter, spots: Sequence[Spot | None], y: Scale) -> Iterator[str]:
    runs = [run for run in _runs(spots, trace.bridged) if len(run) > 1]
    zero = y.at(min(max(0.0, min(y.low, y.high)), max(y.low, y.high)))
    if trace.below is not None and runs:
        areas = "".join(f"{_path(run, trace.stepped)}V{number(zero)}H{number(run[0][0])}Z" for run in runs)
        yield tag("path", d=areas, **filled(trace.below))
    if "lines" in trace.modes and trace.line_width and runs:
        path = "".join(_path(run, trace.stepped) for run in runs)
        yield tag("path", d=path, fill="none", **stroked(trace.line, trace.line_width, trace.dash))


def _markers(trace: Scatter, spots: Sequence[Spot | None]) -> str:
    """A group for each look, in the order of first appearance; markers that would cover each other whole, once."""
    groups: dict[Mark, list[str]] = {}
    seen: set[tuple[Mark, int, int]] = set()
    for spot, mark in zip(spots, trace.marks, strict=True):
        if spot is None:
            continue
        key = (mark, round(spot[0] * _SAME), round(spot[1] * _SAME))
        if key not in seen:
            seen.add(key)
            groups.setdefault(mark, []).append(marker(mark, *spot))
    return "".join(tag("g", "".join(drawn), **_look(mark)) for mark, drawn in groups.items())


def marker(mark: Mark, x: float, y: float) -> str:
    """A marker without its colours."""
    if mark.symbol == "circle":
        return tag("circle", cx=x, cy=y, r=mark.size / 2)
    return tag("path", d=symbol_path(mark.symbol, x, y, mark.size))


def _look(mark: Mark) -> dict[str, Any]:
    edge = stroked(mark.edge, mark.edge_width) if mark.edge_width else {}
    return edge if mark.symbol == "line-ns" else {**filled(mark.fill), **edge}


def sample(trace: Scatter, x: float, y: float) -> str:
    """What stands for the trace in a legend: 26 pixels of it, beginning at x."""
    parts = []
    if "lines" in trace.modes:
        parts.append(tag("path", d=f"M{number(x)} {number(y)}h26", **stroked(trace.line, trace.line_width, trace.dash)))
    if "markers" in trace.modes and trace.marks:
        mark = trace.marks[0]
        small = Mark(mark.symbol, min(mark.size, 12), mark.fill, mark.edge, mark.edge_width)
        parts.append(tag("g", marker(small, x + 13, y), **_look(small)))
    if trace.below is not None and not parts:
        parts.append(tag("rect", x=x + 5, y=y - 6, width=16, height=12, **filled(trace.below)))
    return "".join(parts)


def _text(pen: Pen, spot: Spot | None, mark: Mark, text: Rich, place: str, colour: Paint | None) -> str:
    if spot is None:
        return ""
    vertical, side = place.split()
    away = mark.size / 2 + 3
    x = spot[0] + {"left": -away, "center": 0.0, "right": away}[side]
    y = spot[1] + {"top": -away, "middle": 0.0, "bottom": away}[vertical]
    anchor = {"left": "end", "center": "middle", "right": "start"}[side]
    return draw_text(pen, text, x, y, anchor, {"top": "bottom", "middle": "middle", "bottom": "top"}[vertical], colour)
