"""Section 1b, how we know: the rule behind each moment, where sources disagree, what was corrected, what is missing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import polars as pl

from podanalytics.model import Kind, Milestone, Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.review import Review
from podanalytics.sections._evidence import cited, judged, late, only, row_links
from podanalytics.show.blocks import Block, Cell, Column, Marked, Note, Section, Table, Text
from podanalytics.show.words import between, clock, duration, plain_name, plural, precision_name

APART = timedelta(minutes=1)


def section(review: Review) -> Section:
    """Contradictions, disagreements, clocks, corrections, what is missing; then the rule behind each moment."""
    blocks: list[Block] = [
        _contradictions(review),
        _disagreements(review),
        _clocks(review),
        _corrections(review),
        _missing(review),
        _segments(review),
        _late(review),
        _rules(review),
    ]
    return Section("reconstruction", "How we know", tuple(blocks))


def _contradictions(review: Review) -> Note:
    found = [(c, r) for c, r in judged(review) if r.verdict is Verdict.CONTRADICTORY]
    if not found:
        return Note("good", "No clause rests on clocks that contradict each other.")
    told = "; ".join(f"{c.title}: {r.because}{cited(review, r.evidence)}" for c, r in found)
    return Note("bad", f"Clocks contradict each other: {told}.")


def _corrections(review: Review) -> Block:
    fixed = only(review.milestones, "corrected", True)
    columns = (Column("moment", "Moment"), Column("correction", "Corrected"), Column("why", "Why"), Column("who", "By"))
    rows: list[tuple[Cell, ...]] = []
    for m in fixed.iter_rows(named=True):
        stated = only(review.events, "id", m["event"]).to_dicts()
        others = json.loads(m["alternatives"])
        was = _utc(datetime.fromisoformat(others[0][1])) if others else "not told"
        who = stated[0]["actor"] if stated else None
        rows.append(
            (
                plain_name(m["milestone"]),
                Marked(_utc(m["occurred_at"]), was=was, tone="info"),
                stated[0]["text"] if stated else m["rule"],
                who,
            )
        )
    rows += _corrected_severity(review)
    return Table("corrections", "Corrections applied", columns, tuple(rows), "none")


def _corrected_severity(review: Review) -> list[tuple[Cell, ...]]:
    """The last correction of the severity; it holds for the whole incident."""
    stated = review.events.filter((pl.col("kind") == Kind.STATED.value) & (pl.col("was") == "severity")).to_dicts()
    if not stated:
        return []
    naming = only(review.members, "method", "anchor")["source"]
    severe = (pl.col("kind") == Kind.SEVERITY.value) & pl.col("value").is_not_null()
    told = review.events.filter(severe & pl.col("source").is_in(naming.to_list()))["value"]
    last, was = stated[-1], told[-1] if len(told) else "not told"
    return [("severity", Marked(str(last["value"]), was=was, tone="info"), last["text"], last["actor"])]


def _utc(moment: datetime) -> str:
    """A moment inside a text, where no column's head says its zone."""
    return f"{moment:%Y-%m-%d} {clock(moment)} UTC"


def _rules(review: Review) -> Table:
    columns = (
        Column("moment", "Moment"),
        Column("at", "Time", "time"),
        Column("rule", "Chosen by"),
        Column("precision", "Known to the", under="at"),
        Column("rows", "Row"),
        Column("others", "What lost"),
    )
    rows: list[tuple[Cell, ...]] = []
    for m in review.milestones.iter_rows(named=True):
        others = "; ".join(
            f"{rule}, {_utc(datetime.fromisoformat(at))} ({source})"
            for rule, at, _, source in json.loads(m["alternatives"])
        )
        rows.append(
            (
                plain_name(m["milestone"]),
                m["occurred_at"],
                m["rule"],
                precision_name(m["precision"]),
                row_links(review, [m["event"], *([m["also"]] if m["also"] else [])]),
                others or "nothing else tells of it",
            )
        )
    return Table(
        "milestones",
        "Each moment, and the rule that chose it",
        columns,
        tuple(rows),
        "no milestone is told",
        review.parameters.zone,
    )


def _disagreements(review: Review) -> Table:
    """Moments that two tools tell more than a minute apart.

    Where the earliest of several signs counts, a later sign of another tool says nothing against it.
    """
    columns = (
        Column("moment", "Moment"),
        Column("chosen", "Chosen", "time"),
        Column("source", "By", under="chosen"),
        Column("other", "Another tool says", "time"),
        Column("other_source", "Told by", under="other"),
        Column("apart", "Apart"),
        Column("settled", "What settles it"),
    )
    rows: list[tuple[Cell, ...]] = []
    for m in review.milestones.iter_rows(named=True):
        if review.policy.milestone(Milestone(m["milestone"])).choose == "earliest":
            continue
        for rule, at, _, source in json.loads(m["alternatives"]):
            moment = datetime.fromisoformat(at)
            if source != m["source"] and abs(moment - m["occurred_at"]) > APART:
                earlier, later = sorted((moment, m["occurred_at"]))
                rows.append(
                    (
                        plain_name(m["milestone"]),
                        m["occurred_at"],
                        m["source"],
                        moment,
                        f"{source}: {rule}",
                        between(earlier, later),
                        "a correction" if m["corrected"] else "the order of the policy's rules; a correction would",
                    )
                )
    return Table(
        "disagreements",
        "Where the tools tell different times",
        columns,
        tuple(rows),
        _no_disagreement(review),
        review.parameters.zone,
    )


def _no_disagreement(review: Review) -> str:
    """Why none is listed: one tool alone cannot disagree, which says nothing for it."""
    if review.events["source"].n_unique() < 2:
        return "only one tool tells of this incident, so nothing can be compared"
    return "no two tools are more than a minute apart"


def _missing(review: Review) -> Table:
    columns = (
        Column("moment", "Moment"),
        Column("means", "What its absence means"),
        Column("settle", "What would settle it"),
        Column("clauses", "Clauses without a verdict for it"),
    )
    known = set(review.milestones["milestone"])
    unknown = {r.measure: r for _, r in judged(review)}
    silent = {
        c.stop
        for c in review.policy.clauses
        if c.stop and c.id in unknown and unknown[c.id].verdict is Verdict.MISSED and unknown[c.id].value is None
    }
    rows: list[tuple[Cell, ...]] = []
    for milestone in Milestone:
        if milestone.value not in known:
            means = (
                "it did not happen: a tool that would tell covers the time"
                if milestone in silent
                else "no rule of the policy finds it in what is loaded"
            )
            rows.append(
                (
                    plain_name(milestone.value),
                    means,
                    review.policy.milestone(milestone).settle or "a correction",
                    ", ".join(c.id for c, r in judged(review) if _waits_for(c, r, milestone)) or None,
                )
            )
    return Table("missing", "Moments that are not told", columns, tuple(rows), "every moment is told")


def _waits_for(clause: Clause, reading: Reading, milestone: Milestone) -> bool:
    """Whether a clause is unknown, and a moment that is not told is one of its ends."""
    return reading.verdict is Verdict.UNKNOWN and milestone in (*clause.start, clause.stop)


def _segments(review: Review) -> Block:
    """The stretches it ran in: one, unless it was reopened."""
    stretches = review.segments.filter(pl.col("ended_at").is_not_null())
    if review.segments.height < 2:
        return Text("No record tells that it was reopened: it ran in one stretch.")
    hurt = sum((b - a for a, b in stretches.select("began_at", "ended_at").iter_rows()), timedelta())
    ends = stretches["ended_at"].max()
    took = between(review.segments["began_at"].min(), ends) if stretches.height == review.segments.height else "open"  # type: ignore[arg-type]
    columns = (
        Column("began", "Began", "time"),
        Column("ended", "Ended", "time"),
        Column("rows", "Rows"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (s["began_at"], s["ended_at"], row_links(review, [e for e in (s["event"], s["ended_by"]) if e]))
        for s in review.segments.iter_rows(named=True)
    )
    caption = f"It was reopened: {duration(hurt / timedelta(minutes=1))} in all, {took} from first to last"
    return Table("segments", caption, columns, rows, "none", review.parameters.zone)


def _clocks(review: Review) -> Block:
    """How far the tools' clocks stand apart, from moments that two of them tell."""
    columns = (
        Column("source", "Clock"),
        Column("against", "Beside"),
        Column("apart", "Median difference"),
        Column("pairs", "Moments that both tell", "number"),
        Column("agreeing", "Of these within 2 min of it", "number"),
        Column("means", "What it means"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (c["source"], c["against"], _ahead(c["minutes"]), c["pairs"], c["agreeing"], _meaning(c))
        for c in review.clocks.iter_rows(named=True)
    )
    empty = "no two tools tell of the same moment, so their clocks cannot be compared"
    return Table("clocks", "How far the tools' clocks stand apart", columns, rows, empty)


def _meaning(clock: dict[str, object]) -> Cell:
    if clock["shift"] is not None:
        return Marked(f"{clock['shift']:+g} min: a local time written as UTC", tone="bad")
    return "steady" if clock["steady"] else "no statement: too few moments, or they disagree"


def _ahead(minutes: float) -> str:
    """A difference of clocks in words.

    >>> _ahead(0.05), _ahead(-2.0), _ahead(0.0)
    ('3 s ahead', '2 min behind', 'none')
    """
    span = duration(abs(minutes))
    return "none" if round(abs(minutes) * 60) == 0 else f"{span} {'ahead' if minutes > 0 else 'behind'}"


def _late(review: Review) -> Block:
    found = late(review)
    if found.is_empty():
        return Text("No record of this incident was written more than ten minutes after the moment it tells of.")
    count, they = plural(found.height, "record was", "records were"), "it tells" if found.height == 1 else "they tell"
    return Text(
        f"{count} written or changed more than ten minutes after the moment {they} of{cited(review, found['id'])}."
    )
