"""Milestones: for each, the moment its rules choose, with the rule that fired and the alternatives that lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl

from podanalytics.model import Kind, Milestone, Precision
from podanalytics.policy import MilestoneRules, Policy, Rule
from podanalytics.reconstruct.afterwards import paired
from podanalytics.reconstruct.meaning import Shelves
from podanalytics.tables import MILESTONES

_FINER = tuple(p.value for p in Precision)
_GRAINS = {Precision.MINUTE.value: "1m", Precision.HOUR.value: "1h", Precision.DAY.value: "1d"}
ENDS = (Milestone.RESOLVED, Milestone.CLOSED)
EDITED = "; edited %Y-%m-%d %H:%M UTC, and what it said before is not told"
CORRECTION = -1  # the rank of a person's correction: before every rule


def milestones(shelves: Shelves, policy: Policy, as_of: datetime) -> pl.DataFrame:
    """MILESTONES of every incident, from its annotated events (with `role`).

    A correction wins over every rule. Then the first rule that matches (or the earliest match of all, where the
    policy says so); what the other rules found is kept as alternatives.
    """
    corrections = _corrections(shelves.told, as_of)
    chosen: list[pl.DataFrame] = []
    for rules in policy.milestones:
        found = _candidates(shelves, rules, policy, chosen)
        chosen.append(_choose(pl.concat([corrections.filter(pl.col("milestone") == rules.id.value), *found]), rules))
    frame = pl.concat(chosen) if chosen else MILESTONES.frame()
    return frame.select(pl.col(n).cast(t) for n, t in MILESTONES.schema().items()).sort(MILESTONES.order)


def _candidate(hits: pl.DataFrame, milestone: Milestone, rank: int, rule: Rule) -> pl.DataFrame:
    """What a rule found, with what else tells of it. A message that was edited since may not have said it then."""
    said = bool(rule.text or rule.not_text or rule.update)
    edited = pl.when(pl.lit(said) & pl.col("edited_at").is_not_null()).then(pl.col("edited_at").dt.strftime(EDITED))
    return hits.select(
        "incident",
        pl.lit(milestone.value).alias("milestone"),
        pl.lit(rank, dtype=pl.Int64).alias("rank"),
        (pl.lit(rule.rule) + edited.otherwise(pl.lit(""))).alias("rule"),
        "occurred_at",
        "precision",
        pl.col("id").alias("event"),
        "source",
        pl.lit(rule.latest).alias("latest"),
        "earliest",
        "also",
    )


def _candidates(
    shelves: Shelves, rules: MilestoneRules, policy: Policy, chosen: list[pl.DataFrame]
) -> Iterator[pl.DataFrame]:
    told = shelves.told
    again = _taken_back(told, policy) if rules.id in ENDS else None
    for rank, rule in enumerate(rules.rules):
        hits = shelves.find(rule)
        if again is not None:
            hits = _still_over(hits, again, policy)
        if rule.after:
            hits = _not_before(hits, rule.after, chosen)
        hits = paired(_pick(hits, told, rule, policy), told, rule)
        yield _candidate(hits, rules.id, rank, rule)


def _not_before(hits: pl.DataFrame, start: Milestone, chosen: list[pl.DataFrame]) -> pl.DataFrame:
    """Only what came at or after that milestone (anything, where it is not known)."""
    known = [f.filter(pl.col("milestone") == start.value) for f in chosen]
    if not known:
        return hits
    starts = pl.concat(known).select("incident", pl.col("occurred_at").alias("start"))
    joined = hits.join(starts, on="incident", how="left", maintain_order="left")
    return joined.filter(pl.col("start").is_null() | (pl.col("occurred_at") >= pl.col("start"))).drop("start")


def _pick(hits: pl.DataFrame, told: pl.DataFrame, rule: Rule, policy: Policy) -> pl.DataFrame:
    if hits.is_empty():
        return hits
    if rule.pick == "last_standing":
        hits = _standing(hits, told, policy)
    ordered = _finest(hits).sort("occurred_at", "source", "key")
    return ordered.unique("incident", keep="first" if rule.pick == "first" else "last", maintain_order=True)


def _taken_back(told: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """incident, occurred_at: when the record that names the incident, or an internal update, said it is not over."""
    # A ticket written afterwards begins as open: only what follows another status can take one back.
    changed = told.filter(pl.col("kind") == Kind.STATUS.value).sort("occurred_at", "key")
    changed = changed.filter(pl.int_range(pl.len()).over("incident", "source", "subject") > 0)
    spoken = pl.concat([changed.filter(pl.col("standing") == "anchor"), told.filter(pl.col("update"))])
    return spoken.filter(pl.col("state").is_in(list(policy.reopening))).select("incident", "occurred_at")


def _still_over(hits: pl.DataFrame, again: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Only ends that hold: not a duplicate's closing, and none that was taken back later."""
    return _not_followed(hits.filter(pl.col("standing") != "merged"), again, ["incident"], policy)


def _not_followed(hits: pl.DataFrame, again: pl.DataFrame, by: list[str], policy: Policy) -> pl.DataFrame:
    """The hits that no reopening follows, soon enough to be the same incident's. `again`: `by` and occurred_at."""
    marked = again.select(*by, "occurred_at", pl.col("occurred_at").alias("again")).sort("occurred_at")
    found = hits.sort("occurred_at", "source", "key").join_asof(
        marked,
        on="occurred_at",
        by=by,
        strategy="forward",
        allow_exact_matches=False,
        tolerance=timedelta(days=policy.reopen_days),
        check_sortedness=False,  # both are sorted above; polars cannot tell within groups
    )
    return found.filter(pl.col("again").is_null()).drop("again")


def _finest(hits: pl.DataFrame) -> pl.DataFrame:
    """Without the coarse tellings that a finer one of the same record stands inside of.

    A history feed writes 13:40 for what the API stamps 13:40:03: one thing, and the finer time is the better known.
    """
    told = set(hits["precision"].unique())
    for coarse, grain in _GRAINS.items():
        if coarse not in told:
            continue
        finer = list(_FINER[: _FINER.index(coarse)])
        marked = hits.with_columns(pl.col("occurred_at").dt.truncate(grain).alias("within"))
        same = ["incident", "source", "subject", "kind", "within"]
        known = marked.filter(pl.col("precision").is_in(finer)).select(same).unique()
        rough = pl.col("precision") == coarse
        kept = marked.filter(rough).join(known, on=same, how="anti")
        hits = pl.concat([marked.filter(~rough), kept]).drop("within")
    return hits


def _standing(hits: pl.DataFrame, told: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The matches that no reopening of the same record follows."""
    says = pl.col("kind").is_in([Kind.STATUS.value, Kind.NOTICE.value])
    again = told.filter(says & pl.col("state").is_in(list(policy.reopening)))
    standing = _not_followed(hits, again, ["incident", "source", "subject"], policy)
    # Resolved, then closed, tells of one end: the first of the standing stretch is when it was over.
    return standing.sort("occurred_at", "source", "key").unique(
        ["incident", "source", "subject"], keep="first", maintain_order=True
    )


def _corrections(told: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    stated = told.filter((pl.col("kind") == Kind.STATED.value) & pl.col("was").is_in([m.value for m in Milestone]))
    rows = []
    for r in stated.sort("occurred_at", "key").iter_rows(named=True):
        if (at := datetime.fromisoformat(r["value"])) > as_of:
            continue  # nothing is over before it ends, whatever was said of it
        rows.append(
            {
                "incident": r["incident"],
                "milestone": r["was"],
                "rank": CORRECTION,
                "rule": f"correction: {r['text']}",
                "occurred_at": at,
                "precision": Precision.SECOND.value,
                "event": r["id"],
                "source": r["source"],
                "latest": False,
                "earliest": False,
                "also": None,
            }
        )
    rule = Rule(rule="correction")
    empty = _candidate(paired(told.clear(), told, rule), Milestone.RESOLVED, 0, rule)
    frame = pl.DataFrame(rows, schema=empty.schema) if rows else empty
    return frame.unique(["incident", "milestone"], keep="last", maintain_order=True)


def _choose(candidates: pl.DataFrame, rules: MilestoneRules) -> pl.DataFrame:
    by_time = rules.choose == "earliest"
    # Of the earliest matches one that is known at the earliest only stands behind every one that is known.
    known = pl.when(pl.col("rank") == CORRECTION).then(CORRECTION).otherwise(pl.col("earliest").cast(pl.Int64))
    first = known if by_time else pl.col("rank")
    ordered = candidates.with_columns(first.alias("order")).sort("incident", "order", "occurred_at", "rank", "event")
    others = pl.struct("rule", "occurred_at", "event", "source").slice(1)
    grouped = ordered.group_by("incident", maintain_order=True).agg(
        pl.col(
            "milestone", "occurred_at", "precision", "event", "source", "rule", "rank", "latest", "earliest", "also"
        ).first(),
        others.alias("lost"),
        pl.col("occurred_at").slice(1).min().alias("earliest_other"),
        pl.col("occurred_at").slice(1).max().alias("latest_other"),
    )
    return grouped.with_columns(
        (pl.col("rank") == CORRECTION).alias("corrected"),
        pl.Series("alternatives", [_listed(lost) for lost in grouped["lost"].to_list()], dtype=pl.String),
    ).drop("rank", "lost")


def _listed(lost: list[dict[str, object]]) -> str:
    if not lost:
        return "[]"
    return json.dumps([[x["rule"], x["occurred_at"].isoformat(), x["event"], x["source"]] for x in lost])  # type: ignore[attr-defined]
