"""Business time: how much of it lies between two instants, when so much of it has run, and when the next day closes.

Each local date of the calendar's zone that exists has at most one window. Its ends are turned into UTC, and all
counting is done there: a clock change can neither stretch nor bend it. A window that closes at or before it opens ends
on the next date. A time of day that a clock change skips is the moment of the change; one that comes twice counts the
first time. The windows are made a year at a time and kept, so that an answer costs a few look-ups and no walk.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from podanalytics.model import Reading
from podanalytics.policy import Calendar, Policy, Runs, Target
from podanalytics.policy.public_holidays import public_holidays

DAY = timedelta(days=1)
NOTHING = timedelta(0)


def due(start: datetime, target: Target, calendar: Calendar) -> datetime:
    """The latest moment, in UTC, that keeps a target whose clock starts at `start`."""
    if target.runs is Runs.NEXT_BUSINESS_DAY:
        return next_business_close(start, calendar)
    span = timedelta(minutes=target.minutes)
    if target.runs is Runs.BUSINESS:
        return after_business_time(start, span, calendar)
    return start.astimezone(UTC) + span


def promised(policy: Policy, reading: Reading) -> str | None:
    """The target in the policy's words where it counts business time: `62 business hours`.

    None for a target in minutes, and where something else set the due moment, such as a change of severity.
    """
    target = policy.target(reading.measure, reading.severity)
    if target is None or target.runs is Runs.ALWAYS or reading.started_at is None:
        return None
    return target.words if due(reading.started_at, target, policy.calendar) == reading.due_at else None


def business_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much business time lies between two instants; negative where the end comes first.

    >>> friday, monday = datetime(2026, 10, 16, 16, 30, tzinfo=UTC), datetime(2026, 10, 19, 9, 30, tzinfo=UTC)
    >>> business_time(friday, monday, Calendar())
    datetime.timedelta(seconds=3600)
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end < start:
        return -business_time(end, start, calendar)
    found = NOTHING
    for number in range(start.year - 1, end.year + 2):  # a local date lies in the UTC year before or after at most
        year = _year(calendar, number)
        found += year.ran(end) - year.ran(start)
    return found


def after_business_time(start: datetime, span: timedelta, calendar: Calendar) -> datetime:
    """The earliest instant, in UTC, at which so much business time has run since `start`: a close, not an opening.

    >>> after_business_time(datetime(2026, 10, 16, 16, tzinfo=UTC), timedelta(hours=1), Calendar()).isoformat()
    '2026-10-16T17:00:00+00:00'
    """
    start = start.astimezone(UTC)
    number = start.year - 1
    while span > NOTHING:
        year = _year(calendar, number)
        gone = year.ran(start)
        if span <= year.total - gone:
            return year.when(gone + span)
        span -= year.total - gone
        number += 1
    return start


def next_business_close(start: datetime, calendar: Calendar) -> datetime:
    """Close of business, in UTC, on the first business day strictly after the local date of `start`.

    Friday evening, Saturday and Sunday all lead to Monday's close (statistics.md section 5, row 12). From the
    calendar's `cutoff` on, a start counts as one of the next date.

    >>> next_business_close(datetime(2026, 10, 16, 17, 59, tzinfo=UTC), Calendar()).isoformat()
    '2026-10-19T17:00:00+00:00'
    """
    zone = ZoneInfo(calendar.zone)
    local = start.astimezone(zone)
    late = calendar.cutoff is not None and local.time() >= calendar.cutoff
    day = _next_date(_next_date(local.date(), zone) if late else local.date(), zone)
    while not is_business_day(day, calendar):
        day = _next_date(day, zone)
    return _window(day, calendar, zone)[1]


def is_business_day(day: date, calendar: Calendar) -> bool:
    """Whether the calendar works on that day: a workday of the week that is no holiday, or a holiday that is worked."""
    if day.isoweekday() not in calendar.workdays or day in calendar.holidays:
        return False
    if calendar.country is None or day in calendar.not_holidays:
        return True
    return day not in public_holidays(calendar.country, calendar.subdivision, day.year)


def in_business_hours(moment: datetime, calendar: Calendar) -> bool:
    """Whether a moment lies in business hours; at the close they are over.

    >>> in_business_hours(datetime(2026, 10, 16, 16, 59, tzinfo=UTC), Calendar())
    True
    >>> in_business_hours(datetime(2026, 10, 17, 12, tzinfo=UTC), Calendar())
    False
    """
    return business_time(moment, moment + timedelta(microseconds=1), calendar) > NOTHING


@dataclass(frozen=True, slots=True)
class _Year:
    """The windows of one year's local dates, in order, and the business time that had run at the close of each."""

    opens: list[datetime]
    closes: list[datetime]
    gone: list[timedelta]

    @property
    def total(self) -> timedelta:
        return self.gone[-1] if self.gone else NOTHING

    def ran(self, moment: datetime) -> timedelta:
        """How much of this year's business time lies before the moment."""
        open = bisect_right(self.opens, moment) - 1
        return self.gone[open] - max(NOTHING, self.closes[open] - moment) if open >= 0 else NOTHING

    def when(self, gone: timedelta) -> datetime:
        """The earliest moment at which so much of this year's business time, and some, has run."""
        window = bisect_left(self.gone, gone)
        return self.closes[window] - (self.gone[window] - gone)


@lru_cache(maxsize=256)
def _year(calendar: Calendar, number: int) -> _Year:
    windows = [w for w in _windows(calendar, number) if w[0] < w[1]]
    gone, sums = NOTHING, []
    for opens, closes in windows:
        gone += closes - opens
        sums.append(gone)
    return _Year([w[0] for w in windows], [w[1] for w in windows], sums)


def _windows(calendar: Calendar, year: int) -> Iterator[tuple[datetime, datetime]]:
    zone = ZoneInfo(calendar.zone)
    for number in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
        day = date.fromordinal(number)
        if is_business_day(day, calendar) and _exists(day, zone):
            yield _window(day, calendar, zone)


def _window(day: date, calendar: Calendar, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When business opens and closes on that local date, in UTC."""
    last = day if calendar.opens < calendar.closes else _next_date(day, zone)
    return _instant(day, calendar.opens, zone), _instant(last, calendar.closes, zone)


def _next_date(day: date, zone: ZoneInfo) -> date:
    """The local date that follows: Samoa went from 29 to 31 December 2011."""
    day += DAY
    while not _exists(day, zone):
        day += DAY
    return day


def _exists(day: date, zone: ZoneInfo) -> bool:
    return datetime.combine(day, time(12), zone).astimezone(UTC).astimezone(zone).date() == day


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A local time as an instant in UTC: the first one where it comes twice, the clock change where it is skipped."""
    local = datetime.combine(day, clock, zone)
    late = local.astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return late
    early, before = local.replace(fold=1).astimezone(UTC), local.utcoffset()
    while late - early > timedelta(seconds=1):  # the change lies between what the offsets before and after it make
        middle = early + (late - early) // 2
        early, late = (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
    return late.replace(microsecond=0)
