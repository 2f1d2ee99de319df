"""The words of the public report that are ours: its blanks, its times, and its next steps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from podanalytics.model import Precision
from podanalytics.review import Review
from podanalytics.sections._published import fits
from podanalytics.show.blocks import Listing, Text
from podanalytics.show.words import clock, day, duration, plural, stamp, zone_name


@dataclass(frozen=True)
class Blank:
    """A place that its writer has to fill; `write` says with what."""

    write: str

    @property
    def text(self) -> str:
        """The blank as it stands in the draft."""
        return f"[to be written: {self.write}]"


NEXT = Blank("what will be done so that it does not happen again, and by when")


@dataclass(frozen=True)
class Moment:
    """A time, and how finely it is known."""

    at: datetime
    precision: str = Precision.SECOND


def when(moment: Moment, zone: str) -> str:
    """A time to the minute in UTC, and in the zone the packet shows; coarser where it is not known so finely."""
    if moment.precision == Precision.DAY:
        return day(moment.at)
    told = ("about " if moment.precision == Precision.HOUR else "") + stamp(moment.at)
    if zone == "UTC":
        return told
    date = "" if day(moment.at) == day(moment.at, zone) else f"{day(moment.at, zone)} "
    return f"{told} ({date}{clock(moment.at, zone)[:5]} {zone_name(moment.at, zone)})"


def about(start: Moment, end: Moment) -> str:
    """How long it took, in whole minutes.

    >>> from datetime import UTC, timedelta
    >>> begin = datetime(2026, 10, 14, 14, tzinfo=UTC)
    >>> about(Moment(begin), Moment(begin + timedelta(minutes=33, seconds=23)))
    'about 33 min'
    """
    minutes = round((end.at - start.at).total_seconds() / 60)
    return f"about {duration(minutes)}" if minutes else "less than a minute"


def next_steps(review: Review) -> tuple[Text | Listing, ...]:
    """How many steps are planned, and the words of those whose title says that they may be published."""
    items = review.actions
    blocks: list[Text | Listing] = []
    if items.height:
        done = int(items["done"].sum())
        so_far = (
            "; all of them are done"
            if done == items.height
            else f"; {plural(done, 'of them is', 'of them are')} done"
            if done
            else ""
        )
        blocks.append(
            Text(f"We have planned {plural(items.height, 'step')} to keep this from happening again{so_far}.")
        )
    if named := _public(review):
        blocks.append(Listing(named))
    if len(named) < max(items.height, 1):
        blocks.append(Text(NEXT.text))
    return tuple(blocks)


def _public(review: Review) -> tuple[str, ...]:
    mark = review.policy.public.action
    if mark is None:
        return ()
    titles = (re.search(mark, title) for title in review.actions["title"])
    return tuple(hit[1].strip() for hit in titles if hit and fits(review, hit[1]))
