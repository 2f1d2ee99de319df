"""What can be kept: moments in the years that a tool can mean, and text that every database takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# No tool here wrote before the one and none will write after the other: what says so is a broken clock or a field that
# means "never", and a sum with it would leave the calendar.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def in_calendar(moment: datetime, what: str = "time") -> datetime:
    """An aware moment as UTC. Raises ValueError for one outside 1990 to 2100."""
    try:
        found = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        found = LATEST
    if not EARLIEST <= found < LATEST:
        raise ValueError(f"{what} {moment.isoformat()} lies outside the years 1990 to 2099")
    return found


def storable(text: str) -> str:
    """The text with what no database takes replaced: NUL, and half a surrogate pair.

    >>> storable("half an emoji \\ud83d") == "half an emoji \\ufffd"
    True
    """
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\ufffd", text)
