"""The measures page's table of edge cases, 1 to 40: one small story each, named after its case, the wanted first."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from podanalytics.changes import changes
from podanalytics.gather import review_of, section
from podanalytics.gather_month import trend_of
from podanalytics.model import Event, Fault, Person, Precision
from podanalytics.sources import applog, pagerduty
from podanalytics.trends import attainment
from tests.test_changes import document

from tests.story import (  # isort: skip
    BASIC, FIRED, OVER, ack, alert, amended, at, event, exported, finished_ticket, ledger_of, notice, packet,
    page_record, paged, pager, raised, report, say, stamp, status, status_entry, tell, ticket, update,
)  # fmt: skip

TWICE = [*FIRED, status("15:00", "Resolved"), status("15:30", "Reopened"), status("16:10", "Resolved")]


def test_case_01_several_acks() -> None:
    """First counts, all kept."""
    told = tell(*FIRED, ack("14:03"), ack("14:09"), OVER)
    assert told.reading("ack")["ended_at"] == at("14:03")
    assert told.found.told.filter(kind="acknowledged").height == 2


def test_case_02_ack_lapses_and_the_alert_triggers_again() -> None:
    """First ack stands; the lapse is a timeline row and a count."""
    story = [*FIRED, ack("14:03"), pager("14:33", "unacknowledged", None), alert("14:34"), ack("14:36"), OVER]
    assert tell(*story).reading("ack")["ended_at"] == at("14:03")
    assert "<sub>unacknowledged</sub>" in packet("timeline", *story)
    assert "lapsed once" in tell(*story).reading("ack")["because"]


def test_case_03_resolved_with_no_ack() -> None:
    """`no_ack_before_resolve`; missed if the target elapsed, else not applicable (auto-resolved)."""
    late = tell(*FIRED, OVER).reading("ack")
    soon = tell(*FIRED, status("14:03", "resolved", "pagerduty", "PD1", actor=None)).reading("ack")
    assert late["verdict"] == "missed" and "no acknowledgement" in late["because"]
    assert soon["verdict"] == "not_applicable" and "auto-resolved" in soon["because"]


def test_case_04_auto_resolved_by_integration_or_time_out() -> None:
    """Flagged; out of human response times, kept in volume."""
    told = tell(*FIRED, status("14:30", "resolved", "pagerduty", "PD1", actor=None))
    for clause in ("ack", "response"):
        assert told.verdict(clause) == "not_applicable" and "auto-resolved" in told.reading(clause)["because"]
    assert told.found.incidents["excluded"].to_list() == [None]


def test_case_05_silenced_or_wiped_as_response() -> None:
    """Not a response."""
    quiet = [pager("14:01", k, value=v) for k, v in (("status", "snoozed"), ("other", "silence"), ("other", "wipe"))]
    told = tell(*FIRED, *quiet, ack("14:20"), OVER)
    assert told.reading("ack")["ended_at"] == told.reading("response")["ended_at"] == at("14:20")


def test_case_06_never_acked_and_still_open() -> None:
    """Pending, then missed at the target's moment."""
    verdicts = [tell(*FIRED, as_of=now).verdict("ack") for now in ("14:04", "14:05", "14:05:01")]
    assert verdicts == ["pending", "pending", "missed"]  # an act at 14:05:00 would still be met


def test_case_07_snoozed_or_awaiting_customer() -> None:
    """Subtracted only in an explicitly named variant."""
    gross = {"from": ["alert_fired"], "to": "resolved", "target": 60}
    policy = amended({"repair": gross, "repair-net": {**gross, "pauses": ["snoozed"]}})
    waits = [status("14:30", "Snoozed"), status("15:00", "Fixing"), status("15:20", "Resolved")]
    told = tell(alert("14:00"), *page_record("14:00"), *ticket("14:00", "P3"), *waits, policy=policy)
    assert (told.verdict("repair"), told.reading("repair")["value"]) == ("missed", 80.0)
    assert (told.verdict("repair-net"), told.reading("repair-net")["value"]) == ("met", 50.0)
    assert "1 h 20 min" in told.reading("repair-net")["because"]  # the gross time is told beside the net one


def test_case_08_reopened() -> None:
    """Last resolve; segments and envelope both shown."""
    found = tell(*TWICE).found
    assert found.incidents.select("began_at", "resolved_at").row(0) == (at("14:00"), at("16:10"))
    segments = found.segments.select("began_at", "ended_at").rows()
    assert segments == [(at("14:00"), at("15:00")), (at("15:30"), at("16:10"))]


def test_case_09_several_impact_windows() -> None:
    """Cumulative (customer minutes) and envelope (elapsed), both."""
    shown = packet("page_one", *TWICE)
    assert "2 h 10 min" in shown and "1 h 40 min" in shown  # 14:00 to 16:10, and that without 15:00 to 15:30


@pytest.mark.parametrize(("clock", "wanted"), [("15:30", "mitigated resolved"), ("16:30", "resolved mitigated")])
def test_case_10_mitigated_after_recovered_or_before(clock: str, wanted: str) -> None:
    """No order is enforced; the order is reported."""
    story = [*FIRED, ack("14:01"), say(clock, "Mitigated: rolled back"), OVER]
    assert "contradictory" not in set(tell(*story).readings["verdict"])
    shown = packet("timeline", *story)
    assert (shown.index("| mitigated<br>") < shown.index("| resolved<br>")) == wanted.startswith("mitigated")


def test_case_11_milestone_missing() -> None:
    """Unknown, and the missing rate stands in the data-quality box."""
    assert tell(*FIRED, OVER).verdict("triage") == "unknown"
    assert "obligations unknown (" in report("trust", *FIRED, OVER)
    assert "clauses unknown" in packet("page_one", *FIRED, OVER)


def test_case_12_negative_duration() -> None:
    """Quarantined with its rule, never clamped, never a stale value."""
    ledger = ledger_of(alert("14:10"), *BASIC, ack("14:03"), OVER)
    reading = ledger.readings.filter(incident="INC-1", measure="ack").row(0, named=True)
    assert (reading["verdict"], reading["value"]) == ("contradictory", -7.0)
    assert "pager: first human acknowledgement" in reading["because"]
    assert set(ledger.faults.filter(record="INC-1")["rule"]) == {"negative duration"}


def test_case_13_created_equals_resolved() -> None:
    """`posted_after_the_fact`: out of speed, kept in volume."""
    public = [*status_entry("18:05"), notice("18:05", "investigating")]
    told = tell(*ticket("18:00"), status("18:00", "Resolved"), *public)
    reading = told.reading("customer-first")
    assert reading["verdict"] == "not_applicable" and "posted after the fact" in reading["because"]
    assert told.found.incidents["excluded"].to_list() == [None]


def test_case_14_backfilled_later() -> None:
    """Clocks from event time, not from insert time."""
    assert tell(*FIRED, ack("14:03", recorded_at=at("+3 09:00")), OVER).reading("ack")["value"] == 3.0


def test_case_15_declared_without_an_alert() -> None:
    """Alert clocks not applicable, never 0."""
    around = [event(c, "alerted", "pagerduty", "PD9", value="monitor") for c in ("-1 09:00", "+1 09:00")]
    reading = tell(*ticket("14:02"), OVER, *around).reading("ack")
    assert (reading["verdict"], reading["value"]) == ("not_applicable", None)


@pytest.mark.parametrize(
    ("reason", "marked"),
    [
        ("test", ticket("14:02", title="[TEST] pager")),
        ("drill", ticket("14:02", title="Drill: fail over")),
        ("scheduled maintenance", [event("14:02", "declared", "statuspage", "a1b2c3d4e5f6", value="maintenance")]),
        ("cancelled", [*ticket("14:02"), status("14:10", "Cancelled")]),
        ("cancelled", [*ticket("14:02"), status("14:10", "Declined")]),
    ],
)
def test_case_16_test_drill_scheduled_cancelled_declined(reason: str, marked: list[Event]) -> None:
    """In the exclusion ledger."""
    assert tell(*marked).found.incidents["excluded"].to_list() == [reason]
    assert f"**Not counted:** 1 {reason}" in report("headlines", *marked)
    assert f"| {reason} |" in report("incidents", *marked)


def test_case_17_merged_or_duplicate() -> None:
    """Follow to the survivor; earliest detection kept; counted once."""
    double = [
        event("13:50", "alerted", "pagerduty", "PD2", value="monitor"),
        event("13:50", "declared", "pagerduty", "PD2", value="incident", text="timeouts"),
        event("13:52", "declared", "jira", "INC-2", value="Incident", text="timeouts", actor="bo"),
        event("13:53", "linked", "pagerduty", "PD2", value="INC-2", text="ticket"),
        event("14:10", "merged", "jira", "INC-2", value="INC-1"),
    ]
    found = tell(*FIRED, *double, OVER).found.incidents
    assert found.select("incident", "began_at").rows() == [("INC-1", at("13:50"))]


def test_case_18_severity_raised_after_three_hours() -> None:
    """Two clocks are shown, since impact and since the severity was set; the second judges; the spells are tabled."""
    story = [alert("10:00"), *page_record("10:00"), *ticket("10:00", "P3"), raised("13:00", "P1", "P3")]
    told = tell(*story, *status_entry("13:20"), notice("13:20", "investigating"), OVER)
    reading = told.reading("customer-first")
    assert (reading["verdict"], reading["value"]) == ("met", 20.0)
    assert told.found.spells["severity"].to_list() == ["P3", "P1"]
    assert "3 h 20 min" in reading["because"]


@pytest.mark.parametrize(
    ("fired", "due"),
    [
        ("2026-10-16T17:59+02:00", "2026-10-19T17:00+02:00"),  # Friday evening
        ("2026-10-17T11:00+02:00", "2026-10-19T17:00+02:00"),  # Saturday
        ("2026-05-01T10:00+02:00", "2026-05-04T17:00+02:00"),  # a holiday, on a Friday
        ("2026-12-31T16:00+01:00", "2027-01-04T17:00+01:00"),  # Thursday, and Friday is New Year's Day
    ],
)
def test_case_19_p4_on_friday_saturday_holiday_year_end(fired: str, due: str) -> None:
    """Next business day by calendar and zone."""
    calendar = {"zone": "Europe/Berlin", "holidays": ["2026-05-01", "2027-01-01"]}
    told = tell(*paged(fired, "P4"), policy=amended(calendar=calendar), as_of=datetime.fromisoformat(fired))
    assert told.reading("response", "PD1")["due_at"] == datetime.fromisoformat(due)


def test_case_20_a_dst_change_inside_the_incident() -> None:
    """26 real minutes stay 26."""
    acked = ack(datetime.fromisoformat("2026-10-25T02:16+01:00"))
    policy = amended(calendar={"zone": "Europe/Berlin"})
    told = tell(*paged("2026-10-25T02:50+02:00", "P1"), acked, policy=policy, as_of="+30 00:00")
    assert told.reading("ack", "PD1")["value"] == 26.0


def test_case_21_local_time_labelled_utc() -> None:
    """A constant ±k·30 min shift between sources is detected and flagged."""
    story: list[Event] = []
    for n in (1, 2, 3, 4, 5):  # the bot posts each page within seconds, but its clock is two hours ahead
        link = f"https://pod.pagerduty.com/incidents/PDABC{n}"
        story += [event(f"1{n}:00", "alerted", "pagerduty", f"PDABC{n}", value="monitor")]
        story += [event(f"1{n}:00", "declared", "pagerduty", f"PDABC{n}", value="incident", text="down")]
        story += [say(f"1{n + 2}:00:0{n}", f"Triggered: {link}", "pagerbot", "#alerts")]
    clocks = tell(*story, people=(Person("slack", "pagerbot", "Pager", bot=True),)).found.clocks
    shifted = clocks.filter(pl.col("shift").is_not_null()).row(0, named=True)
    assert shifted["source"] == "slack" and round(abs(shifted["minutes"])) == 120


def test_case_22_naive_datetimes(tmp_path: Path) -> None:
    """Refused or zone declared."""
    with pytest.raises(ValueError, match="no time zone"):
        event(datetime(2026, 10, 14, 14), "alerted", "pagerduty", "PD1")
    log, line = tmp_path / "pod-api.log", "2026-10-14 14:00:00,000 [ERROR] pool: exhausted\n"
    log.write_text(line)
    (refused,) = applog.source.parse(log)
    assert isinstance(refused, Fault) and "without a zone" in refused.reason
    log.write_text("# zone: Europe/Berlin\n" + line)
    assert [e.occurred_at for e in applog.source.parse(log) if isinstance(e, Event)] == [at("12:00")]


@pytest.mark.parametrize(("clock", "wanted"), [("14:03", "met"), ("14:05", "unknown"), ("14:06", "missed")])
def test_case_23_hour_or_minute_truncation(clock: str, wanted: str) -> None:
    """Precision recorded; an interval, not a point."""
    told = tell(*FIRED, ack(clock, precision=Precision.MINUTE), OVER)
    assert told.found.milestones.filter(milestone="acknowledged")["precision"].to_list() == ["min"]
    assert told.verdict("ack") == wanted


def test_case_24_a_26_hour_incident() -> None:
    """26 h, not 2 h."""
    story = [*FIRED, status("+1 16:00", "Resolved")]
    found = tell(*story).found.incidents.row(0, named=True)
    assert found["resolved_at"] - found["began_at"] == timedelta(hours=26)
    assert "1 d 02 h" in packet("page_one", *story)


def test_case_25_updated_at_offered_as_resolved(tmp_path: Path) -> None:
    """Only as an upper bound, flagged."""
    told = tell(finished_ticket(tmp_path, updated="2026-10-14T19:00:00Z", resolutiondate=None))
    moment = told.moment("resolved")
    assert moment is None or "at the latest" in moment["rule"]


def test_case_26_last_event_of_any_kind_as_resolve() -> None:
    """Event kinds are whitelisted."""
    later = [say("17:00", "closing words"), event("18:00", "labelled", "jira", "INC-1", value="done")]
    assert tell(*FIRED, OVER, *later).found.incidents["resolved_at"].to_list() == [at("16:00")]
    assert tell(*FIRED, *later).found.incidents["resolved_at"].to_list() == [None]


def test_case_27_empty_set() -> None:
    """ "No incidents", "not collected" and "zero" are three different answers."""
    assert "not known to be quiet" in report("headlines", *FIRED, OVER, month="2026-08")
    assert "No incident began" in report("headlines", say("14:00", "hello", subject="#ops"))
    zero = report("headlines", *ticket("14:02", title="Drill: fail over"))
    assert "No incident began" in zero and "**Not counted:** 1 drill" in zero


def test_case_28_an_export_capped_by_row_limits(tmp_path: Path) -> None:
    """Page to the end; if capped, say so."""
    entry = {"id": "R1", "type": "trigger_log_entry", "created_at": "2026-10-14T14:00:00Z", "incident": {"id": "PD1"}}
    path = tmp_path / "log_entries.json"
    path.write_text(json.dumps({"log_entries": [entry], "limit": 1, "offset": 0, "more": True}))
    assert [f for f in pagerduty.source.parse(path) if isinstance(f, Fault)]


def test_case_29_late_data() -> None:
    """ "Data as of", and a re-run shows what changed."""
    assert "**Data as of:** 2026-10-23" in report("headlines", *FIRED, OVER)
    told = (ledger_of(*FIRED, OVER), ledger_of(*FIRED, ack("14:03"), OVER))
    cards = (section("scorecard", review_of(ledger, "INC-1", "UTC")) for ledger in told)
    before, after = (document({"incident": "INC-1", "as_of": "2026-10-23T00:00Z"}, card) for card in cards)
    assert "ack: missed → met" in "\n".join(changes(before, after))


def test_case_30_incident_spanning_two_months() -> None:
    """Bucketed by detection, once."""
    story = [alert("+17 23:50"), *page_record("+17 23:50"), *ticket("+17 23:55"), status("+18 03:00", "Resolved")]
    ledger = ledger_of(*story, as_of="+30 00:00")
    assert [trend_of(ledger, month, "UTC").incidents.height for month in ("2026-10", "2026-11")] == [1, 0]


def test_case_31_ownership_after_escalation() -> None:
    """Response belongs to the team first paged; hand-offs shown."""
    first, *then = (pager(c, "notified", None, value=team) for c, team in (("14:01", "team-a"), ("14:20", "team-b")))
    story = [*FIRED, first, pager("14:20", "escalated", None, value="team-b"), *then, ack("14:22", "bo"), OVER]
    assert tell(*story).reading("response")["value"] == 22.0  # since team A's alert, not since team B took over
    assert tell(*story).reading("notify-team")["evidence"].endswith(first.id)
    assert "<sub>escalated</sub>" in packet("timeline", *story)


def test_case_32_deactivated_user(tmp_path: Path) -> None:
    """Stays as a pseudonym."""
    told = exported(tmp_path, {"ts": stamp("14:05"), "text": "gwen here, looking at it"})
    people = tuple(p for p in told if isinstance(p, Person))
    shown = packet("timeline", *FIRED, [e for e in told if isinstance(e, Event)], OVER, people=people)
    assert "Responder-" in shown and "looking at it" in shown and "gwen" not in shown.lower() and "U1" not in shown


def test_case_33_chat_edit_and_deletion(tmp_path: Path) -> None:
    """Both times kept, original and edit shown, tombstones counted."""
    edited = {"ts": stamp("14:05"), "text": "it is the pool", "edited": {"ts": stamp("14:25")}}
    gone = {"subtype": "tombstone", "ts": stamp("14:07"), "text": "This message was deleted."}
    told = [e for e in exported(tmp_path, edited, gone) if isinstance(e, Event)]
    clocks = {e.kind.value: f"{e.occurred_at:%H:%M}" for e in told if e.kind.value in ("message", "edited", "deleted")}
    assert clocks == {"message": "14:05", "edited": "14:25", "deleted": "14:07"}
    (message,) = [e for e in told if e.kind.value == "message"]
    before = {"value": message.key, "text": message.text, "was": "it is DNS", "actor": "U1"}
    shown = packet("timeline", *FIRED, told, event("14:25", "edited", "slack", message.subject, **before), OVER)
    assert "it is the pool" in shown and "it is DNS" in shown and "1 deleted" in shown


def test_case_34_a_note_written_later_about_an_earlier_moment() -> None:
    """Two columns: `occurred_at`, `recorded_at`."""
    note = say("14:31", "Mitigated: pool grown", recorded_at=at("18:00"))
    told = tell(*FIRED, note, OVER)
    assert told.found.told.filter(id=note.id).select("occurred_at", "recorded_at").row(0) == (at("14:31"), at("18:00"))
    assert told.found.milestones.filter(milestone="mitigated")["occurred_at"].to_list() == [at("14:31")]
    assert "written later" in packet("timeline", *FIRED, note, OVER)


def test_case_35_update_posted_to_one_audience_only() -> None:
    """Each audience has its own gaps."""
    internal = [*(update(f"14:{m}", "FIXING") for m in ("10", "25", "40", "55")), status("15:00", "Resolved")]
    told = tell(*FIRED, *status_entry("14:10"), notice("14:10", "investigating"), *internal)
    assert (told.verdict("internal-cadence"), told.reading("internal-cadence")["value"]) == ("met", 15.0)
    assert (told.verdict("customer-cadence"), told.reading("customer-cadence")["value"]) == ("missed", 50.0)


def test_case_36_update_gap_across_a_downgrade() -> None:
    """Cadence ends at the downgrade or resolve; the last gap runs to that moment."""
    lowered = tell(*FIRED, update("14:10", "FIXING"), raised("14:24", "P3", "P1"), OVER).reading("internal-cadence")
    assert (lowered["verdict"], lowered["value"], lowered["ended_at"]) == ("met", 14.0, at("14:24"))
    resolved = tell(*FIRED, update("14:10", "FIXING"), OVER).reading("internal-cadence")
    assert (resolved["verdict"], resolved["ended_at"]) == ("missed", at("16:00"))


def test_case_37_private_incident() -> None:
    """In aggregates only when the policy permits, never named."""
    story = [*ticket("14:02", title="Payroll leak"), event("14:02", "labelled", "jira", "INC-1", value="private"), OVER]
    for permitted, said in ((True, "1 incident began"), (False, "No incident began")):
        policy = amended(private=[{"like": "(?i)^private$", "counted": permitted}])
        shown = [report(name, *story, policy=policy) for name in ("headlines", "incidents", "attainment", "trust")]
        assert said in shown[0]
        assert "INC-1" not in "".join(shown) and "Payroll" not in "".join(shown)


def test_case_38_fewer_than_five_people_in_a_workload_figure() -> None:
    """Pooled or suppressed."""
    said = [say(f"14:0{n}", "looking at it", who) for n, who in enumerate(("bo", "cy", "di", "ed", "fi"), 3)]
    few, enough = (report("workload", *FIRED, *some, OVER) for some in (said[:2], said))  # and who wrote the ticket
    assert "Incidents responded to: not shown" in few and "fewer than 5 people" in few
    assert "| incidents responded to | 6 |" in enough


def test_case_39_open_at_month_end() -> None:
    """Right-censored."""
    story = [alert("+17 23:57"), *page_record("+17 23:57"), *ticket("+17 23:57"), say("+17 23:58", "hello")]
    told = tell(*story, as_of="+18 00:00")
    assert (told.verdict("ack"), told.reading("ack")["value"]) == ("pending", None)
    shown = report("headlines", *story, as_of="+18 00:00")
    assert "1 incident began in 2026-10; 1 still open" in shown and "none is resolved yet" in shown


def test_case_40_two_figures_that_show_one_number() -> None:
    """Equal, by construction and by test."""
    story = [*FIRED, ack("14:03"), update("14:10", "FIXING"), update("14:40", "MONITORING"), OVER]
    ledger = ledger_of(*story)
    review, trend = review_of(ledger, "INC-1", "UTC"), trend_of(ledger, "2026-10", "UTC")
    reading = review.reading("internal-cadence")
    assert reading and reading.value == review.silences.filter(measure="internal-cadence")["minutes"].max() == 80.0
    assert "1 h 20 min" in packet("scorecard", *story) and "1 h 20 min" in packet("communication", *story)
    missed = sum(a.missed for a in attainment(trend.readings, trend.policies))
    assert review.readings.filter(verdict="missed").height == missed > 0
