"""Where luck may have helped: questions made from what the record holds, never a claim that it was luck."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from podanalytics.business import in_business_hours
from podanalytics.model import Kind, Milestone, Verdict
from podanalytics.policy.parts import DAYS
from podanalytics.review import Review
from podanalytics.sections._evidence import began, judged, only, spoken, timeline_end
from podanalytics.show.words import duration, stamp
from podanalytics.versions import ROLLBACK

TIGHTEST = 2  # of the clauses that were nearly missed
NARROW = 0.1  # of its target: kept with so little to spare, a clause was nearly missed
ENDS = (Milestone.ALERT_FIRED, Milestone.DECLARED, Milestone.RESPONDED)


class Prompt(NamedTuple):
    """A question, and the events it rests on."""

    text: str
    events: tuple[str, ...]


def prompts(review: Review) -> list[Prompt]:
    """The questions about luck that this incident's evidence raises."""
    found = (_noticed(review), _hours(review), _unaided(review), _severity(review), _double(review))
    return [prompt for prompt in (*found, *_narrow(review)) if prompt is not None and prompt.events]


def first_event(review: Review) -> tuple[str, ...]:
    """The event by which the incident is first told, for a question about something that is nowhere told."""
    known = dict(review.milestones.select("milestone", "event").iter_rows())
    return tuple(known[m.value] for m in ENDS if m.value in known)[:1]


def _noticed(review: Review) -> Prompt | None:
    if review.fact("detection") != "person":
        return None
    people, monitors = (only(review.earlier, "detection", told).height for told in ("person", "monitor"))
    known = people + monitors
    usual = f" (as in {people} of the {known} earlier incidents of which this is known)" if known else ""
    return Prompt(
        f"It was noticed before any monitor told of it{usual}. Had nobody looked, what would have told us, and when?",
        first_event(review),
    )


def _hours(review: Review) -> Prompt | None:
    start, zone = began(review), review.policy.calendar.zone
    if not in_business_hours(start, review.policy.calendar):
        return None
    weekday = DAYS[start.astimezone(ZoneInfo(zone)).weekday()]
    return Prompt(
        f"It began in business hours ({weekday} {stamp(start, zone)}). Which step leaned on people being "
        "at their desks, and how would it have gone at night?",
        first_event(review),
    )


def _unaided(review: Review) -> Prompt | None:
    """It ended, and nothing that was done is on record, though something is loaded that would tell."""
    if review.deploys.is_empty() and not spoken(review):
        return None
    start, end = began(review), timeline_end(review)
    resolved = review.moment(Milestone.RESOLVED)
    inside = review.events.filter(pl.col("occurred_at").is_between(start, end))
    acted = [
        r["id"] for r in inside.iter_rows(named=True) if r["kind"] == Kind.CHANGE.value or ROLLBACK.search(r["text"])
    ]
    if resolved is None or acted:
        return None
    ended = only(review.milestones, "milestone", Milestone.RESOLVED.value)["event"].to_list()
    return Prompt(
        "No change and no rollback is on record between the begin and the resolution. What ended it, and would it come "
        "back by itself?",
        tuple(ended),
    )


def _severity(review: Review) -> Prompt | None:
    ranks = [review.policy.severity(s).rank for s in review.spells["severity"]]
    raised = [n for n in range(1, len(ranks)) if ranks[n] < ranks[n - 1]]
    if not raised:
        return None
    spell = review.spells.row(raised[0], named=True)
    waited = duration((spell["began_at"] - began(review)).total_seconds() / 60)
    return Prompt(
        f"The severity rose to {spell['severity']} only {waited} after the begin. What kept the damage "
        "small until then?",
        (spell["event"],),
    )


def _double(review: Review) -> Prompt | None:
    """Two declared roles that one pair of hands held at a time."""
    held = review.roles.filter(~pl.col("inferred")).to_dicts()
    for place, one in enumerate(held):
        for other in held[place + 1 :]:
            apart = one["ended_at"] is not None and one["ended_at"] <= other["began_at"]
            if one["person"] == other["person"] and one["role"] != other["role"] and not apart:
                return Prompt(
                    f"{one['role']} and {other['role']} lay in one pair of hands. What would have been left undone had "
                    "both been needed at once?",
                    (one["event"], other["event"]),
                )
    return None


def _narrow(review: Review) -> Iterator[Prompt]:
    """The clauses kept with the least to spare."""
    tight = []
    for clause, reading in judged(review):
        margin, target = reading.margin, reading.target
        if reading.verdict is not Verdict.MET or reading.unit != "min" or margin is None or not target:
            continue
        if 0 <= margin <= NARROW * target:
            text = f"“{clause.title}” was kept with {duration(margin)} to spare of {duration(target)}"
            tight.append((margin / target, Prompt(f"{text}. What would have tipped it over?", reading.evidence)))
    yield from (prompt for _, prompt in sorted(tight, key=lambda t: t[0])[:TIGHTEST])
