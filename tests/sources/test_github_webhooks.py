"""GitHub's webhooks beside what its API tells: one thing is one event, and an issue's own labels count."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podanalytics import intake
from podanalytics.ledger import Ledger, load_ledger
from podanalytics.model import Event, Fault, Kind, Skipped, Told
from podanalytics.policy import load_policy
from podanalytics.sources import all_sources, owners
from podanalytics.workspace import find_workspace, make_workspace

HERE = Path(__file__).parent
AS_OF = datetime(2026, 10, 6, tzinfo=UTC)
API = "https://api.github.com/repos/pod-example/platform/issues/"
WEB = "https://github.com/pod-example/platform/issues/"
REPOSITORY = {"full_name": "pod-example/platform", "html_url": "https://github.com/pod-example/platform"}
Row = dict[str, Any]


def issue(number: int, updated: str, *labels: str, **more: Any) -> Row:
    return {
        "id": 900_000 + number,
        "number": number,
        "url": f"{API}{number}",
        "html_url": f"{WEB}{number}",
        "title": "Relay drops messages",
        "user": {"login": "carla-venn", "type": "User"},
        "labels": [{"name": name} for name in labels],
        "state": "open",
        "created_at": "2026-10-03T14:04:10Z",
        "updated_at": updated,
        "closed_at": None,
        "body": "Since the deploy.",
        **more,
    }


def hook(action: str, **parts: Any) -> Row:
    return {"action": action, **parts, "repository": REPOSITORY, "sender": {"login": "carla-venn", "type": "User"}}


def loaded(folder: Path, *documents: object) -> pl.DataFrame:
    """The events of a workspace with these documents, a file each, loaded in this order."""
    make_workspace(folder)
    home = find_workspace(folder)
    store = home.store()
    for number, document in enumerate(documents):
        (home.raw / f"{number}.json").write_text(json.dumps(document), "utf-8")
        intake.load(home, store, [home.raw / f"{number}.json"])
    found = store.events()
    store.close()
    return found


def ledger_of(folder: Path, *documents: object) -> Ledger:
    loaded(folder, *documents)
    store = find_workspace(folder).store()
    try:
        return load_ledger(store, load_policy("pod-protocol"), AS_OF)
    finally:
        store.close()


def test_the_same_issue_and_comment_by_webhook_and_by_rest_are_one(tmp_path: Path) -> None:
    edited = {
        "id": 7101,
        "issue_url": f"{API}51",
        "html_url": f"{WEB}51#issuecomment-7101",
        "user": {"login": "dev-okafor", "type": "User"},
        "created_at": "2026-10-03T14:10:00Z",
        "updated_at": "2026-10-03T14:12:00Z",
        "body": "It is the budget.",
    }
    files = [
        [issue(51, "2026-10-03T14:12:00Z")],
        [edited],
        [hook("edited", issue=issue(51, "2026-10-03T14:12:00Z"), comment=edited,
              changes={"body": {"from": "It is the relay."}})],
        [hook("opened", issue=issue(51, "2026-10-03T14:04:10Z", title="Relay drops"))],
    ]  # fmt: skip
    seen = []
    for number, order in enumerate((files, files[::-1], files[2:] + files[:2])):
        told = loaded(tmp_path / str(number), *order)
        seen.append(told.drop("origin", "file").sort("key").to_dicts())
    assert all(found == seen[0] for found in seen), "whatever the order, it is one ledger"
    by_key = {row["key"]: row for row in seen[0]}
    assert by_key["900051/opened"]["text"] == "Relay drops messages", "as it was told last"
    edit = by_key["commented/7101/edited/2026-10-03T14:12:00Z"]
    assert (edit["actor"], edit["was"]) == ("carla-venn", "It is the relay."), "only the webhook knows both"
    assert Counter(row["kind"] for row in seen[0])["message"] == 1


def test_an_issue_is_an_incident_by_its_own_label_known_as_of_its_last_change(tmp_path: Path) -> None:
    ledger = ledger_of(
        tmp_path / "team", [issue(51, "2026-10-03T16:00:00Z", "incident"), issue(52, "2026-10-03T16:00:00Z", "bug")]
    )
    assert ledger.incidents["incident"].to_list() == ["pod-example/platform#51"]
    label = ledger.events.filter(pl.col("value") == "label", pl.col("subject") == "pod-example/platform#51")
    assert label["occurred_at"].to_list() == [datetime(2026, 10, 3, 16, tzinfo=UTC)]
    assert ledger.incidents["began_at"].to_list() == [datetime(2026, 10, 3, 14, 4, 10, tzinfo=UTC)]


@pytest.mark.parametrize(("label", "excluded"), [("drill", "drill"), ("bug", None)])
def test_an_own_label_excludes_as_one_that_was_put_on_does(tmp_path: Path, label: str, excluded: str | None) -> None:
    ledger = ledger_of(tmp_path / "team", [issue(51, "2026-10-03T16:00:00Z", "incident", label)])
    assert ledger.incidents["excluded"].to_list() == [excluded]


def test_a_label_taken_off_after_the_export_excludes_no_more(tmp_path: Path) -> None:
    page = [issue(51, "2026-10-03T16:00:00Z", "incident", "drill")]
    off = [hook("unlabeled", issue=issue(51, "2026-10-03T17:00:00Z", "incident"), label={"name": "drill"})]
    assert ledger_of(tmp_path / "team", off, page).incidents["excluded"].to_list() == [None]


def test_an_incident_told_by_webhooks_alone_has_its_moments(tmp_path: Path) -> None:
    told = [
        hook("opened", issue=issue(51, "2026-10-03T14:04:10Z")),
        hook("labeled", issue=issue(51, "2026-10-03T14:05:00Z", "incident"), label={"name": "incident"}),
        hook("labeled", issue=issue(51, "2026-10-03T14:06:00Z", "incident", "P2"), label={"name": "P2"}),
        hook("closed", issue=issue(51, "2026-10-03T15:20:01Z", "incident", "P2", closed_at="2026-10-03T15:20:00Z")),
    ]
    ledger = ledger_of(tmp_path / "team", told)
    moments = dict(ledger.found.milestones.select("milestone", "occurred_at").iter_rows())
    at = {name: moments[name].strftime("%H:%M:%S") for name in ("declared", "severity_set", "resolved")}
    assert at == {"declared": "14:04:10", "severity_set": "14:06:00", "resolved": "15:20:00"}


@pytest.fixture(scope="module")
def hooks(shared: Path) -> list[tuple[Path, list[Told]]]:
    files = sorted((shared / "data/trackers/github/octokit_webhooks").glob("*/*.json"))
    found = []
    for path in files:
        (owner,) = owners(path)
        found.append((path, list(all_sources()[owner].parse(path))))
    return found


def test_every_real_webhook_is_told_counted_or_a_fault_that_says_what_to_do(
    hooks: list[tuple[Path, list[Told]]],
) -> None:
    assert len(hooks) == 73
    kinds: Counter[str] = Counter()
    for path, told in hooks:
        assert [t for t in told if isinstance(t, Event | Fault | Skipped)], path
        kinds.update({path.parent.name: 1})
        gone = [t for t in told if isinstance(t, Fault)]
        assert bool(gone) == (
            path.name.startswith("deleted") and path.parent.name in ("issues", "issue_comment", "release")
        )
        assert all("delivered_at" in fault.reason for fault in gone)
    assert kinds["issues"] == 28 and kinds["push"] == 6 and kinds["release"] == 12
    changes = [t for _, told in hooks for t in told if isinstance(t, Event) and t.kind is Kind.CHANGE]
    assert len(changes) == 3 + 3 + 10, "a deployment each, and each release that was published"
    assert {t.value for t in changes} == {"f95f852", "0.0.1"}
    skipped = Counter(t.reason for _, told in hooks for t in told if isinstance(t, Skipped))
    assert skipped["pull request, or something on one"] == 4
    assert skipped["run of a workflow that speaks of no deployment"] == 4


@pytest.mark.parametrize(
    ("name", "tool", "count", "states"),
    [
        ("devlake_github_graphql_deployment", "github_deployments", 7, {"inactive": 5, "success": 3, "queued": 1}),
        ("devlake_gitlab_deployments", "gitlab_deployments", 8, {"success": 1, "failed": 1, "canceled": 1}),
    ],
)
def test_every_real_deployment_is_told_with_its_states(
    shared: Path, name: str, tool: str, count: int, states: dict[str, int]
) -> None:
    path = shared / f"data/trackers/deploys/{name}.jsonl"
    assert owners(path) == [tool]
    told = list(all_sources()[tool].parse(path))
    assert not [t for t in told if isinstance(t, Fault | Skipped)]
    changes = [t for t in told if isinstance(t, Event) and t.kind is Kind.CHANGE]
    assert len({t.id for t in changes}) == len(changes) == count
    found = Counter(t.value for t in told if isinstance(t, Event) and t.kind is Kind.STATUS)
    assert states.items() <= found.items()
