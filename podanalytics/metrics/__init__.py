"""Metrics: one file a kind of clause, each `metric(case, clause) -> Reading`.

`measure` judges a case by every clause of its policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import polars as pl

from podanalytics.case import Case, cases
from podanalytics.metrics import cadence
from podanalytics.metrics._judge import waived
from podanalytics.model import Reading
from podanalytics.plugins import discover
from podanalytics.policy import Clause
from podanalytics.reconstruct import Reconstruction
from podanalytics.tables import READINGS, SILENCES

Metric = Callable[[Case, Clause], Reading]


@cache
def all_metrics() -> dict[str, Metric]:
    """Every kind of clause that can be measured, by name."""
    return dict(discover("podanalytics.metrics", "metric"))


def measure(case: Case) -> list[Reading]:
    """One Reading for each clause of the case's policy, in the policy's order."""
    metrics = all_metrics()
    return [waived(case, clause) or metrics[clause.kind](case, clause) for clause in case.policy.clauses]


@dataclass(frozen=True)
class Judged:
    """Every incident's READINGS, and the SILENCES that its cadence clauses measured."""

    readings: pl.DataFrame
    silences: pl.DataFrame


def judge(found: Reconstruction) -> Judged:
    """Measures every incident of a reconstruction by every clause of its policy."""
    told = list(_cases(found))
    return Judged(
        READINGS.frame(row for case in told for row in rows(case.incident, measure(case), found.policy.label)),
        SILENCES.frame(row for case in told for row in _silences(case)),
    )


def _cases(found: Reconstruction) -> Iterable[Case]:
    return cases(
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
        found.states,
        found.clocks,
        found.policy,
        found.as_of,
    )


def _silences(case: Case) -> Iterable[dict[str, object]]:
    for clause in case.policy.clauses:
        for silence in cadence.measured(case, clause):
            yield {
                "incident": case.incident,
                "measure": clause.id,
                "audience": clause.audience,
                "began_at": silence.began_at,
                "ended_at": silence.ended_at,
                "minutes": silence.minutes,
                "target": clause.limit,
                "before": silence.before,
                "after": silence.after,
            }


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
