"""What holds of every reading, whatever story the tools tell: tried on stories that hypothesis draws."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from podanalytics.linking import link
from podanalytics.metrics import judge
from podanalytics.model import Event, Kind, Milestone, Verdict
from podanalytics.reconstruct import Reconstruction, reconstruct
from podanalytics.reconstruct.meaning import SINGLE
from podanalytics.tables import EVENTS
from podanalytics.tables import PEOPLE as PEOPLE_TABLE
from tests.drawn import PEOPLE, Drawn, stories
from tests.story import POLICY, Told, tell

CLAUSES = {clause.id: clause for clause in POLICY.clauses}
# Clauses that are missed by what was written, not by what was not done in time: with the words, the miss goes.
BY_WORDS = ("template", "order", "blameless", "rollback")
# What people do and say; the records, the severities and the alerts are the ground that readings stand on.
LOOSE = (Kind.MESSAGE, Kind.JOINED, Kind.ACKNOWLEDGED, Kind.NOTIFIED, Kind.NOTICE, Kind.CHANNEL)
MET, MISSED = Verdict.MET.value, Verdict.MISSED.value


def judged(story: Drawn, events: Iterable[Event] | None = None, as_of: datetime | None = None) -> Told:
    """The story, or what is left of it, linked, reconstructed and measured."""
    return tell(*(story.events if events is None else events), people=PEOPLE, as_of=as_of or story.as_of)


def readings(told: Told) -> dict[tuple[str, str], dict[str, Any]]:
    """Every reading by its incident and clause."""
    return {(r["incident"], r["measure"]): r for r in told.readings.iter_rows(named=True)}


# ---------------------------------------------------------------- one story
@settings(max_examples=40, derandomize=True)
@given(stories())
def test_a_reading_says_no_more_than_its_events(story: Drawn) -> None:
    """Met and missed rest on events of the incident; the verdict is one of the vocabulary and every incident has one
    reading of each clause; the margin is target minus value; the ends of a reading's stretch are moments that
    somebody told (or the incident's own end, or now); what has a target and is met has a value.
    """
    told = judged(story)
    found = told.found
    ids = {i: set(group["id"]) for (i,), group in found.told.group_by("incident")}
    moments = _moments(told)
    assert told.readings.height == found.incidents.height * len(CLAUSES)
    for r in told.readings.iter_rows(named=True):
        evidence = r["evidence"].split()
        assert r["verdict"] in set(Verdict)
        assert r["because"]
        assert set(evidence) <= ids[r["incident"]], r
        if r["verdict"] in (MET, MISSED):
            assert evidence, r
        if r["verdict"] == MET and CLAUSES[r["measure"]].target is not None:
            assert r["value"] is not None, r
        assert {r["started_at"], r["ended_at"]} - {None} <= moments[r["incident"]], r
        known = r["value"] is not None and r["target"] is not None
        assert (r["margin"] is not None) == known, r
        assert not known or abs(r["margin"] - (r["target"] - r["value"])) < 1e-6, r


def _moments(told: Told) -> dict[str, set[datetime]]:
    """Every moment that an incident's events tell, by themselves or as a correction or a promise, and its own end."""
    found: dict[str, set[datetime]] = {}
    for i, began, ended in told.found.incidents.select("incident", "began_at", "resolved_at").iter_rows():
        found[i] = {began, ended, told.found.as_of}
    for i, at, kind, was, value in told.found.told.select(
        "incident", "occurred_at", "kind", "was", "value"
    ).iter_rows():
        found[i].add(at)
        if kind == Kind.STATED.value and was != "severity":
            found[i].add(datetime.fromisoformat(value))
    for i, eta in told.found.updates.select("incident", "eta").iter_rows():
        found[i].add(eta)
    return found


@settings(max_examples=25, derandomize=True)
@given(stories(skewed=False))
def test_met_is_not_after_due(story: Drawn) -> None:
    """Where all times are to the second and on one clock, an act between two known moments is met exactly if it
    is not after the due moment, unless the clock's start stands in for one that nobody knows; what never happened is
    missed, and has no value.
    """
    for r in judged(story).readings.iter_rows(named=True):
        guessed = r["verdict"] == Verdict.UNKNOWN and "counted from the" in r["because"]
        if CLAUSES[r["measure"]].kind not in ("elapsed", "members", "cadence") or guessed:
            continue
        if r["ended_at"] and r["verdict"] in (MET, MISSED, Verdict.UNKNOWN):
            assert r["verdict"] == (MET if r["ended_at"] <= r["due_at"] else MISSED), r
        if not r["ended_at"]:
            assert r["value"] is None and r["verdict"] != MET, r


@settings(max_examples=12, derandomize=True)
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(story: Drawn, dice: random.Random) -> None:
    """The events and the people may come in any order: every frame of the reconstruction, every reading is the same."""
    events = EVENTS.frame({**{n: getattr(e, n) for n in Event.__slots__}, "file": "story"} for e in story.events)
    people = PEOPLE_TABLE.frame({**asdict(p), "file": "story"} for p in PEOPLE)
    members, one, readings = _made(events, people, story.as_of)
    mixed = (frame.sample(fraction=1, shuffle=True, seed=dice.randrange(2**32)) for frame in (events, people))
    other_members, other, other_readings = _made(*mixed, story.as_of)
    assert members.equals(other_members)
    for field in fields(Reconstruction):
        frame = getattr(one, field.name)
        if isinstance(frame, pl.DataFrame):
            assert frame.equals(getattr(other, field.name)), field.name
    assert readings.equals(other_readings)


def _made(
    events: pl.DataFrame, people: pl.DataFrame, as_of: datetime
) -> tuple[pl.DataFrame, Reconstruction, pl.DataFrame]:
    members = link(events, POLICY)
    found = reconstruct(events, people, members, POLICY, as_of)
    return members, found, judge(found).readings


# ---------------------------------------------------------------- time goes by
@settings(max_examples=20, derandomize=True)
@given(stories(), st.integers(0, 99), st.sampled_from([1, 5, 60, 1_440, 20_160]))
def test_time_alone_takes_no_verdict_back(story: Drawn, share: int, minutes: int) -> None:
    """Judged once more later, when nobody has told anything new: what was missed of a time clause is missed, and what
    was met is met.
    """
    times = sorted(e.occurred_at for e in story.events)
    now = times[share * (len(times) - 1) // 100]
    told = [e for e in story.events if e.occurred_at <= now]
    then, later = judged(story, told, now), judged(story, told, now + timedelta(minutes=minutes))
    after = readings(later)
    for key, r in readings(then).items():
        if CLAUSES[key[1]].kind == "elapsed" and r["verdict"] in (MET, MISSED):
            assert after[key]["verdict"] == r["verdict"], (r, after[key])


# ---------------------------------------------------------------- evidence is taken away
def _ground(told: Told, among: Collection[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What a reading stands on, by incident and clause: with another ground it is another question.

    It is the records and rooms that the incident is made of (those that `among` still tells of), its severities, its
    end, and the event that starts the clause's clock.
    """
    found = told.found
    member = pl.concat_str("source", "subject", separator=" ")
    own = told.members.filter(~pl.col("method").is_in(SINGLE)).select("incident", member.alias("name"))
    parts = {i: sorted(set(group["name"]) & set(among)) for (i,), group in own.group_by("incident")}
    severities = {i: group["event"].to_list() for (i,), group in found.spells.group_by("incident", maintain_order=True)}
    chosen = {(i, m): e for i, m, e in found.milestones.select("incident", "milestone", "event").iter_rows()}
    return {
        (i, clause.id): (
            parts.get(i),
            severities.get(i),
            chosen.get((i, Milestone.RESOLVED)),
            next((e for m in clause.start if (e := chosen.get((i, m)))), None),
        )
        for i in found.incidents["incident"]
        for clause in POLICY.clauses
    }


def _believed(told: Told, clause: str, incident: str) -> bool:
    """Whether the clause's stop is where it is because a rule is believed more than another that found it earlier, or
    because the last of several was taken.
    """
    stop = CLAUSES[clause].stop
    row = told.moment(stop, incident) if stop else None
    last = stop is Milestone.RESOLVED
    return row is not None and (last or (row["earliest_other"] or row["occurred_at"]) < row["occurred_at"])


def excused(story: Drawn, gone: set[str]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The readings that are missed by the whole story and met without these events, though they stand on one ground.

    Two may be met then. A clause that is missed by what was written (a field that lacks, a word that blames), where
    just that was taken away; and one whose stop is where it is because a rule is believed more than another
    (`_believed`): without the better teller, the next one's word holds.
    """
    whole, left = judged(story), judged(story, [e for e in story.events if e.id not in gone])
    among = {f"{e.source} {e.subject}" for e in story.events if e.id not in gone}
    before, after = _ground(whole, among), _ground(left, among)
    then, now = readings(whole), readings(left)
    return [
        (then[key], r)
        for key, r in now.items()
        if key in then
        and (then[key]["verdict"], r["verdict"]) == (MISSED, MET)
        and before[key] == after[key]
        and not (CLAUSES[key[1]].kind in BY_WORDS and gone & set(then[key]["evidence"].split()))
        and not _believed(whole, key[1], key[0])
    ]


@settings(max_examples=30, derandomize=True)
@given(
    stories(least=9),
    st.randoms(use_true_random=False),
    st.sampled_from([3, 6, 9]),
    st.sampled_from([LOOSE, LOOSE, Kind]),
)
def test_what_is_taken_away_excuses_nothing(
    story: Drawn, dice: random.Random, tenths: int, kinds: Collection[Kind]
) -> None:
    """Without some of the events, whichever they are, nothing that was missed is met on the same ground (`excused`)."""
    gone = {e.id for e in story.events if e.kind in kinds and dice.randint(1, 10) <= tenths}
    assert excused(story, gone) == []


@settings(max_examples=20, derandomize=True)
@given(stories(least=9), st.sampled_from(["slack", "statuspage", "pagerduty", "jira"]))
def test_a_tool_that_is_not_loaded_excuses_nothing(story: Drawn, tool: str) -> None:
    """Without all that one tool tells, nothing that was missed is met on the same ground (`excused`)."""
    assert excused(story, {e.id for e in story.events if e.source == tool}) == []
