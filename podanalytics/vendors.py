"""One incident under other tools' definitions: what each would print for it, or why it would print nothing.

The rows are data (`policy/definitions.toml`). Here are the moments that they name and the policy has no milestone for.
They are read from one record: the one whose alert fired first. A second alert is a second row of those tools.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import polars as pl

from podanalytics.metrics._judge import WORDS
from podanalytics.model import Kind, Milestone
from podanalytics.policy import OVER, Policy
from podanalytics.policy.definitions import DERIVED, Definition
from podanalytics.reconstruct.meaning import meanings
from podanalytics.show.words import duration

SILENCED = ("snoozed",)


class Seen(NamedTuple):
    """A moment that is known, and the event that tells it."""

    at: datetime
    event: str


class Told(NamedTuple):
    """One definition's answer: minutes, or None and why; and the events that it rests on."""

    definition: Definition
    minutes: float | None
    because: str
    events: tuple[str, ...]


def moments(
    events: pl.DataFrame, milestones: pl.DataFrame, policy: Policy, working: tuple[str, ...]
) -> dict[str, Seen]:
    """Every moment that a definition may name and these records tell.

    `events` (EVENTS) and `milestones` (MILESTONES) are one incident's; `working` as in `Definitions`.
    """
    found = {str(m): Seen(at, e) for m, at, e in milestones.select("milestone", "occurred_at", "event").iter_rows()}
    found |= _of_the_alert(alert_record(events), milestones, policy)
    last = _last_impact(events.filter(pl.col("kind") == Kind.COMPONENT.value), working)
    return found | ({"last_impact": last} if last else {})


def alert_record(events: pl.DataFrame) -> pl.DataFrame:
    """What the record tells whose alert fired first, in time order; no rows where no alert is known."""
    ordered = events.sort("occurred_at", "key")
    first = ordered.filter(pl.col("kind") == Kind.ALERTED.value).head(1)
    return ordered.join(first.select("source", "subject"), on=["source", "subject"], how="semi", maintain_order="left")


def _of_the_alert(record: pl.DataFrame, milestones: pl.DataFrame, policy: Policy) -> dict[str, Seen]:
    acknowledged = record.filter(pl.col("kind") == Kind.ACKNOWLEDGED.value)
    status = record.filter(pl.col("kind") == Kind.STATUS.value)
    state = meanings(status.select("source", pl.col("value").alias("word")), policy.state_words)
    over, silenced = status.filter(state.is_in(OVER)), status.filter(state.is_in(SILENCED))
    by_person = _candidates(milestones, Milestone.ACKNOWLEDGED)
    rows = {
        "alert_acknowledged": acknowledged.head(1),
        "alert_acknowledged_by_person": acknowledged.filter(pl.col("id").is_in(by_person)).head(1),
        "alert_silenced": silenced.head(1),
        "alert_closed": over.head(1),
        "alert_resolved": over.tail(1),
    }
    return {name: Seen(*row.select("occurred_at", "id").row(0)) for name, row in rows.items() if row.height}


def _candidates(milestones: pl.DataFrame, milestone: Milestone) -> list[str]:
    """The events that some rule of a milestone found, the chosen one and those that lost."""
    found: list[str] = []
    for event, others in milestones.filter(pl.col("milestone") == milestone.value)["event", "alternatives"].iter_rows():
        found += [event, *(other[2] for other in json.loads(others))]
    return found


def _last_impact(components: pl.DataFrame, working: tuple[str, ...]) -> Seen | None:
    """When the last affected component worked again; None where none was affected, or one still is."""
    affected, back = False, None
    state: dict[str, bool] = {}
    for at, event, name, value in (
        components.sort("occurred_at", "key").select("occurred_at", "id", "text", "value").iter_rows()
    ):
        well = value in working
        affected |= not well
        back = Seen(at, event) if well and not state.get(name, True) else back
        state[name] = well
    return back if affected and all(state.values()) else None


def under_each(
    rows: Iterable[Definition], found: Mapping[str, Seen], by_hand: bool | None, absent: frozenset[str]
) -> Iterator[Told]:
    """What every definition makes of the incident.

    `found`: as `moments` gives them. `by_hand`: whether a person opened it, None where nobody tells. `absent`: what is
    known not to have happened; what is in neither is unknown, and so is every number that needs it.
    """
    for row in rows:
        yield _under(row, found, by_hand, absent)


def _under(row: Definition, found: Mapping[str, Seen], by_hand: bool | None, absent: frozenset[str]) -> Told:
    if row.by_hand is not None and by_hand is not False:
        if by_hand is None:
            return Told(row, None, "not told: whether a person or a monitor opened it", ())
        return Told(row, row.by_hand, "opened by a person, without an alert", ())
    start = _first(row.start, found)
    if start is None:
        return Told(row, None, f"not told: no {words(row.start[-1])}", ())
    if lacking := [name for name in row.needs if name not in found]:
        return Told(row, None, _why_not(lacking, row.left_out, absent), (found[start].event,))
    stop = _first(row.stop, found) if row.choose == "first_known" else _earliest(row.stop, found)
    if stop is None:
        return Told(row, None, _why_not(row.stop, row.missing, absent), (found[start].event,))
    minutes = round((found[stop].at - found[start].at).total_seconds() / 60, 3)  # as readings have them
    events = (found[start].event, found[stop].event)
    clock = f"{words(start)} → {words(stop)}"
    if minutes < 0:
        before = f"{words(stop)} lies {duration(-minutes)} before {words(start)}"
        return Told(row, None, f"{before}: a clock that runs backwards has no number", events)
    return Told(row, minutes, clock, events)


def _why_not(names: Iterable[str], answer: str, absent: frozenset[str]) -> str:
    """The tool's own answer where the moments are known not to have come; else that nobody tells."""
    unknown = [name for name in names if name not in absent]
    return f"not told: no {words(unknown[0])}" if unknown else answer


def _first(names: Iterable[str], found: Mapping[str, Seen]) -> str | None:
    return next((name for name in names if name in found), None)


def _earliest(names: Iterable[str], found: Mapping[str, Seen]) -> str | None:
    return min((name for name in names if name in found), key=lambda name: found[name].at, default=None)


def words(name: str) -> str:
    """A moment in a sentence.

    >>> words("alert_fired"), words("last_impact")
    ('alert', 'end of the last impact on customers')
    """
    return DERIVED[name] if name in DERIVED else WORDS[Milestone(name)]
