"""Axes as numbers: what a value comes to on an axis, which stretch the axis shows, and where that lies in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from podanalytics.show.drawing.reading import Told, many, numeric, one_of

KINDS = ("linear", "log", "date", "category")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall times: a chart gives them as they are read off a clock
_HOUR = 3_600_000.0


def wall(value: Any) -> float | None:
    """An ISO time as milliseconds of wall time, its offset left aside, as on Plotly's date axes; None if it is none."""
    if not isinstance(value, str) or len(value) < 8:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return (moment.replace(tzinfo=None) - _EPOCH).total_seconds() * 1000


def kind_of(told: Told, values: Iterable[Any], what: str) -> str:
    """The axis's type: as told, or what its values look like (as Plotly guesses, only simpler)."""
    if told.get("type", "-") != "-":
        return str(one_of(told["type"], KINDS, f"{what}: an axis of type"))
    seen = [value for value in values if value is not None]
    if told.get("categoryarray") or not all(numeric(v) is not None or wall(v) is not None for v in seen):
        return "category"
    return "date" if any(numeric(v) is None for v in seen) else "linear"


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its name (x, y, y2), what the layout says of it, its type, its categories in order."""

    name: str
    told: Told
    kind: str
    categories: Mapping[str, int] = field(default_factory=dict)  # each with its place

    def number(self, value: Any) -> float | None:
        """Where a value lies, in the axis's own numbers: itself, its logarithm, milliseconds, its category's index."""
        if self.kind == "date":
            return wall(value) if isinstance(value, str) else numeric(value)
        if self.kind == "category":
            return None if value is None else self.categories.get(str(value))
        found = numeric(value)
        if self.kind == "log":
            return math.log10(found) if found is not None and found > 0 else None
        return found

    def place(self, value: Any, logged: bool = False) -> float | None:
        """The same for a shape or an annotation, which may name a place between categories by a number.

        `logged`: the value is a logarithm already, as Plotly has it for annotations and ranges.
        """
        if self.kind == "log" and logged:
            return numeric(value)
        found = self.number(value)
        return numeric(value) if found is None and self.kind == "category" else found

    def end(self, base: Any, length: float) -> float | None:
        """Where a bar of that length ends; from no base, where its value lies."""
        if base is None:
            return self.number(length) if self.kind != "date" else length
        if self.kind == "log":
            start = numeric(base)
            return self.number(start + length) if start is not None else None
        begun = self.number(base)
        return begun + length if begun is not None else None


def axis_of(name: str, told: Told, values: Sequence[Any]) -> Axis:
    """An axis from what its layout says and the values on it; ValueError for a type that is not drawn."""
    what = f"layout.{name[0]}axis{name[1:]}"
    kind = kind_of(told, values, what)
    order = one_of(told.get("categoryorder", "trace"), ("trace", "array"), f"{what}: a categoryorder")
    listed = many(told.get("categoryarray"), what) if order == "array" or "categoryorder" not in told else []
    names = [str(value) for value in (*listed, *values) if value is not None] if kind == "category" else []
    one_of(told.get("rangemode", "normal"), ("normal", "tozero", "nonnegative"), f"{what}: a rangemode")
    one_of(told.get("autorange", True), (True, False, "reversed"), f"{what}: an autorange")
    return Axis(name, told, kind, {label: place for place, label in enumerate(dict.fromkeys(names))})


@dataclass(frozen=True, slots=True)
class Reach:
    """Something on an axis that must be seen whole: where it is, and the pixels it takes before and after that.

    `floor` marks where bars begin: no room is left below it.
    """

    at: float
    before: float = 0.0
    after: float = 0.0
    floor: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis laid over pixels: `low` is drawn at `begin`, `high` at `end`."""

    axis: Axis
    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Pixels of a number of the axis."""
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)

    @property
    def length(self) -> float:
        """Pixels from end to end."""
        return abs(self.end - self.begin)

    def shows(self, value: float) -> bool:
        """Whether it lies within the stretch shown."""
        slack = abs(self.high - self.low) * 1e-9
        return min(self.low, self.high) - slack <= value <= max(self.low, self.high) + slack


def scale(axis: Axis, reaches: Iterable[Reach], begin: float, end: float) -> Scale:
    """The stretch an axis shows: its range where it has one, else all that is on it with a little room."""
    low, high = _automatic(axis, list(reaches), abs(end - begin))
    told = axis.told.get("range") or (None, None)
    first, last = (axis.place(value, logged=True) for value in told)
    first, last = low if first is None else first, high if last is None else last
    if axis.told.get("autorange") == "reversed" and not axis.told.get("range"):
        first, last = last, first
    if abs(last - first) <= 1e-12 * max(abs(first), abs(last), 1e-12):  # too little for numbers to tell apart
        first, last = _apart(axis, first)
    return Scale(axis, first, last, begin, end)


def _automatic(axis: Axis, reaches: list[Reach], length: float) -> tuple[float, float]:
    if axis.kind == "category":
        places = [r.at for r in reaches]
        return min([-0.5, *places]), max([len(axis.categories) - 0.5, *places, 0.5])
    if axis.kind == "linear" and axis.told.get("rangemode") == "tozero":
        reaches = [*reaches, Reach(0.0, floor=True)]
    if not reaches:
        return (0.0, _HOUR) if axis.kind == "date" else (0.0, 1.0)
    low, high = min(r.at for r in reaches), max(r.at for r in reaches)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-12):
        low, high = _apart(axis, low)
    low, high = _roomy(reaches, low, high, max(length, 1.0))
    floors = [r.at for r in reaches if r.floor]
    if floors and min(r.at for r in reaches) >= min(floors):
        low = min(floors)
    if floors and max(r.at for r in reaches) <= max(floors):
        high = max(floors)
    return (max(low, 0.0) if axis.told.get("rangemode") == "nonnegative" else low), high


def _roomy(reaches: list[Reach], low: float, high: float, length: float) -> tuple[float, float]:
    """Widened until each has its pixels; the pixels weigh more as the stretch grows, so it is done a few times over."""
    most = 0.4 * length
    for _ in range(12):
        unit = (high - low) / length
        low = min([low, *(r.at - min(r.before, most) * unit for r in reaches)])
        high = max([high, *(r.at + min(r.after, most) * unit for r in reaches)])
    return low, high


def _apart(axis: Axis, value: float) -> tuple[float, float]:
    by = {"date": _HOUR / 2, "log": 0.5}.get(axis.kind, 1.0)
    if axis.kind == "linear" and axis.told.get("rangemode") == "tozero" and value >= 0:
        return 0.0, value + by
    return value - by, value + by
