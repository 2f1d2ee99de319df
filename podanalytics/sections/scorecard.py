"""Section 3, response effectiveness: every clause with its clock and evidence, where the time went, who held which
role.
"""

from __future__ import annotations

from collections import Counter

from podanalytics.model import Reading, Verdict
from podanalytics.policy import Clause
from podanalytics.review import Review
from podanalytics.sections._clocks import targets_figure, waterfall_figure
from podanalytics.sections._evidence import amount, judged, only, row_links, target_of
from podanalytics.sections._load import load_block
from podanalytics.sections._roles import roles_figure
from podanalytics.show.blocks import Block, Cell, Column, Facts, Marked, Section, Table
from podanalytics.show.words import plain_name

# The order in which a reviewer wants them: what went wrong first, what nobody knows next.
ORDER = (Verdict.MISSED, Verdict.CONTRADICTORY, Verdict.UNKNOWN, Verdict.PENDING, Verdict.MET, Verdict.NOT_APPLICABLE)


def section(review: Review) -> Section:
    """The tally, the scorecard, where the time went, the roles, the coordination load."""
    counts = Counter(r.verdict for _, r in judged(review))
    tally = Facts(tuple((plain_name(v.value), counts[v]) for v in ORDER))
    blocks: list[Block] = [tally, _scorecard(review)]
    blocks += [f for f in (waterfall_figure(review), targets_figure(review), roles_figure(review)) if f]
    blocks += [_roles(review), *_watches(review), *load_block(review)]
    return Section("scorecard", "Response effectiveness", tuple(blocks))


def _scorecard(review: Review) -> Table:
    columns = (
        Column("clause", "Clause", "code", under="title"),
        Column("title", "Promise"),
        Column("verdict", "Verdict", "verdict"),
        Column("measured", "Measured"),
        Column("target", "Target", under="measured"),
        Column("margin", "Margin", under="measured"),
        Column("because", "Because, or what would settle it"),
        Column("rows", "Evidence (rows)"),
        Column("value", "Measured, in unit", "number", bare=True),
        Column("promised", "Target, in unit", "number", bare=True),
        Column("unit", "Unit", bare=True),
        Column("started_at", "Clock started", "time", bare=True),
        Column("ended_at", "Clock stopped", "time", bare=True),
        Column("due_at", "Due", "time", bare=True),
    )
    ranked = sorted(enumerate(judged(review)), key=lambda item: (ORDER.index(item[1][1].verdict), item[0]))
    rows = tuple(_row(review, clause, reading) for _, (clause, reading) in ranked)
    judge = review.fact("severity")
    caption = f"Every clause of {review.policy.label}" + (f", judged as {judge}" if judge else "")
    return Table("scorecard", f"{caption}; a target met exactly is met", columns, rows, "the policy has no clauses")


def _row(review: Review, clause: Clause, reading: Reading) -> tuple[Cell, ...]:
    margin = reading.margin
    late: Cell = None
    if margin is not None:
        late = Marked(
            f"{'' if margin >= 0 else '−'}{amount(abs(margin), reading.unit)}", tone="good" if margin >= 0 else "bad"
        )
    read_so = not clause.reading_for or reading.severity in clause.reading_for
    because = f"{reading.because}. {clause.reading}" if clause.reading and read_so else reading.because
    return (
        clause.id,
        clause.title,
        reading.verdict,
        amount(reading.value, reading.unit),
        target_of(review, reading),
        late,
        because,
        row_links(review, reading.evidence),
        reading.value,
        reading.target,
        reading.unit,
        reading.started_at,
        reading.ended_at,
        reading.due_at,
    )


def _roles(review: Review) -> Table:
    columns = (
        Column("role", "Role"),
        Column("who", "Held by"),
        Column("began", "From", "time"),
        Column("ended", "Until", "time"),
        Column("how", "How it is known"),
        Column("row", "Row"),
    )
    rows: list[tuple[Cell, ...]] = [
        (r["role"], r["person"], r["began_at"], r["ended_at"], r["how"], row_links(review, [r["event"]]))
        for r in review.roles.iter_rows(named=True)
    ]
    named = set(only(review.roles, "inferred", False)["role"])
    rows += [
        (role, Marked("nobody named", tone="muted"), None, None, "no record names a holder", None)
        for role in review.policy.roles
        if role not in named
    ]
    return Table("roles", "Roles", columns, tuple(rows), "the policy names no roles", review.parameters.zone)


def _watches(review: Review) -> list[Block]:
    """When a role that had a holder was nobody's, or somebody else acted in it; nothing where neither happened."""
    if review.watches.is_empty():
        return []
    columns = (
        Column("role", "Role"),
        Column("kind", "What was odd"),
        Column("began", "From", "time"),
        Column("ended", "Until", "time"),
    )
    words = {"gap": "nobody held it", "overlap": "somebody else than its holder acted in it"}
    rows = tuple(
        (w["role"], words[w["kind"]], w["began_at"], w["ended_at"]) for w in review.watches.iter_rows(named=True)
    )
    return [Table("watches", "Gaps and overlaps of roles", columns, rows, "none", review.parameters.zone)]
