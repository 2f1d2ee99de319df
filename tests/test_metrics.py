"""Verdicts: each rule of the measures page that this version keeps is one small story."""

from __future__ import annotations

import polars as pl
import pytest

from podanalytics.model import Person, Precision
from podanalytics.policy import load_policy, parse_policy
from tests.story import (
    POLICY,
    ack,
    alert,
    at,
    event,
    notice,
    page_record,
    say,
    status,
    status_entry,
    tell,
    ticket,
    update,
)

BASIC = [*page_record("14:00"), *ticket("14:02")]


def test_acknowledged_exactly_at_the_target_is_met() -> None:
    told = tell(alert("14:00"), ack("14:05"), *BASIC)
    assert told.verdict("ack") == "met"
    assert told.reading("ack")["value"] == 5.0 and told.reading("ack")["margin"] == 0.0


def test_one_second_over_the_target_is_missed() -> None:
    assert tell(alert("14:00"), ack("14:05:01"), *BASIC).verdict("ack") == "missed"


def test_first_of_several_acknowledgements_counts_and_the_others_are_kept() -> None:
    told = tell(alert("14:00"), ack("14:03"), ack("14:09"), *BASIC)
    moment = told.moment("acknowledged")
    assert moment is not None and moment["occurred_at"] == at("14:03")
    assert told.found.told.filter(pl.col("kind") == "acknowledged").height == 2


def test_a_bots_acknowledgement_is_none() -> None:
    robot = Person("pagerduty", "auto", "Auto-Ack", bot=True)
    told = tell(alert("14:00"), ack("14:01", "auto"), ack("14:08"), *BASIC, people=(robot,))
    assert told.verdict("ack") == "missed"
    assert told.reading("ack")["ended_at"] == at("14:08")


def test_automation_without_an_actor_is_no_person() -> None:
    told = tell(alert("14:00"), ack("14:01", None), *BASIC)
    assert told.moment("acknowledged") is None


def test_never_acknowledged_is_a_miss_once_the_target_has_passed() -> None:
    assert tell(alert("14:00"), *BASIC, as_of="14:04").verdict("ack") == "pending"
    assert tell(alert("14:00"), *BASIC, status("15:30", "Resolved"), as_of="16:00").verdict("ack") == "missed"


def test_resolved_before_the_target_without_ack_is_not_applicable() -> None:
    told = tell(alert("14:00"), *BASIC, status("14:03", "Resolved"), as_of="16:00")
    assert told.verdict("ack") == "not_applicable"


def test_without_the_pagers_export_nobody_knows() -> None:
    told = tell(*ticket("14:02"), status("15:00", "Resolved"))
    assert told.verdict("ack") == "unknown"
    assert "would settle it" in told.reading("ack")["because"]


def test_declared_without_an_alert_makes_alert_clocks_inapplicable_never_zero() -> None:
    elsewhere = [
        event("09:00", "alerted", "pagerduty", "PD9", value="monitor"),
        event("20:00", "alerted", "pagerduty", "PD9", value="monitor"),
    ]
    told = tell(*ticket("14:02"), status("15:00", "Resolved"), *elsewhere)
    assert told.verdict("ack") == "not_applicable"
    assert told.reading("ack")["value"] is None


def test_a_milestone_nobody_tells_of_is_unknown_not_met() -> None:
    told = tell(alert("14:00"), ack("14:01"), *BASIC, status("15:00", "Resolved"))
    assert told.verdict("triage") == "unknown"
    assert told.verdict("review") == "unknown"


def test_clocks_that_run_backwards_contradict_each_other() -> None:
    told = tell(alert("14:10"), ack("14:03"), *BASIC)
    assert told.verdict("ack") == "contradictory"
    assert told.reading("ack")["value"] == -7.0  # never clamped


def test_a_minute_stamp_on_the_edge_is_unknown() -> None:
    edge = tell(alert("14:00"), ack("14:05", precision=Precision.MINUTE), *BASIC)
    clear = tell(alert("14:00"), ack("14:03", precision=Precision.MINUTE), *BASIC)
    late = tell(alert("14:00"), ack("14:06", precision=Precision.MINUTE), *BASIC)
    assert [t.verdict("ack") for t in (edge, clear, late)] == ["unknown", "met", "missed"]


@pytest.mark.parametrize(
    ("severity", "clock", "wanted"),
    [
        ("P1", "14:06", "missed"),
        ("P2", "14:06", "met"),
        ("P2", "14:31", "missed"),
        ("P3", "15:59", "met"),
        ("P4", "+1 17:00", "met"),
        ("P4", "+1 17:01", "missed"),
    ],
)
def test_response_target_by_severity(severity: str, clock: str, wanted: str) -> None:
    told = tell(alert("14:00"), ack(clock), *page_record("14:00"), *ticket("14:02", severity))
    assert told.verdict("response") == wanted


def test_a_p4_of_friday_evening_is_due_on_monday_at_the_close() -> None:
    friday = at("+2 17:59")  # 2026-10-16
    told = tell(
        event(friday, "alerted", "pagerduty", "PD1", value="monitor"),
        *[
            event(friday, "declared", "jira", "INC-1", value="Incident", text="typo"),
            event(friday, "severity", "jira", "INC-1", value="P4"),
            event(friday, "linked", "pagerduty", "PD1", value="INC-1", text="ticket"),
            event(friday, "declared", "pagerduty", "PD1", value="incident", text="typo"),
        ],
    )
    assert told.reading("response")["due_at"] == at("+5 17:00")


def test_a_raised_severity_starts_the_clocks_that_it_brings() -> None:
    story = [
        alert("10:00"),
        ack("10:02"),
        *page_record("10:00"),
        *ticket("10:03", "P3"),
        event("13:00", "severity", "jira", "INC-1", value="P1", was="P3"),
        *status_entry("13:20"),
        notice("13:20", "investigating"),
        status("14:00", "Resolved"),
    ]
    told = tell(*story)
    reading = told.reading("customer-first")
    assert (reading["verdict"], reading["value"], reading["severity"]) == ("met", 20.0, "P1")
    assert told.found.incidents["severity_path"][0] == "P3 → P1"


def test_a_severity_that_does_not_call_for_a_clause_makes_it_inapplicable() -> None:
    assert (
        tell(alert("14:00"), ack("14:01"), *page_record("14:00"), *ticket("14:02", "P3")).verdict("customer-first")
        == "not_applicable"
    )


def test_without_a_severity_a_clause_for_some_is_unknown() -> None:
    told = tell(
        alert("14:00"),
        ack("14:01"),
        *page_record("14:00"),
        event("14:02", "declared", "jira", "INC-1", value="Incident", text="x"),
    )
    assert told.verdict("customer-first") == "unknown"


def test_cadence_is_the_longest_silence_and_the_last_runs_to_the_resolution() -> None:
    quick = [update(f"14:{m}", "FIXING") for m in ("05", "06", "07", "08")]
    told = tell(alert("14:00"), ack("14:01"), *BASIC, *quick, status("15:02", "Resolved"))
    reading = told.reading("internal-cadence")
    assert (reading["verdict"], reading["value"]) == ("missed", 54.0)
    assert (reading["started_at"], reading["ended_at"]) == (at("14:08"), at("15:02"))


def test_cadence_kept_is_met_and_an_open_one_is_pending() -> None:
    updates = [update(f"14:{m}", "FIXING") for m in ("10", "25", "40")]
    assert tell(alert("14:00"), *BASIC, *updates, status("14:50", "Resolved")).verdict("internal-cadence") == "met"
    assert tell(alert("14:00"), *BASIC, *updates, as_of="14:50").verdict("internal-cadence") == "pending"


def test_cadence_ends_at_a_downgrade() -> None:
    story = [
        alert("14:00"),
        *BASIC,
        update("14:10", "FIXING"),
        event("14:20", "severity", "jira", "INC-1", value="P3", was="P1"),
        status("18:00", "Resolved"),
    ]
    assert tell(*story).reading("internal-cadence")["value"] == 10.0


def test_each_audience_has_its_own_silences() -> None:
    story = [
        alert("14:00"),
        *BASIC,
        *status_entry("14:10"),
        notice("14:10", "investigating"),
        notice("15:00", "resolved"),
        *(update(f"14:{m}", "FIXING") for m in ("10", "25", "40", "55")),
        status("15:00", "Resolved"),
    ]
    told = tell(*story)
    assert (told.verdict("internal-cadence"), told.verdict("customer-cadence")) == ("met", "missed")
    assert told.reading("customer-cadence")["value"] == 50.0


def test_one_update_told_by_api_and_by_history_is_one() -> None:
    fine = notice("14:10:23", "investigating", "Errors", precision=Precision.MILLISECOND)
    coarse = notice("14:10", "Investigating", "Errors ", precision=Precision.MINUTE)
    told = tell(alert("14:00"), *BASIC, *status_entry("14:10"), coarse, fine)
    customers = told.found.updates.filter(pl.col("audience") == "customers")
    assert customers.height == 1
    assert customers["event"][0] == fine.id and customers["also"][0] == coarse.id


def test_an_incomplete_update_is_told_with_its_missing_fields() -> None:
    told = tell(
        alert("14:00"),
        *BASIC,
        update("14:10", "FIXING", ETA="", Impact=""),
        update("14:20", "FIXING"),
        status("14:30", "Resolved"),
    )
    reading = told.reading("internal-template")
    assert (reading["verdict"], reading["value"]) == ("missed", 1.0)
    assert "Impact" in reading["because"] and "ETA" in reading["because"]


def test_going_back_in_status_is_shown_and_a_strange_one_missed() -> None:
    back = [
        update("14:05", "INVESTIGATING"),
        update("14:10", "FIXING"),
        update("14:15", "INVESTIGATING"),
        status("14:30", "Resolved"),
    ]
    reading = tell(alert("14:00"), *BASIC, *back).reading("status-order")
    assert reading["verdict"] == "met" and "went back" in reading["because"]
    strange = tell(alert("14:00"), *BASIC, update("14:05", "PANICKING"))
    assert strange.verdict("status-order") == "missed"


def test_reopened_counts_to_the_last_resolve() -> None:
    told = tell(
        alert("14:00"), *BASIC, status("15:00", "Resolved"), status("15:30", "Reopened"), status("16:10", "Resolved")
    )
    assert told.found.incidents["resolved_at"][0] == at("16:10")


def test_reopened_and_not_resolved_again_is_open() -> None:
    told = tell(alert("14:00"), *BASIC, status("15:00", "Resolved"), status("15:30", "Reopened"))
    assert told.found.incidents["state"][0] == "open"
    assert told.verdict("review") == "pending"


def test_resolved_then_closed_ended_at_the_resolve() -> None:
    told = tell(alert("14:00"), *BASIC, status("15:00", "Resolved"), status("+2 15:00", "Closed"))
    assert told.found.incidents["resolved_at"][0] == at("15:00")


def test_a_correction_wins_and_what_lost_is_kept() -> None:
    correction = event(
        "+1 09:00",
        "stated",
        "corrections",
        "INC-1",
        was="mitigated",
        value="2026-10-14T14:31:00+00:00",
        actor="ana",
        text="graphs",
    )
    told = tell(alert("14:00"), *BASIC, say("14:50", "Mitigated: rolled back"), correction, status("15:00", "Resolved"))
    moment = told.moment("mitigated")
    assert moment is not None and moment["corrected"] and moment["occurred_at"] == at("14:31")
    assert "14:50" in moment["alternatives"]


def test_roles_named_late_or_never() -> None:
    named = [
        say("14:03", "Incident Commander: @ana"),
        say("14:10", "Technical Lead: @ben"),
        say("14:40", "Customer Success: @cleo"),
    ]
    reading = tell(alert("14:00"), *BASIC, *named, status("16:00", "Resolved")).reading("roles")
    assert reading["verdict"] == "missed"
    assert (
        "never named: DevOps Engineer, Product Manager" in reading["because"]
        and "late: Customer Success" in reading["because"]
    )


def test_handing_over_command_ends_the_first_spell() -> None:
    told = tell(alert("14:00"), *BASIC, say("14:03", "I'm IC"), say("15:00", "handing IC over to @ben"))
    spells = told.found.roles.filter(pl.col("role") == "Incident Commander").to_dicts()
    assert [(s["person"], s["ended_at"]) for s in spells] == [("ana", at("15:00")), ("ben", None)]


def test_rollback_is_judged_only_where_there_was_one() -> None:
    plain = tell(alert("14:00"), *BASIC, say("14:20", "restarted the pods"))
    assert plain.verdict("rollback") == "not_applicable"
    good = [
        say("14:20", "last known good is v2.13.4"),
        say("14:25", "rolled back to v2.13.4"),
        say("14:31", "health check green on all pods"),
    ]
    assert tell(alert("14:00"), *BASIC, *good).verdict("rollback") == "met"
    assert tell(alert("14:00"), *BASIC, *good[1:]).verdict("rollback") == "unknown"


def test_a_channel_with_a_wrong_name_misses_the_clause() -> None:
    named = [
        event("14:03", "channel", "slack", "#inc-1", value="created", text="inc-1"),
        say("14:04", "hello", subject="#inc-1"),
    ]
    reading = tell(alert("14:00"), *BASIC, *named).reading("channel")
    assert reading["verdict"] == "missed" and "is not named" in reading["because"]
    right = [event("14:03", "channel", "slack", "#incident-2026-10-14-1", value="created", text="x")]
    assert tell(alert("14:00"), *BASIC, *right).verdict("channel") == "met"


def test_every_clause_gets_a_verdict_in_every_story() -> None:
    for story in (BASIC, [alert("14:00"), *BASIC], [*status_entry("14:00"), notice("14:00", "investigating")]):
        told = tell(*story)
        assert set(told.readings["measure"]) == {c.id for c in POLICY.clauses}


def test_no_met_without_evidence() -> None:
    told = tell(
        alert("14:00"),
        ack("14:01"),
        *BASIC,
        *(update(f"14:{m}", "FIXING") for m in (10, 20, 30)),
        status("14:40", "Resolved"),
    )
    met = told.readings.filter(pl.col("verdict") == "met")
    assert met.height > 3
    assert (met["evidence"].str.len_chars() > 0).all()


def test_a_new_time_clause_is_toml_only() -> None:
    from importlib.resources import files

    text = (files("podanalytics") / "policies/pod-protocol.toml").read_text("utf-8")
    text += '\n[[clause]]\nid = "quick-close"\ntitle = "t"\ntext = "t"\nkind = "elapsed"\n'
    text += 'from = ["resolved"]\nto = "closed"\ntarget = 60\n'
    policy = parse_policy(text, "test")
    told = tell(alert("14:00"), *BASIC, status("15:00", "Resolved"), status("15:30", "Closed"), policy=policy)
    assert told.verdict("quick-close") == "met"
    assert "quick-close" not in {c.id for c in load_policy("pod-protocol").clauses}


def test_an_open_incident_whose_first_update_is_not_due_yet_is_pending() -> None:
    story = [alert("14:00"), *page_record("14:00"), *ticket("14:02"), say("14:03", "looking at it")]
    assert tell(*story, as_of="14:10").verdict("internal-cadence") == "pending"
    assert tell(*story, as_of="14:30").verdict("internal-cadence") == "missed"


def test_a_severity_held_for_a_moment_at_the_end_does_not_judge() -> None:
    story = [alert("10:00"), *page_record("10:00"), *ticket("10:01", "P3")]
    raised = event("10:27", "severity", "jira", "INC-1", value="P1", was="P3", actor="ana")
    told = tell(*story, raised, status("10:30", "Resolved"))
    assert told.found.incidents["severity"].to_list() == ["P3"]
    assert told.found.incidents["severity_path"].to_list() == ["P3 → P1"]


def test_a_clock_over_days_says_which_days() -> None:
    told = tell(*page_record("14:00"), *ticket("14:02"), status("16:00", "Resolved"), say("+2 10:00", "review held"))
    because = told.reading("review")["because"]
    assert "2026-10-14 16:00:00 UTC" in because and "2026-10-16 10:00:00 UTC" in because
