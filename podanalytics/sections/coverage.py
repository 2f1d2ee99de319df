"""Section 1c, what is loaded: which kinds of record tell of this incident's time, which do not, and what that costs."""

from __future__ import annotations

import polars as pl

from podanalytics.model import Milestone, Verdict
from podanalytics.policy import Clause
from podanalytics.provenance import records_of, rests_on, stands_in
from podanalytics.review import Review
from podanalytics.sections._evidence import judged
from podanalytics.show.blocks import Block, Cell, Column, Marked, Note, Section, Table
from podanalytics.show.words import between, listed, plural, stamp


def section(review: Review) -> Section:
    """What is missing in a sentence, the kinds of record, and the incidents that may be this one."""
    blocks: list[Block] = [_missing(review), _records(review), *_doubles(review)]
    return Section("coverage", "What is loaded, and what is not", tuple(blocks))


def silent(review: Review) -> list[str]:
    """The kinds of record that tell nothing of the time of this incident, nor does another in their stead; in the
    policy's order.
    """
    covered = records_of(review.policy, review.covered["source"])
    return [record for record in review.policy.tools if record not in covered and not stands_in(record, covered)]


def not_loaded(review: Review) -> list[str]:
    """Those of which nothing is loaded; the others tell of another incident, which may be this one."""
    return [record for record in silent(review) if record not in _elsewhere(review)]


def _elsewhere(review: Review) -> frozenset[str]:
    return records_of(review.policy, (tool for tools in review.doubles["sources"] for tool in tools.split(", ")))


def costs(review: Review, record: str) -> list[Clause]:
    """The clauses that are unknown and that this kind of record could settle."""
    known = {Milestone(name) for name in review.milestones["milestone"]}
    unknown = [clause for clause, reading in judged(review) if reading.verdict is Verdict.UNKNOWN]
    return [clause for clause in unknown if record in rests_on(clause, review.policy, known)]


def _missing(review: Review) -> Note:
    if not review.policy.tools:
        return Note("info", "The policy names no tools, so it cannot be told what is not loaded.")
    if not silent(review):
        return Note("good", "Every kind of record is loaded for the time of this incident.")
    gone = not_loaded(review)
    other = [record for record in silent(review) if record not in gone]
    parts = [f"Nothing is loaded of this incident's time from: {listed(gone)}."] if gone else []
    parts += [f"Of another incident, which may be this one, tell: {listed(other)}."] if other else []
    unknown = {clause.id for record in silent(review) for clause in costs(review, record)}
    if not unknown:
        return Note("info", " ".join([*parts, "No clause is unknown because of it."]))
    return Note("warn", " ".join([*parts, f"It could settle {plural(len(unknown), 'clause')}: the table says which."]))


def _records(review: Review) -> Table:
    columns = (
        Column("record", "Kind of record"),
        Column("tools", "Loaded from"),
        Column("rows", "Rows of this incident", "number"),
        Column("unknown", "Unknown here, and could be settled by it"),
    )
    rows: list[tuple[Cell, ...]] = []
    for record, tools in review.policy.tools.items():
        here: int = review.events.filter(pl.col("source").is_in(tools)).height
        unknown = [clause.title.lower() for clause in costs(review, record)] if record in silent(review) else []
        rows.append((record, _loaded(review, record), here or None, "; ".join(unknown)))
    caption = "The kinds of record, and what is lost without them"
    return Table("records", caption, columns, tuple(rows), "the policy names no tools")


def _loaded(review: Review, record: str) -> Cell:
    if record in not_loaded(review):
        return Marked("not loaded", tone="warn")
    if record in silent(review):
        return Marked("loaded, of another incident", tone="warn")
    loaded = {*review.covered["source"], *review.events["source"]}
    if tools := [tool for tool in review.policy.tools[record] if tool in loaded]:
        return listed(tools)
    return f"nothing; the {stands_in(record, records_of(review.policy, loaded))} tells as much"


def _doubles(review: Review) -> list[Block]:
    """The incidents of other tools at the same time: where one of them is this one, its silence means nothing."""
    if review.doubles.is_empty():
        return []
    columns = (
        Column("incident", "Incident"),
        Column("began", "Began", "time"),
        Column("apart", "From this one's begin"),
        Column("tools", "Told by"),
    )
    here = review.incident["began_at"][0]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (r["other"], r["began_at"], between(*sorted((here, r["began_at"]))), r["sources"])
        for r in review.doubles.iter_rows(named=True)
    )
    told = (
        "These incidents ran at the same time and are told by other tools alone. If one of them is this one, say so "
        "(docs/linking.md: decisions) and make the packet again; until then these tools' silence is no proof."
    )
    zone = review.parameters.zone
    caption = f"May be the same incident, as of {stamp(review.parameters.as_of, zone)}"
    return [Note("warn", told), Table("doubles", caption, columns, rows, "none", zone)]
