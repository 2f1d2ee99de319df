"""Charts: Plotly figures as plain dicts, from plain values. Times are drawn in one zone, and the axis says which.

Colours, grid and background are the Figure block's; here are only shapes that carry meaning. Charts stay inside a small
part of Plotly (scatter and bar traces, line and rectangle shapes, annotations without arrows), so that print can draw
the same figures without a browser.
"""

from __future__ import annotations

from podanalytics.show.charts.labels import Line, Placed, placed, width_of
from podanalytics.show.charts.lanes import Empty, Point, Span, lane_chart, lane_timeline
from podanalytics.show.charts.load import Bin, load_chart
from podanalytics.show.charts.steps import Share, Step, against_targets, waterfall
from podanalytics.show.charts.window import Window
from podanalytics.show.figures import PALETTE

BLUE, ORANGE, GREEN, RED, PINK, SKY, GREY = PALETTE

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "PINK",
    "RED",
    "SKY",
    "Bin",
    "Empty",
    "Line",
    "Placed",
    "Point",
    "Share",
    "Span",
    "Step",
    "Window",
    "against_targets",
    "lane_chart",
    "lane_timeline",
    "load_chart",
    "placed",
    "waterfall",
    "width_of",
]
