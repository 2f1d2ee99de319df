"""What is reconstructed beside the milestones: clocks, stretches, flags, roles, and faults by name."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from podanalytics import intake
from podanalytics.errors import PolicyError
from podanalytics.ledger import load_ledger
from podanalytics.model import Event, Person
from podanalytics.policy import parse_policy
from podanalytics.sources import statuspage
from podanalytics.workspace import find_workspace, make_workspace
from tests.story import (
    POLICY,
    ack,
    alert,
    amended,
    at,
    event,
    ledger_of,
    page_record,
    raised,
    say,
    status,
    status_entry,
    tell,
    ticket,
    update,
)

BOT = (Person("slack", "bot", "Pager", bot=True),)
BEGUN = [alert("14:00"), *page_record("14:00"), *ticket("14:02")]


def announced(apart: timedelta, count: int = 4, chaos: int = 0) -> list[Event]:
    """Pages at full hours, each announced in chat by a bot whose clock stands apart; `chaos` of them by hours."""
    told = []
    for n in range(count):
        page, made = f"PDABC{n}", at(f"{9 + n}:00")
        link = f"https://pod.pagerduty.com/incidents/{page}"
        told += [event(made, "alerted", "pagerduty", page, value="monitor")]
        told += [event(made, "declared", "pagerduty", page, value="incident", text="down")]
        told += [
            event(
                made + apart + timedelta(hours=5 * (n < chaos)),
                "message",
                "slack",
                "#alerts",
                text=f"Page {link}",
                actor="bot",
            )
        ]
    return told


@pytest.mark.parametrize(
    ("apart", "chaos", "steady", "shift"),
    [
        (timedelta(seconds=3), 0, True, None),
        (timedelta(minutes=10), 0, True, None),
        (timedelta(minutes=61), 0, True, 60.0),
        (timedelta(minutes=-330), 0, True, -330.0),
        (timedelta(minutes=45), 0, True, None),
        (timedelta(minutes=60), 2, False, None),
    ],
)
def test_clocks_are_compared(apart: timedelta, chaos: int, steady: bool, shift: float | None) -> None:
    (row,) = tell(*announced(apart, chaos=chaos), people=BOT).found.clocks.to_dicts()
    assert (row["source"], row["against"], row["pairs"]) == ("slack", "pagerduty", 4)
    assert (row["steady"], row["shift"]) == (steady, shift)
    if steady:
        assert row["minutes"] == pytest.approx(apart / timedelta(minutes=1), abs=1e-3)


def test_two_moments_say_nothing_about_a_clock() -> None:
    (row,) = tell(*announced(timedelta(hours=1), count=2), people=BOT).found.clocks.to_dicts()
    assert (row["steady"], row["shift"]) == (False, None)


def test_people_who_write_their_local_time_are_found_by_their_updates() -> None:
    posts = [say(f"14:{m}", f"**INCIDENT UPDATE [16:{m}]**\nStatus: FIXING") for m in ("10", "20", "30")]
    (row,) = tell(*BEGUN, *posts).found.clocks.to_dicts()
    assert (row["source"], row["shift"]) == ("times that people write", 120.0)


def test_a_verdict_that_hangs_on_clocks_that_stand_apart_is_unknown() -> None:
    told = [*announced(timedelta(hours=-1)), *BEGUN, say("14:04", "ack", "bo")]
    for judged, apart in ((tell(*told, people=BOT), True), (tell(*told[12:], people=BOT), False)):
        reading = judged.reading("ack")
        assert reading["value"] == 4.0  # nothing is repaired
        assert (reading["verdict"], "stand 1 h 00 min apart" in reading["because"]) == (
            ("unknown", True) if apart else ("met", False)
        )


def test_a_shifted_clock_is_a_fault_by_name() -> None:
    found = ledger_of(*announced(timedelta(hours=2)), people=BOT).faults.to_dicts()
    assert [(f["rule"], f["origin"]) for f in found] == [("clock shifted by half hours", "slack beside pagerduty")]


def test_an_event_before_its_incident_is_a_fault_and_stays() -> None:
    early = status("13:30", "Investigating")
    ledger = ledger_of(*BEGUN, early, status("16:00", "Resolved"))
    (fault,) = ledger.faults.to_dicts()
    assert (fault["rule"], fault["record"]) == ("event before its incident", "INC-1")
    assert "2026-10-14 13:30:00 UTC lies before its record was made (2026-10-14 14:02:00 UTC)" in fault["reason"]
    assert early.id in ledger.found.told["id"]


def test_what_clocks_may_differ_by_is_no_event_before_its_incident() -> None:
    assert ledger_of(*BEGUN, status("14:00:30", "Investigating")).faults.is_empty()


def test_a_status_outside_the_vocabulary_is_a_fault_once_a_word() -> None:
    words = [status("14:10", "Zombie"), status("14:20", "Fixing"), status("14:30", "Zombie")]
    (fault,) = ledger_of(*BEGUN, *words).faults.to_dicts()
    assert fault["rule"] == "status outside the vocabulary"
    assert "'Zombie' of jira" in fault["reason"] and "told 2 times" in fault["reason"]
    assert "[[state_word]]" in fault["reason"]


def test_an_incident_that_ends_before_it_begins_is_a_fault_and_is_not_clamped() -> None:
    ledger = ledger_of(*ticket("14:02"), status("13:00", "Resolved"))
    rules = sorted(ledger.faults["rule"])
    assert rules == ["event before its incident", "negative duration"]
    assert ledger.incidents["resolved_at"].to_list() == [at("13:00")]


def test_a_policy_that_names_an_unknown_milestone_is_refused_with_the_known_ones() -> None:
    text = 'name = "x"\n[[milestone]]\nid = "mitigatd"\n'
    with pytest.raises(PolicyError, match=r"milestone\.0\.id: Input should be 'impact_started'"):
        parse_policy(text, "x.toml")


def test_a_file_that_breaks_off_witnesses_nothing(tmp_path: Path) -> None:
    """Whole, the pager says that nobody acknowledged; cut, what it does not tell may stand in the rest."""
    make_workspace(tmp_path)
    home = find_workspace(tmp_path)
    page = {
        "id": "PD1",
        "incident_number": 1,
        "service": {"id": "S1"},
        "urgency": "high",
        "title": "down",
        "status": "triggered",
        "created_at": "2026-10-14T14:00:00Z",
    }
    entry = {"id": "R1", "type": "trigger_log_entry", "created_at": "2026-10-14T14:00:00Z", "incident": {"id": "PD1"}}
    whole = json.dumps({"incidents": [{**page, "log_entries": [entry]}, {**page, "id": "PD2"}]})
    verdicts = []
    for text in (whole, whole[:-20]):
        (home.raw / "incidents.json").write_text(text, "utf-8")
        store = home.store()
        intake.load(home, store)
        ledger = load_ledger(store, POLICY, at("+2 00:00"))
        verdicts.append(ledger.readings.filter(measure="ack", incident="PD1")["verdict"].item())
        store.close()
    assert verdicts == ["missed", "unknown"]
    assert "cut short" in ledger.faults["rule"].to_list()


def test_reopened_twice_it_has_three_stretches() -> None:
    turns = [
        ("15:00", "Resolved"),
        ("15:10", "Reopened"),
        ("15:20", "Done"),
        ("15:21", "Closed"),
        ("15:30", "Reopened"),
    ]
    found = tell(*BEGUN, *(status(*turn) for turn in turns), status("16:00", "Resolved")).found
    spans = [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in found.segments.select("began_at", "ended_at").iter_rows()]
    assert spans == [("14:00", "15:00"), ("15:10", "15:20"), ("15:30", "16:00")]
    assert found.incidents["flags"].to_list() == ["reopened"]


def test_an_open_incidents_last_stretch_is_open() -> None:
    found = tell(*BEGUN, status("15:00", "Resolved"), status("15:10", "Reopened")).found
    assert found.segments["ended_at"].to_list() == [at("15:00"), None]
    assert found.incidents["state"].to_list() == ["open"]


def test_a_correction_of_the_end_ends_the_last_stretch() -> None:
    stated = event(
        "+1 09:00",
        "stated",
        "corrections",
        "INC-1",
        was="resolved",
        value="2026-10-14T15:40:00Z",
        text="graph",
        actor="c",
    )
    found = tell(*BEGUN, status("16:00", "Resolved"), stated).found
    assert found.segments.select("began_at", "ended_at").rows() == [(at("14:00"), at("15:40"))]


def test_a_role_is_left_handed_over_and_acted_in() -> None:
    told = [
        say("14:05", "I'm IC", "ana"),
        say("14:30", "handing IC to @bo", "ana"),
        say("14:50", "I am no longer the IC, dentist", "bo"),
        say("15:10", "I'm IC", "cy"),
        *(say(c, f"**INCIDENT UPDATE [{c}]**\nStatus: FIXING", "di") for c in ("14:10", "14:20")),
    ]
    found = tell(*BEGUN, *told, status("16:00", "Resolved")).found
    said = found.roles.filter(~pl.col("inferred")).select("person", "began_at", "ended_at").rows()
    assert said == [
        ("ana", at("14:05"), at("14:30")),
        ("bo", at("14:30"), at("14:50")),
        ("cy", at("15:10"), None),
    ]
    assert found.roles.filter("inferred").select("person", "began_at", "ended_at").rows() == [
        ("di", at("14:10"), at("14:20"))
    ]
    assert found.watches.select("kind", "began_at", "ended_at").rows() == [
        ("overlap", at("14:10"), at("14:20")),
        ("gap", at("14:50"), at("15:10")),
    ]


def test_acting_in_a_role_meets_no_clause() -> None:
    posts = [say(c, f"**INCIDENT UPDATE [{c}]**\nStatus: FIXING", "di") for c in ("14:05", "14:10")]
    told = tell(*BEGUN, *posts, status("16:00", "Resolved"))
    assert told.found.roles["inferred"].to_list() == [True]
    assert told.verdict("commander") == "missed"


def test_a_start_that_stands_in_for_an_unknown_one_proves_no_promise_kept() -> None:
    quick, late = say("14:04", "looking at it"), say("14:20", "looking at it")
    without_pager = tell(*ticket("14:02"), quick, status("16:00", "Resolved"))
    assert without_pager.verdict("response") == "unknown"
    assert "no alert is told" in without_pager.reading("response")["because"]
    assert tell(*ticket("14:02"), late, status("16:00", "Resolved")).verdict("response") == "missed"  # at least so late
    elsewhere = [event(c, "alerted", "pagerduty", "PD9", value="monitor") for c in ("09:00", "20:00")]
    assert tell(*ticket("14:02"), quick, *elsewhere, status("16:00", "Resolved")).verdict("response") == "met"


def test_a_severity_that_judges_it_all_takes_the_place_of_the_others() -> None:
    story = [alert("14:00"), *page_record("14:00"), *ticket("14:02", "P3"), raised("15:00", "P1", "P3"), ack("14:10")]
    story += [*status_entry("15:10"), status("16:00", "Resolved")]
    wanted = {
        "prospective": ("P1", "met", "P3 → P1"),
        "at_start": ("P3", "met", "P3 → P1"),
        "peak": ("P1", "missed", "P3 → P1"),
    }
    for judge, expected in wanted.items():
        told = tell(*story, policy=amended(judge=judge))
        row = told.found.incidents.row(0, named=True)
        assert (row["severity"], told.verdict("response"), row["severity_path"]) == expected, judge


def test_planned_work_is_told_with_its_window(tmp_path: Path) -> None:
    work = {"id": "abcdef123456", "name": "Move", "created_at": "2026-10-14T09:00:00Z", "impact": "maintenance",
            "status": "completed", "scheduled_for": "2026-10-14T14:00:00Z", "scheduled_until": "2026-10-14T16:00:00Z",
            "incident_updates": []}  # fmt: skip
    path = tmp_path / "maintenances.json"
    path.write_text(json.dumps({"page": {"time_zone": "UTC"}, "scheduled_maintenances": [work]}), "utf-8")
    told = {e.value: e.text for e in statuspage.source.parse(path) if isinstance(e, Event)}
    assert (told["scheduled_for"], told["scheduled_until"]) == ("2026-10-14T14:00:00Z", "2026-10-14T16:00:00Z")


def test_an_update_by_a_bot_is_no_update() -> None:
    bot = Person("slack", "robot", "Updater", bot=True)
    told = tell(
        *BEGUN,
        update("14:10", "FIXING"),
        say("14:20", "**INCIDENT UPDATE [14:20]**\nStatus: FIXING", "robot"),
        people=(bot,),
    )
    assert told.found.updates["occurred_at"].to_list() == [at("14:10")]


def test_a_severity_outside_the_vocabulary_is_a_fault_where_it_leaves_an_incident_without_any() -> None:
    (fault,) = ledger_of(alert("14:00"), *page_record("14:00"), *ticket("14:02", "Catastrophic")).faults.to_dicts()
    assert fault["rule"] == "severity outside the vocabulary"
    assert "'Catastrophic' of jira" in fault["reason"] and "[[severity_word]]" in fault["reason"]
    known = [event("14:03", "severity", "statuspage", "abcdef123456", value="Catastrophic")]
    assert ledger_of(*BEGUN, *status_entry("14:03"), *known).faults.is_empty()


def test_cstates_severity_and_end_are_read_by_the_shipped_policy() -> None:
    base = {"source": "cstate", "subject": "site/issues/2026-10-14-api.md"}
    told = tell(
        event("14:00", "declared", value="issue", text="API errors", **base),
        event("14:00", "severity", value="disrupted", **base),
        event("15:00", "status", value="resolved", **base),
    ).found.incidents
    assert told.select("severity", "resolved_at").rows() == [("P2", at("15:00"))]


def test_a_word_that_states_no_severity_is_neither_one_nor_a_fault() -> None:
    told = [*status_entry("14:03"), event("14:03", "severity", "statuspage", "abcdef123456", value="none")]
    ledger = ledger_of(*told)
    assert ledger.faults.is_empty() and ledger.incidents["severity"].to_list() == [None]
