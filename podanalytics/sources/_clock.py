"""Reading times as tools write them: ISO with every kind of offset, epochs, Slack's decimal strings, Go's zero time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from podanalytics.keepable import in_calendar
from podanalytics.model import Precision

FAR = 10**10  # seconds: the year 2286
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE_WITHOUT_COLON = re.compile(r"([+-]\d{2})(\d{2})$")
_SECONDS = re.compile(r"[T ]\d{2}:\d{2}:\d{2}")
_FRACTION = re.compile(r":\d{2}[.,](\d+)")


def iso(text: str, zone: tzinfo | None = None) -> datetime:
    """An ISO 8601 time as aware UTC; a naive one takes `zone` or is refused.

    Reads `+0800` without colon, `Z`, and fractions of any length (cut to microseconds). Raises ValueError that says
    what was found instead.

    >>> iso("2021-01-25T11:09:27.985+0800").isoformat()
    '2021-01-25T03:09:27.985000+00:00'
    """
    moment = iso_as_written(text)
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(f"time {text!r} has no zone: nobody can know which moment it is")
        moment = moment.replace(tzinfo=zone)
    return in_calendar(moment)


def iso_as_written(text: str) -> datetime:
    """An ISO 8601 time as it stands, naive where no offset is written. Raises ValueError like `iso`."""
    if text is None or text == "":
        raise ValueError("a time is missing where the record must have one")
    if not isinstance(text, str):
        raise ValueError(f"time {text!r} is not ISO 8601 but a bare value")
    try:
        moment = datetime.fromisoformat(
            _ZONE_WITHOUT_COLON.sub(r"\1:\2", text.strip()) if "T" in text else text.strip()
        )
    except ValueError:
        raise ValueError(f"time {text!r} is not ISO 8601") from None
    if moment.year == 1:
        raise ValueError(f"time {text!r} is Go's zero time, which means never")
    return moment


def iso_or_none(text: str | None, zone: tzinfo | None = None) -> datetime | None:
    """Like `iso`, but null, empty and Go's zero time `0001-01-01T00:00:00Z` ("never") are None."""
    if not text or text.startswith("0001-01-01"):
        return None
    return iso(text, zone)


def iso_or_refused(text: Any) -> datetime | None:
    """Like `iso`, but None for what `iso` refuses: to put records in order before each is read for itself."""
    try:
        return iso(text)
    except ValueError:
        return None


def iso_precision(text: str) -> Precision:
    """How fine an ISO time is written.

    >>> iso_precision("2026-08-17T13:40-05:00"), iso_precision("2026-08-17T13:40:03.629Z")
    (<Precision.MINUTE: 'min'>, <Precision.MILLISECOND: 'ms'>)
    """
    if found := _FRACTION.search(text):
        return Precision.MILLISECOND if len(found[1]) <= 3 else Precision.MICROSECOND
    if "T" not in text and " " not in text.strip():
        return Precision.DAY
    return Precision.SECOND if _SECONDS.search(text) else Precision.MINUTE


def epoch(seconds: str | int | float) -> datetime:
    """Seconds since 1970 as aware UTC, read as a decimal so that microseconds survive (floats lose them)."""
    try:
        moment = EPOCH + timedelta(microseconds=_microseconds(str(seconds)))
    except (InvalidOperation, OverflowError, ValueError):  # no number, "nan", "1e99"
        raise ValueError(f"{seconds!r} is not a number of seconds since 1970") from None
    return in_calendar(moment, f"{seconds!r}, which is")


def epoch_ms(milliseconds: str | int) -> datetime:
    """Milliseconds since 1970 as aware UTC (the clock of Mattermost and of Discord's ids)."""
    try:
        moment = EPOCH + timedelta(milliseconds=int(milliseconds))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{milliseconds!r} is not a number of milliseconds since 1970") from None
    return in_calendar(moment, f"{milliseconds!r}, which is")


def _microseconds(seconds: str) -> int:
    whole, _, fraction = seconds.partition(".")
    if len(fraction) == 6 and whole.isdecimal() and fraction.isdecimal():  # as Slack writes each of a million
        return int(whole + fraction)
    number = Decimal(seconds)
    if not 0 <= number < FAR:  # a far one would be written out digit by digit
        raise ValueError
    return int(number * 1_000_000)


def epoch_us(microseconds: str | int) -> datetime:
    """Microseconds since 1970 as aware UTC (journald's clock)."""
    try:
        moment = EPOCH + timedelta(microseconds=int(microseconds))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{microseconds!r} is not a number of microseconds since 1970") from None
    return in_calendar(moment, f"{microseconds!r}, which is")
