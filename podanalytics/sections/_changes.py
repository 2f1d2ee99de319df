"""Changes before an incident, each beside what is usual: how often there is one, and how often an incident follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from podanalytics.base_rates import Usual, usual
from podanalytics.places import environment_of
from podanalytics.review import CHANGES, Review
from podanalytics.sections._evidence import began, numbers, row_links
from podanalytics.sections._history import share
from podanalytics.show.blocks import Cell, Column, Table
from podanalytics.show.words import FEW, between, day, listed, percent, shortened
from podanalytics.stats import garwood
from podanalytics.versions import ROLLBACK, Good
from podanalytics.versions import last_good as versions_known_good

SHOWN = 12  # changes in a table


def before(review: Review) -> pl.DataFrame:
    """The changes before the incident began, nearest first."""
    return review.changes.filter(pl.col("occurred_at") <= began(review)).sort(
        "occurred_at", "key", descending=[True, False]
    )


def changes_table(review: Review) -> Table:
    """The candidates themselves."""
    columns = (
        Column("before", "Before the begin"),
        Column("at", "Time", "time"),
        Column("where", "Where"),
        Column("version", "Version"),
        Column("was", "After"),
        Column("what", "What"),
        Column("outcome", "How it ended", under="what"),
        Column("row", "Row"),
        Column("origin", "Raw line", "code"),
    )
    found = before(review)
    ended = {id: (word, event) for id, word, event in review.deploys.select("id", "outcome", "evidence").iter_rows()}
    rows: list[tuple[Cell, ...]] = [
        (
            between(r["occurred_at"], began(review)),
            r["occurred_at"],
            r["subject"],
            r["value"],
            r["was"],
            shortened(r["text"], 140),
            ended.get(r["id"], (None, None))[0],
            row_links(review, [id for id in (r["id"], ended.get(r["id"], (None, None))[1]) if id]),
            r["origin"],
        )
        for r in found.head(SHOWN).iter_rows(named=True)
    ]
    more = f"; the {SHOWN} nearest of {found.height}, the others are in the ledger" if found.height > SHOWN else ""
    empty = "no change is known in the 72 hours before" + (
        "" if review.changes.height else ": no change history covers them"
    )
    caption = f"Changes in the 72 hours before, nearest first{more}"
    return Table("changes", caption, columns, tuple(rows), empty, review.parameters.zone)


def base_rates(review: Review) -> Table:
    """How usual a change that near is: per change by its place, then for any place."""
    columns = (
        Column("change", "Change"),
        Column("lag", "Before the begin"),
        Column("usual", "Changes there, until 72 h before"),
        Column("near", "Moments with a change that near before them"),
        Column("followed", "Changes followed by an incident that soon"),
    )
    found = before(review).head(SHOWN)
    rows: list[tuple[Cell, ...]] = []
    for r in found.iter_rows(named=True):
        there = review.deploys.filter(pl.col("subject") == r["subject"])["occurred_at"].to_list()
        rows.append(_rate(review, f"{r['subject']} {r['value']}", r["occurred_at"], there))
    if found["subject"].n_unique() > 1:
        rows.append(
            _rate(review, "any place", found["occurred_at"][0], review.deploys["occurred_at"].to_list()),
        )
    return Table(
        "base-rates",
        "How usual that is, in the loaded history",
        columns,
        tuple(rows),
        "nothing to compare: no change is known in the 72 hours before",
    )


def usual_before(review: Review, moment: datetime, changes: list[datetime]) -> Usual | None:
    """What was usual for changes that come as long before an incident as `moment` came before this one."""
    start = began(review)
    return usual(changes, review.earlier["began_at"].to_list(), start - moment, start - CHANGES)


def _rate(review: Review, name: str, moment: datetime, changes: list[datetime]) -> tuple[Cell, ...]:
    lag = between(moment, began(review))
    found = usual_before(review, moment, changes)
    if found is None:
        return name, lag, "none before: nothing to compare with", None, None
    return name, lag, _how_often(found), _nearness(found), _followed(found)


def _how_often(found: Usual) -> str:
    told = f"{found.changes:,} since {day(found.since)}"
    weeks = found.days / 7
    if found.changes < FEW or weeks < 1:
        return f"{told}; too few for a rate"
    low, high = (bound / weeks for bound in garwood(found.changes))
    return f"{told}: {found.changes / weeks:.2g} a week ({low:.2g} to {high:.2g})"


def _nearness(found: Usual) -> str:
    return "too few to say" if found.changes < FEW else small(found.near)


def _followed(found: Usual) -> str:
    """Counts always; a share only of ten and more."""
    if found.followable == 0:
        return "unknown: no earlier incident is loaded"
    return share(found.followed, found.followable, small)


def small(share: float) -> str:
    """A share of one as a percentage, with a decimal where it is small.

    >>> small(0.0043), small(0.38), small(0.0), small(0.00001)
    ('0.4 %', '38 %', '0 %', 'under 0.1 %')
    """
    if 0 < share < 0.001:
        return "under 0.1 %"
    return f"{share * 100:.1f} %" if 0 < share < 0.1 else percent(share)


def last_good(review: Review) -> Table:
    """Per place that changed: the last version known to be good, on what that rests, and its use in the incident."""
    columns = (
        Column("where", "Where"),
        Column("version", "Version"),
        Column("why", "Why this one"),
        Column("rows", "Rests on rows"),
        Column("lines", "Raw lines", "code"),
        Column("used", "Named beside a rollback in rows"),
    )
    found = versions_known_good(review.deploys, began(review), began(review) - CHANGES)
    rows: list[tuple[Cell, ...]] = [
        (
            good.subject,
            good.version,
            _why(review, good),
            row_links(review, [id for row in good.rows for id in (row["id"], row["evidence"]) if id]),
            ", ".join(dict.fromkeys(row["origin"] for row in good.rows)),
            row_links(review, _used(review, good.version)),
        )
        for good in found
    ]
    return Table(
        "last-known-good",
        "Last known good, by the change history",
        columns,
        tuple(rows),
        "cannot be told: no change to a version, of which the one before is known, in the 72 hours before",
    )


def _why(review: Review, good: Good) -> str:
    """In words: what replaced it, or that it was gone back to, or that it ran on; and what is not known of that."""
    start, last, since = began(review), good.last, good.since
    if last is not None and last.row is not None:
        leaving = f", which goes back from {last.left}," if last.left else ""
        told = f"{last.version}{leaving} replaced it {between(last.row['occurred_at'], start)} before the begin"
        open_end = "" if _ended(review, last.row) else "; nothing tells how that deployment ended"
        told += open_end if environment_of(good.subject) else ""
    elif since.left:
        back = since.again or since.row
        told = (
            f"gone back to, from {since.left}, {between(back['occurred_at'], start)} before the begin" if back else ""
        )
    else:
        told = "it ran at the begin"
        if since.again is not None:
            told += f", put out once more {between(since.again['occurred_at'], start)} before"
    return f"{told}; {listed(good.failed)} failed after that" if good.failed else told


def _ended(review: Review, row: Mapping[str, Any]) -> bool:
    return bool(row["outcome"]) and bool(re.search(review.policy.changes.done, row["outcome"]))


def _used(review: Review, version: str) -> list[str]:
    """What tells of a rollback and names that version, from the begin on."""
    whole = re.compile(rf"(?<![\w.]){re.escape(version)}(?![\w]|\.\d)")
    later = review.events.filter(pl.col("occurred_at") >= began(review))
    told = [r for r in later.iter_rows(named=True) if ROLLBACK.search(r["text"]) and whole.search(r["text"])]
    return [r["id"] for r in told if numbers(review, [r["id"]])]
