"""Coordination load: how much was written and paged over time, and by how many; never so that it is about somebody.

Fewer than five people are never counted (measures.md, edge case 38): a stretch in which one to four acted is shown
without numbers, and an incident on which fewer than five wrote has no such figure. What automation alone did is
nobody's, and shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from podanalytics.review import Review
from podanalytics.sections._spans import incident_window, marks, told_marks
from podanalytics.show import charts
from podanalytics.show.blocks import Block, Figure, Text
from podanalytics.show.words import duration, listed, plural
from podanalytics.stats import LEAST, enough

MESSAGES, UPDATES, PAGES, RECORDS = "messages", "updates", "pages", "record changes"
KINDS = (MESSAGES, UPDATES, PAGES, RECORDS)
_KIND = {
    **dict.fromkeys(("message", "edited"), MESSAGES),
    **dict.fromkeys(("notice",), UPDATES),
    **dict.fromkeys(("alerted", "notified", "acknowledged", "unacknowledged", "escalated"), PAGES),
    **dict.fromkeys(("declared", "assigned", "severity", "status", "renamed", "component", "role", "action"), RECORDS),
}
WIDTHS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1440, 2880))
BINS = (3, 36)  # stretches: fewer tell nothing, more cannot be read
SPARE = 0.34  # of the stretches in which people acted: what may stay hidden before wider ones are tried


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that was done: when, of which kind, whether it was written, and by whom (empty: automation)."""

    at: datetime
    kind: str
    written: bool
    person: str


def load_block(review: Review) -> list[Block]:
    """The figure, or one sentence that says why there is none; nothing where nobody wrote and nothing was paged."""
    window = incident_window(review)
    work = [w for w in work_of(review) if window.holds(w.at)]
    if not work:
        return []
    writers = {w.person for w in work if w.written and w.person}
    if not enough(len(writers)):
        why = f"fewer than {LEAST} people wrote, and numbers about so few would be about somebody"
        return [Text(f"Coordination load is not drawn: {why}.")]
    width, bins = binned(work, window)
    return [_figure(review, width, bins, window)]


def work_of(review: Review) -> list[Work]:
    """Everything that was written, paged or recorded. One update told twice is one."""
    again = {id for also in review.updates["also"].to_list() for id in also.split()}
    updates = set(review.updates["event"])
    found = []
    for row in review.events.iter_rows(named=True):
        kind = UPDATES if row["id"] in updates else _KIND.get(row["kind"])
        if kind is None or row["id"] in again:
            continue
        actor = row["actor"] or ""
        written = kind in (MESSAGES, UPDATES)
        found.append(Work(row["occurred_at"], kind, written, actor if row["human"] else ""))
    return found


def binned(work: Sequence[Work], window: charts.Window) -> tuple[timedelta, list[charts.Bin]]:
    """The narrowest stretches of which enough may be shown; else those of which most may."""
    narrow = [w for w in WIDTHS if BINS[0] <= window.length / w <= BINS[1]] or [window.length / BINS[0]]
    best: tuple[float, timedelta, list[charts.Bin]] | None = None
    for width in narrow:
        bins = _bins(work, width, window)
        acted = [b for b in bins if b.counts is None or any(b.counts.values())]
        hidden = sum(b.counts is None for b in bins) / max(len(acted), 1)
        if best is None or hidden < best[0]:
            best = (hidden, width, bins)
        if hidden <= SPARE:
            break
    assert best is not None
    return best[1], best[2]


def _bins(work: Sequence[Work], width: timedelta, window: charts.Window) -> list[charts.Bin]:
    """Stretches of one width; they are cut at round times of the display zone's clock."""
    midnight = window.wall(window.start).replace(hour=0, minute=0, second=0, microsecond=0)
    skew = (window.wall(window.start) - midnight) % width
    start = window.start - skew
    count = int((window.end - start) / width) + 1
    cells: list[list[Work]] = [[] for _ in range(count)]
    for one in work:
        cells[int((one.at - start) / width)].append(one)
    return [_bin(start + number * width, cell) for number, cell in enumerate(cells)]


def _bin(begin: datetime, work: Sequence[Work]) -> charts.Bin:
    people, writers = {w.person for w in work} - {""}, {w.person for w in work if w.written} - {""}
    counts: Mapping[str, int] = {**dict.fromkeys(KINDS, 0), **Counter(w.kind for w in work)}
    shown = not people or enough(len(people))
    told = len(writers) if not writers or enough(len(writers)) else None
    return charts.Bin(begin, counts if shown else None, told if shown else None)


def _figure(review: Review, width: timedelta, bins: Sequence[charts.Bin], window: charts.Window) -> Figure:
    zone, each = window.zone, duration(width / timedelta(minutes=1))
    few = sum(b.counts is None for b in bins)
    told = [b for b in bins if b.counts is not None]
    totals = Counter[str]()
    for one in told:
        totals.update(one.counts or {})
    most = max(told, key=lambda b: (sum((b.counts or {}).values()), -b.began_at.timestamp()), default=None)
    peak = (
        f"Most happened in the {each} from {window.told(most.began_at)}: {_counted(most.counts or {})}. "
        if most
        else ""
    )
    people = [b.people for b in told if b.people]
    wrote = f"Up to {max(people)} people wrote in one stretch. " if people else "How many wrote is never shown. "
    hidden = (
        f"{plural(few, 'stretch', 'stretches')} in which one to {LEAST - 1} people acted "
        f"{'is' if few == 1 else 'are'} shown without numbers. "
        if few
        else ""
    )
    alt = (
        f"In stretches of {each} are drawn: {_counted(totals)}. {peak}{wrote}{hidden}"
        f"{told_marks(review)} (time in {zone})."
    )
    caption = f"Coordination load, in stretches of {each}"
    return Figure(
        "coordination-load",
        caption + (f"; grey where fewer than {LEAST} people acted: no numbers are shown" if few else ""),
        alt,
        charts.load_chart(bins, KINDS, width, marks(review), window, f"<{LEAST}"),
    )


def _counted(counts: Mapping[str, int]) -> str:
    return listed([plural(counts[kind], kind.removesuffix("s")) for kind in KINDS if counts[kind]])
