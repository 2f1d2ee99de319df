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
from podanalytics.packed import Packed
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
    return [
        (clause.unless and waived(case, clause)) or metrics[clause.kind](case, clause) for clause in case.policy.clauses
    ]


@dataclass(frozen=True)
class Judged:
    """Every incident's READINGS, and the SILENCES that its cadence clauses measured."""

    readings: pl.DataFrame
    silences: pl.DataFrame


def judge(found: Reconstruction) -> Judged:
    """Measures every incident of a reconstruction by every clause of its policy."""
    readings, quiet = Packed(READINGS), Packed(SILENCES)
    cadences = [clause for clause in found.policy.clauses if clause.kind == "cadence"]
    label = found.policy.label
    for case in _cases(found):
        for reading in measure(case):
            readings.add(row(case.incident, reading, label))
        for clause in cadences:
            for silence in cadence.measured(case, clause):
                quiet.add(_silence(case.incident, clause, silence))
    return Judged(readings.frame(), quiet.frame())


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


def row(incident: str, reading: Reading, policy: str) -> tuple[object, ...]:
    """A reading as a row of READINGS, in the order of its columns."""
    return (
        incident,
        reading.measure,
        reading.verdict,
        reading.value,
        reading.target,
        reading.margin,
        reading.unit,
        reading.severity,
        reading.started_at,
        reading.ended_at,
        reading.due_at,
        " ".join(reading.evidence),
        reading.because,
        policy,
    )


def _silence(incident: str, clause: Clause, silence: cadence.Silence) -> tuple[object, ...]:
    """A row of SILENCES, in the order of its columns."""
    return (
        incident,
        clause.id,
        clause.audience,
        silence.began_at,
        silence.ended_at,
        silence.minutes,
        clause.limit,
        silence.before,
        silence.after,
    )
