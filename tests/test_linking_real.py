"""Linking on real exports: GitHub's status page told by its API and by its history, and Jenkins' status files with the
helpdesk issues that they name.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from podanalytics.linking import Linked, link_all
from podanalytics.model import Event, Kind
from podanalytics.sources import all_sources, owners
from tests.linked import frame, homes
from tests.story import POLICY

HELPDESK = "jenkins-infra/helpdesk"


@pytest.fixture(scope="module")
def trackers(shared: Path) -> Path:
    return shared / "data" / "trackers"


def told_by(path: Path) -> list[Event]:
    (owner,) = owners(path)
    return [t for t in all_sources()[owner].parse(path) if isinstance(t, Event)]


# --- GitHub ---------------------------------------------------------------------------------------------------------


def test_the_api_and_the_history_of_one_page_tell_of_the_same_incidents(trackers: Path) -> None:
    api = told_by(trackers / "statuspage/github_observed_versions.jsonl.gz")
    history = told_by(trackers / "statuspage/github_atom_history/incidents.jsonl")
    shared_ids = {e.subject for e in api} & {e.subject for e in history}
    planned = {e.subject for e in history if e.value == "maintenance"} & shared_ids
    assert (len(shared_ids), len(planned)) == (671, 18)
    events = frame([*api, *history])
    found = link_all(events, POLICY)
    members = found.members
    files = events.join(members, on=["source", "subject"]).group_by("incident").agg(pl.col("file").n_unique())
    both = set(files.filter(pl.col("file") == 2)["incident"])
    assert both == shared_ids, "each of them is one incident, told by both files"
    everything = {e.subject for e in api} | {e.subject for e in history}
    assert members.height == len(everything) == members["incident"].n_unique(), "and none holds a record of another id"
    assert members.filter(pl.col("incident") != pl.col("subject")).is_empty()
    assert found.offers == ()


# --- Jenkins --------------------------------------------------------------------------------------------------------


PATTERN = re.compile(rf"github\.com/{HELPDESK}/issues/(\d+)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@cache
def named_issues(folder: Path) -> dict[Path, frozenset[str]]:
    """The helpdesk issues that each page names, by nothing but its text; a comment of HTML is on no page."""
    texts = {path: COMMENT.sub("", path.read_text("utf-8")) for path in sorted(folder.glob("*.md"))}
    return {path: frozenset(found) for path, text in texts.items() if (found := PATTERN.findall(text))}


def issue_export(folder: Path, opened: dict[str, datetime]) -> list[Path]:
    """Helpdesk issues as GitHub's API would give them, each opened at that moment and labelled an incident."""
    issues, labels = [], []
    for number, at in sorted(opened.items()):
        stamp = at.isoformat().replace("+00:00", "Z")
        address = f"https://github.com/{HELPDESK}/issues/{number}"
        issue = {
            "id": int(number), "number": int(number), "title": f"Helpdesk {number}", "state": "open",
            "html_url": address, "url": address, "created_at": stamp, "updated_at": stamp,
        }  # fmt: skip
        issues.append(issue)
        labels.append(
            {"id": int(number), "event": "labeled", "created_at": stamp, "label": {"name": "incident"}, "issue": issue}
            | {"url": address}
        )
    paths = [folder / "issues.json", folder / "issue_events.json"]
    for path, rows in zip(paths, (issues, labels), strict=True):
        path.write_text(json.dumps(rows), encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def jenkins(trackers: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Linked, set[tuple[str, str]]]:
    """What linking finds, and the (status file, issue) pairs that the files name. A number that several files name was
    opened with the first of them.
    """
    folder = trackers / "cstate/jenkins-infra__status/issues"
    told = {path: told_by(path) for path in sorted(folder.glob("*.md"))}
    begun = {path: next(e for e in told[path] if e.kind == Kind.DECLARED) for path in named_issues(folder)}
    opened: dict[str, datetime] = {}
    for path, numbers in named_issues(folder).items():
        at = begun[path].occurred_at
        opened |= {number: min(at, opened.get(number, at)) for number in numbers}
    export = issue_export(tmp_path_factory.mktemp("helpdesk"), opened)
    events = [e for each in told.values() for e in each] + [e for path in export for e in told_by(path)]
    pairs = {(begun[path].subject, f"{HELPDESK}#{n}") for path, ns in named_issues(folder).items() for n in ns}
    return link_all(frame(events), POLICY), pairs


def test_every_status_file_is_linked_to_exactly_the_issues_that_it_names(
    jenkins: tuple[Linked, set[tuple[str, str]]],
) -> None:
    found, named = jenkins
    assert (len({file for file, _ in named}), len(named)) == (158, 166)
    assert Counter(Counter(file for file, _ in named).values()) == {1: 152, 2: 4, 3: 2}
    home = homes(found)
    issues = [subject for source, subject in home if source == "github"]
    assert len(issues) == 108
    joined = {
        (s, i) for (source, s), at in home.items() if source == "cstate" for i in issues if home["github", i] == at
    }
    offers = {(o.evidence.left[1], o.evidence.right[1]) for o in found.offers}
    assert joined | offers == named and not joined & offers, "no pair is false, none is missing, none is both"
    # By themselves: one file and one issue, that name nothing else and began within a day of each other.
    assert (len(joined), len(offers)) == (87, 79)
    scores = found.members.filter(pl.col("method") == "url")["score"].unique().to_list()
    assert scores == [0.98], "the address stands in the file's own text"


def test_an_issue_that_is_only_in_a_comment_of_a_status_file_is_not_named(trackers: Path) -> None:
    """A file copied from the month before still held that month's issue, commented out: a link would be a false one."""
    folder = trackers / "cstate/jenkins-infra__status/issues"
    hidden = {
        (path.name, number)
        for path, numbers in named_issues(folder).items()
        for number in set(PATTERN.findall(path.read_text("utf-8"))) - numbers
    }
    assert hidden == {("2024-08-23-maintenance-az-publick8s-1-29.md", "4144")}


def test_what_jenkins_offers_says_why_it_was_not_joined(jenkins: tuple[Linked, set[tuple[str, str]]]) -> None:
    found, named = jenkins
    reasons = Counter(
        "two records" if "two records of" in o.reason
        else "days apart" if o.reason.startswith("they began")
        else "equal evidence" if o.reason.startswith("as much speaks")
        else o.reason
        for o in found.offers
    )  # fmt: skip
    assert reasons == {"two records": 38, "equal evidence": 28, "days apart": 13}
    several = {file for file, count in Counter(file for file, _ in named).items() if count > 1}
    joined = {s for (source, s), at in homes(found).items() if source == "cstate" and at != s}
    assert len(several) == 6 and not several & joined, "of several issues that a file names, none is picked by chance"


def test_no_incident_holds_two_records_of_one_tool(jenkins: tuple[Linked, set[tuple[str, str]]]) -> None:
    members = jenkins[0].members
    assert members.group_by("incident", "source").len()["len"].max() == 1
