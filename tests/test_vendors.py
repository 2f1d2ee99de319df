"""Depends on definition: the same incident as other tools would print it, and what they leave out."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import polars as pl
import pytest

from podanalytics.errors import PolicyError
from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.model import Event
from podanalytics.policy import shipped_policies
from podanalytics.policy.definitions import DERIVED, OURS, definitions, parse_definitions
from podanalytics.sections.definitions import told_by_each
from podanalytics.show.blocks import Link, Table
from podanalytics.vendors import Told, moments, under_each
from tests.story import POLICY, ack, alert, event, notice, page_record, say, status, status_entry, tell, ticket

SHIPPED = files("podanalytics").joinpath("policy/definitions.toml").read_text("utf-8")
ALERT = frozenset(name for name in DERIVED if name.startswith("alert_"))


def pd(clock: str, value: str) -> Event:
    return status(clock, value, "pagerduty", "PD1")


def component(clock: str, value: str, name: str = "API") -> Event:
    return event(clock, "component", "statuspage", "abcdef123456", value=value, text=name)


def under(*told: Event | list[Event], by_hand: bool | None = False, absent: frozenset[str] = ALERT) -> dict[str, Told]:
    """Each definition's answer to a story, by its name."""
    found = tell(*told).found
    known = definitions()
    seen = moments(found.told, found.milestones, POLICY, known.working)
    return {t.definition.name: t for t in under_each(known.rows, seen, by_hand, absent)}


STORY: tuple[Event | list[Event], ...] = (
    event("10:00", "other", "statuspage", "abcdef123456", value="started_at"),
    page_record("10:10"),
    alert("10:10"),
    pd("10:12", "snoozed"),
    ack("10:13", actor=None),
    ack("10:15"),
    pd("10:40", "resolved"),
    pd("11:40", "resolved"),
    ticket("10:14"),
    status_entry("10:20"),
    notice("10:20", "investigating"),
    component("10:20", "major_outage"),
    component("11:20", "operational"),
    say("11:00", "mitigated: rolled back"),
    status("12:00", "Resolved"),
)


def test_one_incident_under_every_definition() -> None:
    told = {name: t.minutes for name, t in under(*STORY).items()}
    assert told == {
        "this packet: alert to acknowledgement": 5,
        "this packet: alert to resolution": 110,
        "PagerDuty: time to first acknowledgement": 5,
        "PagerDuty: time to resolve": 90,
        "Opsgenie: time to acknowledge": 3,
        "Opsgenie: time to resolve": 30,
        "Grafana OnCall: response time": 2,
        "Grafana OnCall: resolution time": 90,
        "Rootly: time to acknowledge": 15,
        "Rootly: time to resolution": 120,
        "Rootly: incident duration": 60,
        "FireHydrant: time to acknowledged": 15,
        "FireHydrant: time to resolved": 120,
        "Datadog: time to repair": 70,
        "Datadog: time to resolve": 106,
        "GoAlert: time to acknowledge": 3,
        "GoAlert: time to close": 30,
    }


def test_without_an_acknowledgement_each_does_something_else() -> None:
    told = under(*(e for e in STORY if isinstance(e, list) or e.kind != "acknowledged"))
    assert told["PagerDuty: time to first acknowledgement"].because == "leaves the mean: never acknowledged"
    assert told["Opsgenie: time to acknowledge"].minutes == 30
    assert told["Opsgenie: time to acknowledge"].because == "alert → first closing in the pager"
    assert told["Grafana OnCall: response time"].because == "alert → first silence in the pager"
    assert told["GoAlert: time to acknowledge"].because == "leaves the mean: never acknowledged"
    assert told["Rootly: time to acknowledge"].because == "not told: no acknowledgement by a person"


def test_an_open_alert_leaves_the_means_and_has_no_length_so_far() -> None:
    told = under(page_record("10:00"), alert("10:00"), ticket("10:02"), ack("10:04"), absent=ALERT | {"resolved"})
    assert told["PagerDuty: time to first acknowledgement"].minutes == 4
    left = {name for name, t in told.items() if t.because.startswith("leaves the mean")}
    assert {"Opsgenie: time to acknowledge", "GoAlert: time to acknowledge", "Rootly: time to resolution"} <= left
    assert told["Rootly: incident duration"].because == "not resolved: Rootly counts on to the present"
    assert not [name for name, t in told.items() if t.minutes is not None and "acknowledge" not in name + t.because]


def test_declared_by_hand_alert_clocks_have_no_number_and_firehydrant_says_zero() -> None:
    told = under(ticket("10:00"), status("11:00", "Resolved"), by_hand=True, absent=frozenset())
    assert told["FireHydrant: time to acknowledged"].minutes == 0
    assert told["FireHydrant: time to acknowledged"].because == "opened by a person, without an alert"
    assert told["PagerDuty: time to first acknowledgement"].because == "not told: no alert"
    assert told["Datadog: time to resolve"].minutes == 60
    unknown = under(ticket("10:00"), by_hand=None, absent=frozenset())["FireHydrant: time to acknowledged"]
    assert unknown.minutes is None and unknown.because == "not told: whether a person or a monitor opened it"


def test_unknown_stays_unknown_where_nobody_would_tell() -> None:
    told = under(ticket("10:00"), absent=frozenset())
    assert {t.minutes for t in told.values()} == {None}
    assert all(t.because.startswith("not told: ") for t in told.values())


def test_an_impact_ends_when_nothing_is_affected_any_more() -> None:
    two = (*STORY, component("10:30", "partial_outage", "Web"), component("11:30", "operational", "Web"))
    assert under(*two)["Datadog: time to repair"].minutes == 80
    still = under(*two, component("11:35", "partial_outage", "Web"))["Datadog: time to repair"]
    assert still.because == "not told: no end of the last impact on customers"
    never = under(*STORY, component("10:05", "operational", "Web"))["Datadog: time to repair"]
    assert never.minutes == 70, "what was said to work all along has no impact to end"


def test_a_clock_that_runs_backwards_is_no_number() -> None:
    told = under(page_record("10:00"), alert("10:00"), ack("10:02"), ticket("10:09"))["Rootly: time to acknowledge"]
    assert told.minutes is None
    assert told.because.startswith("acknowledgement by a person lies 7 min before incident record")


def test_what_chat_acknowledges_no_pager_prints() -> None:
    told = under(page_record("10:00"), alert("10:00"), ticket("10:01"), say("10:03", "ack, looking"))
    assert told["this packet: alert to acknowledgement"].minutes == 3
    assert told["PagerDuty: time to first acknowledgement"].because == "leaves the mean: never acknowledged"


def test_the_second_alert_is_a_row_of_its_own_elsewhere(ledger: Ledger) -> None:
    review = review_of(ledger, "INC-1019", "UTC")
    again = review.events.filter(pl.col("kind") == "alerted").with_columns(
        pl.lit("second").alias("id"), pl.lit("Q2").alias("subject"), pl.col("occurred_at") + pl.duration(minutes=1)
    )
    both = replace(review, events=pl.concat([review.events, again]).sort("occurred_at"))
    assert "2 records of this incident hold an alert" in section("definitions", both).markdown()
    assert [t.minutes for t in told_by_each(both)] == [t.minutes for t in told_by_each(review)]


def test_our_row_and_the_scorecard_show_one_number(ledger: Ledger) -> None:
    """Measures rule 40."""
    compared = 0
    for incident in ledger.incidents["incident"]:
        review = review_of(ledger, incident, "UTC")
        ours, reading = told_by_each(review)[0], review.reading("ack")
        if reading is not None and reading.value is not None and reading.value >= 0:
            assert ours.minutes == reading.value, incident
            compared += 1
    assert compared > 10


def test_the_table_says_why_numbers_differ_and_where_each_tool_says_so(ledger: Ledger) -> None:
    made = section("definitions", review_of(ledger, "INC-1019", "UTC"))
    assert "compare a number only with one whose clock has the same two ends" in made.lead
    table = made.blocks[0]
    assert isinstance(table, Table) and len(table.rows) == len(definitions().rows)
    assert {row[0].label if isinstance(row[0], Link) else row[0] for row in table.rows} == {
        *("this packet", "PagerDuty", "Opsgenie", "Grafana OnCall", "Rootly", "FireHydrant", "Datadog", "GoAlert"),
    }
    shown = made.markdown()
    assert (
        "<sub>time to first acknowledgement</sub> | alert → first acknowledgement by a person in the pager "
        "| 2 min 25 s |" in shown
    )
    assert "[FireHydrant](https://docs.firehydrant.com/docs/incident-milestones)" in shown


def test_the_shipped_rows_have_a_page_each_and_are_no_policy() -> None:
    assert all(row.source.startswith("https://") for row in definitions().rows if row.vendor != OURS)
    assert definitions() is definitions(), "read once"
    assert shipped_policies() == ["pod-protocol"]


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ('to = ["alert_resolved"]', 'to = ["alert_wiped"]', "PagerDuty: time to resolve, to.0: no moment is called"),
        ('by_hand = 0\n', "by_hand = -1\n", "FireHydrant: time to acknowledged, by_hand: "),
        ('left_out = "not resolved: Rootly counts on to the present"\n', "", "needs and left_out belong together"),
        ('measure = "time to close"', 'measure = "time to acknowledge"', "written twice: GoAlert: time to acknowledge"),
        ('to = ["last_impact"]', 'to = ["declared"]', "would stop where it starts: declared"),
        ('source = "https://docs.datadoghq', 'sauce = "https://docs.datadoghq', "Datadog: time to repair"),
        ('working = ["operational"]', "working = [", "not TOML"),
    ],
)  # fmt: skip
def test_a_row_that_means_nothing_is_refused_by_its_name(was: str, now: str, says: str) -> None:
    assert was in SHIPPED
    with pytest.raises(PolicyError) as refused:
        parse_definitions(SHIPPED.replace(was, now, 1), "ours")
    assert says in str(refused.value)


def test_a_row_of_another_tool_needs_its_page() -> None:
    row = '[[definition]]\nvendor = "Acme"\nmeasure = "speed"\nfrom = ["declared"]\nto = ["resolved"]\n'
    more = 'missing = "none"\nleaves_out = "none"\n'
    with pytest.raises(PolicyError, match="Acme: speed: write source: the tool's own page"):
        parse_definitions(f"working = []\n{row}{more}", "ours")
