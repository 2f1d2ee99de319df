"""The last version known to be good before an incident: from every tool that tells of changes, failures set aside."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from podanalytics import intake
from podanalytics.gather import review_of, section
from podanalytics.ledger import load_ledger
from podanalytics.model import Event
from podanalytics.places import outcome_key
from podanalytics.policy import load_policy
from podanalytics.show.blocks import Links, Table
from podanalytics.workspace import find_workspace, make_workspace
from tests.story import DAY, FIRED, OVER, at, event, ledger_of

PROD = "acme/pod-api (production)"


def ago(minutes: float) -> Any:
    """So many minutes before the incident begins, at 14:00."""
    return DAY + timedelta(hours=14) - timedelta(minutes=minutes)


def deploy(
    minutes: float, version: str, outcome: str = "success", subject: str = PROD, text: str = "deploy", **more: Any
) -> list[Event]:
    """A deployment, and how it ended two minutes later; nothing of that where `outcome` is empty."""
    told = event(ago(minutes), "change", "github_deployments", subject, value=version, text=text, **more)
    if not outcome:
        return [told]
    key = outcome_key(told.key, outcome)
    return [told, event(ago(minutes - 2), "status", "github_deployments", subject, value=outcome, key=key)]


def tag(minutes: float, version: str, was: str | None, text: str = "x", subject: str = "pod-api") -> Event:
    return event(ago(minutes), "change", "git", subject, value=version, was=was, text=text)


def rows(*told: Event | list[Event], name: str = "last-known-good") -> list[dict[str, Any]]:
    made = section("root_cause", review_of(ledger_of(*told, *FIRED, OVER), "INC-1", "UTC"))
    table = next(b for b in made.blocks if isinstance(b, Table) and b.name == name)
    return [dict(zip([c.name for c in table.columns], row, strict=True)) for row in table.rows]


def good(*told: Event | list[Event]) -> dict[str, str]:
    return {str(row["where"]): str(row["version"]) for row in rows(*told)}


WEEK = 7 * 24 * 60


@pytest.mark.parametrize(
    ("told", "version", "why"),
    [
        ([(WEEK, "v1", "success"), (20, "v2", "success")], "v1", "v2 replaced it 20 min before the begin"),
        ([(WEEK, "v1", "inactive"), (20, "v2", "")], "v1", "nothing tells how that deployment ended"),
        ([(WEEK, "v1", "success"), (20, "v2", "failure")], "v1", "it ran at the begin; v2 failed after that"),
        ([(WEEK, "v0", "success"), (60, "v1", "success"), (20, "v2", "error")], "v0", "v1 replaced it 1 h"),
        (
            [(WEEK, "v1", "success"), (90, "v2", "success"), (20, "v1", "success")],
            "v1",
            "gone back to, from v2, 20 min",
        ),
        (
            [(WEEK, "v1", "success"), (90, "v2", "success"), (60, "v1", "success"), (20, "v3", "success")],
            "v1",
            "v3 rep",
        ),
        ([(WEEK, "v1", "success"), (90, "v2", "success"), (60, "v1", "failure")], "v1", "v2 replaced it 1 h 30 min"),
        ([(WEEK, "v1", "success"), (20, "v1", "success")], "v1", "it ran at the begin, put out once more 20 min"),
    ],
)
def test_the_last_good_version_of_a_place(told: list[tuple[float, str, str]], version: str, why: str) -> None:
    (row,) = rows(*(deploy(*one) for one in told))
    assert (row["where"], row["version"]) == (PROD, version)
    assert why in str(row["why"])


def test_a_version_that_was_left_again_is_never_the_good_one() -> None:
    """v2 was bad and left for v1; then v3 came. What ran before v3 was v1, and so it is even if v2 was nearer."""
    assert good(deploy(WEEK, "v1"), deploy(300, "v2"), deploy(200, "v1", text="rollback of v1"), deploy(20, "v3")) == {
        PROD: "v1"
    }


def test_a_rollback_by_its_words_names_the_good_version_where_the_history_is_cut() -> None:
    assert good(deploy(300, "v2"), deploy(20, "v1", text="rollback of v1")) == {PROD: "v1"}


def test_a_revert_under_a_new_tag_leaves_the_tag_before_the_bad_one() -> None:
    assert good(tag(WEEK, "v1", None), tag(300, "v2", "v1"), tag(20, "v2.1", "v2", 'Revert "budget"')) == {
        "pod-api": "v1"
    }


def test_a_revert_leaves_every_version_from_the_change_on_that_it_quotes() -> None:
    (row,) = rows(
        tag(WEEK, "v1", None),
        tag(300, "v2", "v1", "Batch the acknowledgements"),
        tag(200, "v2-hotfix1", "v2", "Smaller batches"),
        tag(20, "v2.1", "v2-hotfix1", 'Revert "Batch the acknowledgements"'),
    )
    assert row["version"] == "v1"
    assert row["why"] == "v2.1, which goes back from v2, replaced it 20 min before the begin"


def test_a_commit_without_a_tag_is_no_version() -> None:
    assert good(tag(WEEK, "v1", None), tag(300, "v2", "v1"), tag(20, "abcdef1", None, "config: more relays")) == {
        "pod-api": "v1"
    }


def test_environments_are_told_apart_and_deployments_come_before_tags() -> None:
    staging = "acme/pod-api (staging)"
    assert good(
        deploy(WEEK, "v1"),
        deploy(400, "v2", subject=staging),
        deploy(30, "v3", subject=staging),
        deploy(20, "v2"),
        tag(WEEK, "v2", "v1"),
        tag(60, "v3", "v2"),
        tag(60, "r5", "r4", subject="pod-relay"),
    ) == {PROD: "v1", staging: "v2", "pod-relay": "r4"}


def test_nothing_is_said_of_a_place_that_did_not_change_or_had_nothing_before() -> None:
    assert good(deploy(WEEK, "v1")) == {} == good(deploy(20, "v2"))
    assert good(deploy(20, "v2", was="v1")) == {PROD: "v1"}, "unless the change names what it replaced"


def test_it_names_the_rows_and_lines_it_rests_on_and_how_each_change_ended() -> None:
    first, last = deploy(WEEK, "v1"), deploy(20, "v2", "failure")
    (row,) = rows(first, last)
    review = review_of(ledger_of(first, last, *FIRED, OVER), "INC-1", "UTC")
    assert isinstance(row["rows"], Links)
    assert [link.label for link in row["rows"].links] == [str(review.number_of(e.id)) for e in last]
    assert row["lines"] == f"{first[0].origin}, {last[0].origin}", "the older one is on no row"
    (change,) = rows(first, last, name="changes")
    assert change["outcome"] == "failure" and len(change["row"].links) == 2
    shown = section("timeline", review).markdown()
    assert "failure" in shown


def test_what_happened_later_and_what_is_under_way_leaves_the_outcome_as_it_was_told() -> None:
    """`queued` comes after `failure` only by a clock; the last word that ends it counts."""
    told, ended = deploy(20, "v2", "failure")
    late = event(ago(1), "status", "github_deployments", PROD, value="queued", key=outcome_key(told.key, "queued"))
    assert good(deploy(WEEK, "v1"), [told, ended, late]) == {PROD: "v1"}
    (change,) = [r for r in rows(deploy(WEEK, "v1"), [told, ended, late], name="changes")]
    assert change["outcome"] == "failure"


def test_a_list_of_deployments_reaches_the_packet(tmp_path: Path) -> None:
    """From the files to the packet: the list of deployments, beside an issue with its label."""
    make_workspace(tmp_path / "team")
    home = find_workspace(tmp_path / "team")
    (home.raw / "deploys.csv").write_text(
        "deployed_at,service,environment,version,status,kind\n"
        "2026-10-01T09:00:00Z,pod-api,production,2.13.4,success,deploy\n"
        "2026-10-03T13:40:00Z,pod-api,production,2.14.0,success,deploy\n"
        "2026-10-03T14:30:00Z,pod-api,production,2.13.4,success,rollback\n",
        "utf-8",
    )
    page = (Path(__file__).parent / "sources/github/plain.json").read_bytes()
    (home.raw / "issues.json").write_bytes(page)
    store = home.store()
    intake.load(home, store)
    ledger = load_ledger(store, load_policy("pod-protocol"), at("+1 00:00"))
    store.close()
    told = section("root_cause", review_of(ledger, "pod-example/platform#31", "UTC")).markdown().replace("\\", "")
    table = told.partition("Last known good")[2]
    assert "pod-api (production)" in table and "2.13.4" in table and "2.14.0 replaced it" in table
