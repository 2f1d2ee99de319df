"""What single vendors are asked, in which order, and what they say when they refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podanalytics import intake
from podanalytics.linking import made_whole
from podanalytics.pull import checked
from podanalytics.pull._raw import CURSOR, LOCK
from podanalytics.pull.pagerduty import REACH, after_entries
from podanalytics.sources._manifest import BESIDE
from podanalytics.workspace import Settings, Workspace
from tests.pull.pulling import SINCE, ledger, pages, pull
from tests.pull.server import as_json, instead, refused, served
from tests.pull.test_vendors import of_jira
from tests.pull.vendors import Jira, PagerDuty, Slack, minute, ts

TOKEN = "xoxb-W8x-Q2-zK5vN7tR3mL9pY4c"


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POD_SLACK_TOKEN", "POD_JIRA_TOKEN", "POD_PAGERDUTY_TOKEN"):
        monkeypatch.setenv(name, TOKEN)


def of_slack(url: str, **more: Any) -> dict[str, Any]:
    return {"slack": {"base_url": url, **more}}


# --- PagerDuty --------------------------------------------------------------------------------------------------------


def test_pagerduty_goes_on_from_the_oldest_entry_where_paging_reaches_no_further() -> None:
    found = [{"created_at": minute(90), "incident": {"id": "P1"}}, {"created_at": minute(80), "incident": {"id": "P2"}}]
    walk = {"since": minute(0), "window": 1, "offset": REACH - 101, "todo": ["P2"], "top": None}
    then = after_entries(walk, found, True)
    assert (then["until"], then["window"], then["offset"]) == ("2026-10-01T01:20:01Z", 2, 0)
    assert then["todo"] == ["P2", "P1"] and then["top"] == minute(90)
    stuck = after_entries({**then, "offset": REACH - 100}, found[1:], True)
    assert stuck["until"] == minute(80), "one second that fills all pages is left behind, not asked for without end"
    assert after_entries(walk, [], True)["ended"]


def test_pagerduty_leaves_out_an_incident_that_is_gone(tmp_path: Path) -> None:
    vendor = PagerDuty()
    routes = vendor.routes()
    with served({"/incidents/PINC3": refused_always(404), **routes}) as server:
        done = pull(tmp_path / "raw", {"pagerduty": {"base_url": server.url}})
    assert [each.failed for each in done] == [""]
    assert done[0].notes == ["incident PINC3 is gone (404): what its log tells is kept"]


def refused_always(status: int) -> Any:
    return lambda asked: refused(status)(as_json({}))


# --- Jira -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cloud", [True, False])
def test_jira_what_is_on_other_pages_reaches_its_issue(cloud: bool, tmp_path: Path) -> None:
    vendor = Jira(cloud=cloud)
    with served(vendor.routes()) as server:
        pull(tmp_path / "raw", of_jira(server.url, cloud=cloud))
    workspace = Workspace(tmp_path, Settings(raw="raw", database="sqlite://"))
    store = workspace.store()
    try:
        intake.load(workspace, store)
        events = made_whole(store.events())
    finally:
        store.close()
    for number in vendor.updated:
        own = events.filter(subject=f"OPS-{number}")
        assert own.filter(kind="message").height == len(vendor.comments[number])
        steps = own.filter(pl.col("kind") == "status", pl.col("key").str.starts_with("changelog/"))
        assert steps.height == len(vendor.histories[number])


def test_jira_begins_a_day_before_the_last_pull_began(tmp_path: Path) -> None:
    with served(Jira().routes()) as server:
        pull(tmp_path / "raw", of_jira(server.url))
        asked = len(server.log)
        pull(tmp_path / "raw", of_jira(server.url))
    assert 'updated >= "2026/09/30 00:00"' in server.log[0].query["jql"]
    assert 'updated >= "2026/10/03 11:00"' in server.log[asked].query["jql"]
    assert server.log[0].headers["authorization"].startswith("Basic ")


def test_jira_begins_a_search_anew_whose_token_has_lapsed(tmp_path: Path) -> None:
    with served(Jira().routes(), {}) as server:
        pull(tmp_path / "calm", of_jira(server.url))
        calm, second = (
            ledger(tmp_path / "calm"),
            next(n for n, asked in enumerate(server.log, 1) if "nextPageToken" in asked.query),
        )
    with served(Jira().routes(), {second: refused(400, "the token has expired")}) as server:
        done = pull(tmp_path / "raw", of_jira(server.url))
    assert [each.failed for each in done] == [""]
    assert ledger(tmp_path / "raw") == calm


def test_jira_says_what_it_does_not_like(tmp_path: Path) -> None:
    said = as_json({"errorMessages": ["The value 'OPS' does not exist for the field 'project'."]})
    with served(Jira().routes(), {1: instead(replace(said, status=400))}) as server:
        done = pull(tmp_path / "raw", of_jira(server.url))
    assert "Jira does not take the query: look at projects and jql in pod.toml (400)" in done[0].failed
    assert "The value 'OPS' does not exist" in done[0].failed
    with served(Jira(cloud=False).routes()) as server:
        done = pull(tmp_path / "other", of_jira(server.url))
    assert "a Data Center wants `cloud = false`" in done[0].failed


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "say which issues"),
        ({"projects": ['OPS") OR (1']}, "no key of a project"),
        ({"jql": "project = OPS order  by key"}, "without ORDER BY"),
    ],
)
def test_jira_settings_that_cannot_be(given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        checked({"jira": {"base_url": "https://pod-example.atlassian.net", **given}})


# --- Slack ------------------------------------------------------------------------------------------------------------


def test_slack_a_late_reply_to_an_old_thread_is_read_and_nothing_else_is_asked_again(tmp_path: Path) -> None:
    vendor, raw = Slack(), tmp_path / "raw"
    with served(vendor.routes()) as server:
        pull(raw, of_slack(server.url))
        asked, before = len(server.log), pages(raw)
        pull(raw, of_slack(server.url))
        again = server.log[asked:]
        assert not [a for a in again if a.path == "/conversations.replies"], "no thread has anything new"
        weeks = {a.query["oldest"] for a in again if a.path == "/conversations.history"}
        assert len(weeks) == 3, "the last fortnight lies in three weeks"
        assert pages(raw) == before
        vendor.edit()
        asked = len(server.log)
        done = pull(raw, of_slack(server.url))
        threads = {a.query["ts"] for a in server.log[asked:] if a.path == "/conversations.replies"}
    assert threads == {ts(36000)}
    assert done[0].new and [each.failed for each in done] == [""]
    texts = {event[9] for event in ledger(raw)[0]}
    assert {"Yes, at 45900", "It was the mail queue"} <= texts and "Later, at 44000" not in texts


def test_slack_names_channels_and_people_and_an_unchanged_pull_is_not_loaded_again(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    workspace = Workspace(tmp_path, Settings(raw="raw", database="sqlite://"))
    store = workspace.store()
    with served(Slack().routes()) as server:
        pull(raw, of_slack(server.url))
        first = intake.load(workspace, store)
        assert [(each.file, each.source) for each in first if each.file] == [("slack/workspace", "slack_pages")]
        assert set(store.events()["subject"]) == {"#inc-7", "#general", "#other"}
        cursor = (raw / "slack/workspace" / CURSOR).read_bytes()
        pull(raw, of_slack(server.url), since=SINCE - timedelta(days=1))
        (raw / "slack/workspace" / CURSOR).write_bytes(cursor + b" ")
        second = intake.load(workspace, store)
    store.close()
    assert [each.state for each in second if each.source == "slack_pages"] == ["unchanged"]
    assert set(BESIDE) == {CURSOR, LOCK}


def test_slack_an_export_and_a_pull_tell_one_message_once(tmp_path: Path) -> None:
    vendor, raw = Slack(), tmp_path / "raw"
    with served(vendor.routes()) as server:
        pull(raw, of_slack(server.url))
    pulled = {event[0] for event in ledger(raw)[0]}
    export = raw / "export"
    (export / "inc-7").mkdir(parents=True)
    (export / "channels.json").write_text(json.dumps([{"id": "C0INC7", "name": "inc-7", "created": 1790812800}]))
    (export / "inc-7/2026-10-01.json").write_text(json.dumps(vendor.messages["C0INC7"]))
    assert {event[0] for event in ledger(raw)[0]} == pulled


def test_slack_reads_the_channels_that_are_named_and_says_which_it_cannot(tmp_path: Path) -> None:
    with served(Slack().routes()) as server:
        done = pull(tmp_path / "raw", of_slack(server.url, channels=["#inc-7", "C0OTHER", "nowhere"], private=True))
        assert server.log[2].query["types"] == "public_channel,private_channel"
        read = {asked.query["channel"] for asked in server.log if asked.path == "/conversations.history"}
    assert read == {"C0INC7", "C0OTHER"} and [each.failed for each in done] == [""]
    assert done[0].notes == [
        "no such channel, or the app may not see it: nowhere",
        "channel C0OTHER: the app is not a member of it: write /invite @app there",
    ]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"error": "missing_scope", "needed": "channels:history"},
            "lacks the scope channels:history for conversations",
        ),
        ({"error": "invalid_auth"}, "Slack does not accept the token in POD_SLACK_TOKEN: it is wrong (invalid_auth)"),
        ({"error": "odd_thing"}, "Slack refused conversations.history (odd_thing)"),
    ],
)
def test_slack_a_refusal_in_an_answer_is_a_sentence_and_is_not_tried_again(
    answer: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    vendor = Slack()
    vendor.error["conversations.history"] = {"ok": False, **answer}
    with served(vendor.routes()) as server:
        done = pull(tmp_path / "raw", of_slack(server.url))
        assert [asked.path for asked in server.log].count("/conversations.history") == 1
    assert sentence in done[0].failed
    assert not [name for name in pages(tmp_path / "raw") if "history" in name], "a refusal is no page"


def test_slack_limits_and_lapsed_cursors_in_an_answer_are_got_over(tmp_path: Path) -> None:
    with served(Slack().routes()) as server:
        pull(tmp_path / "calm", of_slack(server.url))
        onward = [n for n, a in enumerate(server.log, 1) if a.path == "/conversations.history" and "cursor" in a.query]
    faults = {
        2: instead(as_json({"ok": False, "error": "ratelimited"})),
        onward[0] + 1: instead(as_json({"ok": False, "error": "invalid_cursor"})),
    }
    with served(Slack().routes(), faults) as server:
        done = pull(tmp_path / "raw", of_slack(server.url))
        assert not server.faults
    assert [each.failed for each in done] == [""]
    assert pages(tmp_path / "raw") == pages(tmp_path / "calm")
