"""Section A, the appendix: definitions and their version, parameters, members, sources with hashes, faults, checks,
exclusions.
"""

from __future__ import annotations

import json

import polars as pl

from podanalytics.plugins import discover
from podanalytics.review import Review
from podanalytics.show.blocks import Block, Cell, Column, Facts, Note, Section, Table
from podanalytics.show.words import listed, plain_name, stamp

HASH = 12  # characters of a hash that are shown; the twins of the tables hold the same


def section(review: Review) -> Section:
    """What this packet rests on."""
    blocks: list[Block] = [
        _parameters(review),
        _clauses(review),
        _members(review),
        _sources(review),
        _faults(review),
        *_checks(review),
        _exclusions(review),
    ]
    return Section("appendix", "Appendix", tuple(blocks))


def _parameters(review: Review) -> Facts:
    p = review.parameters
    sections = [plain_name(name) for name, _ in discover("podanalytics.sections", "section")]
    return Facts(
        (
            ("Incident", p.incident),
            ("Policy", review.policy.label),
            ("Definitions", f"version {review.policy.definitions}"),
            ("Severity that judges", review.policy.judge.replace("_", " ")),
            ("Judged as of", stamp(p.as_of, p.zone)),
            ("Zone shown", p.zone),
            ("Sections known", listed(sections)),
        )
    )


def _clauses(review: Review) -> Table:
    columns = (
        Column("clause", "Clause", "code"),
        Column("text", "What was promised"),
        Column("applies", "Applies to"),
        Column("reading", "Read as"),
    )
    rows = tuple((c.id, c.text, ", ".join(c.applies_to) or "all", c.reading or None) for c in review.policy.clauses)
    return Table("definitions", f"Definitions, {review.policy.label}", columns, rows)


def _members(review: Review) -> Table:
    columns = (
        Column("source", "Tool"),
        Column("subject", "Record"),
        Column("method", "Joined by"),
        Column("score", "Score", "number"),
        Column("why", "Why"),
    )
    rows = tuple(
        (r["source"], r["subject"], r["method"], r["score"], r["why"]) for r in review.members.iter_rows(named=True)
    )
    return Table("members", "Records of this incident, and why they belong to it", columns, rows)


def _sources(review: Review) -> Table:
    columns = (
        Column("file", "File", "code"),
        Column("source", "Read as"),
        Column("sha256", "SHA-256", "code"),
        Column("events", "Events", "number"),
        Column("faults", "Faults", "number"),
        Column("skipped", "Read and not kept"),
    )
    rows = tuple(
        (
            r["file"],
            r["source"] if r["source"] != "-" else "not recognised",
            r["sha256"][:HASH],
            r["events"],
            r["faults"],
            ", ".join(f"{count} {reason}" if count else reason for reason, count in json.loads(r["skipped"]).items()),
        )
        for r in review.loads.iter_rows(named=True)
    )
    return Table("sources", "Files the ledger was made from", columns, rows, "nothing is loaded")


def _faults(review: Review) -> Table:
    columns = (
        Column("origin", "Where", "code"),
        Column("record", "Record"),
        Column("rule", "Kind of fault"),
        Column("reason", "What is wrong"),
    )
    rows = tuple((r["origin"], r["record"], r["rule"], r["reason"]) for r in review.faults.iter_rows(named=True))
    return Table(
        "faults", "What could not be read, or makes no sense", columns, rows, "everything could be read and made sense"
    )


def _checks(review: Review) -> list[Block]:
    """A tally a table, and the expectations that did not pass; those that did are in the ledger."""
    if review.checks.is_empty():
        return [Note("warn", "The data was not checked yet: run `podanalytics check`, then make the packet again.")]
    columns = (
        Column("table", "Table"),
        Column("passed", "Passed", "number"),
        Column("failed", "Failed", "number"),
        Column("not_run", "Could not run", "number"),
        Column("rows", "Rows looked at", "number"),
    )
    tallies: dict[str, dict[str, int]] = {}
    for row in review.checks.iter_rows(named=True):
        counts = tallies.setdefault(row["tested"], {"passed": 0, "failed": 0, "could not run": 0, "rows": 0})
        counts[row["outcome"]] += 1
        counts["rows"] = max(counts["rows"], row["count"])
    rows: tuple[tuple[Cell, ...], ...] = tuple((name, *counts.values()) for name, counts in tallies.items())
    tally = Table("checks", "Data-quality expectations by table (Great Expectations)", columns, rows)
    return [tally, _not_passed(review)]


def _not_passed(review: Review) -> Table:
    columns = (
        Column("table", "Table"),
        Column("expectation", "Expectation"),
        Column("column", "Of"),
        Column("outcome", "Outcome"),
        Column("failing", "Failing", "number"),
        Column("count", "Of rows", "number"),
        Column("examples", "Examples"),
    )
    rows = tuple(
        (r["tested"], r["expectation"], r["column"], r["outcome"], r["failing"], r["count"], r["examples"])
        for r in review.checks.filter(pl.col("outcome") != "passed").iter_rows(named=True)
    )
    return Table("failed-checks", "Expectations that did not pass", columns, rows, "none: every expectation passed")


def _exclusions(review: Review) -> Table:
    columns = (Column("reason", "Reason"), Column("incidents", "Incidents", "number"))
    rows = tuple((r["reason"], r["incidents"]) for r in review.exclusions.iter_rows(named=True))
    return Table("exclusions", "Incidents that are not counted in any figure", columns, rows, "none")
