"""Targets: each way to write one, each refusal, and the verdicts they lead to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from podanalytics.business import promised
from podanalytics.evidence import explain
from podanalytics.ledger import Ledger
from podanalytics.policy import Policy, parse_policy
from podanalytics.policy.targets import Runs, Target, read_target
from podanalytics.review import reading_of
from tests.story import Told, ack, at, event, status, tell, ticket
from tests.test_policy import CLAUSE, SHIPPED, refused

CONTAIN = CLAUSE + 'kind = "elapsed"\nfrom = ["declared"]\nto = "resolved"\n'


@pytest.mark.parametrize(
    ("written", "minutes", "runs", "words"),
    [
        (5, 5, Runs.ALWAYS, None),
        (0, 0, Runs.ALWAYS, None),
        (7.5, 7.5, Runs.ALWAYS, None),
        ("45 minutes", 45, Runs.ALWAYS, "45 minutes"),
        ("1 minute", 1, Runs.ALWAYS, "1 minute"),
        ("8 hours", 480, Runs.ALWAYS, "8 hours"),
        ("1.5 hours", 90, Runs.ALWAYS, "1.5 hours"),
        ("2 days", 2880, Runs.ALWAYS, "2 days"),
        ("62 business hours", 3720, Runs.BUSINESS, "62 business hours"),
        (" 1  Business Hour ", 60, Runs.BUSINESS, "1 business hour"),
        ("90 business minutes", 90, Runs.BUSINESS, "90 business minutes"),
        ("Next business day", 0, Runs.NEXT_BUSINESS_DAY, "next business day"),
    ],
)
def test_each_way_to_write_a_target(written: object, minutes: float, runs: Runs, words: str | None) -> None:
    told = read_target(written)
    assert (told.minutes, told.runs, told.words) == (minutes, runs, words)
    assert read_target(told) is told


def test_two_ways_to_write_one_target_are_equal() -> None:
    assert read_target("2 hours") == read_target(120) == read_target("120 minutes") != read_target("2 business hours")
    assert len({read_target("2 hours"), read_target(120)}) == 1


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ('"soonish, please"', '\'soonish, please\' is no target; write one like 5, "45 minutes", "8 hours"'),
        ('"eight hours"', "62 business hours"),
        ('"8 hrs"', "write one like"),
        ('"8hours"', "write one like"),
        ('"-8 hours"', "write one like"),
        ('""', "write one like"),
        ("true", "true is no target"),
        ("[5]", "[5] is no target"),
        ("2026-10-14", "is no target"),
        ("-1", "greater than or equal to 0"),
        ("nan", "greater than or equal to 0"),
        ("inf", "greater than or equal to 0"),
        ("6e6", "longer than ten years"),
        ('"99999999999999999999 hours"', "longer than ten years"),
        ('"3 business days"', "write the hours, as in 24 business hours"),
    ],
)
def test_a_target_that_cannot_be_read_is_refused_wherever_it_stands(written: str, complaint: str) -> None:
    assert complaint in refused(SHIPPED + CONTAIN + f"target = {written}\n")
    assert complaint in refused(SHIPPED.replace("targets = { response = 30 }", f"targets = {{ response = {written} }}"))


def test_a_word_alone_is_a_name_in_a_clause_and_nothing_in_a_severity() -> None:
    told = refused(SHIPPED + CONTAIN + 'target = "immediately"\n')
    assert "severity P1 has no target for clause extra: immediately; known targets of it: response" in told
    assert "'immediately' is no target" in refused(SHIPPED.replace("response = 30 }", 'response = "immediately" }'))
    assert "or the name of a target that the severities have" in refused(SHIPPED + CONTAIN + 'target = "as agreed"\n')


@pytest.mark.parametrize("name", ["Response", "8 hours", "first update", ""])
def test_no_name_of_a_target_reads_like_a_target(name: str) -> None:
    told = refused(SHIPPED.replace("{ response = 30 }", f'{{ response = 30, "{name}" = 1 }}'))
    assert f"{name!r} is no name for a target" in told


@pytest.mark.parametrize(
    ("clause", "complaint"),
    [
        (
            'kind = "cadence"\naudience = "customers"\nfrom = ["declared"]\ntarget = "2 business hours"',
            "in minutes, not",
        ),
        ('kind = "template"\naudience = "internal"\nunit = "updates"\ntarget = "2 hours"', "2 hours is no number of"),
        ('kind = "members"\nfrom = ["declared"]\ntarget = "response"', "a target of its own, not 'response'"),
        ('kind = "roles"\nfrom = ["declared"]\ntarget = "response"', "a target of its own, not 'response'"),
        (
            'kind = "elapsed"\nfrom = ["declared"]\nto = "resolved"\ntarget = "80000 business hours"',
            "80000 business hours are more than this calendar has in ten years",
        ),
    ],
)
def test_a_target_that_its_clause_cannot_be_measured_by_is_refused(clause: str, complaint: str) -> None:
    assert complaint in refused(SHIPPED + CLAUSE + clause + "\n")


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ('country = "Germany"', "such as DE (Germany)"),
        ('country = "de"', "such as DE (Germany)"),
        ('country = "DE"\nsubdivision = "Berlin"', "DE has no subdivision 'Berlin'; write a code such as BE (Berlin)"),
        ('country = "US"\nsubdivision = "QQ"', "US has no subdivision 'QQ'"),
        ('country = "SG"\nsubdivision = "01"', "leave subdivision out"),
        ('subdivision = "BE"', "the subdivision 'BE' needs a country"),
        ("holidays = [2026-12-24]\nnot_holidays = [2026-12-24]", "2026-12-24 is named as a holiday and as none"),
        ('cutoff = "16:00Z"', "cutoff is a time of day in UTC: write it without an offset"),
        ('cutoff = "noon"', "calendar.cutoff"),
        ("response = 5", "calendar.response"),
    ],
)
def test_a_calendar_that_nobody_has_is_refused(written: str, complaint: str) -> None:
    assert complaint in refused(SHIPPED.replace("workdays = [1, 2, 3, 4, 5]", written))


def test_a_calendar_says_itself_in_a_line() -> None:
    assert str(parse_policy(SHIPPED, "x").calendar) == "Mon Tue Wed Thu Fri, 09:00 to 17:00 UTC"
    night = 'closes = "06:00"\nworkdays = [7, 1]\ncountry = "DE"\nsubdivision = "BE"\nholidays = [2026-12-24]'
    told = parse_policy(SHIPPED.replace("closes = 17:00:00", "").replace("workdays = [1, 2, 3, 4, 5]", night), "x")
    assert str(told.calendar) == (
        "Mon Sun, 09:00 to the next day's 06:00 UTC, not on the public holidays of DE-BE and 1 date"
    )


# --- verdicts -------------------------------------------------------------------------------------------------------


def with_clause(target: str, more: str = "", **severities: str) -> Policy:
    """The shipped policy with a clause of that target, and with these targets of severities beside `response`."""
    text = SHIPPED
    for severity, written in severities.items():
        head, tail = text.split(f'id = "{severity}"\n', 1)
        text = head + f'id = "{severity}"\n' + tail.replace("{ response", f"{{ contain = {written}, response", 1)
    return parse_policy(text + CONTAIN + f'target = "{target}"\n{more}', "mine.toml")


def judged(policy: Policy, *, start: str, end: str, severity: str = "P3") -> dict[str, Any]:
    told = tell(ack(start), *ticket(start, severity), status(end, "Resolved"), policy=policy)
    return told.reading("extra")


@pytest.mark.parametrize(
    ("target", "end", "verdict", "due"),
    [
        # The story's day is a Wednesday; business is from nine to five, in UTC.
        ("2 business hours", "+1 10:00", "met", "+1 10:00"),
        ("2 business hours", "+1 10:01", "missed", "+1 10:00"),
        ("60 business minutes", "17:00", "met", "17:00"),
        ("60 business minutes", "17:30", "missed", "17:00"),  # no more business time has run, but it was due at five
        ("17 business hours", "+2 17:00", "met", "+2 17:00"),
        ("17 business hours", "+3 12:00", "missed", "+2 17:00"),  # on Saturday
        ("18 business hours", "+3 12:00", "met", "+5 10:00"),
        ("2 hours", "18:01", "missed", "18:00"),
        ("2 days", "+2 16:00", "met", "+2 16:00"),
        ("next business day", "+1 17:01", "missed", "+1 17:00"),
    ],
)
def test_a_clause_with_a_target_of_its_own_is_judged_by_instants(target: str, end: str, verdict: str, due: str) -> None:
    reading = judged(with_clause(target), start="16:00", end=end)
    assert (reading["verdict"], reading["due_at"]) == (verdict, at(due))
    assert reading["target"] == (at(due) - at("16:00")) / timedelta(minutes=1)
    assert reading["margin"] == (at(due) - at(end)) / timedelta(minutes=1)


def test_every_severity_has_its_own_target_of_a_name() -> None:
    policy = with_clause("contain", P1='"4 hours"', P2='"8 hours"', P3='"62 business hours"', P4='"next business day"')
    assert policy.target("extra", "P3") == Target(3720, Runs.BUSINESS)
    dues = {s: judged(policy, start="16:00", end="16:30", severity=s)["due_at"] for s in ("P1", "P2", "P3", "P4")}
    assert dues == {"P1": at("20:00"), "P2": at("+1 00:00"), "P3": at("+12 14:00"), "P4": at("+1 17:00")}


def test_a_severity_that_a_clause_applies_to_needs_its_target() -> None:
    with pytest.raises(Exception, match="severity P3 has no target for clause extra: contain; known targets of it: re"):
        with_clause("contain", P1="60", P2="120")
    policy = with_clause("contain", 'applies_to = ["P1", "P2"]\n', P1="60", P2="120")
    assert policy.target("extra", "P3") is None


def raised(policy: Policy, was: str, now: str) -> Told:
    changed = event("15:00", "severity", "jira", "INC-1", value=now, was=was)
    return tell(ack("14:00"), *ticket("14:00", was), changed, status("15:30", "Resolved"), policy=policy)


def test_a_severity_without_the_target_neither_sets_nor_moves_what_is_due() -> None:
    policy = with_clause("contain", 'applies_to = ["P1", "P2"]\n', P1="60", P2="120")
    assert raised(policy, "P3", "P1").reading("extra")["due_at"] == at("16:00"), "from the rise on"
    assert raised(policy, "P1", "P3").reading("extra")["due_at"] == at("15:00"), "as it stood when it was a P1"
    assert raised(policy, "P2", "P1").reading("extra")["due_at"] == at("16:00")


def test_a_target_is_shown_in_the_policy_s_words_where_it_set_what_is_due() -> None:
    policy = with_clause("contain", P1="60", P2="120", P3='"62 business hours"', P4='"next business day"')
    told = tell(ack("14:00"), *ticket("14:00", "P3"), status("15:30", "Resolved"), policy=policy)
    assert promised(policy, reading_of(told.reading("extra"))) == "62 business hours"
    assert promised(policy, reading_of(told.reading("ack"))) is None
    plain = tell(ack("14:00"), *ticket("14:00", "P1"), status("15:30", "Resolved"), policy=policy)
    assert promised(policy, reading_of(plain.reading("extra"))) is None
    mixed = raised(policy, "P4", "P3").reading("extra")
    assert mixed["due_at"] == at("+1 17:00"), "the earlier of the two: the next business day's close"
    assert promised(policy, reading_of(mixed)) is None, "not what a P3 has"


def test_explain_says_the_promise_in_words(ledger: Ledger) -> None:
    lowest = ledger.readings.filter(measure="response", severity="P4").drop_nulls("due_at")
    found = [explain(ledger, name, "response").promised for name in lowest["incident"]]
    assert found and set(found) <= {"next business day", None} and "next business day" in found
