"""What ran where: the changes of each place in time order, what became of each, and the last version known to be good.

A change that failed did not take over. A change back to a version that ran before, or one that says it is a rollback,
takes away the version it leaves: that one is not good, however long it ran. A place is a service in an environment; a
service of which nothing tells where it ran is a place by itself, and its tags stand for what ran.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import polars as pl

from podanalytics.model import Kind
from podanalytics.places import change_of, environment_of, service_of
from podanalytics.policy import Policy

ROLLBACK = re.compile(r"(?i)\b(?:roll(?:ed|ing)?[ -]?back|rollback|revert(?:ed)?)\b")
DEPLOYS: dict[str, Any] = {
    "occurred_at": pl.Datetime("us", "UTC"),
    "subject": pl.String,
    "source": pl.String,
    "id": pl.String,
    "value": pl.String,
    "was": pl.String,
    "back": pl.Boolean,
    "undoes": pl.String,
    "outcome": pl.String,
    "failed": pl.Boolean,
    "evidence": pl.String,
    "origin": pl.String,
}
"""All changes ever: `back` where its words speak of a rollback, `undoes` the change whose words it quotes; `outcome`
the tool's last word on how it went, null where nothing tells, and `evidence` the event that says so; `failed` where the
policy reads that word as a failure."""
_QUOTED = re.compile(r'(?i)\brevert(?:s|ed)? "(?P<words>.+)"')
_HASH = re.compile(r"[0-9a-f]{7,64}$")


def outcomes(events: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """source, change (its key), outcome, evidence: the last word on each change that tells how it ended, else the last
    of all.
    """
    told = events.filter((pl.col("kind") == Kind.STATUS.value) & pl.col("key").str.contains("/status/", literal=True))
    ends = pl.col("outcome").str.contains(policy.changes.failed) | pl.col("outcome").str.contains(policy.changes.done)
    found = told.select(
        "source",
        pl.col("key").map_elements(change_of, pl.String).alias("change"),
        pl.col("value").alias("outcome"),
        pl.col("id").alias("evidence"),
        "occurred_at",
        "key",
    )
    return (
        found.sort(ends, "occurred_at", "key")
        .unique(["source", "change"], keep="last", maintain_order=True)
        .drop("occurred_at", "key")
    )


def deployed(events: pl.DataFrame, until: datetime, policy: Policy) -> pl.DataFrame:
    """DEPLOYS: every change up to a moment, with what became of it."""
    changed = events.filter((pl.col("kind") == Kind.CHANGE.value) & (pl.col("occurred_at") <= until)).unique("id")
    known = outcomes(events.filter(pl.col("source").is_in(changed["source"].unique().to_list())), policy)
    both = changed.join(known, left_on=["source", "key"], right_on=["source", "change"], how="left")
    undone = list(_undone(changed))
    quoting = pl.DataFrame(undone, schema={"id": pl.String, "undoes": pl.String}, orient="row")
    return (
        both.join(quoting, on="id", how="left")
        .with_columns(
            pl.col("text").map_elements(lambda text: bool(ROLLBACK.search(text)), pl.Boolean).alias("back"),
            pl.col("outcome").str.contains(policy.changes.failed).fill_null(False).alias("failed"),
        )
        .sort("occurred_at", "subject", "id")
        .select(pl.col(name).cast(type) for name, type in DEPLOYS.items())
    )


def _undone(changed: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """(a change, the one it undoes): the last one before it at its place whose words it quotes."""
    before: dict[tuple[str, str], list[tuple[str, str]]] = {}
    shown = changed.sort("occurred_at", "id").select("source", "subject", "id", "text")
    for source, subject, id, text in shown.iter_rows():
        there = before.setdefault((source, subject), [])
        quoted = _QUOTED.search(text)
        if quoted and (found := next((other for other, said in reversed(there) if quoted["words"] in said), None)):
            yield id, found
        there.append((id, text))


@dataclass(frozen=True, slots=True)
class Ran:
    """A version that took over, by the change that brought it; `row` is None for one that only its successor names."""

    version: str
    row: Mapping[str, Any] | None
    returned: bool = False  # it had run before, and was gone back to
    left: str = ""  # the version that was left for it
    again: Mapping[str, Any] | None = None  # the last change that put the same version out once more


@dataclass(frozen=True, slots=True)
class Good:
    """The last version known to be good at a place, and what says so.

    `last` is the version that replaced it (None where none did), `failed` are those that were tried since and failed.
    `rows` are the changes that it rests on.
    """

    subject: str
    source: str
    version: str
    since: Ran
    last: Ran | None
    failed: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = field(default=())


def last_good(deploys: pl.DataFrame, began: datetime, since: datetime) -> list[Good]:
    """Of every place that changed between `since` and `began`: the last version before its last change that took over.

    Nearest first. A service whose deployments tell it is not told a second time by its tags and releases.
    """
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in deploys.filter(pl.col("occurred_at") <= began).iter_rows(named=True):
        rows.setdefault((row["subject"], row["source"]), []).append(row)
    near = [group for group in rows.values() if group[-1]["occurred_at"] >= since]
    found = [good for group in near if (good := _good(_versions(group), since))]
    told = {service_of(good.subject) for good in found if environment_of(good.subject)}
    kept = [g for g in found if environment_of(g.subject) or service_of(g.subject) not in told]
    return sorted(kept, key=lambda g: (-max(r["occurred_at"] for r in g.rows).timestamp(), g.subject, g.source))


def _versions(group: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the commits of a place where versions have names: a commit by itself is not released."""
    named = [row for row in group if not _HASH.fullmatch(row["value"])]
    return named if named and not environment_of(group[0]["subject"]) else group


def _good(group: list[dict[str, Any]], since: datetime) -> Good | None:
    ran, failed = _replayed(group)
    tried = [row for row in failed if row["occurred_at"] >= since]
    if not ran or not group or group[-1]["occurred_at"] < since:
        return None
    last = ran[-1]
    is_new = last.row is not None and last.row["occurred_at"] >= since and not last.returned
    if is_new and len(ran) < 2:
        return None  # nothing tells what ran before
    good, by = (ran[-2], last) if is_new else (last, None)
    rows = [good.row, good.again, by.row if by else None, *tried]
    kept = tuple(row for row in rows if row is not None)
    return Good(group[0]["subject"], group[0]["source"], good.version, good, by, _named(tried), kept)


def _named(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(row["value"]) for row in rows))


def _replayed(group: list[dict[str, Any]]) -> tuple[list[Ran], list[dict[str, Any]]]:
    """The versions that ran one after the other, without those that were left again; and what failed since the last."""
    ran: list[Ran] = []
    failed: list[dict[str, Any]] = []
    for row in group:
        if row["failed"]:
            failed.append(row)
            continue
        ran, failed = list(_taken_over(ran, row)), []
    return ran, failed


def _taken_over(ran: list[Ran], row: dict[str, Any]) -> Iterator[Ran]:
    """What ran, with one more change that took over."""
    version = row["value"]
    if ran and ran[-1].version == version:
        yield from (*ran[:-1], replace(ran[-1], again=row))
        return
    place = next((n for n, one in enumerate(ran) if one.version == version), None)
    if place is not None:
        yield from ran[:place]
        yield replace(ran[place], returned=True, left=ran[-1].version, again=row)
        return
    if row["back"]:
        # What it leaves was not good, from the change on that it undoes. A deployment goes back to what it names; a tag
        # is a new version that goes back.
        undone = (n for n, one in enumerate(ran) if one.row and one.row["id"] == row["undoes"])
        first = next(undone, max(len(ran) - 1, 0))
        bad = ran[first].version if ran else row["was"]
        yield from ran[:first]
        yield Ran(version, row, returned=bool(environment_of(row["subject"])), left=bad or "")
        return
    yield from ran
    if row["was"] and not (ran and ran[-1].version == row["was"]):
        yield next((one for one in ran if one.version == row["was"]), Ran(row["was"], None))
    yield Ran(version, row)
