"""Page one, and what leans on it, on thin or contradictory records: each line is true and reads as a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from podanalytics.gather import review_of
from podanalytics.model import Event, Person
from podanalytics.sections._clocks import waterfall_figure
from podanalytics.sections._spans import told_marks, window_of
from tests.story import (
    FIRED,
    OVER,
    ack,
    amended,
    at,
    event,
    ledger_of,
    notice,
    packet,
    paged,
    status,
    status_entry,
    ticket,
    update,
)


def page(clock: str, ended: str) -> list[Event]:
    """A status page's own incident that was opened and resolved, and nothing else."""
    return [
        event(clock, "declared", "cstate", "page-1", value="issue", text="Puppet outage"),
        event(clock, "other", "cstate", "page-1", value="description", text="Two services are down"),
        event(ended, "status", "cstate", "page-1", value="resolved"),
    ]


def test_who_noticed_it_is_a_sentence_where_nobody_tells() -> None:
    told = packet("page_one", page("14:00", "15:00"), incident="page-1")
    assert "Whether a monitor or a person noticed it first is not told." in told


def test_without_an_update_the_records_own_words_tell_what_it_was_and_their_row_is_shown() -> None:
    told = packet("page_one", page("14:00", "15:00"), incident="page-1")
    assert "its record says: “Two services are down” (row 2)" in told
    assert "Two services are down" in packet("timeline", page("14:00", "15:00"), incident="page-1")


def test_a_status_is_not_quoted_as_if_somebody_had_said_it() -> None:
    told = packet("page_one", page("14:00", "15:00"), incident="page-1")
    assert "Resolved after 1 h 00 min, by cstate's status: resolved (row 3)" in told


def test_an_end_before_the_opening_is_no_duration_of_zero() -> None:
    told = packet("page_one", page("+3 10:01", "13:00"), incident="page-1")
    assert "How long it lasted cannot be told: the records have it resolved 2026-10-14 13:00 UTC" in told
    assert "before it was opened 2026-10-17 10:01 UTC" in told
    assert "**Lasted:** cannot be told" in told and "0 s" not in told


def test_an_impact_that_nobody_saw_says_for_how_long() -> None:
    felt = event(
        "09:00", "stated", "corrections", "INC-1", was="impact_started", value="2026-10-14T12:00:00Z", text="x"
    )
    assert ", 2 h 00 min after the impact began." in packet("page_one", FIRED, felt, OVER)
    assert "after the impact began" not in packet("page_one", FIRED, OVER)


def test_an_incident_older_than_its_policy_says_so_in_words() -> None:
    told = packet("page_one", FIRED, OVER, policy=amended(effective=datetime(2026, 11, 1, tzinfo=UTC)))
    assert "it began before pod-protocol 2026.1, which judges it, was in force" in told


def test_one_tool_alone_is_not_called_agreement_and_one_stretch_no_measure_of_harm() -> None:
    told = packet("reconstruction", page("14:00", "15:00"), incident="page-1")
    assert "only one tool tells of this incident, so nothing can be compared" in told
    assert "how long it hurt" not in told


def test_an_unknown_names_what_would_settle_it_before_the_remark_on_it() -> None:
    told = packet("scorecard", paged("2026-10-14T14:00:00+00:00", "P1"), incident="PD1")
    assert "when the team declared it would settle it" not in told
    assert "the tracker's export would settle it (a status page's entry is for customers" in told


def test_a_feeds_update_is_not_drawn_as_a_status() -> None:
    posts = [notice("14:10", "Investigating"), notice("14:30", "Update"), notice("15:00", "Resolved")]
    told = packet("communication", FIRED, status_entry("14:10"), *posts)
    assert "Investigating → Resolved" in told


def test_a_notice_whose_clause_is_unknown_is_not_called_not_due() -> None:
    told = packet("notices", [event("14:00", "declared", "jira", "INC-1", value="Incident", text="down")])
    assert "whether it was due is unknown: no severity is told" in told and "not due" not in told


def test_no_silence_has_no_count_in_its_caption() -> None:
    assert "0 of 0" not in packet("communication", ticket("14:00"), OVER)


def test_a_pagers_sentence_names_whom_it_reached_once() -> None:
    sent = event("14:01", "notified", "pagerduty", "PD1", value="Ana", text="Notified Ana by email.")
    told = packet("timeline", FIRED, sent, ack("14:03"), update("14:10", "INVESTIGATING"), status("15:00", "Resolved"))
    assert "Notified Ana by email." in told and "Ana Notified" not in told


def test_an_incident_left_open_for_years_is_drawn_as_long_as_something_is_told_of_it() -> None:
    open_still = review_of(ledger_of(FIRED, ack("14:03"), as_of=at("14:00") + timedelta(days=900)), "INC-1", "UTC")
    window = window_of(open_still)
    assert window.end - at("14:03") < timedelta(hours=1)
    assert told_marks(open_still).endswith("now lies after what is shown")
    fresh = review_of(ledger_of(FIRED, ack("14:03"), as_of="14:08"), "INC-1", "UTC")
    assert window_of(fresh).end > at("14:08"), "of one that is fresh, now is seen"


def test_without_a_tracker_no_lane_is_called_so() -> None:
    told = packet("timeline", page("14:00", "15:00"), incident="page-1")
    assert "in lanes for customers and other" in told and "tracker" not in told
    paging = packet("timeline", paged("2026-10-14T14:00:00+00:00", "P1"), incident="PD1")
    assert "in lanes for alerts (" in paging and "tracker" not in paging


def test_the_waterfall_of_a_second_still_reaches_to_its_target() -> None:
    quick = review_of(ledger_of(FIRED, ack("14:00:01")), "INC-1", "UTC")
    figure = waterfall_figure(quick)
    assert figure is not None and figure.figure["layout"]["xaxis"]["range"][1] > 5


def test_a_report_to_customers_has_no_duration_of_zero_and_asks_when_the_services_worked_again() -> None:
    down = event("13:00", "component", "cstate", "page-1", value="down", text="ci")
    told = packet("public_report", down, page("+3 10:01", "13:00"), incident="page-1")
    assert "less than a minute" not in told and "to be written: how long it lasted" in told
    assert "to be written: when the services of which no recovery is told worked again" in told
    well = event("13:30", "component", "cstate", "page-1", value="operational", text="ci")
    assert "no recovery is told" not in packet("public_report", down, well, page("13:00", "14:00"), incident="page-1")


def test_an_address_that_names_a_person_is_no_link() -> None:
    keon = Person(source="pagerduty", key="P1", name="Keon Test")
    records = [
        event(
            "14:00", "declared", "pagerduty", "PD1", value="incident", text="down", url="https://keon-test.example/1"
        ),
        event("14:01", "acknowledged", "pagerduty", "PD1", actor="P1", url="https://pager.example/2"),
    ]
    told = packet("timeline", records, people=(keon,), incident="PD1")
    assert "-test.example" not in told and "https://pager.example/2" in told
