"""Oddities: what was read well and makes no sense. Nothing is dropped or clamped for it; each becomes a fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from podanalytics.case import GRAIN
from podanalytics.model import FaultRule, Kind
from podanalytics.policy import Policy, meaning_of
from podanalytics.tables import FAULTS

# What can only happen to a record that is there. A notice may be dated back on purpose, a message be older than it.
_LATER = (Kind.STATUS, Kind.SEVERITY, Kind.ASSIGNED, Kind.ACKNOWLEDGED, Kind.UNACKNOWLEDGED, Kind.ESCALATED)
_SAME = ["incident", "source", "subject"]


def oddities(told: pl.DataFrame, incidents: pl.DataFrame, clocks: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """FAULTS about events, incidents and clocks that contradict themselves or the policy's vocabulary."""
    strange = (*_strange(told), *_strange_severities(told, incidents, policy))
    found = (*_before(told, policy), *strange, *_backwards(told, incidents), *_shifted(clocks))
    return FAULTS.frame(found).unique(["file", "origin", "reason"], maintain_order=True)


def fault(event: dict[str, object], rule: FaultRule, reason: str) -> dict[str, object]:
    """A FAULTS row about an event."""
    return {
        "file": event["file"],
        "origin": event["origin"],
        "source": event["source"],
        "record": event["subject"],
        "rule": rule.value,
        "reason": reason,
    }


def _before(told: pl.DataFrame, policy: Policy) -> Iterator[dict[str, object]]:
    """Events of a record that lie before the record was made, further than clocks may differ."""
    made = told.filter(pl.col("kind") == Kind.DECLARED.value)
    made = made.group_by(_SAME).agg(pl.col("occurred_at").min().alias("made"))
    grain = pl.col("precision").replace_strict(GRAIN, return_dtype=pl.Duration("us"))
    early = told.filter(pl.col("kind").is_in([k.value for k in _LATER])).join(made, on=_SAME)
    slack = timedelta(minutes=policy.skew_minutes)
    for row in early.filter(pl.col("occurred_at") + grain + slack < pl.col("made")).iter_rows(named=True):
        what = f"{row['kind']} {row['value'] or ''}".strip()
        yield fault(
            row,
            FaultRule.BEFORE_INCIDENT,
            f"{what} at {row['occurred_at']:%Y-%m-%d %H:%M:%S} UTC lies before its record was made "
            f"({row['made']:%Y-%m-%d %H:%M:%S} UTC); it is kept as told: correct the milestone that it spoils",
        )


def _strange(told: pl.DataFrame) -> Iterator[dict[str, object]]:
    """Status words that the policy gives no meaning."""
    words = told.filter(
        pl.col("kind").is_in([Kind.STATUS.value, Kind.NOTICE.value])
        & pl.col("state").is_null()
        & (pl.col("value") != "")
    )
    yield from _once_a_word(words, FaultRule.STRANGE_STATUS, "status", "[[state_word]]")


def _strange_severities(told: pl.DataFrame, incidents: pl.DataFrame, policy: Policy) -> Iterator[dict[str, object]]:
    """Words for a severity that the policy gives no meaning, where that leaves an incident without any."""
    kinds = [Kind.SEVERITY.value, Kind.STATED.value]
    severe = pl.col("kind").is_in(kinds) & ((pl.col("kind") != Kind.STATED.value) | (pl.col("was") == "severity"))
    without = incidents.filter(pl.col("severity").is_null())
    stated = pl.col("kind") == Kind.STATED.value
    words = told.filter(severe & pl.col("severity_id").is_null() & (pl.col("value") != ""))
    words = words.filter(stated | pl.col("incident").is_in(without["incident"].to_list()))
    known = words.select("source", "value").unique()
    strange = [(s, v) for s, v in known.iter_rows() if meaning_of(s, v, policy.severity_words) is None]
    unknown = pl.DataFrame(strange, schema={"source": pl.String, "value": pl.String}, orient="row")
    yield from _once_a_word(
        words.join(unknown, on=["source", "value"], how="semi"),
        FaultRule.STRANGE_SEVERITY,
        "severity",
        "[[severity_word]]",
    )


def _once_a_word(words: pl.DataFrame, rule: FaultRule, what: str, table: str) -> Iterator[dict[str, object]]:
    counted = words.group_by("source", "value").len()
    first = words.sort("occurred_at", "id").unique(["source", "value"], keep="first", maintain_order=True)
    for row in first.join(counted, on=["source", "value"]).sort("source", "value").iter_rows(named=True):
        times = "once" if row["len"] == 1 else f"{row['len']} times"
        said = f"the {what} {row['value']!r} of {row['source']} has no meaning in the policy (told {times})"
        yield fault(row, rule, f"{said}: add a {table} for it")


def _backwards(told: pl.DataFrame, incidents: pl.DataFrame) -> Iterator[dict[str, object]]:
    """Incidents that end before they begin."""
    odd = incidents.filter(pl.col("resolved_at") < pl.col("began_at"))
    ends = odd.join(told, left_on=["incident", "resolved_at"], right_on=["incident", "occurred_at"], how="left")
    for row in ends.sort("incident", "id").unique("incident", keep="first", maintain_order=True).iter_rows(named=True):
        took = (row["began_at"] - row["resolved_at"]) / timedelta(minutes=1)
        yield fault(
            {**row, "subject": row["incident"], "source": row["source"] or "-", "origin": row["origin"] or "-"},
            FaultRule.NEGATIVE_DURATION,
            f"it ends {took:g} minutes before it begins; it is kept as told: correct `resolved` or what began it",
        )


def _shifted(clocks: pl.DataFrame) -> Iterator[dict[str, object]]:
    for row in clocks.filter(pl.col("shift").is_not_null()).iter_rows(named=True):
        yield {
            "file": "-",
            "origin": f"{row['source']} beside {row['against']}",
            "source": row["source"],
            "record": None,
            "rule": FaultRule.SHIFTED_CLOCK.value,
            "reason": f"{row['agreeing']} of {row['pairs']} paired moments lie {row['shift']:+g} minutes apart: one of "
            "the two writes local time and calls it UTC; verdicts that hang on the difference are unknown",
        }
