"""One record in several files, under several names: the number of a bulk fetch, a key from before a move, a link."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from podanalytics.intake import load
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.linking import made_whole
from podanalytics.linking.aliases import one_name, present_names
from podanalytics.model import Event
from podanalytics.workspace import find_workspace, make_workspace
from tests.linked import frame
from tests.story import FIRED, POLICY, at, event, ledger_of, say

HERE = Path(__file__).parent


def issue(key: str = "INC-1", updated: str = "2026-10-14T15:00:00.000+0000", **fields: Any) -> dict[str, Any]:
    told = {"summary": "pod-api down", "issuetype": {"name": "Incident"}, "priority": {"name": "Highest"}}
    told |= {"created": "2026-10-14T14:02:00.000+0000", "updated": updated}
    told |= {"status": {"name": "Resolved", "statusCategory": {"key": "done"}}, **fields}
    return {"id": "10042", "key": key, "fields": told}


def change(id: str, created: Any, field: str, was: str, now: str) -> dict[str, Any]:
    return {"id": id, "created": created, "items": [{"field": field, "fromString": was, "toString": now}]}


BULK = {
    "issueChangeLogs": [
        {
            "issueId": "10042",
            "changeHistories": [
                change("1", 1791988200000, "priority", "High", "Highest"),  # 14:30
                change("2", 1791990000, "status", "Open", "Resolved"),  # 15:00
            ],
        }
    ]
}


def ledger_from(folder: Path, files: dict[str, Any], order: tuple[str, ...] = ()) -> Ledger:
    make_workspace(folder)
    home = find_workspace(folder)
    store = home.store()
    for name, document in files.items():
        (home.raw / name).write_text(json.dumps(document), "utf-8")
    for name in order or tuple(files):
        load(home, store, [home.raw / name])
    try:
        return load_ledger(store, POLICY, at("+9 00:00"))
    finally:
        store.close()


@pytest.mark.parametrize("order", [("issues.json", "log.json"), ("log.json", "issues.json")], ids=" then ".join)
def test_a_log_that_knows_the_number_only_is_the_log_of_the_issue_with_the_key(
    order: tuple[str, ...], tmp_path: Path
) -> None:
    ledger = ledger_from(tmp_path, {"issues.json": {"issues": [issue()]}, "log.json": BULK}, order)
    assert ledger.incidents["incident"].to_list() == ["INC-1"]
    states = ledger.found.told.filter(kind="status").select("value", "occurred_at").rows()
    assert states == [("Resolved", at("15:00"))], "with the moment of the log, and no second time as of the last update"
    spells = ledger.found.spells.select("severity", "began_at").rows()
    assert spells == [("P2", at("14:02")), ("P1", at("14:30"))], "it was made as High, whatever the issue is now"
    assert ledger.resolve("10042") == "INC-1"
    assert "alias" not in ledger.found.told["kind"]


def test_before_and_after_a_move_it_is_one_record(tmp_path: Path) -> None:
    moved = issue("SUP-9", "2026-10-16T08:00:00.000+0000")
    moved["changelog"] = {"histories": [change("7", "2026-10-16T08:00:00.000+0000", "Key", "INC-1", "SUP-9")]}
    files = {"before.json": {"issues": [issue()]}, "after.json": {"issues": [moved]}, "log.json": BULK}
    found = [ledger_from(tmp_path / str(n), files, order) for n, order in enumerate((tuple(files), tuple(files)[::-1]))]
    for ledger in found:
        assert ledger.incidents["incident"].to_list() == ["SUP-9"]
        assert ledger.found.told["subject"].unique().to_list() == ["SUP-9"]
        assert ledger.resolve("inc-1") == "SUP-9"
        assert ledger.events.drop("file").equals(found[0].events.drop("file"))


def renamed() -> list[Event]:
    return [event("+1 09:00", "alias", "jira", "SUP-9", value="INC-1")]


def test_whoever_uses_the_former_name_means_the_record() -> None:
    links = [
        event("14:01", "linked", "pagerduty", "PD1", value="INC-1", text="ticket"),
        event("14:03", "message", "slack", "#ops", text="see https://acme.example/browse/INC-1", actor="ana"),
        event("+2 09:00", "stated", "corrections", "INC-1", value="2026-10-14T14:20:00Z", was="mitigated", actor="bo"),
        event("+2 10:00", "linked", "jira", "ACT-1", value="INC-1", text="relates to"),
        event("+2 10:00", "declared", "jira", "ACT-1", value="Action item", text="Alert on pools"),
    ]
    ledger = ledger_of(*FIRED, *links, *renamed(), say("14:05", "hello"))
    assert ledger.incidents["incident"].to_list() == ["SUP-9"]
    methods = {(m["source"], m["subject"]): m["method"] for m in ledger.members.iter_rows(named=True)}
    assert methods["pagerduty", "PD1"] == "pointer" and methods["slack", "#ops"] == "mention"
    assert methods["jira", "ACT-1"] == "action" and methods["corrections", "SUP-9"] == "correction"
    assert methods["slack", "#incident-2026-10-14-1"] == "channel name", "the channel has its number still"


def test_a_decision_about_a_former_name_holds() -> None:
    entry = event("14:10", "declared", "statuspage", "abcdef123456", value="status_incident", text="API errors")
    decided = event("+2 09:00", "stated", "decisions", "jira INC-1", was="statuspage abcdef123456", value="same")
    ledger = ledger_of(*FIRED, entry, decided, *renamed())
    assert ledger.incidents["incident"].to_list() == ["SUP-9"]


def test_a_bare_number_is_nobodys_name_but_its_own_tools() -> None:
    told = [
        event("14:00", "alias", "jira", "INC-1", value="42"),
        event("14:01", "linked", "jira", "INC-2", value="42"),
        event("14:01", "linked", "pagerduty", "PD1", value="42"),
        event("14:02", "message", "otherchat", "42", text="hello"),
    ]
    found = one_name(frame(told)).sort("occurred_at", "source", "kind")
    assert found.select("source", "subject", "value").rows() == [
        ("jira", "INC-1", "42"),
        ("jira", "INC-2", "INC-1"),
        ("pagerduty", "PD1", "42"),
        ("otherchat", "42", None),
    ]


def test_the_name_told_last_is_the_one_it_has_even_back_again() -> None:
    there = event("14:00", "alias", "jira", "B-1", value="A-1")
    back = event("15:00", "alias", "jira", "A-1", value="B-1")
    assert present_names(frame([there, back])) == {("jira", "B-1"): ("jira", "A-1")}
    assert present_names(frame([there])) == {("jira", "A-1"): ("jira", "B-1")}


def test_nothing_is_set_right_where_nothing_contradicts() -> None:
    story = frame([*FIRED, say("14:05", "hello")])
    assert made_whole(story).equals(story)


def test_a_state_that_the_log_does_not_know_yet_is_kept() -> None:
    told = [
        *FIRED,
        event("15:00", "status", "jira", "INC-1", value="Resolved", was="Open"),
        event(
            "17:00", "status", "jira", "INC-1", value="Closed", key="1/status/Closed/as of 2026-10-14T17:00:00+00:00"
        ),
        event(
            "15:30", "status", "jira", "INC-1", value="Resolved", key="1/status/Resolved/as of 2026-10-14T15:30+00:00"
        ),
    ]
    states = made_whole(frame(told)).filter(kind="status").sort("occurred_at")["occurred_at"].to_list()
    assert states == [at("15:00"), at("17:00")]
