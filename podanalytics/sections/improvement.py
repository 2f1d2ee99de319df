"""Section 5, process improvement: what was missed here and how often before, other targets, what went well, luck."""

from __future__ import annotations

import polars as pl

from podanalytics.model import Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.review import Review
from podanalytics.sections._evidence import amount, cited, judged, row_links, target_of
from podanalytics.sections._history import FEW_TIMES, Before, before, candidates, share, times
from podanalytics.sections._luck import prompts
from podanalytics.show.blocks import Block, Cell, Column, Listing, Note, Section, Table, Text
from podanalytics.show.words import duration, listed, percent, plural

NAMED = 3  # earlier incidents that are named
UNKNOWN = 6  # clauses without a verdict that are named
WELL = 8  # clauses in the table of what went well


def section(review: Review) -> Section:
    """The missed clauses with their history, what other targets would have meant, what went well, and luck."""
    blocks: list[Block] = [
        _missed(review),
        *_policies(review),
        _targets(review),
        _unknown(review),
        _well(review),
        *_left_out(review),
        *_luck(review),
    ]
    return Section("improvement", "Process improvement", tuple(blocks))


def _missed(review: Review) -> Table:
    columns = (
        Column("clause", "Clause"),
        Column("here", "Here"),
        Column("target", "Target"),
        Column("before", "Missed in earlier incidents, with 95 % interval"),
        Column("unknown", "Could not be judged, of those it held for"),
        Column("rows", "Evidence (rows)"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            clause.title,
            amount(reading.value, reading.unit) or "did not happen",
            target_of(review, reading),
            _history(before(review, clause.id)) + _named(review, clause.id),
            _unknown_share(before(review, clause.id)),
            row_links(review, reading.evidence),
        )
        for clause, reading in judged(review)
        if reading.verdict is Verdict.MISSED
    ]
    return Table(
        "missed-before", "Clauses missed here, and how often before", columns, tuple(rows), "no clause was missed"
    )


def _history(found: Before) -> str:
    return share(found.missed, found.judged) if found.judged else "never judged before"


def _unknown_share(found: Before) -> str:
    of = found.judged + found.unknown
    return f"{found.unknown} of {of} ({percent(found.unknown / of)})" if of else "held for none before"


def _named(review: Review, measure: str) -> str:
    """The last incidents that missed it."""
    missed = review.history.filter((pl.col("measure") == measure) & (pl.col("verdict") == Verdict.MISSED.value))
    names = missed.sort("started_at", "incident", nulls_last=False)["incident"].to_list()
    return f": {'… ' if len(names) > NAMED else ''}{', '.join(names[-NAMED:])}" if names else ""


def _policies(review: Review) -> list[Block]:
    """A word of warning where earlier incidents were judged by another version of the policy."""
    others = review.history.filter(pl.col("policy") != review.policy.label)
    if others.is_empty():
        return []
    labels, count = listed(sorted(set(others["policy"]))), others["incident"].n_unique()
    told = f"{plural(count, 'earlier incident')} of these counts was judged by {labels}, not {review.policy.label}"
    return [Text(f"{told}: a promise may have meant something else then.")]


def _targets(review: Review) -> Table:
    columns = (
        Column("clause", "Clause"),
        Column("instead", "With this target"),
        Column("target", "Instead of"),
        Column("here", "This incident"),
        Column("before", "Earlier incidents that kept it, with 95 % interval"),
    )
    rows: list[tuple[Cell, ...]] = [
        row
        for clause, reading in judged(review)
        if reading.verdict is Verdict.MISSED
        for row in _tried(review, clause, reading)
    ]
    caption = "What if the target had been another? A longer one is a promise that is kept, not a faster response"
    return Table("what-if", caption, columns, tuple(rows), "no clause that counts minutes was missed")


def _tried(review: Review, clause: Clause, reading: Reading) -> list[tuple[Cell, ...]]:
    earlier = times(review, clause, reading)
    rows: list[tuple[Cell, ...]] = []
    for target in candidates(review, clause, reading):
        met = reading.value is not None and reading.value <= target
        kept = share(earlier.within(target), len(earlier.values)) if earlier.values else "never judged before"
        here = Verdict.MET if met else Verdict.MISSED
        rows.append((clause.title, duration(target), target_of(review, reading), here, kept))
    return rows


def _unknown(review: Review) -> Note:
    names = [c.title.lower() for c, r in judged(review) if r.verdict is Verdict.UNKNOWN]
    if not names:
        return Note("good", "Nothing is unknown: every clause that applies could be judged.")
    count, more = plural(len(names), "clause"), len(names) - UNKNOWN
    told = listed(names if more <= 0 else [*names[:UNKNOWN], f"{more} more, in section 3"])
    return Note("warn", f"{count} could not be judged, which is an improvement of its own to make: {told}.")


def _well(review: Review) -> Table:
    """Clauses kept here that were missed before, or faster than usual; the most often missed first."""
    columns = (
        Column("clause", "Clause"),
        Column("here", "Here"),
        Column("usual", "Median of earlier incidents"),
        Column("before", "Missed in earlier incidents"),
        Column("rows", "Evidence (rows)"),
    )
    rows: list[tuple[Cell, ...]] = []
    for _, clause, reading in sorted(_good(review), key=lambda g: -g[0])[:WELL]:
        found, earlier = before(review, clause.id), times(review, clause, reading)
        few = f"too few to say ({len(earlier.values)} of {FEW_TIMES})"
        usual = None
        if reading.unit == "min" and reading.value is not None and earlier.values:
            usual = few if len(earlier.values) < FEW_TIMES else duration(earlier.median)
        here = amount(reading.value, reading.unit) or "kept"
        rows.append((clause.title, here, usual, _history(found), row_links(review, reading.evidence)))
    caption = "What went well: clauses kept that were missed before, and clocks faster than usual"
    empty = "no clause was kept that was missed before, and no clock was faster than the earlier median"
    return Table("went-well", caption, columns, tuple(rows), empty)


def _good(review: Review) -> list[tuple[float, Clause, Reading]]:
    found = []
    for clause, reading in judged(review):
        if reading.verdict is Verdict.MET:
            past = before(review, clause.id)
            median = times(review, clause, reading).median
            faster = median is not None and reading.value is not None and reading.value < median
            if past.missed or faster:
                found.append((past.missed / past.judged if past.judged else 0.0, clause, reading))
    return found


def _left_out(review: Review) -> list[Block]:
    kept = [clause for clause, reading in judged(review) if reading.verdict is Verdict.MET]
    if not kept:
        return [Note("info", "No clause is known to be kept.")]
    shown = min(WELL, len(_good(review)))
    return [Text(f"{plural(len(kept), 'clause')} kept in all; {plural(len(kept) - shown, 'other')} in section 3.")]


def _luck(review: Review) -> list[Block]:
    found = prompts(review)
    if not found:
        return [Text("Nothing on record suggests where luck helped; ask the people who were there.")]
    lines = tuple(f"{prompt.text}{cited(review, prompt.events)}" for prompt in found)
    return [Text("Where we may have been lucky:"), Listing(lines)]
