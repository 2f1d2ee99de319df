"""Metrics: one file a kind of clause, each `metric(case, clause) -> Reading`.

`measure` judges a case by every clause of its policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import polars as pl

from podanalytics.case import Case, cases
from podanalytics.metrics._judge import waived
from podanalytics.model import Reading
from podanalytics.plugins import discover
from podanalytics.policy import Clause
from podanalytics.reconstruct import Reconstruction
from podanalytics.tables import READINGS

Metric = Callable[[Case, Clause], Reading]


@cache
def all_metrics() -> dict[str, Metric]:
    """Every kind of clause that can be measured, by name."""
    return dict(discover("podanalytics.metrics", "metric"))


def measure(case: Case) -> list[Reading]:
    """One Reading for each clause of the case's policy, in the policy's order."""
    metrics = all_metrics()
    return [waived(case, clause) or metrics[clause.kind](case, clause) for clause in case.policy.clauses]


def readings(found: Reconstruction) -> pl.DataFrame:
    """READINGS of every incident of a reconstruction."""
    told = cases(
        found.incidents,
        found.milestones,
        found.updates,
        found.roles,
        found.spells,
        found.marks,
        found.present,
        found.channels,
        found.silent,
        found.covered,
        found.spoken,
        found.policy,
        found.as_of,
    )
    return READINGS.frame(row for case in told for row in rows(case.incident, measure(case), found.policy.label))


def rows(incident: str, measured: Iterable[Reading], policy: str) -> Iterable[dict[str, object]]:
    """The READINGS rows of one incident's readings."""
    for r in measured:
        yield {
            "incident": incident,
            "measure": r.measure,
            "verdict": r.verdict.value,
            "value": r.value,
            "target": r.target,
            "margin": r.margin,
            "unit": r.unit,
            "severity": r.severity,
            "started_at": r.started_at,
            "ended_at": r.ended_at,
            "due_at": r.due_at,
            "evidence": " ".join(r.evidence),
            "because": r.because,
            "policy": policy,
        }
