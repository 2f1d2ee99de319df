"""Section 5, process improvement: what was missed here, and how often before."""

from __future__ import annotations

import polars as pl

from podanalytics.model import Verdict
from podanalytics.review import Review
from podanalytics.sections._evidence import amount, judged, row_links, target_of
from podanalytics.show.blocks import Block, Cell, Column, Note, Section, Table
from podanalytics.show.words import listed, plural

NAMED = 3  # earlier incidents that are named
FEW = 10  # below this many judged incidents a share says more than is known (statistics.md section 6)


def section(review: Review) -> Section:
    """The missed clauses with their history, and what went well by the same measure."""
    blocks: list[Block] = [_missed(review), _unknown(review), _well(review)]
    return Section("improvement", "Process improvement", tuple(blocks))


def before(review: Review, measure: str) -> tuple[int, int, int]:
    """(missed, judged, unknown) of a clause over the earlier incidents."""
    verdicts = review.history.filter(pl.col("measure") == measure)["verdict"].to_list()
    missed = verdicts.count(Verdict.MISSED.value)
    return missed, missed + verdicts.count(Verdict.MET.value), verdicts.count(Verdict.UNKNOWN.value)


def _missed(review: Review) -> Table:
    columns = (
        Column("clause", "Clause"),
        Column("here", "Here"),
        Column("target", "Target"),
        Column("before", "In earlier incidents"),
        Column("unknown", "Unknown before", "number"),
        Column("rows", "Evidence (rows)"),
    )
    rows: list[tuple[Cell, ...]] = []
    for clause, reading in judged(review):
        if reading.verdict is Verdict.MISSED:
            missed, of, unknown = before(review, clause.id)
            rows.append(
                (
                    clause.title,
                    amount(reading.value, reading.unit) or "did not happen",
                    target_of(review, reading),
                    _history(missed, of) + _named(review, clause.id),
                    unknown,
                    row_links(review, reading.evidence),
                )
            )
    return Table(
        "missed-before", "Clauses missed here, and how often before", columns, tuple(rows), "no clause was missed"
    )


def _history(missed: int, of: int) -> str:
    if of == 0:
        return "never judged before"
    few = "; too few for a share" if of < FEW else ""
    return f"missed in {missed} of {of} judged{few}"


def _named(review: Review, measure: str) -> str:
    """The last incidents that missed it, in brackets."""
    missed = review.history.filter((pl.col("measure") == measure) & (pl.col("verdict") == Verdict.MISSED.value))
    names = missed.sort("started_at", "incident", nulls_last=False)["incident"].to_list()
    return f" ({'… ' if len(names) > NAMED else ''}{', '.join(names[-NAMED:])})" if names else ""


def _unknown(review: Review) -> Note:
    names = [c.title.lower() for c, r in judged(review) if r.verdict is Verdict.UNKNOWN]
    if not names:
        return Note("good", "Nothing is unknown: every clause that applies could be judged.")
    count = plural(len(names), "clause")
    return Note("warn", f"{count} could not be judged, which is an improvement of its own to make: {listed(names)}.")


def _well(review: Review) -> Note:
    kept = [(c, r) for c, r in judged(review) if r.verdict is Verdict.MET]
    if not kept:
        return Note("info", "No clause is known to be kept.")
    usual = [c.title.lower() for c, _ in kept if before(review, c.id)[0] > 0]
    more = f" Of these, missed at least once before: {listed(usual)}." if usual else ""
    return Note("good", f"{plural(len(kept), 'clause')} kept: {listed([c.title.lower() for c, _ in kept])}.{more}")
