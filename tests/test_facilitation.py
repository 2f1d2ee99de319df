"""Section 7: questions that point at rows and at nobody, and an hour that is cut by what there is to talk about."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.review import Review
from podanalytics.sections._evidence import numbers
from podanalytics.sections._luck import prompts
from podanalytics.sections._questions import MOST, Question, all_questions, questions
from podanalytics.sections._run_sheet import run_sheet, shared
from podanalytics.show.blocks import Links, Table
from tests.story import FIRED, OVER, ack, amended, event, ledger_of, notice, raised, say, status, status_entry, update


def reviews(ledger: Ledger) -> list[Review]:
    return [review_of(ledger, incident, "UTC") for incident in ledger.incidents["incident"]]


def asked(*told: Any, **more: Any) -> list[Question]:
    return all_questions(review_of(ledger_of(*told, **more), "INC-1", "UTC"))


def texts(*told: Any, **more: Any) -> str:
    return " ".join(q.text for q in asked(*told, **more))


def test_every_question_points_at_rows_and_none_at_a_person(ledger: Ledger) -> None:
    """No pseudonym, and no word that asks for a culprit."""
    counted = 0
    for review in reviews(ledger):
        people = {*review.events.filter("human")["actor"].drop_nulls(), *review.roles["person"]}
        people |= {*review.actions["owner"].drop_nulls()}
        lines = [(q.text, q.events) for q in all_questions(review)] + [(p.text, p.events) for p in prompts(review)]
        for text, events in lines:
            assert numbers(review, events), text
            assert not [p for p in people if re.search(rf"(?<![\w-]){re.escape(p)}(?![\w-])", text)], text
            assert not re.search(r"(?i)\bwho\b|\bwhy did\b|\bfault\b|\bblame\b|\bmistake\b|\berror of\b", text), text
            assert text.endswith("?")
            counted += 1
    assert counted > 60


def test_at_most_twelve_are_kept_the_strongest_in_the_order_of_the_agenda(ledger: Ledger) -> None:
    sizes = set()
    for review in reviews(ledger):
        every, kept = all_questions(review), questions(review)
        assert len(kept) == min(MOST, len(every))
        assert [q.agenda for q in kept] == sorted(q.agenda for q in kept)
        left = [q for q in every if q not in kept]
        assert not left or max(q.weight for q in left) <= min(q.weight for q in kept)
        sizes.add(len(every))
    assert max(sizes) > MOST


def test_rows_of_questions_are_links_into_the_timeline(ledger: Ledger) -> None:
    made = section("facilitation", review_of(ledger, "INC-1019", "UTC"))
    table = next(b for b in made.blocks if isinstance(b, Table) and b.name == "questions")
    for row in table.rows:
        assert isinstance(row[3], Links) and row[3].links[0].url.startswith("#timeline-row-")


BASE = [*FIRED, ack("14:01"), say("14:02", "looking at it")]


@pytest.mark.parametrize(
    ("told", "question"),
    [
        (
            [event("14:20", "message", "slack", "#incident-2026-10-14-1", text="restart did not help", actor="ana")],
            "tried",
        ),
        ([say("14:10", "I suspect the disks")], "1 hypothesis was voiced and never settled"),
        ([raised("14:40", "P2", "P1")], "The severity went P1 → P2"),
        ([event("14:30", "unacknowledged", "pagerduty", "PD1")], "An acknowledgement lapsed"),
        ([update("14:05", "INVESTIGATING")], "The team heard nothing for 1 h 55 min (15 min promised)"),
        ([say("14:05", "Incident Commander: @ana"), say("14:40", "Incident Commander: @ben")], "changed hands once"),
        (
            [*status_entry("14:03"), notice("14:04", "investigating"), update("14:12", "INVESTIGATING")],
            "8 min before the team's",
        ),
        ([update("14:05", "INVESTIGATING", ETA="14:30 UTC")], "was 1 h 30 min too early"),
        (
            [event("13:50", "change", "git", "pod-api", value="v2", was="v1", text="x")],
            "pod-api v2 is dated 10 min before",
        ),
    ],
)
def test_what_the_record_holds_becomes_a_question(told: list[Any], question: str) -> None:
    assert question in texts(*BASE, *told, OVER)
    assert question not in texts(*BASE, OVER)


def test_reopened_contradictory_and_noticed_by_a_person() -> None:
    again = [status("15:00", "Resolved"), status("15:30", "Reopened"), OVER]
    assert "It was resolved and opened again" in texts(*BASE, *again)
    assert "The records contradict each other about “Acknowledge the alert”" in texts(*FIRED, ack("13:30"), OVER)
    person = [event("14:00", "alerted", "pagerduty", "PD1", value="website", actor="ana"), *FIRED[1:], OVER]
    assert "noticed before any monitor" in texts(*person) and "noticed before" not in texts(*BASE, OVER)


def test_a_promise_of_a_stretch_that_ended_in_time_is_no_question() -> None:
    """It was resolved when promised; that it was opened again an hour later is another question."""
    promised = update("14:05", "INVESTIGATING", ETA="14:30 UTC")
    again = [status("14:29", "Resolved"), status("15:30", "Reopened"), OVER]
    assert "too early" not in texts(*BASE, promised, *again)


def test_a_missed_clause_asks_what_its_policy_asks_or_the_usual() -> None:
    assert "Acknowledge the alert” took 12 min instead of 5 min. What stood between" in texts(
        *FIRED, ack("14:12"), OVER
    )
    bare = amended({"ack": {"ask": ""}})
    assert "5 min. What in the process or the tools made that likely?" in texts(*FIRED, ack("14:12"), OVER, policy=bare)
    assert "did not happen, as far as the record goes" in texts(*FIRED, say("14:01", "looking"), OVER)


def test_a_change_of_a_place_that_always_changes_is_no_question() -> None:
    daily = [event(f"-{n} 13:00", "change", "git", "pod-api", value=f"v{n}", text="x") for n in range(1, 40)]
    near = event("04:00", "change", "git", "pod-api", value="v99", text="x")
    assert "pod-api v99" not in texts(*BASE, *daily, near, OVER), "more than a quarter of all moments have one"
    assert "pod-api v99" in texts(*BASE, *daily[:5], near, OVER), "too few to say so"


def test_a_run_sheet_is_an_hour_without_gaps(ledger: Ledger) -> None:
    cuts = set()
    for review in reviews(ledger):
        slots = run_sheet(review)
        assert sum(s.minutes for s in slots) == 60 and len(slots) == 8
        assert all(one.start + one.minutes == other.start for one, other in pairwise(slots))
        assert (slots[0].minutes, slots[-1].minutes) == (3, 2)
        assert all(s.minutes >= least for s, least in zip(slots[1:-1], (6, 8, 5, 4, 3, 8), strict=True))
        cuts.add(tuple(s.minutes for s in slots))
    assert len(cuts) > 5, "it depends on the incident"


def test_more_silence_gives_more_minutes_to_communication() -> None:
    def minutes(*told: Any) -> dict[str, int]:
        return {s.name: s.minutes for s in run_sheet(review_of(ledger_of(*told), "INC-1", "UTC"))}

    kept = [update(f"14:{n:02d}", "INVESTIGATING") for n in range(5, 60, 10)]
    kept += [update(f"15:{n:02d}", "INVESTIGATING") for n in range(5, 60, 10)]
    quiet, loud = minutes(*BASE, update("14:05", "INVESTIGATING"), OVER), minutes(*BASE, *kept, OVER)
    assert quiet["Communication evaluation"] > loud["Communication evaluation"]


@given(st.integers(0, 60), st.lists(st.integers(0, 6), min_size=1, max_size=8))
def test_minutes_are_shared_out_whole_and_by_points(minutes: int, points: list[int]) -> None:
    given_out = shared(minutes, points)
    assert sum(given_out) == minutes
    for one, more in zip(points, given_out, strict=True):
        exact = minutes * one / sum(points) if any(points) else minutes / len(points)
        assert abs(more - exact) < 1


def test_the_reminder_and_the_roles_of_the_review_are_always_there(ledger: Ledger) -> None:
    excluded = ledger.incidents.filter(pl.col("excluded").is_not_null())["incident"][0]
    told = section("facilitation", review_of(ledger, excluded, "UTC")).markdown()
    for word in ("Blameless", "Facilitator", "Scribe", "Run sheet", "What went better"):
        assert word in told
