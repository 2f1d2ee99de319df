"""Where an axis is marked, and what stands there: natural steps, labels that do not run into each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from podanalytics.show.drawing.reading import each, many, numeric, one_of
from podanalytics.show.drawing.rich import Rich, rich
from podanalytics.show.drawing.scales import Axis, Scale

MOST = 8  # labels along a width
_GAP = 10  # pixels between two labels
_LEAST = 36  # pixels from a label to the next, where they are not chosen
_MANY = 100  # marks that a layout may ask for by its step
_USED = 0.8  # of the width: what the plot takes, about
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall times
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_STEPS = (
    *(_SECOND * n for n in (1, 2, 5, 10, 15, 30)),
    *(_MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * n for n in (1, 2, 3, 6, 12)),
    *(_DAY * n for n in (1, 2, 7, 14)),
)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
_FIRST, _LAST = -62_135_596_800_000.0, 253_402_300_799_000.0  # the years 1 to 9999, which a calendar can name
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark: the axis's own number, and its label."""

    at: float
    label: Rich


def ticks(scale: Scale, size: float, width: float = math.inf) -> list[Tick]:
    """The marks of an axis with labels of that font size, in the order of their values.

    `width` is that of the picture, within which labels along it are kept.
    """
    told = scale.axis.told
    one_of(told.get("tickmode", "auto"), ("auto", "array", "linear"), "a tickmode")
    if told.get("tickvals") is not None:
        return _given(scale, size)
    if scale.axis.kind == "category":
        marks = [Tick(float(index), rich(name, size)) for index, name in enumerate(scale.axis.categories)]
        return [tick for tick in marks if scale.shows(tick.at)]
    if scale.axis.kind == "date":
        return _dates(scale, size, width)
    return _logs(scale, size, width) if scale.axis.kind == "log" else _numbers(scale, size, width)


def _spelt(scale: Scale, size: float, found: Iterable[tuple[float, str]]) -> list[Tick]:
    before, after = (str(scale.axis.told.get(key, "")) for key in ("tickprefix", "ticksuffix"))
    return [Tick(at, rich(f"{before}{text}{after}", size)) for at, text in found]


def _given(scale: Scale, size: float) -> list[Tick]:
    values = many(scale.axis.told["tickvals"], "tickvals")
    texts = each(scale.axis.told.get("ticktext"), len(values))
    marks = []
    for value, text in zip(values, texts, strict=True):
        at = scale.axis.place(value)
        if at is not None and scale.shows(at):
            marks.append(Tick(at, rich(value if text is None else text, size)))
    return sorted(marks, key=lambda tick: tick.at)


def _numbers(scale: Scale, size: float, width: float) -> list[Tick]:
    """The step that the layout names, or a round one whose labels do not touch."""
    low, high = sorted((scale.low, scale.high))
    named = numeric(scale.axis.told.get("dtick"))
    if named and 0 < (high - low) / named <= _MANY:
        return _spelt(scale, size, _steps(low, high, named))
    step = _nice((high - low) / _room(scale, size))
    marks = _spelt(scale, size, _steps(low, high, step))
    while scale.axis.name == "x" and len(marks) > 1 and _touching(marks, scale, width):
        step = _nice(step * 1.5)
        marks = _spelt(scale, size, _steps(low, high, step))
    return marks


def _steps(low: float, high: float, step: float) -> Iterator[tuple[float, str]]:
    decimals = max(0, math.ceil(-math.log10(step) - 1e-9))
    if float(f"{step:.{decimals}f}") != float(f"{step:.12g}"):
        decimals += 1
    for index in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        value = index * step
        yield value, _figure(value, decimals)


def _room(scale: Scale, size: float) -> float:
    """How many steps fit: numbers are wide along x and a line high along y."""
    between = 5.5 * size if scale.axis.name[0] == "x" else 2.4 * size
    return min(max(scale.length / between, 1.0), float(scale.axis.told.get("nticks") or MOST))


def _nice(step: float) -> float:
    """The least of 1, 2, 5 times a power of ten that is not below the step."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(float(f"{power * n:.12g}") for n in (1, 2, 5, 10) if power * n >= step * (1 - 1e-9))


def _figure(value: float, decimals: int = 0) -> str:
    """A number with thousands apart, its minus sign as wide as a digit.

    >>> _figure(-1234.5, 1), _figure(-0.0)
    ('−1,234.5', '0')
    """
    if decimals > 6 or abs(value) >= 1e12:
        return f"{value:.4g}"
    text = f"{abs(value):,.{decimals}f}"
    return f"−{text}" if value < 0 and float(text.replace(",", "")) else text


def _logs(scale: Scale, size: float, width: float) -> list[Tick]:
    """Powers of ten; between them 2 and 5 where the stretch is short, every so many where it is long."""
    low, high = sorted((scale.low, scale.high))
    marks: list[Tick] = []
    for every in range(0 if high - low <= 3 else 1, 400):
        between = (1, 2, 5) if every == 0 else (1,)
        powers = [power for power in _powers(low, high) if power % max(every, 1) == 0]
        places = [(power + math.log10(n), power, n) for power in powers for n in between]
        found = [(at, _figure(n * 10.0**power, max(0, -power))) for at, power, n in places if scale.shows(at)]
        marks = _spelt(scale, size, found)
        if len(found) <= MOST + 1 and not (scale.axis.name == "x" and _touching(marks, scale, width)):
            break
    return marks


def _powers(low: float, high: float) -> range:
    return range(max(math.floor(low), -300), min(math.ceil(high), 300) + 1)


def _dates(scale: Scale, size: float, width: float) -> list[Tick]:
    """The finest natural step whose labels do not touch; the day stands below the first and where a day begins."""
    chosen: list[Tick] = []
    low, high = sorted((scale.low, scale.high))
    for moments, label, turn in _steppings(max(low, _FIRST), min(high, _LAST)):
        if len(moments) > MOST:
            continue
        chosen = _labelled(moments, label, turn, size)
        if not _touching(chosen, scale, width):
            return chosen
    return chosen[:1]


Label = Callable[[datetime], str]
Turn = Callable[[datetime, datetime | None], str]  # what stands below, by the moment and the one before


def _steppings(low: float, high: float) -> Iterator[tuple[list[datetime], Label, Turn]]:
    """Moments at each natural step, the finest first, with what stands at them and below them."""
    for step in _STEPS:
        if (high - low) / step > MOST + 1:
            continue
        offset = 4 * _DAY if step % (7 * _DAY) == 0 else 0  # weeks begin on Monday: 1970-01-01 was a Thursday
        first = math.ceil((low - offset) / step - 1e-9) * step + offset
        count = math.floor((high - first) / step + 1e-9) + 1
        moments = [_EPOCH + timedelta(milliseconds=first + n * step) for n in range(max(count, 0))]
        yield (moments, _day, _year) if step >= _DAY else (moments, _clock if step >= _MINUTE else _seconds, _date)
    for months in _MONTH_STEPS:
        yield _months(low, high, months), *((_month, _year) if months < 12 else (_plain_year, _nothing))


def _months(low: float, high: float, step: int) -> list[datetime]:
    begin, end = (_EPOCH + timedelta(milliseconds=value) for value in (low, high))
    index = begin.year * 12 + begin.month - 1
    index += -index % step
    found: list[datetime] = []
    while index // 12 <= min(end.year, 9998) and len(found) <= MOST:
        moment = datetime(index // 12, index % 12 + 1, 1)  # noqa: DTZ001 - wall times
        if begin <= moment <= end:
            found.append(moment)
        index += step
    return found


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _seconds(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


def _month(moment: datetime) -> str:
    return _MONTHS[moment.month - 1]


def _plain_year(moment: datetime) -> str:
    return str(moment.year)


def _date(moment: datetime, before: datetime | None) -> str:
    if before is None:
        return f"{_day(moment)} {moment.year}"
    return _day(moment) if moment.date() != before.date() else ""


def _year(moment: datetime, before: datetime | None) -> str:
    return str(moment.year) if before is None or before.year != moment.year else ""


def _nothing(moment: datetime, before: datetime | None) -> str:
    return ""


def _labelled(moments: list[datetime], label: Label, turn: Turn, size: float) -> list[Tick]:
    found = []
    for before, moment in zip([None, *moments], moments, strict=False):
        text, below = label(moment), turn(moment, before)
        at = (moment - _EPOCH) / timedelta(milliseconds=1)
        found.append(Tick(at, rich(f"{text}<br>{below}" if below else text, size)))
    return found


def place_below(tick: Tick, scale: Scale, width: float) -> float:
    """The middle of a label below the plot: at its mark, or as near as it stands whole in the picture."""
    half = tick.label.width / 2
    return max(min(scale.at(tick.at), width - half), half)


def _touching(found: list[Tick], scale: Scale, width: float) -> bool:
    """Whether two labels would stand closer than a gap."""
    spots = sorted((place_below(tick, scale, width), tick.label.width) for tick in found)
    return any(right - left < (wide + wider) / 2 + _GAP for (left, wide), (right, wider) in pairwise(spots))


def label_lines(axis: Axis, size: float, width: float) -> int:
    """How many lines the labels below an axis take, before anything is laid out in a picture of that width."""
    texts = _texts(axis)
    if texts is None:
        return 2 if axis.kind == "date" else 1
    labels = [rich(text, size) for text in texts]
    room = _USED * width / max(len(labels), 1)
    folded = 2 if any(label.width > room for label in labels) else 1
    return max([folded, *(len(label.lines) for label in labels)])


def _texts(axis: Axis) -> list[Any] | None:
    """The labels that are known beforehand; None where they come from the stretch shown."""
    if axis.told.get("tickvals") is None:
        return list(axis.categories) if axis.kind == "category" else None
    values = many(axis.told["tickvals"], "tickvals")
    return each(axis.told.get("ticktext"), len(values), "")


def fitted(marks: list[Tick], scale: Scale, width: float) -> list[Tick]:
    """Labels below an axis that were not chosen for their room: folded or cut to it, every so many left out."""
    apart = [abs(scale.at(b.at) - scale.at(a.at)) for a, b in pairwise(marks)]
    nearest = min(apart, default=_USED * width)
    every = math.ceil(_LEAST / max(nearest, 0.1))
    room = min(nearest * every - _GAP, _USED * width)
    return [Tick(tick.at, tick.label.wrapped(room, 2)) for tick in marks[::every]]
