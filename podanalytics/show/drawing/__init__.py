"""Figures as static SVG, without a browser: for print, for readers without scripts, for Markdown and the PDF.

What is drawn is the part of Plotly's figures that our charts use (after plotly.com/javascript/reference): scatter
traces and bars, one x axis and any number of y axes (date, linear, log, category), lines and rectangles, annotations
without arrows, a horizontal legend. Whatever else would change the picture is refused with a ValueError that names it.
What needs a pointer (hover, range slider) is left out. The same figure gives the same bytes.

There is no id in an SVG, so that any number of them may stand on one page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from podanalytics.show.drawing.bars import Bar, bar_reaches, bars_of, draw_bars, draw_labels
from podanalytics.show.drawing.frame import Frame, draw_axes, draw_grid, frame, title_of
from podanalytics.show.drawing.legend import Legend, Sample, draw_legend, legend
from podanalytics.show.drawing.notes import draw_notes, draw_shapes, note_reaches, shape_reaches
from podanalytics.show.drawing.pen import FONT, Paint, Pen, filled, number, tag
from podanalytics.show.drawing.reading import TRACES, Told, checked_layout, checked_traces, named, values_on
from podanalytics.show.drawing.rich import draw_text
from podanalytics.show.drawing.scales import Axis, Reach, axis_of
from podanalytics.show.drawing.scatter import Scatter, draw_scatter, sample, scatter_reaches, scatters_of
from podanalytics.show.escape import html_text

__all__ = ["TRACES", "svg"]

_LEAST_WIDTH = 200


def svg(
    figure: Mapping[str, Any],
    *,
    width: int = 960,
    scheme: str = "light",
    alt: str = "",
    title: str = "",
    colours: Sequence[str] = ("#0072B2",),
) -> str:
    """A figure (`data` and `layout` as Plotly takes them, texts not yet escaped) as one SVG element.

    `scheme` is `light` (plain attributes: any renderer draws it) or `auto` (light or dark as the reader's system is).
    `alt` says what the figure shows, `title` what it is; `colours` are given in turn to traces that name none.
    ValueError for anything that is not drawn.
    """
    if width < _LEAST_WIDTH:
        raise ValueError(f"a figure {width} pixels wide is not drawn; at least {_LEAST_WIDTH}")
    pen = Pen(scheme)
    layout, traces = checked_layout(figure), checked_traces(figure)
    axes = _axes(figure, layout, traces)
    named_colours = layout.get("colorway") or list(colours)
    bars = bars_of(traces, axes, layout, named_colours)
    scatters = scatters_of(traces, axes, layout, named_colours)
    size = float(layout.get("font", {}).get("size", 13))

    def reaches(axis: str) -> list[Reach]:
        return [
            *bar_reaches(bars, axis),
            *scatter_reaches(scatters, axis),
            *shape_reaches(layout.get("shapes", []), axes, axis),
            *note_reaches(layout.get("annotations", []), axes, axis, size),
        ]

    told = legend(_entries(layout, traces, bars, scatters), layout, width * 0.9)
    laid = frame(axes, layout, reaches, width, told.room)
    return _picture(pen, layout, laid, bars, scatters, told, (title, alt))


def _axes(figure: Mapping[str, Any], layout: Told, traces: Sequence[tuple[int, Told]]) -> dict[str, Axis]:
    names = {"x", "y", *(key.replace("axis", "") for key in layout if key.startswith("yaxis"))}
    for index, trace in traces:
        if trace.get("xaxis", "x") != "x":
            raise ValueError(f"{named(trace, index)}: a second x axis ({trace['xaxis']}) is not drawn")
        names.add(str(trace.get("yaxis", "y")))
    odd = sorted(name for name in names if not re.fullmatch(r"x|y\d*", name))
    if odd:
        raise ValueError(f"an axis {odd[0]!r} is not drawn; known: x, y, y2, y3 …")
    return {
        name: axis_of(name, layout.get(f"{name[0]}axis{name[1:]}", {}), list(values_on(name, figure)))
        for name in sorted(names)
    }


def _entries(
    layout: Told, traces: Sequence[tuple[int, Told]], bars: Sequence[Bar], scatters: Sequence[Scatter]
) -> list[tuple[Sample, str]]:
    """What the legend shows: every trace that is not left out, where there is a legend at all."""
    listed = [(index, trace) for index, trace in traces if trace.get("showlegend", True)]
    asked = any(trace.get("showlegend") for _, trace in traces)
    if not layout.get("showlegend", len(listed) > 1 or asked):
        return []
    points = iter(scatters)
    drawn: dict[int, Sample] = {}
    for index, trace in traces:
        if trace.get("type") == "bar":
            first = next((bar for bar in bars if bar.trace == index), None)
            drawn[index] = partial(_box, first.fill if first else Paint("#8a8f98"))
        else:
            drawn[index] = partial(sample, next(points))
    return [(drawn[index], str(trace.get("name", f"trace {index}"))) for index, trace in listed]


def _box(fill: Paint, x: float, y: float) -> str:
    return tag("rect", x=x + 7, y=y - 6, width=12, height=12, **filled(fill))


def _picture(
    pen: Pen,
    layout: Told,
    laid: Frame,
    bars: Sequence[Bar],
    scatters: Sequence[Scatter],
    told: Legend,
    words: tuple[str, str],
) -> str:
    shapes = layout.get("shapes", [])
    plot = "".join(
        [draw_bars(bars, laid.x, laid.ys), *(draw_scatter(pen, s, laid.x, laid.ys[s.axis]) for s in scatters)]
    )
    heading = title_of(layout, laid.size + 2).within(laid.width - 24)
    title, alt = words
    body = [
        tag("title", html_text(title)) if title else "",
        tag("desc", html_text(alt)) if alt else "",
        pen.style(),
        draw_grid(laid),
        draw_shapes(shapes, laid, "below"),
        _clipped(laid, plot),
        draw_labels(pen, bars, laid.x, laid.ys, laid.width),
        draw_shapes(shapes, laid, "above"),
        draw_axes(pen, laid),
        draw_notes(pen, layout.get("annotations", []), laid),
        draw_legend(pen, told, laid),
        draw_text(pen, heading, 12, 8, "start", "top"),
    ]
    return tag(
        "svg",
        "".join(body),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        width=laid.width,
        height=laid.height,
        viewBox=f"0 0 {number(laid.width)} {number(laid.height)}",
        font_family=FONT,
    )


def _clipped(laid: Frame, plot: str) -> str:
    """The traces, cut off where the plot ends: an inner svg element does that without an id."""
    if not plot:
        return ""
    box = (laid.left, laid.top, laid.right - laid.left, laid.bottom - laid.top)
    x, y, wide, high = box
    view = " ".join(number(value) for value in box)
    return tag("svg", plot, x=x, y=y, width=wide, height=high, viewBox=view, overflow="hidden")
