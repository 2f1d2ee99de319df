"""Labels of reference lines: in rows above the plot, such that none covers another, and lines run through none.

Nobody knows here how wide the plot will be shown. So places are found for the narrowest that is read, a phone, and they
hold for every wider one: there the labels are as long, and the lines further apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise, permutations

from podanalytics.show.charts.window import Window
from podanalytics.show.figures import PALETTE

PHONE = 310.0  # pixels: a figure on a phone, without its margins
LETTER = 6.1  # pixels a letter of 11 pixels takes on average; wide fonts take so much, others less
GAP = 6.0  # pixels between two labels, and between a line and its label
ROWS = 7  # rows of labels; what would need more is collapsed


@dataclass(frozen=True, slots=True)
class Line:
    """A reference line with a label."""

    at: datetime
    label: str
    colour: str = PALETTE[-1]


@dataclass(frozen=True, slots=True)
class Placed:
    """A label with its lines: its row (0 is the lowest), and whether it stands before (left of) all of them."""

    lines: tuple[Line, ...]
    text: str
    left: float  # pixels from the plot's left edge, in the narrowest plot
    right: float
    before: bool
    row: int = 0

    @property
    def at(self) -> datetime:
        """Where it is anchored: the last of its lines, or the first where it stands before them."""
        return self.lines[0 if self.before else -1].at


def width_of(text: str) -> float:
    """About how many pixels a label takes."""
    return len(text) * LETTER


def plot_room(names: Iterable[str]) -> float:
    """How many pixels a phone leaves a plot with these names left of it."""
    wide = max((width_of(part) for name in names for part in name.split("<br>")), default=0.0)
    return max(PHONE - wide - 2 * GAP, PHONE / 3)


def placed(lines: Sequence[Line], window: Window, room: float = PHONE, rows: int = ROWS) -> tuple[Placed, ...]:
    """A place for each label, in a plot of `room` pixels and in every wider one.

    Lines of one moment share a label; neighbours do only where there is no room otherwise.

    Every label stands above those that its own line would otherwise run through, so the earliest of a throng is on
    top and a throng reads as a stair.
    """
    groups: list[tuple[Line, ...]] = []
    for line in sorted(lines, key=lambda x: (x.at, x.label)):
        if groups and groups[-1][-1].at == line.at:
            groups[-1] = (*groups[-1], line)
        else:
            groups.append((line,))
    while groups:
        found = _stacked([_placed(group, window, room) for group in groups], window, room)
        if max(p.row for p in found) < rows:
            return found
        # One label left always fits, so this ends.
        apart = [after[0].at - before[-1].at for before, after in pairwise(groups)]
        near = apart.index(min(apart))
        groups[near : near + 2] = [(*groups[near], *groups[near + 1])]
    return ()


def _placed(group: tuple[Line, ...], window: Window, room: float) -> Placed:
    names, when = list(dict.fromkeys(line.label for line in group)), _when(group, window)
    text = f"{when} {', '.join(names)}"
    if len(names) > 2 and width_of(text) > room / 2:
        text = f"{when} {names[0]}, {names[1]}, {len(names) - 2} more"
        text = text if width_of(text) <= room else f"{when} {names[0]}, {len(names) - 1} more"
    wide = width_of(text)
    first, last = (window.share(group[n].at) * room for n in (0, -1))
    before = last + GAP + wide > room and (first - GAP >= wide or first > room / 2)
    left = first - GAP - wide if before else last + GAP
    return Placed(group, text, left, left + wide, before)


def _when(group: tuple[Line, ...], window: Window) -> str:
    form = "%H:%M" if window.length <= timedelta(hours=24) else "%m-%d %H:%M"
    first, last = (f"{window.wall(group[n].at):{form}}" for n in (0, -1))
    return first if first == last else f"{first}–{last if first[:-6] != last[:-6] else last[-5:]}"


def _stacked(labels: list[Placed], window: Window, room: float) -> tuple[Placed, ...]:
    """The lowest row for each label.

    A label lies above every other whose line it would cover. Where such labels lie all around each other, which takes
    a narrow plot, the earlier is the upper one, and some lines run behind a label there.
    """
    spots = [[window.share(line.at) * room for line in label.lines] for label in labels]
    everyone = range(len(labels))
    strict: list[list[int]] = [[] for _ in labels]  # for each label, those that must lie lower
    loose: list[list[int]] = [[m for m in everyone if n < m and _overlap(labels[n], labels[m])] for n in everyone]
    for n, m in permutations(everyone, 2):
        hit, hits = _covers(labels[n], spots[m]), _covers(labels[m], spots[n])
        if hit > hits or (hit == hits and n < m and (hit or _overlap(labels[n], labels[m]))):
            strict[n].append(m)
    rows = _rows(strict) or _rows(loose) or [0] * len(labels)
    return tuple(replace(label, row=row) for label, row in zip(labels, rows, strict=True))


def _rows(above: Sequence[Sequence[int]]) -> list[int] | None:
    """A row for each, above all that must lie lower; None where that goes round in a circle."""
    rows = [0] * len(above)
    for _ in range(len(above) + 1):
        raised = [1 + max((rows[m] for m in lower), default=-1) for lower in above]
        if raised == rows:
            return rows
        rows = raised
    return None


def _covers(label: Placed, spots: Sequence[float]) -> bool:
    """Whether a line at one of these places would run through the label, or touch it."""
    return any(label.left - GAP < spot < label.right + GAP for spot in spots)


def _overlap(one: Placed, other: Placed) -> bool:
    """Whether they would cover each other in one row, in this plot or in a wider one.

    Labels on one side of their lines only move apart as the plot widens. Where the left line's label stands after it
    and the right line's before it, they slide past each other: apart here, they may meet in a wider plot.
    """
    if one.before != other.before:
        after, before = (other, one) if one.before else (one, other)
        reach = before.right - after.left  # both lines' distance, but for the gaps
        return reach + 2 * GAP > 0 and reach < after.right - after.left + before.right - before.left + GAP
    return one.left < other.right + GAP and other.left < one.right + GAP
