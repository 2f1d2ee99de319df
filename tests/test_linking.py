"""Linking: the same incident across tools, and no two incidents as one."""

from __future__ import annotations

import polars as pl

from podanalytics.linking import container_of
from tests.story import alert, event, notice, say, status_entry, tell, ticket


def joined(told: object, incident: str = "INC-1") -> set[tuple[str, str, str]]:
    members = told.members.filter(pl.col("incident") == incident)  # type: ignore[attr-defined]
    return {(r["source"], r["subject"], r["method"]) for r in members.iter_rows(named=True)}


def test_addresses_lead_to_containers() -> None:
    assert container_of("https://x.pagerduty.com/incidents/Q3YON8WNWTZMRQ") == ("pagerduty", "Q3YON8WNWTZMRQ")
    assert container_of("https://github.com/acme/api/issues/7#comment-3") == ("github", "acme/api#7")
    assert container_of("https://status.acme.example/incidents/zkxwbgr0cnmx") == ("statuspage", "zkxwbgr0cnmx")
    assert container_of("https://example.com/") == ("", "")


def test_a_channel_that_carries_the_number_belongs() -> None:
    told = tell(ticket("14:00"), say("14:05", "hello"))
    assert ("slack", "#incident-2026-10-14-1", "channel name") in joined(told)


def test_a_channel_with_another_number_does_not() -> None:
    told = tell(ticket("14:00"), say("14:05", "hello", subject="#incident-2026-10-14-11"))
    assert len(joined(told)) == 1


def test_an_address_in_the_description_joins_pager_and_ticket() -> None:
    link = event(
        "14:01", "message", "jira", "INC-1", text="paged: https://acme.pagerduty.com/incidents/PDABCDEF", actor="ana"
    )
    pager = event("14:00", "declared", "pagerduty", "PDABCDEF", value="incident", text="down")
    assert ("pagerduty", "PDABCDEF", "url") in joined(tell(ticket("14:00"), link, pager))


def test_an_old_incident_named_in_a_comment_stays_apart() -> None:
    old = event("-30 14:00", "declared", "pagerduty", "PDOLD001", value="incident", text="down")
    comment = event(
        "14:10", "message", "jira", "INC-1", text="same as https://acme.pagerduty.com/incidents/PDOLD001", actor="ana"
    )
    told = tell(ticket("14:00"), comment, old)
    assert len(joined(told)) == 1 and len(joined(told, "PDOLD001")) == 1


def test_two_records_of_one_tool_never_become_one_by_links() -> None:
    other = event("14:00", "declared", "jira", "INC-2", value="Incident", text="other")
    pointer = event("14:05", "linked", "jira", "INC-2", value="INC-1", text="relates to")
    told = tell(ticket("14:00"), other, pointer)
    assert set(told.found.incidents["incident"]) == {"INC-1", "INC-2"}


def test_a_tools_own_merge_joins_and_counts_once() -> None:
    double = event("14:10", "declared", "jira", "INC-2", value="Incident", text="same thing")
    merged = event("14:20", "merged", "jira", "INC-2", value="INC-1")
    told = tell(ticket("14:00"), double, merged)
    assert told.found.incidents["incident"].to_list() == ["INC-1"]
    assert ("jira", "INC-2", "merged") in joined(told)


def test_a_mention_in_a_general_channel_brings_that_message_alone() -> None:
    named = say("14:06", "INC-1 is P1, see you there", subject="#ops")
    other = say("14:27", "lunch?", subject="#ops")
    told = tell(ticket("14:00"), named, other)
    ids = set(told.found.told["id"])
    assert named.id in ids and other.id not in ids


def test_a_conversation_follows_a_mention_until_it_goes_quiet_or_turns_to_another_incident() -> None:
    other = event("13:00", "declared", "jira", "INC-2", value="Incident", text="other", actor="ben")
    talk = [
        say("14:06", "INC-1 is P1", subject="#ops"),
        say("14:08", "looking at the pool", subject="#ops"),
        say("14:15", "it is the pool", subject="#ops"),
        say("14:16", "and INC-2?", subject="#ops"),
        say("14:17", "still on it", subject="#ops"),
    ]
    told = tell(ticket("14:00"), other, *talk)
    mine = set(told.found.told.filter(pl.col("incident") == "INC-1")["id"])
    assert [t.id in mine for t in talk] == [True, True, True, False, False]


def test_action_items_are_attached_not_merged() -> None:
    action = event("+1 10:00", "declared", "jira", "ACT-5", value="Action", text="Alert on pool use")
    points = event("14:50", "linked", "jira", "INC-1", value="ACT-5", text="action item")
    told = tell(ticket("14:00"), action, points)
    assert told.found.actions["subject"].to_list() == ["ACT-5"]
    assert action.id not in set(told.found.told["id"])


def test_linking_does_not_depend_on_the_order_of_events() -> None:
    story = [
        *ticket("14:00"),
        alert("13:59"),
        say("14:05", "hello"),
        *status_entry("14:10"),
        notice("14:10", "investigating"),
    ]
    one, other = tell(*story), tell(*reversed(story))
    assert one.members.equals(other.members)
    assert one.readings.equals(other.readings)


def test_a_channel_nobody_points_at_is_no_incident() -> None:
    assert tell(say("14:05", "hello")).found.incidents.is_empty()


def test_a_drill_is_excluded_by_its_title_not_by_a_message() -> None:
    assert tell(ticket("14:00", title="Game day: region failover")).found.incidents["excluded"][0] == "drill"
    assert tell(ticket("14:00"), say("14:05", "this is not a drill")).found.incidents["excluded"][0] is None
