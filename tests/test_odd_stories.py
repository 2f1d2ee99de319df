"""Odd stories that an adversary told, and what should come of them: each was a mistake once."""

from __future__ import annotations

import pytest

from podanalytics.gather_month import month_section, trend_of
from podanalytics.ledger import load_ledger
from podanalytics.model import Precision
from podanalytics.policy.history import policies_of
from tests.story import (
    BASIC,
    FIRED,
    OVER,
    alert,
    amended,
    at,
    event,
    ledger_of,
    notice,
    packet,
    page_record,
    raised,
    report,
    say,
    status,
    status_entry,
    stored,
    tell,
    ticket,
    update,
)

ROOM = event("14:00", "channel", "slack", "#incident-2026-10-14-1", value="created")
PRIVATE = amended(private=[{"like": "(?i)^private$"}])
SECRET = [
    event("14:02", "declared", "jira", "INC-777", value="Incident", text="takeover of Zanzibar", actor="ana"),
    event("14:03", "labelled", "jira", "INC-777", value="private", actor="ana"),
    event("14:05", "status", "jira", "INC-777", value="due diligence", actor="ana"),
]


def test_a_missed_silence_names_where_it_began() -> None:
    assert tell(*FIRED, ROOM, OVER).reading("internal-cadence")["evidence"]


def test_a_kept_silence_names_where_it_began() -> None:
    told = tell(
        *FIRED, ROOM, raised("14:12", "P3", "P1"), raised("14:40", "P1", "P3"), raised("14:50", "P3", "P1"), OVER
    )
    found = told.reading("internal-cadence")
    assert found["verdict"] != "met" or found["evidence"]


def test_a_later_coarse_silence_takes_no_miss_back() -> None:
    rough = say("14:30", "INCIDENT UPDATE [14:30]\nStatus: FIXING", precision=Precision.MINUTE)
    story = [*FIRED, update("14:10", "FIXING"), update("14:25:05", "FIXING"), rough]
    verdicts = [tell(*story, as_of=moment).verdict("internal-cadence") for moment in ("14:31", "14:45:30", "14:47")]
    assert verdicts == ["missed", "missed", "missed"]


def test_a_silence_from_a_coarse_start_is_unknown_at_the_edge() -> None:
    made = event("14:02", "declared", "jira", "INC-1", value="Incident", text="down", precision=Precision.MINUTE)
    later = [update(clock, "FIXING") for clock in ("14:17:30", "14:30", "14:44")]
    story = [alert("14:00"), *page_record("14:00"), made, ticket("14:02")[1], *later, status("14:50", "Resolved")]
    assert tell(*story).verdict("internal-cadence") == "unknown"


def test_a_coarse_update_at_the_target_is_unknown() -> None:
    rough = say("14:17", "INCIDENT UPDATE [14:17]\nStatus: FIXING", precision=Precision.MINUTE)
    assert tell(*FIRED, rough, status("14:20", "Resolved")).verdict("internal-cadence") == "unknown"


def test_a_postscript_makes_no_resolution_notice_late() -> None:
    told = [*FIRED, *status_entry("14:20"), notice("14:21", "investigating"), notice("16:05", "resolved"), OVER]
    assert tell(*told, notice("+1 09:00", "resolved", "The report follows")).verdict("customer-resolved") == "met"


def test_the_first_acknowledgement_counts_wherever_it_was_given() -> None:
    later = event("14:10", "acknowledged", "pagerduty", "PD1", actor="ana")
    assert tell(*FIRED, say("14:03", "ack"), later, OVER).verdict("ack") == "met"


def test_an_end_before_the_alert_excuses_no_acknowledgement() -> None:
    assert tell(*FIRED, status("13:50", "Resolved"), as_of="18:00").verdict("ack") != "not_applicable"


def test_only_its_holder_leaves_a_role() -> None:
    roles = tell(
        *FIRED, say("14:05", "I'm the incident commander"), say("14:10", "I'm stepping down as IC", actor="ben"), OVER
    ).found.roles
    assert roles["ended_at"].to_list() == [None]


def test_a_handover_in_one_message_leaves_no_gap() -> None:
    told = tell(
        *FIRED, say("14:05", "I'm the incident commander"), say("14:20", "I'm stepping down as IC, IC is @ben"), OVER
    )
    assert told.found.roles["person"].to_list() == ["ana", "ben"]
    assert told.found.watches.is_empty()


def test_a_merged_ticket_brings_its_page_along() -> None:
    second = [
        event("14:03", "declared", "jira", "INC-2", value="Incident", text="down", actor="ben"),
        event("14:02", "declared", "pagerduty", "PD2", value="incident", text="down"),
        event("14:02", "linked", "pagerduty", "PD2", value="INC-2", text="ticket"),
        event("14:10", "merged", "jira", "INC-2", value="INC-1", actor="ben"),
    ]
    assert tell(*FIRED, *second, OVER).found.incidents["incident"].to_list() == ["INC-1"]


def test_the_last_segment_ends_where_the_incident_is_said_to_end() -> None:
    said = event("+1 09:00", "stated", "corrections", "INC-1", was="resolved", value="2026-10-14T15:10:00+00:00",
                 text="the graph", actor="ben")  # fmt: skip
    found = tell(*FIRED, status("15:00", "Resolved"), status("15:30", "Reopened"), said, as_of="+2 00:00").found
    assert found.segments["ended_at"].max() == found.incidents["resolved_at"][0]


def test_nothing_is_over_before_it_ends() -> None:
    said = event("15:00", "stated", "corrections", "INC-1", was="resolved", value="2026-10-14T20:00:00+00:00",
                 text="planned", actor="ben")  # fmt: skip
    assert tell(*FIRED, said, as_of="18:00").found.incidents["state"].to_list() == ["open"]


def test_a_label_on_the_page_makes_the_incident_private() -> None:
    told = [
        *FIRED[:1],
        event("14:00", "declared", "pagerduty", "PD1", value="incident", text="takeover of Zanzibar"),
        *BASIC[1:2],
        *ticket("14:02", title="takeover of Zanzibar"),
        event("14:03", "labelled", "pagerduty", "PD1", value="private"),
    ]
    assert "Zanzibar" not in report("incidents", *told, policy=PRIVATE)


@pytest.mark.parametrize("word", ["INC-777", "due diligence"])
def test_the_faults_of_a_private_incident_stand_in_no_other_packet(word: str) -> None:
    assert ledger_of(*SECRET, *FIRED, OVER, policy=PRIVATE).incidents.height == 2
    assert word not in packet("appendix", *SECRET, *FIRED, OVER, policy=PRIVATE)


def test_a_private_ticket_merged_into_another_makes_that_one_private() -> None:
    page = [
        event("14:02", "declared", "pagerduty", "PD7", value="incident", text="takeover of Zanzibar"),
        event("14:02", "linked", "pagerduty", "PD7", value="INC-777", text="ticket"),
        event("14:10", "merged", "jira", "INC-777", value="INC-1", actor="ana"),
    ]
    shown = report("incidents", *FIRED, *SECRET[:2], *page, OVER, policy=PRIVATE)
    assert "Zanzibar" not in shown and "INC-1" not in shown


def test_what_is_private_now_was_so_under_every_policy() -> None:
    old = amended(version="1", effective=at("-300 00:00"))
    new = PRIVATE.model_copy(update={"version": "2", "effective": at("+1 00:00")})
    store = stored(*SECRET, *FIRED, OVER)
    ledger = load_ledger(store, policies_of([old, new]), at("+9 00:00"))
    store.close()
    trend = trend_of(ledger, "2026-10", "UTC")
    shown = "".join(month_section(name, trend).markdown() for name in ("headlines", "incidents", "attainment", "trust"))
    assert "INC-1" in shown and "Zanzibar" not in shown and "INC-777" not in shown
