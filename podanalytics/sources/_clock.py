"""Reading times as tools write them: ISO with every kind of offset, epochs, Slack's decimal strings, Go's zero time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation

from podanalytics.model import Precision

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE_WITHOUT_COLON = re.compile(r"([+-]\d{2})(\d{2})$")
_FRACTION = re.compile(r":\d{2}[.,](\d+)")


def iso(text: str, zone: tzinfo | None = None) -> datetime:
    """An ISO 8601 time as aware UTC; a naive one takes `zone` or is refused.

    Reads `+0800` without colon, `Z`, and fractions of any length (cut to microseconds).

    >>> iso("2021-01-25T11:09:27.985+0800").isoformat()
    '2021-01-25T03:09:27.985000+00:00'
    """
    moment = datetime.fromisoformat(_ZONE_WITHOUT_COLON.sub(r"\1:\2", text.strip()) if "T" in text else text.strip())
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(f"time {text!r} has no zone; declare one for this source")
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def iso_or_none(text: str | None, zone: tzinfo | None = None) -> datetime | None:
    """Like `iso`, but null, empty and Go's zero time `0001-01-01T00:00:00Z` ("never") are None."""
    if not text or text.startswith("0001-01-01"):
        return None
    return iso(text, zone)


def iso_precision(text: str) -> Precision:
    """How fine an ISO time is written.

    >>> iso_precision("2026-08-17T13:40Z"), iso_precision("2026-08-17T13:40:03.629Z")
    (<Precision.MINUTE: 'min'>, <Precision.MILLISECOND: 'ms'>)
    """
    if found := _FRACTION.search(text):
        return Precision.MILLISECOND if len(found[1]) <= 3 else Precision.MICROSECOND
    colons = text.split("T")[-1].split("+")[0].rstrip("Z").count(":")
    if "T" not in text and " " not in text.strip():
        return Precision.DAY
    return Precision.SECOND if colons >= 2 else Precision.MINUTE


def epoch(seconds: str | int | float) -> datetime:
    """Seconds since 1970 as aware UTC, read as a decimal so that microseconds survive (floats lose them)."""
    try:
        number = Decimal(str(seconds))
    except InvalidOperation:
        raise ValueError(f"{seconds!r} is not a number of seconds since 1970") from None
    return EPOCH + timedelta(microseconds=int(number * 1_000_000))


def epoch_us(microseconds: str | int) -> datetime:
    """Microseconds since 1970 as aware UTC (journald's clock)."""
    return EPOCH + timedelta(microseconds=int(microseconds))
