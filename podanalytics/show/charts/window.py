"""The stretch of time a chart shows, and the wall clock it shows it on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from podanalytics.show.words import zone_name


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end` in a display zone; wherever the clocks change in between, the first offset is kept.

    An hour that the wall clock runs through twice would be drawn twice over itself, so an axis never changes its
    offset; its title says so.
    """

    start: datetime
    end: datetime
    zone: str

    @property
    def length(self) -> timedelta:
        """How long it is; never nothing."""
        return max(self.end - self.start, timedelta(seconds=1))

    def wall(self, moment: datetime) -> datetime:
        """A moment on the axis's clock, without a zone."""
        ahead = self.start.astimezone(ZoneInfo(self.zone)).utcoffset() or timedelta(0)
        return moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None) + ahead

    def at(self, moment: datetime) -> str:
        """A moment as Plotly's date axes take it."""
        return self.wall(moment).isoformat(timespec="seconds")

    def share(self, moment: datetime) -> float:
        """How far into the window a moment lies: 0 at its start, 1 at its end."""
        return (moment - self.start) / self.length

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start <= moment <= self.end

    def told(self, moment: datetime) -> str:
        """A moment in words, to the second; with the day where that is another one than at the start, and with the
        clock's name where the clocks change on the way.
        """
        there, first = (m.astimezone(ZoneInfo(self.zone)) for m in (moment, self.start))
        local = f"{there:%H:%M:%S}" if there.date() == first.date() else f"{there:%Y-%m-%d %H:%M:%S}"
        return f"{local} {zone_name(moment, self.zone)}" if self.turns else local

    @property
    def turns(self) -> bool:
        """Whether the zone's clock is set within it."""
        return zone_name(self.start, self.zone) != zone_name(self.end, self.zone)

    @property
    def clock_name(self) -> str:
        """The zone, and what its clock is called at that time."""
        name = zone_name(self.start, self.zone)
        return self.zone if name == self.zone else f"{self.zone}, {name}"

    def axis(self) -> dict[str, Any]:
        """The time axis, with its range and its zone."""
        title = f"time ({self.clock_name})"
        if self.turns:
            title = f"time ({self.clock_name} throughout, though it becomes {zone_name(self.end, self.zone)})"
        return {"type": "date", "title": {"text": title}, "range": [self.at(self.start), self.at(self.end)]}
