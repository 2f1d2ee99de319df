"""Business days: when "next business day" ends.

A small calendar on real instants, so that a clock change cannot bend it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from podanalytics.policy import Calendar


def next_business_close(start: datetime, calendar: Calendar) -> datetime:
    """Close of business on the first business day strictly after the local date of `start`.

    Friday evening, Saturday and Sunday all lead to Monday's close (statistics.md section 5, row 12).

    >>> from datetime import UTC
    >>> next_business_close(datetime(2026, 10, 16, 17, 59, tzinfo=UTC), Calendar()).isoformat()
    '2026-10-19T17:00:00+00:00'
    """
    zone = ZoneInfo(calendar.zone)
    day = start.astimezone(zone).date() + timedelta(days=1)
    while not is_business_day(day, calendar):
        day += timedelta(days=1)
    return datetime.combine(day, calendar.closes, zone).astimezone(start.tzinfo)


def is_business_day(day: date, calendar: Calendar) -> bool:
    """Whether the calendar works on that day."""
    return day.isoweekday() in calendar.workdays and day not in calendar.holidays


def in_business_hours(moment: datetime, calendar: Calendar) -> bool:
    """Whether a moment lies in business hours; at the close they are over.

    >>> from datetime import UTC
    >>> in_business_hours(datetime(2026, 10, 16, 16, 59, tzinfo=UTC), Calendar())
    True
    >>> in_business_hours(datetime(2026, 10, 17, 12, tzinfo=UTC), Calendar())
    False
    """
    local = moment.astimezone(ZoneInfo(calendar.zone))
    return is_business_day(local.date(), calendar) and calendar.opens <= local.time() < calendar.closes
