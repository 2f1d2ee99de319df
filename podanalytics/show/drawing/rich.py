"""The small markup that charts may write in a text (line break, bold, italic), read and drawn; all else is text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from podanalytics.show.drawing.measure import shortened, text_width
from podanalytics.show.drawing.pen import Paint, Pen, number, tag
from podanalytics.show.escape import html_text, visible

LEADING = 1.25  # of the font size, from line to line
_MARK = re.compile(r"<(br|/?b|/?i|/?extra)>")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one face."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Rich:
    """Lines of runs, as text drawn at a size."""

    lines: tuple[tuple[Run, ...], ...]
    size: float

    @property
    def width(self) -> float:
        """Pixels of the widest line."""
        return max((_line_width(line, self.size) for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        """Pixels of all lines."""
        return len(self.lines) * self.size * LEADING

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return not any(run.text.strip() for line in self.lines for run in line)

    def wrapped(self, room: float, most: int) -> Rich:
        """A single line set in up to `most` lines, each within the room; what is left over is cut short."""
        if self.width <= room or most < 2 or len(self.lines) != 1:
            return self.within(room)
        words = [Run(w, r.bold, r.italic) for r in self.lines[0] for w in re.findall(r"\S+\s*|\s+", r.text)]
        lines: list[list[Run]] = [[]]
        for word in words:
            if lines[-1] and len(lines) < most and _line_width([*lines[-1], word], self.size) > room:
                lines.append([])
            lines[-1].append(word)
        return Rich(tuple(tuple(line) for line in lines), self.size).within(room)

    def within(self, room: float) -> Rich:
        """The same, each line cut short where it is wider than the room."""
        return Rich(tuple(_cut(line, self.size, room) for line in self.lines), self.size)


def _line_width(line: Sequence[Run], size: float) -> float:
    return sum(text_width(run.text, size, run.bold) for run in line)


def rich(text: Any, size: float) -> Rich:
    """A text as charts write it, invisible characters shown. A line feed is a space, as it is to Plotly."""
    lines: list[list[Run]] = [[]]
    bold = italic = False
    for index, piece in enumerate(_MARK.split(visible(str(text)).replace("\n", " "))):
        if index % 2 == 0:
            if piece:
                lines[-1].append(Run(piece, bold, italic))
        elif piece == "br":
            lines.append([])
        elif piece in ("b", "/b"):
            bold = piece == "b"
        elif piece in ("i", "/i"):
            italic = piece == "i"
    return Rich(tuple(tuple(line) for line in lines), size)


def _cut(line: tuple[Run, ...], size: float, room: float) -> tuple[Run, ...]:
    kept: list[Run] = []
    for run in line:
        text = shortened(run.text, size, room, run.bold)
        kept.append(Run(text, run.bold, run.italic))
        room -= text_width(text, size, run.bold)
        if text != run.text:
            break
    return tuple(kept)


def draw_text(
    pen: Pen,
    text: Rich,
    x: float,
    y: float,
    anchor: str = "middle",
    vertical: str = "middle",
    colour: Paint | None = None,
    turned: bool = False,
) -> str:
    """A text element whose box has (x, y) at its left, middle or right and at its top, middle or bottom.

    `anchor` is SVG's start, middle or end; `turned` writes upwards around that point.
    """
    if text.empty:
        return ""
    first = {
        "top": y + 0.95 * text.size,
        "middle": y + 0.35 * text.size - (len(text.lines) - 1) * text.size * LEADING / 2,
        "bottom": y - 0.28 * text.size - (len(text.lines) - 1) * text.size * LEADING,
    }[vertical]
    body = "".join(
        tag("tspan", _runs(line), x=x, y=first + index * text.size * LEADING) if index else _runs(line)
        for index, line in enumerate(text.lines)
    )
    return tag(
        "text",
        body,
        x=x,
        y=first,
        font_size=text.size,
        text_anchor=None if anchor == "start" else anchor,
        transform=f"rotate(-90 {number(x)} {number(y)})" if turned else None,
        **pen.ink(colour),
    )


def _runs(line: tuple[Run, ...]) -> str:
    return "".join(
        tag(
            "tspan",
            html_text(run.text),
            font_weight="bold" if run.bold else None,
            font_style="italic" if run.italic else None,
        )
        if run.bold or run.italic
        else html_text(run.text)
        for run in line
    )
