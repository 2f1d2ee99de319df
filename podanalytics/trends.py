"""Trends: what the monthly report's sections may look at, as one frozen value, and its attainment by clause.

An incident belongs to the month it began in, once, even if it ends in the next. An obligation belongs to the month it
fell due in: what was promised for November is November's, though the incident began in October.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl

from podanalytics.model import Verdict
from podanalytics.policy import Clause, Policy
from podanalytics.stats import wilson
from podanalytics.workload import Load


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month whose borders are drawn in `zone`: from `begin` up to but without `end`, both in UTC."""

    name: str
    begin: datetime
    end: datetime
    zone: str


@dataclass(frozen=True)
class Trend:
    """One month of a ledger, safe to share.

    `incidents` (INCIDENTS) began in the month, the excluded ones among them; `readings` (READINGS) are the obligations
    of counted incidents that fell due in it, plus those without a due moment whose incident began in it; `faults` and
    `checks` are the whole workspace's. `policies` are those that judged any of it, in the order in which they came into
    force; at least one. `covered` says whether any loaded source tells of the month at all. `workload` is how the
    month's work spread over people, of whom it holds no trace.
    """

    month: Month
    as_of: datetime
    policies: tuple[Policy, ...]
    incidents: pl.DataFrame
    readings: pl.DataFrame
    faults: pl.DataFrame
    checks: pl.DataFrame
    covered: bool
    workload: tuple[Load, ...] = ()

    @property
    def counted(self) -> pl.DataFrame:
        """The incidents that count: all but drills, tests, duplicates and the like."""
        return self.incidents.filter(pl.col("excluded").is_null())

    @property
    def running(self) -> bool:
        """Whether the month was still running, or to come, at the moment the report judges at."""
        return self.as_of < self.month.end


def month_of(name: str, zone: str) -> Month:
    """The month `YYYY-MM` in a zone. Raises ValueError for a name that is none.

    >>> month_of("2026-10", "Europe/Berlin").end.isoformat()
    '2026-10-31T23:00:00+00:00'
    """
    begin = datetime.strptime(name, "%Y-%m").replace(tzinfo=ZoneInfo(zone))
    following = (begin.year + 1, 1) if begin.month == 12 else (begin.year, begin.month + 1)
    end = begin.replace(year=following[0], month=following[1])
    return Month(name, begin.astimezone(UTC), end.astimezone(UTC), zone)


@dataclass(frozen=True, slots=True)
class Attainment:
    """How often a clause was kept, over the obligations that fell due: of the known ones, with what is not known.

    `bounds` are the shares if every unknown had been missed, and if every one had been met.
    """

    policy: Policy
    clause: Clause
    met: int
    missed: int
    pending: int
    unknown: int
    contradictory: int

    @property
    def known(self) -> int:
        """How many could be judged."""
        return self.met + self.missed

    @property
    def share(self) -> float | None:
        """Met of known; None where nothing is known, which is not zero."""
        return self.met / self.known if self.known else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the share."""
        return wilson(self.met, self.known)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The lowest and highest share that the unknown and contradictory ones leave possible."""
        open_ones = self.unknown + self.contradictory
        fell_due = self.known + open_ones
        return (self.met / fell_due, (self.met + open_ones) / fell_due) if fell_due else None


def attainment(readings: pl.DataFrame, policies: Iterable[Policy]) -> Iterator[Attainment]:
    """One row a clause of each policy, in their order, over READINGS; not applicable ones are no obligations.

    What two policies ask for is never added up: a clause may mean something else in the next version.
    """
    grouped = readings.group_by("policy", "measure", "verdict").len()
    counts = {(p, m, v): n for p, m, v, n in grouped.iter_rows()}
    for policy in policies:
        for clause in policy.clauses:
            told = [int(counts.get((policy.label, clause.id, verdict.value), 0)) for verdict in _COUNTED]
            yield Attainment(policy, clause, *told)


_COUNTED = (Verdict.MET, Verdict.MISSED, Verdict.PENDING, Verdict.UNKNOWN, Verdict.CONTRADICTORY)
