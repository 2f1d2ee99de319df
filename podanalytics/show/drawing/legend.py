"""The legend: rows of samples with names, above or below the plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from podanalytics.show.drawing.frame import Frame
from podanalytics.show.drawing.pen import Pen
from podanalytics.show.drawing.reading import Told
from podanalytics.show.drawing.rich import Rich, draw_text, rich

_SAMPLE, _BETWEEN = 34.0, 16.0  # pixels from a sample to its name, and to the next sample
_ROW = 1.6  # of the font size

Sample = Callable[[float, float], str]  # draws at a left edge and a middle height


@dataclass(frozen=True, slots=True)
class Legend:
    """Samples, names and where each row's entries begin."""

    rows: tuple[tuple[tuple[Sample, Rich, float], ...], ...]
    size: float
    above: bool

    @property
    def room(self) -> tuple[float, float]:
        """Pixels it takes above and below the plot."""
        high = len(self.rows) * self.size * _ROW + 4 if self.rows else 0.0
        return (high, 0.0) if self.above else (0.0, high)


def legend(entries: Sequence[tuple[Sample, str]], layout: Told, width: float) -> Legend:
    """Lay the entries out in as many rows as the width needs."""
    told = layout.get("legend", {})
    size = float(told.get("font", {}).get("size", float(layout.get("font", {}).get("size", 13)) - 1))
    rows: list[list[tuple[Sample, Rich, float]]] = []
    x = width
    for sample, name in entries:
        text = rich(name, size).within(width - _SAMPLE)
        if x + _SAMPLE + text.width > width:
            rows.append([])
            x = 0.0
        rows[-1].append((sample, text, x))
        x += _SAMPLE + text.width + _BETWEEN
    return Legend(tuple(tuple(row) for row in rows), size, float(told.get("y", 1.02)) >= 0.5)


def draw_legend(pen: Pen, told: Legend, laid: Frame) -> str:
    """The legend in its place: right above the plot, or at the lower end of the picture."""
    high = told.size * _ROW
    first = (laid.top - 6 if told.above else laid.height - 2) - len(told.rows) * high + high / 2
    parts = []
    for number, row in enumerate(told.rows):
        y = first + number * high
        wide = row[-1][2] + _SAMPLE + row[-1][1].width
        begin = min(laid.left, laid.width - wide - 2)
        for sample, text, x in row:
            parts += [sample(begin + x, y), draw_text(pen, text, begin + x + _SAMPLE, y, "start")]
    return "".join(parts)
