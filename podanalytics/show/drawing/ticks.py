"""Where an axis is marked, and what stands there: natural steps, labels that do not run into each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from podanalytics.show.drawing.reading import each, many, numeric, one_of
from podanalytics.show.drawing.rich import Rich, rich
from podanalytics.show.drawing.scales import Scale

MOST = 8  # labels along a width
_GAP = 10  # pixels between two labels
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall times
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_STEPS = (
    *(_SECOND * n for n in (1, 2, 5, 10, 15, 30)),
    *(_MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * n for n in (1, 2, 3, 6, 12)),
    *(_DAY * n for n in (1, 2, 7, 14)),
)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark: the axis's own number, and its label."""

    at: float
    label: Rich


def ticks(scale: Scale, size: float) -> list[Tick]:
    """The marks of an axis with labels of that font size, in the order of their values."""
    told = scale.axis.told
    one_of(told.get("tickmode", "auto"), ("auto", "array", "linear"), "a tickmode")
    if told.get("tickvals") is not None:
        return _given(scale, size)
    if scale.axis.kind == "category":
        marks = [Tick(float(index), rich(name, size)) for index, name in enumerate(scale.axis.categories)]
        return [tick for tick in marks if scale.shows(tick.at)]
    if scale.axis.kind == "date":
        return _dates(scale, size)
    before, after = (str(told.get(key, "")) for key in ("tickprefix", "ticksuffix"))
    found = _logs(scale) if scale.axis.kind == "log" else _numbers(scale, size)
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


def _numbers(scale: Scale, size: float) -> Iterator[tuple[float, str]]:
    low, high = sorted((scale.low, scale.high))
    step = numeric(scale.axis.told.get("dtick")) or _nice((high - low) / _room(scale, size))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0 if step == int(step) else 1
    for index in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        yield index * step, _figure(index * step, decimals)


def _room(scale: Scale, size: float) -> float:
    """How many steps fit: numbers are wide along x and a line high along y."""
    between = 5.5 * size if scale.axis.name[0] == "x" else 3.2 * size
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
    text = f"{abs(value):,.{decimals}f}"
    return f"−{text}" if value < 0 and float(text.replace(",", "")) else text


def _logs(scale: Scale) -> Iterator[tuple[float, str]]:
    """Powers of ten; between them 2 and 5 where the stretch is short, every so many where it is long."""
    low, high = sorted((scale.low, scale.high))
    every = max(1, math.ceil((high - low) / MOST))
    between = (1, 2, 5) if high - low <= 3 else (1,)
    for power in range(math.floor(low), math.ceil(high) + 1):
        for n in between:
            at = power + math.log10(n)
            if power % every == 0 and scale.shows(at):
                yield at, _figure(n * 10.0**power, max(0, -power))


def _dates(scale: Scale, size: float) -> list[Tick]:
    """The finest natural step whose labels do not touch; the day stands below the first and where a day begins."""
    chosen: list[Tick] = []
    for moments, label, turn in _steppings(*sorted((scale.low, scale.high))):
        if len(moments) > MOST:
            continue
        chosen = _labelled(moments, label, turn, size)
        if not _touching(chosen, scale):
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


def _touching(found: list[Tick], scale: Scale) -> bool:
    """Whether two labels would stand closer than a gap; one that only grows below need not push the time above it."""
    spots = [(scale.at(tick.at), tick.label.width) for tick in found]
    return any(abs(right - left) < (wide + wider) / 2 + _GAP for (left, wide), (right, wider) in pairwise(spots))


def label_lines(kind: str, told: Any) -> int:
    """How many lines the labels below an axis take, before anything is laid out."""
    if told.get("ticktext") is not None:
        return max((len(rich(text, 1).lines) for text in told["ticktext"]), default=1)
    return 2 if kind == "date" and told.get("tickvals") is None else 1
