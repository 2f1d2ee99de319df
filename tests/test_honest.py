"""Nobody's words are turned round: a denial, a question or a plan proves nothing, and what is taken back falls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from podanalytics.model import Event
from podanalytics.reconstruct.template import promised
from tests.story import ack, alert, at, event, notice, page_record, say, status, status_entry, tell, ticket, update

BASE = [alert("14:00"), *page_record("14:00"), *ticket("14:02", "P1"), ack("14:01"), say("14:02", "hello")]
OVER = status("16:00", "Resolved")


def verdict(clause: str, *said: Event) -> str:
    return tell(*BASE, *said, OVER).verdict(clause)


@pytest.mark.parametrize(
    ("clause", "said", "kept"),
    [
        ("health-check", "health checks are still not passing", "health check passed in all regions"),
        ("health-check", "health check failed, nothing is ok", "Not the relay. Health checks are green."),
        ("review", "the post-incident review will be held next month", "post-incident review held, notes in the wiki"),
        ("review", "The review was not held", "Review held this morning. Not all items are done."),
        ("public-report", "public report is out of scope", "the public report is out: https://status.example/1"),
        ("public-report", "is the post-incident report out yet?", "Post-incident report published"),
        ("commander", "is anyone taking IC?", "I'm taking IC"),
        ("commander", "IC: @tbd", "IC: @ana"),
        ("commander", "Incident Commander: @none yet", "Incident Commander: @bo"),
    ],
)
def test_denials_questions_and_plans_prove_nothing(clause: str, said: str, kept: str) -> None:
    mitigated = say("14:59", "Mitigated, canary reverted")
    when = "17:00" if clause in ("review", "public-report") else "14:05" if clause == "commander" else "15:10"
    assert verdict(clause, mitigated, say(when, said)) != "met"
    assert verdict(clause, mitigated, say(when, kept)) == "met"


def test_a_question_whether_somebody_acknowledged_is_no_acknowledgement() -> None:
    story = [alert("14:00"), *page_record("14:00"), *ticket("14:02"), OVER]
    assert tell(*story, say("14:03", "Acknowledged? Has anybody?")).verdict("ack") != "met"
    told = tell(*story, say("14:03", "ack"))
    assert told.verdict("ack") == "met" and told.verdict("response") == "met", "one act, two clauses, one answer"


def test_nobody_to_blame_is_no_blame() -> None:
    assert verdict("blameless", say("17:00", "nobody is to blame here, it is not your fault")) == "met"
    assert verdict("blameless", say("17:00", "this is your fault")) == "missed"


def test_asking_for_a_rollback_is_none() -> None:
    asked = tell(*BASE, say("14:05", "should we roll back to v2.3? no, that is not possible"), OVER)
    assert asked.verdict("rollback") == "not_applicable"
    done = tell(*BASE, say("14:05", "rolled back to v2.3 in all regions"), OVER)
    assert done.verdict("rollback") != "not_applicable"


@pytest.mark.parametrize(
    "said", ["no customer impact reported yet, still checking", "we can't say there is no user impact"]
)
def test_a_guess_that_customers_are_well_waives_nothing(said: str) -> None:
    told = tell(*BASE, say("14:05", said), OVER)
    for clause in ("customer-first", "customer-resolved"):
        assert told.verdict(clause) != "not_applicable"
    assert told.verdict("status-page") != "met"


def test_a_waiver_falls_when_customers_are_told_after_all() -> None:
    declared = say("14:05", "No public impact.")
    assert tell(*BASE, declared, OVER).verdict("customer-first") == "not_applicable"
    told = tell(*BASE, declared, *status_entry("15:00"), notice("15:00", "investigating"), OVER)
    assert told.verdict("customer-first") == "missed"


# --- what is taken back ---------------------------------------------------------------------------------------------


def end(*more: Event) -> tuple[str, datetime | None]:
    told = tell(*BASE, *more, as_of="20:00").found.incidents.row(0, named=True)
    return told["state"], told["resolved_at"]


def test_a_reopened_ticket_is_open_whatever_the_pager_said_before() -> None:
    pager = status("14:31", "resolved", "pagerduty", "PD1")
    reopened = [status("14:30", "Resolved"), pager, status("15:00", "Reopened")]
    assert end(*reopened) == ("open", None)
    assert end(*reopened, status("15:30", "Resolved")) == ("resolved", at("15:30"))


def test_an_update_that_says_fixing_takes_back_one_that_said_resolved() -> None:
    assert end(update("14:31", "RESOLVED")) == ("resolved", at("14:31"))
    assert end(update("14:31", "RESOLVED"), update("15:10", "FIXING")) == ("open", None)
    assert end(status("14:30", "Resolved"), status("14:50", "Acknowledged")) == ("open", None)


def test_closing_a_duplicate_does_not_resolve_the_survivor() -> None:
    double = [
        event("14:10", "declared", "jira", "INC-2", value="Incident", text="same thing", actor="bo"),
        event("14:30", "merged", "jira", "INC-2", value="INC-1"),
        status("14:31", "Done", subject="INC-2"),
    ]
    assert end(*double) == ("open", None)


# --- what counts, and what a tool's silence means -------------------------------------------------------------------


def counted(*more: Event, title: str = "pod-api down") -> str | None:
    story = [alert("14:00"), *page_record("14:00"), *ticket("14:02", "P1", title), *more]
    reason: str | None = tell(*story).found.incidents.filter(incident="INC-1")["excluded"][0]
    return reason


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("DRILL: fail over pod-api", "drill"),
        ("[drill] fail over", "drill"),
        ("Game day - lose a region", "drill"),
        ("Test incident, please ignore", "test"),
        ("[TEST] pager", "test"),
        ("Drill-down charts fail", None),
        ("Exercise API down", None),
        ("Test suite runner outage for all customers", None),
    ],
)
def test_a_drill_is_marked_as_one_and_not_merely_named_so(title: str, reason: str | None) -> None:
    assert counted(title=title) == reason


def test_an_exclusion_that_was_taken_back_excludes_nothing() -> None:
    on, off = (event(f"14:1{n}", "labelled", "jira", "INC-1", **{k: "drill"}) for n, k in enumerate(("value", "was")))
    assert counted(on) == "drill"
    assert counted(on, off) is None
    assert counted(status("14:10", "Cancelled")) == "cancelled"
    assert counted(status("14:10", "Cancelled"), status("14:12", "Reopened")) is None
    renamed = event("14:11", "renamed", "jira", "INC-1", value="REAL outage", was="[DRILL] x")
    assert counted(renamed, title="[DRILL] x") is None


def test_a_duplicate_of_something_that_is_not_loaded_still_counts() -> None:
    assert counted(event("14:30", "merged", "jira", "INC-1", value="INC-999")) is None


def test_two_exports_with_a_hole_between_them_do_not_cover_the_hole() -> None:
    """Silence in the hole is not silence of the tool; nor does one record of the year 2099 stretch what is covered."""
    story = [*ticket("14:00"), OVER]
    far = [
        event(at("14:00") + timedelta(days=days), "message", "slack", "#random", text="x", actor="zoe")
        for days in (-200, 200)
    ]
    broken = event(datetime(2099, 1, 1, tzinfo=UTC), "message", "slack", "#random", text="x", actor="zoe")
    near = [
        event(at("14:00") + timedelta(days=days), "message", "slack", "#random", text="x", actor="zoe")
        for days in (-9, 9)
    ]
    for clause in ("commander", "channel", "roles"):
        assert tell(*story, *far, as_of="+300 00:00").verdict(clause) == "unknown"
        assert tell(*story, near[0], broken, as_of="+300 00:00").verdict(clause) == "unknown"
        assert tell(*story, *near, as_of="+300 00:00").verdict(clause) == "missed"


# --- linking --------------------------------------------------------------------------------------------------------


def declared(clock: str, key: str) -> Event:
    return event(clock, "declared", "jira", key, value="Incident", text=f"{key} down", actor="ana")


def test_a_link_to_another_incident_does_not_move_a_channel() -> None:
    own = "#incident-2026-10-14-2"
    for words in ("similar to", "caused by", "see"):
        said = say("15:01", f"{words} https://c.atlassian.net/browse/INC-1 this morning", "bo", own)
        told = tell(declared("14:00", "INC-1"), declared("15:00", "INC-2"), said)
        home = told.members.filter(subject=own)["incident"].to_list()
        assert home == ["INC-2"], words


def test_what_is_like_an_incident_is_not_that_incident() -> None:
    pager = event("15:00", "declared", "pagerduty", "PDABC123", value="incident", text="db")
    comment = event(
        "15:30", "message", "jira", "INC-1", text="same as https://c.pagerduty.com/incidents/PDABC123", actor="ana"
    )
    told = tell(declared("14:00", "INC-1"), pager, comment)
    assert set(told.found.incidents["incident"]) == {"INC-1", "PDABC123"}


def test_an_answer_under_a_post_that_names_two_incidents_is_both_theirs() -> None:
    told = tell(
        declared("14:00", "INC-1"),
        declared("14:00", "INC-2"),
        say("14:05", "INC-1 and INC-2 are both bad", "ana", "#ops"),
        say("14:06", "looking at it", "bo", "#ops"),
    )
    follows = told.members.filter(method="conversation")
    assert sorted(follows["incident"]) == ["INC-1", "INC-2"]


# --- promises and statuses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eta", "clock"),
    [
        ("15:00", "15:00"),
        ("15:00 UTC", "15:00"),
        ("15:00Z", "15:00"),
        ("3:30 PM", "15:30"),
        ("17:00+02:00", "15:00"),
        ("16:00 CEST", None),
        ("3:30 PM PST", None),
        ("30 min", "14:45"),
        ("90m", "15:45"),
        ("1.5 hours", "15:45"),
        ("15h", "+1 05:15"),
        ("10 mins after 14.05", "14:25"),
        ("tbd", None),
        ("13:00", "+1 13:00"),
    ],
)
def test_a_promise_is_read_as_it_was_meant_or_not_at_all(eta: str, clock: str | None) -> None:
    assert promised(eta, at("14:15")) == (at(clock) if clock else None)


@pytest.mark.parametrize(
    "decorated", ["🔴 FIXING", "FIXING (rolling back)", "*FIXING*", "Fixing.", "FIXING - 80 % done"]
)
def test_a_decorated_status_is_that_status(decorated: str) -> None:
    told = tell(*BASE, update("14:15", decorated), OVER)
    assert told.verdict("status-order") == "met"
    assert told.found.updates["state"].to_list() == ["fixing"]


def test_a_reminder_to_post_an_update_is_no_update() -> None:
    story = [*BASE, say("14:20", "reminder: post **INCIDENT UPDATE [14:20]** now", "remindbot")]
    assert tell(*story, OVER).found.updates.is_empty()
