"""Exports of real trackers, kept outside this project: what their files hold is what is told, and nothing is dropped.

What a file holds is counted here with nothing but a JSON reader. Every record in it, down to a log entry, a comment or
an update, has a place; each place must be told of: by events, by a Fault, or as Skipped.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from podanalytics.model import Event, Fault, Kind, Person, Skipped, Told
from tests.told import events, told_by

Row = dict[str, Any]


@pytest.fixture(scope="module")
def trackers(shared: Path) -> Path:
    return shared / "data" / "trackers"


def skipped(told: Iterable[Told]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for entry in told:
        if isinstance(entry, Skipped):
            counts[entry.reason] += entry.count
    return counts


def faults(told: Iterable[Told]) -> list[Fault]:
    return [t for t in told if isinstance(t, Fault)]


def places(told: Iterable[Told]) -> set[str]:
    """Where everything told was read: people apart, who carry no origin."""
    return {t.origin for t in told if not isinstance(t, Person)}


def enveloped(path: Path) -> list[Row]:
    """The records of a collector's lines."""
    return [json.loads(line)["data"] for line in path.read_bytes().splitlines() if line.strip()]


def lines_of(path: Path, rows: list[Row]) -> set[str]:
    return {f"{path.name}:{n}#/data" for n in range(1, len(rows) + 1)}


def ids(told: Iterable[Told]) -> int:
    return len({e.id for e in events(told)})


# --- PagerDuty ------------------------------------------------------------------------------------------------------


def test_pagerduty_tells_every_log_entry(trackers: Path) -> None:
    path = trackers / "pagerduty/devlake_incidents_with_log_entries.jsonl"
    told, rows = told_by(path, "pagerduty"), enveloped(path)
    entries = [entry for row in rows for entry in row["log_entries"]]
    assert (len(rows), len(entries)) == (3, 44)
    inside = {
        f"{path.name}:{n}#/data/log_entries/{m}" for n, r in enumerate(rows, 1) for m in range(len(r["log_entries"]))
    }
    assert places(told) == lines_of(path, rows) | inside
    assert faults(told) == [] and skipped(told) == Counter()
    from_log = [e for e in events(told) if "/log_entries/" in e.origin]
    assert sorted(e.key for e in from_log) == sorted(entry["id"] for entry in entries)
    assert len(events(told, Kind.DECLARED)) == 3
    assert ids(told) == len(events(told))


def test_pagerduty_tells_each_type_of_entry_as_what_it_is(trackers: Path) -> None:
    path = trackers / "pagerduty/devlake_incidents_with_log_entries.jsonl"
    told, rows = told_by(path, "pagerduty"), enveloped(path)
    types = Counter(entry["type"].removesuffix("_log_entry") for row in rows for entry in row["log_entries"])
    kinds = Counter(e.kind for e in events(told) if "/log_entries/" in e.origin)
    assert kinds[Kind.NOTIFIED] == types["notify"] == 15
    assert kinds[Kind.ASSIGNED] == types["assign"] + types["delegate"] == 11
    assert kinds[Kind.ESCALATED] == types["escalate"] == 8
    assert kinds[Kind.ACKNOWLEDGED] == types["acknowledge"] == 5
    assert kinds[Kind.ALERTED] == types["trigger"] == 3
    resolved = events(told, Kind.STATUS)
    assert {(e.value, e.occurred_at) for e in resolved} == {("resolved", datetime(2022, 11, 3, 6, 51, 44, tzinfo=UTC))}
    # Acknowledged by people all of them, though the same tool also acts in the service's name.
    bots = {t.key for t in told if isinstance(t, Person) and t.bot}
    assert bots and not {e.actor for e in events(told, Kind.ACKNOWLEDGED)} & {*bots, None}


def test_pagerduty_keeps_what_happened_in_one_second_apart(trackers: Path) -> None:
    path = trackers / "pagerduty/devlake_incidents_with_log_entries.jsonl"
    from_log = [e for e in events(told_by(path, "pagerduty")) if "/log_entries/" in e.origin]
    assert max(Counter((e.subject, e.occurred_at) for e in from_log).values()) >= 2
    for subject in {e.subject for e in from_log}:
        times = [e.occurred_at for e in from_log if e.subject == subject]
        assert times == sorted(times, reverse=True), "newest first, as the file has it"


# --- Jira -----------------------------------------------------------------------------------------------------------


def test_jira_tells_every_issue_change_and_comment(trackers: Path) -> None:
    path = trackers / "jira/devlake/issues_expand_changelog.jsonl"
    told, rows = told_by(path, "jira"), enveloped(path)
    inside = {
        f"{path.name}:{n}#/data{pointer}/{m}"
        for n, row in enumerate(rows, 1)
        for pointer, found in (
            ("/changelog/histories", row["changelog"]["histories"]),
            ("/fields/comment/comments", row["fields"]["comment"]["comments"]),
        )
        for m in range(len(found))
    }
    assert len(rows) == len(events(told, Kind.DECLARED)) == 33
    assert places(told) == lines_of(path, rows) | inside
    assert faults(told) == []
    items = [item for row in rows for entry in row["changelog"]["histories"] for item in entry["items"]]
    from_log = [e for e in events(told) if "/changelog/" in e.origin]
    assert len(from_log) + skipped(told).total() == len(items)
    assert len(events(told, Kind.MESSAGE)) == sum(len(row["fields"]["comment"]["comments"]) for row in rows) == 8
    assert ids(told) == len(events(told))


def test_jira_knows_what_a_field_was_at_first(trackers: Path) -> None:
    path = trackers / "jira/devlake/issues_expand_changelog.jsonl"
    told, rows = told_by(path, "jira"), enveloped(path)
    at_first = {e.subject: e.value for e in events(told, Kind.STATUS) if e.key.endswith("/status/first")}
    for row in rows:
        changes = [
            item["fromString"]
            for entry in sorted(row["changelog"]["histories"], key=lambda entry: entry["created"])
            for item in entry["items"]
            if item["field"] == "status"
        ]
        assert at_first[row["key"]] == (changes[0] if changes else row["fields"]["status"]["name"])
    assert Counter(at_first.values())["To Do"] >= 21, "most of them have been moved since"


def test_jira_tells_changelog_pages(trackers: Path) -> None:
    path = trackers / "jira/devlake/issue_changelogs.jsonl"
    told, rows = told_by(path, "jira"), enveloped(path)
    assert len(rows) == 279
    assert places(told) == lines_of(path, rows)
    assert faults(told) == []
    assert skipped(told)["change of RemoteIssueLink"] == 243
    assert len(events(told)) + skipped(told).total() == sum(len(row["items"]) for row in rows) == 284
    moves = [(e.was, e.value) for e in events(told, Kind.STATUS)]
    assert len(moves) == 10 and ("Closed", "已完成") in moves and ("Open", "开发中") in moves
    assert min(e.occurred_at for e in events(told)).tzinfo is UTC
    raw = next(row for row in rows if row["id"] == "57278")
    assert raw["created"] == "2021-01-25T11:09:27.985+0800"
    there = next(e for e in events(told) if "/57278/" in e.key)
    assert there.occurred_at == datetime(2021, 1, 25, 3, 9, 27, 985000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "count", "distinct", "what"),
    [
        ("remotelinks", 151, 130, Kind.LINKED),  # some were read twice, and led elsewhere the second time
        ("users", 30, 30, Person),
        ("statuses", 53, 53, "status of the workflow"),
        ("worklogs", 30, 30, "worklog"),
    ],
)
def test_jira_tells_what_stands_beside_the_issues(
    trackers: Path, name: str, count: int, distinct: int, what: object
) -> None:
    path = trackers / f"jira/devlake/{name}.jsonl"
    told, rows = told_by(path, "jira"), enveloped(path)
    assert (len(rows), len({row.get("id") or row["accountId"] for row in rows})) == (count, distinct)
    found: Counter[object] = Counter(t.kind if isinstance(t, Event) else type(t) for t in told)
    found.update(skipped(told))
    del found[Skipped]
    if what == Kind.LINKED:  # each was asked for by the issue's number, and answers with its key
        aliases = events(told, Kind.ALIAS)
        assert found.pop(Kind.ALIAS) == count and all((e.value or "").isdecimal() for e in aliases)
    assert found == Counter({what: count})
    assert len({e.id for e in events(told) if e.kind != Kind.ALIAS}) in (0, distinct)


# --- GitHub ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count", "pulls"), [("issues", 42, 16), ("issue_events", 50, 10), ("comments", 95, 47)]
)
def test_github_tells_every_record_and_counts_pull_requests(trackers: Path, name: str, count: int, pulls: int) -> None:
    path = trackers / f"github/devlake_ants/{name}.jsonl"
    told, rows = told_by(path, "github"), enveloped(path)
    on_pulls = [row for row in rows if "/pull/" in (row.get("issue") or row)["html_url"]]
    assert (len(rows), len(on_pulls)) == (count, pulls)
    assert skipped(told) == Counter({"pull request, or something on one": pulls})
    assert faults(told) == []
    assert places(told) == lines_of(path, rows)
    assert len({e.origin for e in events(told)}) == count - pulls
    assert len({row["id"] for row in rows}) == count - 1, "the collector read one record twice"
    sources = {(e.id, rows[int(e.origin.split(":")[1].split("#")[0]) - 1]["id"]) for e in events(told)}
    assert len(sources) == ids(told), "one id never stands for two records"


def test_github_tells_what_the_records_say(trackers: Path) -> None:
    folder = trackers / "github/devlake_ants"
    issues, changes, comments = (
        told_by(folder / f"{name}.jsonl", "github") for name in ("issues", "issue_events", "comments")
    )
    assert len(events(issues, Kind.DECLARED)) == 26
    kinds = Counter(e.kind for e in events(changes))
    raw = [row for row in enveloped(folder / "issue_events.jsonl") if "/pull/" not in row["issue"]["html_url"]]
    names = Counter(row["event"] for row in raw)
    assert kinds[Kind.LABELLED] == names["labeled"] + names["unlabeled"] == 18
    assert kinds[Kind.STATUS] == names["closed"] + names["reopened"] == 11
    assert kinds.total() == len(raw) == 40
    said = [row for row in enveloped(folder / "comments.jsonl") if "/pull/" not in row["html_url"]]
    assert len(events(comments, Kind.MESSAGE)) == len(said) == 48
    edited = {f"commented/{row['id']}" for row in said if row["updated_at"] != row["created_at"]}
    assert {e.value for e in events(comments, Kind.EDITED)} == edited and len(edited) == 12
    assert {e.subject for e in events(comments)} <= {f"panjf2000/ants#{n}" for n in range(1, 300)}


# --- Statuspage -----------------------------------------------------------------------------------------------------


def objects(path: Path) -> list[tuple[str, Row]]:
    """(place, incident or maintenance) of a poll, or of lines of observed objects."""
    if path.suffix == ".gz":
        rows = [json.loads(line)["object"] for line in gzip.decompress(path.read_bytes()).splitlines()]
        return [(f"{path.name}:{n}#/object", row) for n, row in enumerate(rows, 1)]
    page = json.loads(path.read_bytes())
    lists = ("incidents", "scheduled_maintenances")
    return [(f"{path.name}#/{name}/{n}", row) for name in lists for n, row in enumerate(page.get(name) or [])]


def everything(found: list[tuple[str, Row]]) -> set[str]:
    updates = {f"{place}/incident_updates/{n}" for place, row in found for n in range(len(row["incident_updates"]))}
    return {place for place, _ in found} | updates


def test_statuspage_polls_are_told_whole(trackers: Path) -> None:
    polls = sorted((trackers / "statuspage/github_summary_snapshots_2026-08-17").iterdir())
    assert len(polls) == 17
    seen = 0
    for path in polls:
        told, found = told_by(path, "statuspage"), objects(path)
        components = json.loads(path.read_bytes())["components"]
        assert places(told) == everything(found) | {f"{path.name}#/components"}
        assert skipped(told) == Counter({"component as it was at the poll": len(components)})
        assert faults(told) == []
        assert len(events(told, Kind.NOTICE)) == sum(len(row["incident_updates"]) for _, row in found)
        changes = [
            c
            for _, row in found
            for update in row["incident_updates"]
            for c in update["affected_components"] or []
            if c["old_status"] != c["new_status"]
        ]
        assert len(events(told, Kind.COMPONENT)) == len(changes)
        assert not [e for e in events(told, Kind.STATUS) if e.value == "resolved"], "absence is not resolution"
        seen += "zkxwbgr0cnmx" in {e.subject for e in events(told)}
    assert seen == 13, "in the first poll it is not yet there, in the last three no more"


def test_statuspage_observed_versions_are_told_whole(trackers: Path) -> None:
    path = trackers / "statuspage/github_observed_versions.jsonl.gz"
    told, found = told_by(path, "statuspage"), objects(path)
    assert places(told) == everything(found)
    assert faults(told) == [] and skipped(told) == Counter()
    incidents = [row for _, row in found if "scheduled_for" not in row]
    assert (len(incidents), len({row["id"] for row in incidents})) == (1_797, 760)
    made = {e.subject: e.value for e in events(told, Kind.DECLARED)}
    assert Counter(made.values()) == Counter({"status_incident": 760, "maintenance": 30})
    notices = {e.id for e in events(told, Kind.NOTICE) if made[e.subject] == "status_incident"}
    assert len(notices) == len({u["id"] for row in incidents for u in row["incident_updates"]}) == 3_000
    assert not [e for e in events(told) if e.recorded_at and e.recorded_at < e.occurred_at]
    # `started_at` is always written some milliseconds before `created_at`: nobody set a beginning back here.
    earlier = [row for row in incidents if row["started_at"] < row["created_at"]]
    assert len(earlier) > 1_700 and not [e for e in events(told) if e.value == "started_at"]


def test_statuspage_history_is_told_whole(trackers: Path) -> None:
    path = trackers / "statuspage/github_atom_history/incidents.jsonl"
    told = told_by(path, "statuspage_history")
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert places(told) == {f"{path.name}:{n}" for n in range(1, len(rows) + 1)}
    assert faults(told) == [] and skipped(told) == Counter()
    assert len(events(told, Kind.DECLARED)) == len(rows) == 819
    assert len(events(told, Kind.NOTICE)) == sum(len(row["updates"]) for row in rows) == 4_570
    ended = Counter(row["status_sequence"][-1] for row in rows)
    assert len(events(told, Kind.STATUS)) == ended["Resolved"] == 801
    planned = [e for e in events(told, Kind.DECLARED) if e.value == "maintenance"]
    assert len(planned) == ended["Completed"] == sum(row["impact"] == "maintenance" for row in rows) == 18
    assert ids(told) == len(events(told))


def test_statuspage_feed_and_lines_tell_the_same_events(trackers: Path) -> None:
    folder = trackers / "statuspage/github_atom_history"
    feed = told_by(folder / "github-status-history.atom", "statuspage_history")
    lines = {e.id: e for e in events(told_by(folder / "incidents.jsonl", "statuspage_history"))}
    written = (folder / "github-status-history.atom").read_text("utf-8")
    assert faults(feed) == [] and places(feed) == {f"github-status-history.atom#/entry/{n}" for n in range(25)}
    assert len(events(feed, Kind.DECLARED)) == written.count("<entry>") == 25
    assert len(events(feed, Kind.NOTICE)) == written.count("&lt;small&gt;") == 178
    assert ids(feed) == len(events(feed)) - 1, "one update was posted twice within a minute, in the same words"
    same = [(lines[e.id].occurred_at, lines[e.id].value, lines[e.id].subject) for e in events(feed)]
    assert [(e.occurred_at, e.value, e.subject) for e in events(feed)] == same


def test_statuspage_and_its_history_tell_of_the_same_incidents(trackers: Path) -> None:
    folder = trackers / "statuspage"
    api = {row["id"] for _, row in objects(folder / "github_observed_versions.jsonl.gz")}
    history = told_by(folder / "github_atom_history/incidents.jsonl", "statuspage_history")
    made = {e.subject: e.value for e in events(history, Kind.DECLARED) if e.subject in api}
    assert Counter(made.values()) == Counter({"status_incident": 653, "maintenance": 18}), "671 in all"
