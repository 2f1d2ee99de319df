"""Local wall-clock times in a declared zone as UTC: the hour that comes twice and the hour that never comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SLACK = timedelta(minutes=1)  # how far lines of one file may stand out of order before it means the clock went back


def declared_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ValueError that says how to write one."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"unknown time zone {name!r}: write an IANA name such as Europe/Berlin or UTC") from None


def both(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The two moments that a naive time can mean: the same twice, apart from the hour that comes twice in autumn.

    Raises ValueError for a time that the clocks jumped over.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != wall:
        raise ValueError(f"{wall.isoformat(sep=' ')} does not exist in {zone.key}: the clocks went forward over it")
    return first, second


class WallClock:
    """Reads one file's naive times in file order, so that an hour told twice is told apart by what came before.

    >>> clock = WallClock(declared_zone("Europe/Berlin"))
    >>> [clock.utc(datetime(2026, 10, 25, 2, m)).strftime("%H:%M") for m in (10, 50, 10, 50)]
    ['00:10', '00:50', '01:10', '01:50']
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._before: datetime | None = None

    def utc(self, wall: datetime) -> datetime:
        """The moment of a naive time. Raises ValueError for one that the clocks jumped over."""
        first, second = both(wall, self.zone)
        back = first != second and self._before is not None and first < self._before - SLACK
        self._before = second if back else first
        return self._before
