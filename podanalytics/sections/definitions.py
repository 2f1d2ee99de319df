"""Depends on definition: this incident's clocks as other tools would print them, so that two dashboards can be
reconciled.
"""

from __future__ import annotations

from podanalytics.model import Verdict
from podanalytics.policy.definitions import DERIVED, OURS, Definition, definitions
from podanalytics.review import Review
from podanalytics.sections._evidence import amount, judged, row_links
from podanalytics.show.blocks import Block, Cell, Column, Link, Note, Section, Table
from podanalytics.show.words import plural
from podanalytics.vendors import Told, alert_record, moments, under_each, words

LEAD = (
    "The tools start, stop and leave out differently, so one incident has as many times to acknowledge as there are "
    "dashboards: compare a number only with one whose clock has the same two ends."
)


def section(review: Review) -> Section:
    """One table: our clocks first, then each tool's own."""
    blocks: list[Block] = [_table(review), *_several(review)]
    return Section("definitions", "Depends on definition", tuple(blocks), LEAD)


def told_by_each(review: Review) -> list[Told]:
    """What every definition makes of this incident, in the order of the file."""
    known = definitions()
    found = moments(review.events, review.milestones, review.policy, known.working)
    return list(under_each(known.rows, found, _by_hand(review), _absent(review)))


def _by_hand(review: Review) -> bool | None:
    """Whether it was opened without an alert, by a person; None where nobody tells how it began."""
    if not alert_record(review.events).is_empty():
        return False
    return True if review.fact("detection") == "person" else None


def _absent(review: Review) -> frozenset[str]:
    """What did not happen, as far as a tool that would tell of it goes."""
    found = {c.stop.value for c, r in judged(review) if c.stop and r.verdict is Verdict.MISSED and r.value is None} | (
        {"resolved"} if review.fact("state") == "open" else set()
    )
    if not alert_record(review.events).is_empty():
        found |= {name for name in DERIVED if name.startswith("alert_")}
    return frozenset(found)


def _table(review: Review) -> Table:
    columns = (
        Column("vendor", "By (its own page)"),
        Column("measure", "Measure", under="vendor"),
        Column("clock", "From → to, and what it came to here"),
        Column("value", "Value"),
        Column("leaves_out", "What its mean leaves out, and how it counts"),
        Column("rows", "Rows"),
    )
    rows = tuple(_row(review, told) for told in told_by_each(review))
    return Table("definitions-elsewhere", "The same incident on other dashboards", columns, rows)


def _row(review: Review, told: Told) -> tuple[Cell, ...]:
    row = told.definition
    return (
        row.vendor if row.vendor == OURS else Link(row.vendor, row.source),
        row.measure,
        _clock(told),
        amount(told.minutes, "min"),
        f"{row.leaves_out}; {row.note}" if row.note else row.leaves_out,
        row_links(review, told.events),
    )


def _clock(told: Told) -> str:
    """The definition's clock; and what it came to here, where that is not the same."""
    asked = clock_words(told.definition)
    return asked if told.because == asked else f"{asked}. Here: {told.because}"


def clock_words(row: Definition) -> str:
    """Both ends of a definition's clock.

    >>> clock_words(next(row for row in definitions().rows if row.vendor == "Opsgenie"))
    'alert → first acknowledgement in the pager, else first closing in the pager'
    """
    start = ", else ".join(words(name) for name in row.start)
    if row.choose == "earliest":
        return f"{start} → the earliest of: {', '.join(words(name) for name in row.stop)}"
    return f"{start} → {', else '.join(words(name) for name in row.stop)}"


def _several(review: Review) -> list[Note]:
    alerts = review.events.filter(review.events["kind"] == "alerted").select("source", "subject").n_unique()
    if alerts < 2:
        return []
    return [
        Note(
            "info",
            f"{plural(alerts, 'record')} of this incident hold an alert; the pagers' rows above are those of the "
            "record whose alert fired first. On a pager's own dashboard each is an incident of its own.",
        )
    ]
