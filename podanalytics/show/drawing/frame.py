"""The frame of a figure: margins wide enough for its labels, scales, and the axes as they are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from podanalytics.show.drawing.pen import Paint, Pen, number, paint, stroked, tag
from podanalytics.show.drawing.reading import Told
from podanalytics.show.drawing.rich import LEADING, Rich, draw_text, rich
from podanalytics.show.drawing.scales import Axis, Reach, Scale, scale
from podanalytics.show.drawing.ticks import Tick, fitted, label_lines, place_below, ticks

GRID = Paint("#80848c", 0.28)
_OFF = 6.0  # pixels between an axis and its labels, and between these and its title
_MOST = 0.42  # of the width: what labels beside the plot may take before they are cut short
Reaches = Callable[[str], list[Reach]]


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot's place in the picture, and its scales with their ticks, by axis name."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    scales: Mapping[str, Scale]
    ticks: Mapping[str, list[Tick]]
    size: float

    @property
    def x(self) -> Scale:
        """The horizontal scale."""
        return self.scales["x"]

    @property
    def ys(self) -> Mapping[str, Scale]:
        """The vertical scales by name."""
        return {name: found for name, found in self.scales.items() if name != "x"}


def title_of(told: Told, size: float) -> Rich:
    """An axis's or a layout's title, which is a text or an object with one."""
    title = told.get("title") or ""
    given: Told = title if isinstance(title, Mapping) else {"text": title}
    return rich(given.get("text") or "", float(given.get("font", {}).get("size", size)))


def frame(axes: Mapping[str, Axis], layout: Told, reaches: Reaches, width: float, legend: tuple[float, float]) -> Frame:
    """Lay the figure out; `legend` is the pixels that a legend takes above and below the plot."""
    size = float(layout.get("font", {}).get("size", 13))
    margin = layout.get("margin", {})
    height = float(layout.get("height", 420))
    top = max(float(margin.get("t", 40)), legend[0] + 8)
    bottom = max(float(margin.get("b", 48)), _below(axes["x"], size, width) + legend[1])
    high = max(height - top - bottom, 20.0)
    scales: dict[str, Scale] = {}
    marks: dict[str, list[Tick]] = {}
    beside = {"left": float(margin.get("l", 12)), "right": float(margin.get("r", 20))}
    for name, axis in axes.items():
        if name == "x":
            continue
        low_end, high_end = _domain(axis, axes)
        scales[name] = scale(axis, reaches(name), top + high * (1 - low_end), top + high * (1 - high_end))
        labels = ticks(scales[name], _tick_size(axis, size)) if _visible(axis) else []
        lines = int(scales[name].length / max(len(labels), 1) / (_tick_size(axis, size) * LEADING))
        marks[name] = [Tick(tick.at, tick.label.wrapped(width * _MOST, lines)) for tick in labels]
        side = _side(axis)
        beside[side] = max(beside[side], _aside(axis, marks[name], size))
    left, right = beside["left"], width - beside["right"]
    begin, end = _domain(axes["x"], axes)
    across = max(right - left, 40.0)
    scales["x"] = scale(axes["x"], reaches("x"), left + across * begin, left + across * end)
    marks["x"] = ticks(scales["x"], _tick_size(axes["x"], size), width) if _visible(axes["x"]) else []
    if axes["x"].kind == "category" or axes["x"].told.get("tickvals") is not None:
        marks["x"] = fitted(marks["x"], scales["x"], width)
    return Frame(width, height, left, left + across, top, top + high, scales, marks, size)


def _visible(axis: Axis) -> bool:
    return bool(axis.told.get("visible", True))


def _tick_size(axis: Axis, size: float) -> float:
    return float(axis.told.get("tickfont", {}).get("size", size))


def _side(axis: Axis) -> str:
    side = axis.told.get("side", "left")
    if side not in ("left", "right"):
        raise ValueError(f"layout.yaxis{axis.name[1:]}: the side {side!r} is not drawn; known: left, right")
    return str(side)


def _domain(axis: Axis, axes: Mapping[str, Axis]) -> tuple[float, float]:
    """The part of the plot an axis takes; one that overlays another takes the other's."""
    over = axis.told.get("overlaying")
    if over and over not in axes:
        raise ValueError(f"layout.yaxis{axis.name[1:]}: it overlays {over!r}, which is not there")
    told = axis.told.get("domain") or (axes[over].told.get("domain") if over else None) or (0.0, 1.0)
    return float(told[0]), float(told[1])


def _labels(axis: Axis) -> bool:
    return _visible(axis) and bool(axis.told.get("showticklabels", True))


def _below(axis: Axis, size: float, width: float) -> float:
    """Pixels below the plot for the labels and the title of the x axis."""
    if not _visible(axis):
        return 0.0
    title = title_of(axis.told, size)
    labels = _label_height(axis, size, width) + _OFF
    return labels + (0.0 if title.empty else title.height + 2) + 4


def _label_height(axis: Axis, size: float, width: float) -> float:
    size = _tick_size(axis, size)
    return label_lines(axis, size, width) * size * LEADING if _labels(axis) else 0.0


def _aside(axis: Axis, marks: list[Tick], size: float) -> float:
    """Pixels beside the plot for the labels and the turned title of a y axis."""
    title = title_of(axis.told, size)
    widest = max((tick.label.width for tick in marks), default=0.0) if _labels(axis) else 0.0
    return _OFF + widest + 4 + (0.0 if title.empty else title.height + _OFF)


def draw_grid(laid: Frame) -> str:
    """The grid lines and axis lines below everything."""
    lines = []
    for name, marks in laid.ticks.items():
        told = laid.scales[name].axis.told
        shown = told.get("showgrid", not told.get("overlaying"))
        colour = paint(told["gridcolor"], f"axis {name}") if told.get("gridcolor") else GRID
        path = (
            "".join(_crossing(laid, name, tick.at) for tick in marks)
            if shown and _visible(laid.scales[name].axis)
            else ""
        )
        if told.get("showline") and _visible(laid.scales[name].axis):
            path += _edge(laid, name)
        if path:
            lines.append(tag("path", d=path, **stroked(colour, 1)))
    return "".join(lines)


def _crossing(laid: Frame, name: str, at: float) -> str:
    """A line across the plot at a tick: over every panel for the x axis, over its own for a y axis."""
    spot = laid.scales[name].at(at)
    if name == "x":
        return f"M{_two(spot, laid.top)}V{_two(laid.bottom)}"
    return f"M{_two(laid.x.begin, spot)}H{_two(laid.x.end)}"


def _edge(laid: Frame, name: str) -> str:
    if name == "x":
        foot = _foot(laid)
        return f"M{_two(laid.x.begin, foot)}H{_two(laid.x.end)}"
    scale_ = laid.scales[name]
    side = laid.right if _side(scale_.axis) == "right" else laid.left
    return f"M{_two(side, scale_.begin)}V{_two(scale_.end)}"


def _two(*values: float) -> str:
    return " ".join(number(value) for value in values)


def _foot(laid: Frame) -> float:
    """Where the x axis stands: below the y axis it is anchored to, or below the whole plot."""
    anchor = laid.x.axis.told.get("anchor", "y")
    if anchor == "free":
        return laid.bottom
    if anchor not in laid.ys:
        raise ValueError(f"layout.xaxis: its anchor {anchor!r} is not there")
    return max(laid.ys[anchor].begin, laid.ys[anchor].end)


def draw_axes(pen: Pen, laid: Frame) -> str:
    """Labels and titles of all axes."""
    return _below_the_plot(pen, laid) + "".join(_beside_the_plot(pen, laid, name) for name in laid.ys)


def _ink(told: Told, font: str) -> Paint | None:
    colour: Any = told.get(font, {}).get("color")
    return None if colour is None else paint(colour, font)


def _below_the_plot(pen: Pen, laid: Frame) -> str:
    axis, marks = laid.x.axis, laid.ticks["x"]
    if not _visible(axis):
        return ""
    foot = _foot(laid) + _OFF
    parts = []
    for tick in marks if _labels(axis) else []:
        spot = place_below(tick, laid.x, laid.width)
        parts.append(draw_text(pen, tick.label, spot, foot, vertical="top", colour=_ink(axis.told, "tickfont")))
    below = foot + _label_height(axis, laid.size, laid.width) + 2
    title = title_of(axis.told, laid.size).within(laid.width)
    half = title.width / 2
    middle = min(max((laid.x.begin + laid.x.end) / 2, half), max(laid.width - half, half))
    return "".join([*parts, draw_text(pen, title, middle, below, vertical="top")])


def _beside_the_plot(pen: Pen, laid: Frame, name: str) -> str:
    found, marks = laid.scales[name], laid.ticks[name]
    if not _visible(found.axis):
        return ""
    right = _side(found.axis) == "right"
    edge = laid.right + _OFF if right else laid.left - _OFF
    parts = []
    for tick in marks if _labels(found.axis) else []:
        anchor = "start" if right else "end"
        parts.append(
            draw_text(pen, tick.label, edge, found.at(tick.at), anchor, colour=_ink(found.axis.told, "tickfont"))
        )
    title = title_of(found.axis.told, laid.size)
    place = laid.width - title.height / 2 - 2 if right else title.height / 2 + 2
    title = title.within(found.length + 2 * _OFF)
    return "".join([*parts, draw_text(pen, title, place, (found.begin + found.end) / 2, turned=True)])
