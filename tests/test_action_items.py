"""Which linked records are action items of an incident, and what the packet says became of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from podanalytics.gather import review_of, section
from podanalytics.ledger import Ledger
from podanalytics.model import Event
from podanalytics.show.blocks import Table
from podanalytics.sources import jira
from tests.story import FIRED, OVER, amended, at, event, ledger_of, status


def record(key: str = "BUG-5", type_: str = "Bug", source: str = "jira", title: str = "Pool never shrinks") -> Event:
    return event("+1 10:00", "declared", source, key, value=type_, text=title, actor="ana")


def link(here: str, there: str, words: str, source: str = "jira") -> Event:
    return event("+1 11:00", "linked", source, here, value=there, text=words)


def items(*told: Any, **more: Any) -> dict[str, str]:
    """item → why it is one."""
    members = ledger_of(*FIRED, OVER, *told, **more).members.filter(method="action")
    return dict(members.select("subject", "why").iter_rows())


def shown(ledger: Ledger) -> list[dict[str, Any]]:
    made = section("actions", review_of(ledger, "INC-1", "UTC"))
    table = next(b for b in made.blocks if isinstance(b, Table) and b.name == "actions")
    return [dict(zip([c.name for c in table.columns], row, strict=True)) for row in table.rows]


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        ("INC-1", "BUG-5", "is caused by"),
        ("INC-1", "BUG-5", "This issue is caused by BUG-5"),
        ("INC-1", "BUG-5", "sub-task"),
        ("INC-1", "BUG-5", "has action item"),
        ("BUG-5", "INC-1", "causes"),
        ("BUG-5", "INC-1", "parent"),
        ("BUG-5", "INC-1", "is an action item of"),
    ],
)
def test_a_link_that_promises_something_makes_an_item_of_any_record(here: str, there: str, words: str) -> None:
    side = f"action item {here} points at {there}" if here == "BUG-5" else f"{here} points at action item {there}"
    assert items(record(), link(here, there, words)) == {"BUG-5": f"{side}: {words}"}


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [("INC-1", "BUG-5", "relates to"), ("INC-1", "BUG-5", "parent"), ("BUG-5", "INC-1", "is caused by")],
)
def test_other_links_make_none(here: str, there: str, words: str) -> None:
    """An epic above the incident is none of its items, and what the incident caused is its consequence."""
    assert items(record(), link(here, there, words)) == {}


def test_the_policy_says_which_links_and_labels() -> None:
    told = [record(), link("INC-1", "BUG-5", "relates to")]
    assert items(*told) == {}
    mine = {"value": "(?i)^action item$", "done": "(?i)^done$", "links": "(?i)^relates to$"}
    assert list(items(*told, policy=amended(actions=mine))) == ["BUG-5"]


def test_a_label_makes_an_item_while_it_is_on() -> None:
    told = [record(), link("BUG-5", "INC-1", "relates to")]
    on = event("+1 12:00", "labelled", "jira", "BUG-5", value="postmortem")
    off = event("+1 13:00", "labelled", "jira", "BUG-5", was="postmortem")
    assert list(items(*told, on)) == ["BUG-5"]
    assert items(*told, on, off) == {}
    now = event("+1 12:00", "other", "jira", "BUG-5", value="label", text="action-item")
    assert list(items(*told, now)) == ["BUG-5"], "that it is there now is all that GitHub's list of issues says"


def test_a_task_list_of_the_incidents_record_names_its_items() -> None:
    incident = [
        event("14:02", "declared", "github", "acme/api#41", value="issue", text="pod-api down", actor="ana"),
        event("14:02", "labelled", "github", "acme/api#41", value="incident"),
    ]
    tasks = ("- [x] #42 alert on the pool", "- [ ] see https://github.com/acme/ops/issues/7", "- [ ] write up INC-9")
    body = "\n".join(("After it:", *tasks, "#43"))
    told = [
        *incident,
        event("15:00", "other", "github", "acme/api#41", value="description", text=body),
        *(record(key, "issue", "github") for key in ("acme/api#42", "acme/ops#7", "acme/api#43")),
    ]
    members = ledger_of(*told).members.filter(method="action")
    assert members["subject"].to_list() == ["acme/api#42", "acme/ops#7"]
    assert members["incident"].unique().to_list() == ["acme/api#41"]


def test_an_incident_is_no_action_item_of_another() -> None:
    other = event("+1 10:00", "declared", "jira", "INC-2", value="Incident", text="again")
    assert items(other, link("INC-1", "INC-2", "is caused by")) == {}


def test_an_item_is_done_since_it_was_done_for_good_and_its_history_is_shown() -> None:
    moves = [("+2 09:00", "Done"), ("+3 09:00", "Reopened"), ("+4 09:00", "Done"), ("+5 09:00", "Closed")]
    told = [record(), link("INC-1", "BUG-5", "is caused by")]
    told += [status(clock, state, subject="BUG-5") for clock, state in moves]
    told += [event("+1 12:00", "assigned", "jira", "BUG-5", value="bo")]
    ledger = ledger_of(*FIRED, OVER, *told)
    (action,) = ledger.found.actions.to_dicts()
    assert (action["opened_at"], action["done_at"], action["owner"]) == (at("+1 10:00"), at("+4 09:00"), "bo")
    (row,) = shown(ledger)
    assert row["history"] == "Done 2026-10-16, Reopened 2026-10-17, Done 2026-10-18, Closed 2026-10-19"
    again = ledger_of(*FIRED, OVER, *told, status("+6 09:00", "Open", subject="BUG-5"))
    (action,) = again.found.actions.to_dicts()
    assert (action["done"], action["done_at"], action["state"]) == (False, None, "Open")


def test_jiras_sub_tasks_are_items_of_their_incident(tmp_path: Path) -> None:
    base = {"created": "2026-10-14T14:02:00Z", "updated": "2026-10-15T10:00:00Z", "status": {"name": "To Do"}}
    incident = base | {"summary": "down", "issuetype": {"name": "Incident"}, "priority": {"name": "Highest"}}
    task = base | {"summary": "Alert on it", "issuetype": {"name": "Bug"}, "duedate": "2026-10-20"}
    epic = base | {"summary": "All of it", "issuetype": {"name": "Epic"}}
    above = {"id": "3", "key": "INC-3"}
    issues = [
        {"id": "1", "key": "INC-1", "fields": incident | {"parent": above, "subtasks": [{"id": "2", "key": "INC-2"}]}},
        {"id": "2", "key": "INC-2", "fields": task | {"parent": {"id": "1", "key": "INC-1"}}},
        {"id": "3", "key": "INC-3", "fields": epic},
    ]
    path = tmp_path / "issues.json"
    path.write_text(json.dumps({"issues": issues}))
    ledger = ledger_of(*[entry for entry in jira.source.parse(path) if isinstance(entry, Event)])
    (action,) = ledger.found.actions.to_dicts()
    assert (action["incident"], action["subject"], action["title"]) == ("INC-1", "INC-2", "Alert on it")
    assert action["due_at"].date().isoformat() == "2026-10-20"
