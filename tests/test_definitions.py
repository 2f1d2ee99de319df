"""The 22 definitions of the statistics page's section 5: one test a row, named after its question, the rule first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from podanalytics.errors import PolicyError
from podanalytics.gather_month import trend_of
from podanalytics.model import Event, Milestone, Person, Precision
from podanalytics.reconstruct.flags import OPENED_AGAIN, OPENED_LATER
from podanalytics.tables import READINGS
from podanalytics.trend_sections.attainment import share_words
from podanalytics.trends import Attainment, attainment
from tests.story import (
    FIRED,
    OVER,
    POLICY,
    ack,
    alert,
    amended,
    at,
    event,
    ledger_of,
    notice,
    packet,
    page_record,
    paged,
    raised,
    report,
    say,
    status,
    status_entry,
    tell,
    ticket,
    update,
)


def due(*told: Event | list[Event], clause: str = "response", incident: str = "INC-1", **more: Any) -> datetime:
    found = tell(*told, **more).reading(clause, incident)["due_at"]
    assert isinstance(found, datetime)
    return found


def counted(**verdicts: int) -> Attainment:
    """The attainment of `ack` over that many readings of each verdict."""
    told = [verdict for verdict, count in verdicts.items() for _ in range(count)]
    same = {"measure": "ack", "policy": POLICY.label}
    rows = READINGS.frame({"incident": f"INC-{n}", "verdict": v, **same} for n, v in enumerate(told))
    return next(attainment(rows, [POLICY]))


def test_row_01_what_starts_the_clock() -> None:
    """The stamps are kept apart, and a fall back to another start is never silent: the row says which one it used."""
    stamps = {"impact_started", "alert_fired", "declared", "team_notified", "severity_set"}
    assert stamps <= {m.value for m in Milestone}
    assert tell(*FIRED, OVER).found.incidents["detection"].to_list() == ["monitor"]
    because = tell(*ticket("14:02"), say("14:05", "looking at it"), OVER).reading("response")["because"]
    assert "incident record 14:02:00" in because  # the start it used
    assert "no alert" in because  # instead of the one that the clause asks for first


@pytest.mark.parametrize(
    ("judge", "first", "moved", "then", "wanted"),
    [
        ("prospective", "P3", "15:00", "P1", "15:05"),  # up: the earlier of the old due and rise plus new target
        ("prospective", "P3", "15:58", "P2", "16:00"),
        ("prospective", "P1", "14:03", "P3", "16:00"),  # down: start plus new target
        ("prospective", "P1", "14:10", "P3", "14:05"),  # but a breach already incurred stands
        ("at_start", "P3", "15:00", "P1", "16:00"),
        ("current", "P3", "15:00", "P1", "14:05"),
        ("peak", "P3", "15:00", "P1", "14:05"),
    ],
)
def test_row_02_severity_changes(judge: str, first: str, moved: str, then: str, wanted: str) -> None:
    """Prospective by default; the parameter chooses another. Reports group by the worst held for five minutes."""
    story = [alert("14:00"), *page_record("14:00"), *ticket("14:00", first), raised(moved, then, first)]
    story.append(status("17:00", "Resolved"))
    policy = amended(judge=judge)
    assert due(*story, policy=policy) == at(wanted)
    if judge == "prospective" and moved != "14:03":  # there P1 was held for three minutes only
        assert tell(*story, policy=policy).found.incidents["severity"].to_list() == [min(first, then)]


def test_row_03_reopen() -> None:
    """The same incident if reopened within 7 days, judged on the last resolve; after that a new one, linked."""
    again = [status("+3 15:00", "Reopened"), status("+3 18:00", "Resolved")]
    found = tell(*FIRED, OVER, *again).found
    assert found.incidents.select("incident", "resolved_at").rows() == [("INC-1", at("+3 18:00"))]
    assert due(*FIRED, OVER, *again, clause="review") == at("+5 18:00")
    late = [status("+8 15:00", "Reopened"), status("+8 18:00", "Resolved")]
    found = tell(*FIRED, OVER, *late, as_of="+20 00:00").found
    assert found.incidents.select("incident", "began_at", "resolved_at", "flags").rows() == [
        ("INC-1", at("14:00"), at("16:00"), OPENED_LATER),
        ("INC-1~2", at("+8 15:00"), at("+8 18:00"), OPENED_AGAIN),
    ]
    assert found.incidents["title"].n_unique() == found.incidents["severity"].n_unique() == 1


def test_row_04_stop_event() -> None:
    """Resolved, never closed; an automatic close is no act."""
    closed = status("+2 15:00", "Closed", actor=None)
    assert tell(*FIRED, OVER, closed).found.incidents["resolved_at"].to_list() == [at("16:00")]
    assert tell(*FIRED, closed).found.incidents["state"].to_list() == ["open"]


def test_row_05_duplicates_and_merges() -> None:
    """The parent only; earliest start and earliest human acknowledgement in the family."""
    child = [
        event("13:50", "alerted", "pagerduty", "PD2", value="monitor"),
        event("13:53", "acknowledged", "pagerduty", "PD2", actor="bo"),
        event("14:05", "merged", "pagerduty", "PD2", value="PD1"),
        event("13:50", "declared", "pagerduty", "PD2", value="incident", text="timeouts"),
        event("13:52", "declared", "jira", "INC-2", value="Incident", text="timeouts", actor="bo"),
        event("13:52", "linked", "pagerduty", "PD2", value="INC-2", text="ticket"),
        event("14:06", "merged", "jira", "INC-2", value="INC-1"),
    ]
    told = tell(*FIRED, ack("14:09"), *child, OVER)
    assert told.found.incidents.select("incident", "began_at").rows() == [("INC-1", at("13:50"))]
    reading = told.reading("ack")
    assert (reading["started_at"], reading["ended_at"]) == (at("13:50"), at("13:53"))


def test_row_06_bots() -> None:
    """The first human acknowledgement counts; a bot's is shown. Resolved by automation before: not applicable."""
    robot = Person("pagerduty", "auto", "Auto-Ack", bot=True)
    early = ack("14:01", "auto")
    assert tell(*FIRED, early, ack("14:08"), OVER, people=(robot,)).reading("ack")["ended_at"] == at("14:08")
    story = [*FIRED, early, status("14:30", "resolved", "pagerduty", "PD1", actor="auto")]
    told = tell(*story, people=(robot,))
    assert early.id in told.found.told["id"]
    assert told.verdict("ack") == "not_applicable" and "auto-resolved" in told.reading("ack")["because"]


@pytest.mark.parametrize(("clock", "verdict", "minutes"), [("13:59", "met", -1.0), ("13:57", "contradictory", -3.0)])
def test_row_07_ack_before_create_and_skew(clock: str, verdict: str, minutes: float) -> None:
    """Up to two minutes are skew, flagged; more contradicts, and is named. Never dropped, abs() or clamped."""
    reading = tell(*FIRED, ack(clock), OVER).reading("ack")
    assert (reading["verdict"], reading["value"]) == (verdict, minutes)
    assert ("skew" if verdict == "met" else "negative") in reading["because"]


def test_row_08_missing_stamps() -> None:
    """No imputation: bounds beside the share, and the bounds alone where they are more than ten points apart."""
    assert tell(*FIRED, OVER).reading("triage")["value"] is None
    found = counted(met=27, missed=6, unknown=8)
    assert found.share == 27 / 33 and found.bounds == (27 / 41, 35 / 41)
    assert share_words(found) == "too much is unknown for one share"
    assert share_words(counted(met=27, missed=6, unknown=2)).startswith("82 %")


@pytest.mark.parametrize(
    ("clock", "grain", "verdict"),
    [("14:04", "min", "met"), ("14:05", "min", "unknown"), ("14:06", "min", "missed"), ("14:05", "s", "met")],
)
def test_row_09_precision(clock: str, grain: str, verdict: str) -> None:
    """A minute stamp is met if its end is in time, breached if its begin is not, else unknown for its precision."""
    reading = tell(*FIRED, ack(clock, precision=Precision(grain)), OVER).reading("ack")
    assert reading["verdict"] == verdict
    assert ("too coarse" in reading["because"]) == (verdict == "unknown")


def test_row_10_paused_clocks() -> None:
    """Never for acknowledgement, response and next business day; else by a person's word, gross and net published."""
    repair: dict[str, Any] = {"from": ["alert_fired"], "to": "resolved", "target": 600, "pauses": ["snoozed"]}
    waits = [status("14:01", "Snoozed"), status("14:31", "Fixing"), ack("14:32")]
    slept = [status("14:40", "Snoozed", actor=None), status("15:00", "Fixing", actor=None)]
    story = [alert("14:00"), *page_record("14:00"), *ticket("14:00", "P3"), *waits, *slept, OVER]
    told = tell(*story, policy=amended({"repair": repair}))
    assert [told.reading(clause)["value"] for clause in ("ack", "repair")] == [32.0, 90.0]
    assert "2 h 00 min" in told.reading("repair")["because"]
    for clause in ("ack", "response"):
        with pytest.raises((PolicyError, ValueError), match="pause"):
            amended({clause: {"pauses": ["snoozed"]}})


def test_row_11_p1_immediate() -> None:
    """A number: a person within five minutes of the page, at any hour; the packet says so."""
    assert due(*paged("2026-10-18T03:00Z", "P1"), incident="PD1") == datetime.fromisoformat("2026-10-18T03:05Z")
    assert "scored as the acknowledgement target, 5 minutes" in packet("scorecard", *FIRED, OVER)


@pytest.mark.parametrize(
    ("zone", "fired", "wanted"),
    [
        ("UTC", "2026-10-16T17:59Z", "2026-10-19T17:00Z"),  # Friday evening
        ("UTC", "2026-10-17T09:00Z", "2026-10-19T17:00Z"),  # Saturday: Monday, not Tuesday
        ("America/New_York", "2025-07-03T10:00-04:00", "2025-07-07T17:00-04:00"),  # before Independence Day
        ("America/New_York", "2026-10-16T02:00Z", "2026-10-16T17:00-04:00"),  # still Thursday there
    ],
)
def test_row_12_next_business_day(zone: str, fired: str, wanted: str) -> None:
    """Close of business of the first business day strictly after the local date of the start."""
    policy = amended(calendar={"zone": zone, "holidays": ["2025-07-04"]})
    story = paged(fired, "P4")
    assert due(*story, incident="PD1", policy=policy, as_of=story[0].occurred_at) == datetime.fromisoformat(wanted)
    assert (
        tell(*story, ack(datetime.fromisoformat(wanted)), policy=policy, as_of="+90 00:00").verdict("response", "PD1")
        == "met"
    )


def test_row_13_still_open() -> None:
    """Due passed: breached now; else pending, with what is left. Never excluded, never zero."""
    early, late = (tell(*FIRED, say("14:03", "hello"), as_of=now) for now in ("14:04", "14:30"))
    assert (early.verdict("ack"), late.verdict("ack")) == ("pending", "missed")
    assert early.reading("ack")["due_at"] == at("14:05") and late.reading("ack")["value"] is None
    assert late.found.incidents.select("state", "resolved_at", "excluded").row(0) == ("open", None, None)


def test_row_14_months() -> None:
    """Attainment by the month of the due moment, incidents by the month of the alert, borders in a stated zone."""
    story = [alert("+16 23:50"), *page_record("+16 23:50"), *ticket("+16 23:52"), status("+17 02:00", "Resolved")]
    ledger = ledger_of(*story, as_of="+40 00:00")
    october, november = (trend_of(ledger, month, "UTC") for month in ("2026-10", "2026-11"))
    assert [t.incidents.height for t in (october, november)] == [1, 0]
    assert [t.readings.filter(measure="ack").height for t in (october, november)] == [1, 0]
    assert [t.readings.filter(measure="review").height for t in (october, november)] == [0, 1]
    assert trend_of(ledger, "2026-10", "Europe/Berlin").month.end == at("+17 23:00")


@pytest.mark.parametrize(
    ("fired", "acted"),
    [
        ("2026-03-29T01:50+01:00", "2026-03-29T03:10+02:00"),  # same-zone subtraction says 1 h 20 min
        ("2026-10-25T02:50+02:00", "2026-10-25T02:10+01:00"),  # and here minus 40 minutes
    ],
)
def test_row_15_zones_and_dst(fired: str, acted: str) -> None:
    """Elapsed only in UTC: 20 minutes are 20 real minutes across both changes of the clocks."""
    answer = ack(datetime.fromisoformat(acted))
    told = tell(*paged(fired, "P1"), answer, policy=amended(calendar={"zone": "Europe/Berlin"}), as_of="+30 00:00")
    assert told.reading("ack", "PD1")["value"] == 20.0


def test_row_16_update_cadence() -> None:
    """Met if no gap is longer; a gap g misses ceil(g/cadence)-1. Human-written only; no edit, no reminder."""
    quick = [update(f"14:{m}", "FIXING") for m in ("05", "06", "07", "08")]
    none = [
        say("14:20", "**INCIDENT UPDATE [14:20]**\nStatus: FIXING", "robot"),
        say("14:30", "please post **INCIDENT UPDATE [14:30]**"),
        event("14:40", "edited", "slack", "#incident-2026-10-14-1", value="k", text="INCIDENT UPDATE [14:40]"),
    ]
    robot = (Person("slack", "robot", "Updater", bot=True),)
    reading = tell(*FIRED, *quick, *none, status("15:02", "Resolved"), people=robot).reading("internal-cadence")
    assert (reading["verdict"], reading["value"]) == ("missed", 54.0)
    assert "3 updates missed" in reading["because"]  # 54 minutes at 15
    brief = tell(*FIRED, *quick[:1], status("14:12", "Resolved"))
    assert brief.verdict("internal-cadence") == "not_applicable"


def test_row_17_customer_notice() -> None:
    """First within 30 minutes, then every 30 until resolved, monitoring too, then a resolved notice; if visible."""
    told = tell(
        *(*FIRED, *status_entry("14:20"), notice("14:20", "investigating"), notice("14:45", "monitoring")),
        *(OVER, notice("16:10", "resolved")),
    )
    assert (told.verdict("customer-first"), told.reading("customer-first")["value"]) == ("met", 18.0)
    assert (told.verdict("customer-cadence"), told.reading("customer-cadence")["value"]) == ("missed", 75.0)
    assert (told.verdict("customer-resolved"), told.reading("customer-resolved")["value"]) == ("met", 10.0)
    inside = say("14:10", "No public impact.")
    reading = tell(*FIRED, inside, OVER).reading("customer-first")
    assert reading["verdict"] == "not_applicable"
    assert "14:10:00 UTC" in reading["because"] and reading["evidence"] == inside.id


def test_row_18_eta_accuracy() -> None:
    """Actual minus predicted, of the first promise; revisions are counted; open past it is late already."""
    story = [*FIRED, update("14:10", "FIXING", ETA="15:00 UTC"), update("14:50", "FIXING", ETA="15:45 UTC")]
    reading = tell(*story, OVER).reading("eta")
    assert reading["value"] == 60.0 and "of 2 promises" in reading["because"] and "late" in reading["because"]
    assert "30 min late" in tell(*story, as_of="15:30").reading("eta")["because"]


def test_row_19_maintenance() -> None:
    """Excluded if announced before and inside its window; overrun is an incident from the window's end."""

    def upkeep(announced: str, done: str) -> dict[str, Any]:
        window = {"scheduled_for": "14:00", "scheduled_until": "16:00"}
        base = {"source": "statuspage", "subject": "a1b2c3d4e5f6"}
        told = tell(
            event(announced, "declared", value="maintenance", text="Move the database", **base),
            [event(announced, "other", value=k, text=at(v).isoformat(), **base) for k, v in window.items()],
            event("14:00", "notice", value="in_progress", text="It begins", **base),
            event(done, "notice", value="completed", text="Done", **base),
            event(done, "status", value="completed", **base),
        )
        return told.found.incidents.row(0, named=True)

    assert upkeep("09:00", "15:50")["excluded"] == "scheduled maintenance"
    late = upkeep("09:00", "16:40")
    assert (late["excluded"], late["began_at"], late["resolved_at"]) == (None, at("16:00"), at("16:40"))
    assert upkeep("14:05", "15:50")["excluded"] is None  # announced after it had begun


def test_row_20_review_and_public_report() -> None:
    """48 elapsed hours from the last resolve, two clauses; drafts do not count, and a reopening starts them anew."""
    friday = [status("+2 12:00", "Resolved"), status("+2 13:00", "Reopened"), status("+2 16:00", "Resolved")]
    said = [say("+4 15:00", "post-incident review held"), say("+4 15:30", "public report draft is out, not published")]
    told = tell(*FIRED, *friday, *said, as_of="+4 15:45")
    assert due(*FIRED, *friday, clause="review") == due(*FIRED, *friday, clause="public-report") == at("+4 16:00")
    assert (told.verdict("review"), told.verdict("public-report")) == ("met", "pending")


def test_row_21_false_alarms_and_cancelled() -> None:
    """A state of its own, outside the durations; its count is printed."""
    alarm = [*FIRED, status("14:20", "Cancelled")]
    assert tell(*alarm).found.incidents.select("state", "excluded").row(0) == ("excluded", "cancelled")
    shown = report("headlines", *alarm)
    assert "**Longest incident:** none" in shown and "**Not counted:** 1 cancelled" in shown


def test_row_22_not_applicable_and_met() -> None:
    """A clause that never applied leaves the denominator, and the denominator is printed."""
    found = counted(met=4, missed=1, not_applicable=20)
    assert (found.known, found.share) == (5, 4 / 5)
    assert share_words(found) == "4 of 5"
    low = tell(alert("14:00"), ack("14:01"), *page_record("14:00"), *ticket("14:02", "P3"), OVER)
    assert low.verdict("customer-first") == "not_applicable"
    assert low.found.incidents["resolved_at"][0] - low.found.incidents["began_at"][0] == timedelta(hours=2)
    assert low.readings.filter(pl.col("verdict") == "met").height > 0
