"""Marker symbols as path data or elements, by their name; sizes are near those of Plotly."""

from __future__ import annotations

from podanalytics.show.drawing.pen import number

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "triangle-down", "line-ns", "x")
# Corners in half sizes around the middle; y grows downwards.
_CORNERS = {
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle-up": ((0, -1.16), (1.16, 0.72), (-1.16, 0.72)),
    "triangle-down": ((0, 1.16), (1.16, -0.72), (-1.16, -0.72)),
    "x": (
        *((0, -0.5), (0.6, -1.1), (1.1, -0.6), (0.5, 0), (1.1, 0.6), (0.6, 1.1)),
        *((0, 0.5), (-0.6, 1.1), (-1.1, 0.6), (-0.5, 0), (-1.1, -0.6), (-0.6, -1.1)),
    ),
}


def symbol_path(symbol: str, x: float, y: float, size: float) -> str:
    """Path data of a symbol around a point; a circle is no path and stands as an element of its own."""
    half = size / 2
    if symbol == "line-ns":
        return f"M{number(x)} {number(y - 1.4 * half)}V{number(y + 1.4 * half)}"
    corners = [f"{number(x + a * half)} {number(y + b * half)}" for a, b in _CORNERS[symbol]]
    return f"M{'L'.join(corners)}Z"
