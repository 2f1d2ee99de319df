"""The accuracy proof itself: a small simulation meets the targets, and the simulator's truth is the workflow's."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.accuracy.__main__ import claims
from benchmarks.accuracy.noise import ABSENT, QUIET, WHOLE, Noise, evidence, known
from benchmarks.accuracy.replay import files_of, replay
from benchmarks.accuracy.score import Scored, absent, agreement, score, whole
from benchmarks.accuracy.teams import team
from benchmarks.accuracy.verdicts import judge, silence
from benchmarks.accuracy.world import MILESTONES, Truth, Update
from podanalytics.model import Event
from tests.conftest import ROOT
from tests.story import ack, alert, event, notice, page_record, say, status, status_entry, tell, ticket, update

NOON = datetime(2026, 10, 14, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=9)


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def truth(severities: list[tuple[float, str]], **moments: float) -> Truth:
    """A hand-made truth; moments in minutes after the alert."""
    known = {m: at(moments[m]) if m in moments else None for m in MILESTONES}
    return Truth([(at(minute), word) for minute, word in severities], known)


# --- the truth ------------------------------------------------------------------------------------------------------


def test_the_longest_silence_includes_the_first_and_the_last() -> None:
    updates = [Update(at(m), "FIXING") for m in (10, 22, 30)]
    assert silence(updates, [(at(0), at(50))]) == timedelta(minutes=20)
    assert silence(updates, [(at(0), at(33))]) == timedelta(minutes=12)
    assert silence([], [(at(0), at(7))]) == timedelta(minutes=7)


@pytest.mark.parametrize(("last", "wanted"), [(37, "met"), (37.01, "missed")])
def test_an_internal_cadence_by_hand(last: float, wanted: str) -> None:
    one = truth([(2, "P1")], alert_fired=0, declared=2, resolved=last + 15)
    one.internal = [Update(at(m), "FIXING") for m in (10, 22, 37)]
    assert judge(one, LATER)["internal-cadence"].word == wanted


def test_targets_are_inclusive_and_what_is_over_needs_no_answer() -> None:
    word = {m: judge(truth([(0, "P3")], alert_fired=0, acknowledged=m), LATER)["ack"].word for m in (5, 5.01)}
    assert word == {5: "met", 5.01: "missed"}
    assert judge(truth([(0, "P3")], alert_fired=0, resolved=3), LATER)["ack"].word == "not_applicable"
    assert judge(truth([(0, "P3")], alert_fired=0), at(4))["ack"].word == "pending"
    assert judge(truth([(0, "P3")], declared=0), LATER)["ack"].word == "not_applicable"


def test_a_severity_held_for_under_five_minutes_calls_for_nothing() -> None:
    slip = truth([(4, "P1"), (8, "P3")], alert_fired=0, declared=4, resolved=60)
    assert judge(slip, LATER)["commander"].word == "not_applicable"
    held = truth([(4, "P1"), (9, "P3")], alert_fired=0, declared=4, resolved=60)
    assert judge(held, LATER)["commander"].word == "missed"


def test_a_rise_starts_the_clock_and_shortens_the_response() -> None:
    raised = truth([(3, "P3"), (60, "P1")], alert_fired=0, declared=3, commanded=70, responded=66, resolved=200)
    found = judge(raised, LATER)
    assert (found["commander"].word, found["response"].word) == ("met", "missed")


def test_a_minor_one_may_wait_for_the_next_business_day() -> None:
    friday = datetime(2026, 10, 16, 17, 59, tzinfo=UTC)
    late = truth([(0, "P4")])
    late.severities = [(friday, "P4")]
    late.moments |= {"alert_fired": friday, "responded": datetime(2026, 10, 19, 17, 0, tzinfo=UTC)}
    assert judge(late, LATER)["response"].word == "met"


# --- the simulation -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> Scored:
    one = team(2026, 1, 40, Noise())  # half of it without the pager's export
    return score(one, replay(one, Noise()))


def test_a_small_simulation_meets_the_targets(small: Scored) -> None:
    good, count = agreement(whole(small.verdicts))
    assert count > 400 and good / count >= 0.98
    gone = absent(small.verdicts)
    assert len(gone) > 50
    assert not [j for j in gone if j.ours == "met"]
    assert {c.name: c.ok for c in claims([small], 40)}["unknown where the evidence is absent"]


def test_without_noise_only_what_nobody_can_know_is_unknown() -> None:
    one = team(7, 0, 12, QUIET)
    found = score(one, replay(one, QUIET))
    assert found.found == found.told == 12 and found.invented == 0
    good, count = agreement(whole(found.verdicts))
    assert good / count > 0.99


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    one, two, other = (files_of(team(seed, 2, 6, Noise()), Noise()) for seed in (2026, 2026, 2027))
    assert one == two != other


def test_what_is_absent_is_known_to_be_absent() -> None:
    one = team(2026, 6, 6, Noise())  # the pager was not exported at all
    paged = next(i for i in one.incidents if i.truth.moments["acknowledged"])
    assert known(one, paged, "alert_fired") == ABSENT
    assert evidence(one, paged, "ack", ("alert_fired", "acknowledged")) == ABSENT
    assert known(one, paged, "declared") == WHOLE


def test_the_truth_knows_nothing_of_what_is_tested() -> None:
    for path in sorted((ROOT / "benchmarks/accuracy").glob("*.py")):
        names = {n.module or "" for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.ImportFrom)}
        ours = {n for n in names if n.startswith("podanalytics")}
        if path.name != "replay.py":
            assert ours <= {"podanalytics.sample.dice", "podanalytics.sample.forms"}, path.name


# --- what it found --------------------------------------------------------------------------------------------------


def test_a_resolution_notice_that_was_never_sent_is_missed() -> None:
    told = tell(page_record("14:00"), alert("14:00"), ticket("14:02"), status_entry("14:10"),
                say("14:03", "looking into it"), status("15:00", "Resolved"))  # fmt: skip
    assert told.verdict("customer-resolved") == "missed"


def test_a_slip_of_the_hand_at_the_very_beginning_calls_for_nothing() -> None:
    told = tell(page_record("14:00"), alert("14:00"), ticket("14:04", "P1"), say("14:05", "looking into it"))
    slip = tell(page_record("14:00"), alert("14:00"), ticket("14:04", "P1"), say("14:05", "looking into it"),
                # put right after two minutes, six after the alert
                event("14:06", "severity", "jira", "INC-1", value="P3", actor="ana"))  # fmt: skip
    assert told.verdict("commander") == "missed"
    assert slip.verdict("commander") == "not_applicable"


def test_an_update_may_begin_with_an_emoji() -> None:
    posted = update("14:10", "FIXING")
    marked = say("14:10", f":rotating_light: {posted.text}")
    told = tell(page_record("14:00"), alert("14:00"), ticket("14:02"), marked)
    assert told.moment("first_update") is not None


@pytest.mark.parametrize("text", ["INC-1 mitigated, traffic is drained", "INC-1: Mitigated"])
def test_a_message_may_name_its_ticket_first(text: str) -> None:
    told = tell(page_record("14:00"), alert("14:00"), ticket("14:02"), say("14:30", text))
    assert told.moment("mitigated") is not None


@pytest.mark.parametrize(("text", "milestone"), [("mitigated?", "mitigated"), ("is triage done?", "triaged")])
def test_a_question_is_no_milestone(text: str, milestone: str) -> None:
    told = tell(page_record("14:00"), alert("14:00"), ticket("14:02"), say("14:30", text))
    assert told.moment(milestone) is None


def test_the_pagers_own_incident_is_no_record_of_the_team() -> None:
    told = tell(page_record("14:00"), alert("14:00"), ack("14:02"))
    assert told.verdict("record", "PD1") == "unknown"


def test_a_clock_with_two_starts_is_unknown_while_one_of_them_may_be_told_elsewhere() -> None:
    # The pager covers the day and tells of no alert for this one; when it was declared, only the tracker could tell.
    other = [event("-1 14:00", "alerted", "pagerduty", "PD0"), event("+2 14:00", "alerted", "pagerduty", "PD2")]
    told = tell(other, _entry("14:20"), _set_severity("14:20", "critical"))
    assert told.verdict("commander", "abcdef123456") == "unknown"


def _entry(clock: str) -> list[Event]:
    record = event(clock, "declared", "statuspage", "abcdef123456", value="status_incident", text="API errors")
    return [record, notice(clock, "investigating")]


def _set_severity(clock: str, word: str) -> Event:
    return event(clock, "severity", "statuspage", "abcdef123456", value=word)


def test_without_a_chat_nobody_knows_of_rollbacks_and_waivers() -> None:
    told = tell(page_record("14:00"), alert("14:00"), ticket("14:02"), status("15:00", "Resolved"))
    assert told.verdict("rollback") == "unknown"
