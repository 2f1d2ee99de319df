"""Each kind of evidence for a link: what it joins, what it only offers, and what it leaves alone."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import polars as pl
import pytest

from podanalytics.linking import link_all
from podanalytics.model import Event
from podanalytics.tables import EVENTS
from tests.linked import homes, linked, offered
from tests.story import POLICY, event, say, ticket


def pager(clock: str = "14:00", id: str = "PDABCDEF", title: str = "pager") -> Event:
    return event(clock, "declared", "pagerduty", id, value="incident", text=title)


def status_page(clock: str, title: str, id: str = "abcdef123456") -> Event:
    return event(clock, "declared", "statuspage", id, value="status_incident", text=title)


def described(text: str, subject: str = "INC-1", source: str = "jira", clock: str = "14:01") -> Event:
    return event(clock, "other", source, subject, value="description", text=text)


def of(found: object, source: str, subject: str) -> str | None:
    return homes(found).get((source, subject))  # type: ignore[arg-type]


# --- names of channels ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "#incident-2026-10-14-1",
        "#incident-20261014-1",
        "#incident_2026_10_14_1",
        "#inc-1",
        "#inc-inc-1",
        "#inc_inc_1_logins",
        "#outage-1-logins-fail",
        "#sev1-2026-10-14-inc-1",
        "#sev-2-1",
    ],
)
def test_the_common_ways_to_name_a_channel_after_an_incident(name: str) -> None:
    assert of(linked(ticket("14:00"), say("14:05", "hello", subject=name)), "slack", name) == "INC-1"


@pytest.mark.parametrize(
    "name",
    ["#incident-2026-10-14", "#incident-2026-10-14-11", "#inc-10", "#sev1-2026-10-14-api", "#outage-api-1", "#ops-1"],
)
def test_a_channel_named_after_a_day_a_service_or_another_number_joins_nothing(name: str) -> None:
    others = [event("14:00", "declared", "jira", f"INC-{n}", value="Incident", text="x") for n in (2026, 20261014)]
    assert of(linked(ticket("14:00"), others, say("14:05", "hello", subject=name)), "slack", name) is None


def test_a_renamed_channel_keeps_what_it_was_called() -> None:
    renamed = event("15:00", "channel", "slack", "#pm-logins", value="name", text="pm-logins", was="inc-1", actor="ana")
    found = linked(ticket("14:00"), say("14:05", "hello", subject="#pm-logins"), renamed)
    row = found.members.filter(pl.col("subject") == "#pm-logins").to_dicts()[0]
    assert (row["incident"], row["method"]) == ("INC-1", "channel name")
    assert row["why"] == "#pm-logins, then called #inc-1, carries INC-1"


def test_a_number_that_two_trackers_have_is_offered_not_guessed() -> None:
    other = event("14:00", "declared", "jira", "OPS-1", value="Incident", text="other")
    found = linked(ticket("14:00"), other, say("14:05", "hello", subject="#inc-1"))
    assert of(found, "slack", "#inc-1") is None
    assert offered(found) == [("INC-1", "#inc-1", "channel name"), ("OPS-1", "#inc-1", "channel name")]


# --- addresses ------------------------------------------------------------------------------------------------------


def test_a_short_link_of_a_status_page_leads_to_its_incident() -> None:
    made = event(
        "14:00", "declared", "statuspage", "abcdef123456", value="status_incident", text="x", url="https://stspg.io/ab1"
    )
    found = linked(ticket("14:00"), made, described("public: https://stspg.io/ab1."))
    assert of(found, "statuspage", "abcdef123456") == "INC-1"


def test_an_address_of_a_message_leads_to_its_channel() -> None:
    made = event("14:02", "channel", "slack", "#inc-logins", value="created", text="inc-logins", key="C0AB#created")
    link = described("talk: https://acme.slack.com/archives/C0AB/p1760450000000000")
    assert of(linked(ticket("14:00"), made, link), "slack", "#inc-logins") == "INC-1"


def test_an_address_of_a_cstate_page_leads_to_its_file() -> None:
    made = event("14:00", "declared", "cstate", "acme/2026-10-14-logins", value="issue", text="Logins fail")
    found = linked(ticket("14:00"), made, described("see https://status.acme.example/issues/2026-10-14-logins/ for it"))
    assert of(found, "cstate", "acme/2026-10-14-logins") == "INC-1"


def test_of_two_records_of_one_tool_that_a_text_names_none_is_picked() -> None:
    text = "https://acme.pagerduty.com/incidents/PDAAAAAA https://acme.pagerduty.com/incidents/PDBBBBBB"
    found = linked(ticket("14:00"), pager(id="PDAAAAAA"), pager(id="PDBBBBBB"), described(text))
    assert len(set(homes(found).values())) == 3
    assert offered(found) == [("INC-1", "PDAAAAAA", "url"), ("INC-1", "PDBBBBBB", "url")]
    assert all(o.reason.startswith("as much speaks for another") for o in found.offers)


def test_a_second_address_of_one_of_them_does_not_settle_which_is_meant() -> None:
    text = "https://acme.pagerduty.com/incidents/PDAAAAAA https://acme.pagerduty.com/incidents/PDBBBBBB"
    again = event("14:09", "message", "jira", "INC-1", text="https://acme.pagerduty.com/incidents/PDBBBBBB", actor="a")
    found = linked(ticket("14:00"), pager(id="PDAAAAAA"), pager(id="PDBBBBBB"), described(text), again)
    assert len(set(homes(found).values())) == 3


def test_a_trackers_link_between_two_of_its_tickets_is_no_doubt() -> None:
    other = event("14:00", "declared", "jira", "INC-2", value="Incident", text="follows INC-1")
    pointer = event("14:05", "linked", "jira", "INC-2", value="INC-1", text="relates to")
    assert linked(ticket("14:00"), other, pointer).offers == ()


# --- what is offered ------------------------------------------------------------------------------------------------


def test_a_chain_that_would_join_two_tickets_is_offered_with_the_reason() -> None:
    other = event("14:00", "declared", "jira", "INC-2", value="Incident", text="other")
    one = event("14:05", "linked", "pagerduty", "PDABCDEF", value="INC-1", text="ticket")
    two = described("https://acme.pagerduty.com/incidents/PDABCDEF", subject="INC-2")
    found = linked(ticket("14:00"), other, pager(), one, two)
    assert of(found, "pagerduty", "PDABCDEF") == "INC-1" and of(found, "jira", "INC-2") == "INC-2"
    assert offered(found) == [("INC-2", "PDABCDEF", "url")]
    assert found.offers[0].reason == "it would make one incident of INC-2 and INC-1, two records of jira"


def test_what_began_more_than_a_week_apart_is_offered_with_the_reason() -> None:
    late = event("+9 14:00", "linked", "pagerduty", "PDABCDEF", value="INC-1", text="ticket")
    found = linked(ticket("14:00"), pager("+9 13:00"), late)
    assert of(found, "pagerduty", "PDABCDEF") == "PDABCDEF"
    assert found.offers[0].reason == "they began 8 d 23 h apart, and no more than 7 d 00 h joins by itself"


def test_a_key_in_a_title_is_offered_and_one_in_a_text_is_not() -> None:
    page = [pager(title="INC-1 again?"), described("INC-2 is like INC-1", source="pagerduty", subject="PDABCDEF")]
    other = event("14:00", "declared", "jira", "INC-2", value="Incident", text="other")
    found = linked(ticket("14:00"), other, page)
    assert [(o.evidence.left[1], o.evidence.score) for o in found.offers] == [("INC-1", 0.8)]


def test_two_groups_are_offered_once_by_the_strongest_evidence() -> None:
    page = pager("-3 14:00", title="INC-1 and INC-1")
    found = linked(ticket("14:00"), page, described("https://acme.pagerduty.com/incidents/PDABCDEF"))
    assert offered(found) == [("INC-1", "PDABCDEF", "url")]


# --- alerts ---------------------------------------------------------------------------------------------------------


def keyed(key: str, source: str, subject: str, clock: str = "14:00") -> Event:
    if source == "pagerduty":
        return event(clock, "linked", source, subject, value=key, text="incident_key")
    return event(clock, "other", source, subject, value="fingerprint", text=key)


def test_one_alert_that_two_tools_tell_of_joins_them() -> None:
    found = linked(
        ticket("14:00"), keyed("disk-full/a1", "jira", "INC-1"), pager(), keyed("disk-full/a1", "pagerduty", "PDABCDEF")
    )
    row = found.members.filter(pl.col("source") == "pagerduty").to_dicts()[0]
    assert (row["incident"], row["method"], row["score"]) == ("INC-1", "alert key", 0.9)


def test_the_same_alert_two_days_later_is_another_incident() -> None:
    found = linked(
        ticket("14:00"),
        keyed("disk-full/a1", "jira", "INC-1"),
        pager("+2 14:00"),
        keyed("disk-full/a1", "pagerduty", "PDABCDEF", "+2 14:00"),
    )
    assert of(found, "pagerduty", "PDABCDEF") == "PDABCDEF" and not found.offers


def test_one_alert_that_fires_again_in_one_tool_stays_two() -> None:
    pages = [pager(id=id) for id in ("PDAAAAAA", "PDBBBBBB")]
    keys = [keyed("disk-full/a1", "pagerduty", p.subject) for p in pages]
    found = linked(pages, keys)
    assert len(set(homes(found).values())) == 2 and not found.offers


# --- suggestions ----------------------------------------------------------------------------------------------------


def test_like_titles_of_one_service_within_minutes_are_suggested() -> None:
    page = status_page("14:10", "pod-api down for some")
    touched = event("14:10", "component", "statuspage", "abcdef123456", value="major_outage", text="pod-api")
    found = linked(ticket("14:00"), page, touched)
    assert len(set(homes(found).values())) == 2
    assert [(o.evidence.method, o.evidence.score) for o in found.offers] == [("similar", 0.5)]


@pytest.mark.parametrize(
    ("clock", "title"),
    [("14:16", "pod-api down"), ("14:10", "pod-web down"), ("14:10", "pod-api: certificate renewed")],
)
def test_another_time_service_or_wording_is_not(clock: str, title: str) -> None:
    assert not linked(ticket("14:00"), status_page(clock, title)).offers


# --- how it grows ---------------------------------------------------------------------------------------------------


def service_desk(tickets: int) -> pl.DataFrame:
    """EVENTS rows of that many tickets, seven minutes apart, with five changes of status each and no link."""
    number, step = pl.col("number"), pl.col("step")
    made = step == 0
    at = pl.lit(datetime(2026, 1, 1, tzinfo=UTC)) + pl.duration(minutes=7 * number + step)
    key = pl.format("{}/{}", number, step)
    rows = pl.select(number=pl.int_range(tickets)).join(pl.select(step=pl.int_range(6)), how="cross")
    told = {
        "id": key,
        "key": key,
        "source": pl.lit("jira"),
        "subject": pl.format("INC-{}", number),
        "occurred_at": at,
        "kind": pl.when(made).then(pl.lit("declared")).otherwise(pl.lit("status")),
        "value": pl.when(made).then(pl.lit("Incident")).otherwise(pl.lit("Active")),
        "text": pl.when(made).then(pl.format("pod-api down {}", number % 97)).otherwise(pl.lit("")),
    }
    empty = {name: pl.lit(None, type_) for name, type_ in EVENTS.schema().items()}
    return rows.select(**(empty | told)).cast(EVENTS.schema())


def test_a_ledger_of_records_alone_is_linked_in_two_seconds() -> None:
    """25,000 tickets with 150,000 events and nothing between them, as a service desk exports them."""
    events = service_desk(25_000)
    begun = time.process_time()
    found = link_all(events, POLICY)
    assert time.process_time() - begun < 2.0
    assert events.height == 150_000 and found.members.height == 25_000 and not found.offers
