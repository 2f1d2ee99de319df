"""Workload: how pages and incidents spread over the people of the month, without names and without a ranking."""

from __future__ import annotations

from podanalytics.show.blocks import Block, Cell, Column, Note, Section, Table
from podanalytics.show.words import number, percent, plural
from podanalytics.stats import LEAST, spread
from podanalytics.trends import Trend
from podanalytics.workload import Load

LEAD = (
    "A spread over people, never a list of them: who had how much is in nobody's report. A record that paged somebody "
    "counts once for that person, however often it rang."
)


def section(trend: Trend) -> Section:
    """The spread of each kind of work, or the sentence why it is not shown."""
    shown = [load for load in trend.workload if load.counts]
    blocks: list[Block] = [_not_shown(load) for load in trend.workload if not load.counts]
    blocks += [_unknown(load) for load in trend.workload if load.unknown]
    return Section("workload", "Workload", (*([_table(trend, shown)] if shown else []), *blocks), LEAD)


def _not_shown(load: Load) -> Note:
    if not load.people and not load.unknown:
        return Note("info", f"{_named(load)}: nothing that is loaded tells of any in this month.")
    return Note(
        "info",
        f"{_named(load)}: not shown, because they fell to {plural(load.people, 'known person', 'known people')}. "
        f"A figure about fewer than {LEAST} people would be a figure about each of them.",
    )


def _unknown(load: Load) -> Note:
    told = plural(load.unknown, "record names", "records name")
    return Note("warn", f"{_named(load)}: {told} nobody whom a directory knows; the figures above are without them.")


def _named(load: Load) -> str:
    return load.what[:1].upper() + load.what[1:]


def _table(trend: Trend, loads: list[Load]) -> Table:
    columns = (
        Column("what", "A person's"),
        Column("people", "People", "number"),
        Column("total", "In all", "number"),
        Column("least", "Least", "number"),
        Column("middle", "Middle half"),
        Column("median", "Median", "number"),
        Column("most", "Most", "number"),
        Column("out_of_hours", "Out of hours"),
    )
    hours = trend.policies[-1].calendar
    caption = (
        f"Work a person had in {trend.month.name}; business hours are {hours.opens:%H:%M} to {hours.closes:%H:%M} "
        f"{hours.zone} on the policy's workdays"
    )
    return Table("workload", caption, columns, tuple(_row(load) for load in loads))


def _row(load: Load) -> tuple[Cell, ...]:
    counts = list(load.counts or ())
    least, lower, median, upper, most = spread(counts)
    late, total = load.out_of_hours or 0, sum(counts)
    return (
        load.what,
        load.people,
        total,
        least,
        f"{number(lower)} to {number(upper)}",
        median,
        most,
        f"{late} of {total} ({percent(late / total)})",
    )
