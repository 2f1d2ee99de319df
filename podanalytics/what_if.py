"""What if: past incidents judged by a proposed policy, beside how they are judged now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from podanalytics.ledger import Ledger
from podanalytics.trends import Attainment, attainment


@dataclass(frozen=True, slots=True)
class Shift:
    """One clause before and after: empty on a side where nothing was owed. `turned` counts the incidents whose verdict
    changed, by (before, after).
    """

    clause: str
    before: tuple[Attainment, ...]
    after: tuple[Attainment, ...]
    turned: tuple[tuple[str, str, int], ...]


def what_if(now: Ledger, proposed: Ledger, since: datetime | None) -> Iterator[Shift]:
    """A Shift for each clause of either side: the proposal's clauses in its order, then those it does not have.

    Both ledgers are of one store; `proposed` is judged by the proposal alone, whatever its effective date. Incidents
    that began before `since`, and those that either side does not count, are left out.
    """
    both = _counted(now, since).join(_counted(proposed, since), on="incident")
    before = now.readings.join(both, on="incident", how="semi")
    after = proposed.readings.join(both, on="incident", how="semi")
    was = list(attainment(before, now.policies.versions))
    then = list(attainment(after, proposed.policies.versions))
    turned = _turned(before, after)
    for id in dict.fromkeys(a.clause.id for a in (*then, *was)):
        yield Shift(id, _owed(was, id), _owed(then, id), tuple(turned.get(id, ())))


def _owed(told: list[Attainment], clause: str) -> tuple[Attainment, ...]:
    return tuple(a for a in told if a.clause.id == clause and a.known + a.pending + a.unknown + a.contradictory)


def counted(now: Ledger, proposed: Ledger, since: datetime | None) -> tuple[int, int, int]:
    """(incidents that are compared, those that only the first counts, those that only the second does)."""
    one, other = _counted(now, since), _counted(proposed, since)
    both = one.join(other, on="incident").height
    return both, one.height - both, other.height - both


def _counted(ledger: Ledger, since: datetime | None) -> pl.DataFrame:
    mine = ledger.incidents.filter(pl.col("excluded").is_null())
    return (mine if since is None else mine.filter(pl.col("began_at") >= since)).select("incident")


def _turned(before: pl.DataFrame, after: pl.DataFrame) -> dict[str, list[tuple[str, str, int]]]:
    both = before.select("incident", "measure", was="verdict").join(
        after.select("incident", "measure", now="verdict"), on=["incident", "measure"]
    )
    counts = both.filter(pl.col("was") != pl.col("now")).group_by("measure", "was", "now").len()
    found: dict[str, list[tuple[str, str, int]]] = {}
    for measure, was, now, count in counts.sort(
        "measure", "len", "was", "now", descending=[False, True, False, False]
    ).iter_rows():
        found.setdefault(measure, []).append((was, now, count))
    return found
