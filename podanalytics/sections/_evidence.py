"""Shared by the sections: row numbers for evidence, clauses with their readings, and plain words for both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from podanalytics.business import promised
from podanalytics.model import Kind, Reading
from podanalytics.policy import Clause
from podanalytics.policy.definitions import definitions
from podanalytics.review import AROUND, Review, reading_of
from podanalytics.show.blocks import Link, Links, to_rows
from podanalytics.show.words import duration
from podanalytics.vendors import moments

LATE = timedelta(minutes=10)  # between a moment and its record: more than a pause in writing
SHOWN = 8  # evidence rows named in one cell; the twin of the table and `explain` have them all


def numbers(review: Review, events: Iterable[str]) -> list[int]:
    """Timeline row numbers of event ids, in order; an event that is not on the timeline has none."""
    return sorted({review.numbers[e] for e in events if e in review.numbers})


def cited_events(review: Review) -> list[str]:
    """Every event that some part of the packet rests on, and may therefore point at."""
    found = {id for evidence in review.readings["evidence"] for id in evidence.split()}
    for frame, column in (("silences", "before"), ("silences", "after"), ("spells", "event"), ("roles", "event")):
        found |= set(getattr(review, frame)[column].drop_nulls())
    found |= {id for column in ("event", "ended_by") for id in review.segments[column] if id}
    found |= {r["id"] for r in (*first_degraded(review), *description(review))}
    elsewhere = moments(review.events, review.milestones, review.policy, definitions().working)
    found |= {seen.event for seen in elsewhere.values()} | set(late(review)["id"])
    found |= set(review.milestones["event"]) | set(review.milestones["also"].drop_nulls())
    return sorted(found | set(review.updates["event"]))


def late(review: Review) -> pl.DataFrame:
    """The events that were written, or changed, well after the moment they tell of."""
    return review.events.filter((pl.col("recorded_at") - pl.col("occurred_at")) > LATE)


def first_degraded(review: Review) -> list[dict[str, Any]]:
    """The first row that says a component of the status page is not well; none where all were."""
    worse = only(review.events, "kind", Kind.COMPONENT.value).filter(pl.col("value") != "operational")
    return worse.head(1).to_dicts()


def description(review: Review) -> list[dict[str, Any]]:
    """What its record says of an incident that no update tells of; none where there are updates, or no such words."""
    written = (pl.col("kind") == Kind.OTHER.value) & (pl.col("value") == "description") & (pl.col("text") != "")
    return review.events.filter(written).head(1).to_dicts() if review.updates.is_empty() else []


def spoken(review: Review) -> list[dict[str, Any]]:
    """What people wrote around the incident, in time order: the messages on the timeline."""
    again = [id for also in review.updates["also"] for id in also.split()]
    said = only(review.events, "kind", Kind.MESSAGE.value).filter("human")
    return said.filter(~pl.col("id").is_in(again) & (pl.col("occurred_at") >= began(review) - AROUND)).to_dicts()


def row_links(review: Review, events: Iterable[str]) -> Links:
    """Links to the timeline rows of event ids, the first of them where they are many."""
    found = numbers(review, events)
    links = to_rows(found[:SHOWN]).links
    return Links(links if len(found) <= SHOWN else (*links, Link(f"and {len(found) - SHOWN} more", "")))


def cited(review: Review, events: Iterable[str]) -> str:
    """`(rows 12, 18)` for a sentence; empty where there is no row."""
    found = numbers(review, events)[:SHOWN]
    word = "row" if len(found) == 1 else "rows"
    return f" ({word} {', '.join(map(str, found))})" if found else ""


def judged(review: Review) -> list[tuple[Clause, Reading]]:
    """Every clause of the policy with its reading, in the policy's order."""
    rows = {row["measure"]: reading_of(row) for row in review.readings.iter_rows(named=True)}
    return [(clause, rows[clause.id]) for clause in review.policy.clauses if clause.id in rows]


class Quiet(NamedTuple):
    """A stretch without an update, as its clause measured it: minutes, the target, and the updates at its ends."""

    began_at: datetime
    ended_at: datetime
    minutes: float
    target: float
    ends: tuple[str, ...]

    @property
    def over(self) -> float:
        """Minutes above the target; exactly the target is kept."""
        return max(0.0, self.minutes - self.target)


def cadences(review: Review) -> list[tuple[Clause, list[Quiet]]]:
    """Every cadence clause of the policy with the silences it measured, in time order."""
    return [(clause, _quiet(review, clause)) for clause in review.policy.clauses if clause.kind == "cadence"]


def _quiet(review: Review, clause: Clause) -> list[Quiet]:
    return [
        Quiet(
            r["began_at"],
            r["ended_at"],
            r["minutes"],
            r["target"],
            tuple(e for e in (r["before"], r["after"]) if e),
        )
        for r in only(review.silences, "measure", clause.id).iter_rows(named=True)
    ]


def amount(value: float | None, unit: str) -> str | None:
    """A value in words: a duration, or a number with its unit; None stays None."""
    if value is None:
        return None
    return duration(value) if unit == "min" else f"{value:g} {unit}"


def target_of(review: Review, reading: Reading) -> str | None:
    """A reading's target in words: as the policy has it where it counts business time, else as an amount."""
    return promised(review.policy, reading) or amount(reading.target, reading.unit)


def timeline_end(review: Review) -> datetime:
    """Where the incident's clock stands: resolved, or the moment the packet judges at."""
    end = review.fact("resolved_at")
    return end if isinstance(end, datetime) else review.parameters.as_of


def began(review: Review) -> datetime:
    """When the incident began."""
    found = review.fact("began_at")
    assert isinstance(found, datetime)
    return found


def words_of(row: dict[str, object]) -> str:
    """What an event says, for a table: its text, else what changed."""
    text, was, value = str(row["text"] or ""), row["was"], row["value"]
    kind = str(row["kind"])
    if kind == "stated" and row["source"] == "decisions":
        return f"{row['subject']} and {was} are {'the same' if value == 'same' else value}: {text}"
    if kind in ("status", "severity", "assigned", "renamed", "component") and value:
        change = f"{was} → {value}" if was else str(value)
        return f"{change}: {text}" if text and kind == "component" else change
    if kind in ("notified", "escalated") and value and str(value) in text:
        return text  # a pager's sentence that names whom it reached
    if kind in ("labelled", "role", "linked", "merged", "reacted", "joined", "left", "notified", "escalated"):
        return " ".join(part for part in (str(value or f"-{was}" if was else value or ""), text) if part)
    if kind in ("change", "notice", "action", "channel", "other", "stated", "log"):
        return f"{value}: {text}" if value and text else text or str(value or "")
    if kind == "edited" and was:
        return f"{text} (before: {was})"
    return text or str(value or "")


def only(frame: pl.DataFrame, column: str, value: object) -> pl.DataFrame:
    """The rows where a column has a value."""
    return frame.filter(pl.col(column) == value)
