"""Polls of a status page: what changed between two of them, in whatever order they are loaded, in one file or two."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from podanalytics.intake import load
from podanalytics.ledger import load_ledger
from podanalytics.workspace import find_workspace, make_workspace
from tests.story import POLICY

Row = dict[str, Any]
ID = "ff12cd34ef63"


def update(id: str, minute: int, body: str, updated: int | None = None) -> Row:
    made = f"2026-10-03T14:{minute:02}:00.000Z"
    changed = f"2026-10-03T14:{updated if updated is not None else minute:02}:00.000Z"
    told = {"id": id, "incident_id": ID, "status": "investigating", "body": body, "affected_components": None}
    return told | {"created_at": made, "display_at": made, "updated_at": changed}


def poll(minute: int, *updates: Row, name: str = "Sends fail") -> Row:
    """The incident as a poll after that minute shows it."""
    told: Row = {
        "id": ID,
        "name": name,
        "status": "investigating",
        "impact": "minor",
        "shortlink": "https://stspg.io/x",
    }
    told |= {"created_at": "2026-10-03T14:10:00.000Z", "updated_at": f"2026-10-03T14:{minute:02}:00.000Z"}
    return told | {"incident_updates": list(reversed(updates))}


POLLS = {
    "a": poll(10, update("up1", 10, "Sends fail.")),
    "b": poll(25, update("up1", 10, "Some sends fail.", 20), update("up2", 22, "We look."), name="Some sends fail"),
    "c": poll(40, update("up1", 10, "Sends to one region fail.", 40), update("up3", 30, "Found."), name="Region down"),
}


def changes(folder: Path, files: dict[str, Any]) -> list[tuple[Any, ...]]:
    """(kind, minute, what, what it read before, what it reads now) of every change that the files show together."""
    make_workspace(folder)
    home = find_workspace(folder)
    store = home.store()
    for name, document in files.items():
        (home.raw / name).write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
        load(home, store, [home.raw / name])
    ledger = load_ledger(store, POLICY, datetime(2026, 10, 9, tzinfo=UTC))
    store.close()
    assert ledger.incidents["incident"].to_list() == [ID]
    assert "whole list" not in ledger.found.told["value"].to_list()
    rows = ledger.found.told.filter(pl_kind_in("edited", "deleted", "renamed")).iter_rows(named=True)
    return sorted((r["kind"], r["occurred_at"].minute, r["value"], r["was"], r["text"]) for r in rows)


def pl_kind_in(*kinds: str) -> Any:
    import polars as pl

    return pl.col("kind").is_in(list(kinds))


EXPECTED = [
    ("deleted", 40, "up2", None, ""),
    ("edited", 20, "up1", "Sends fail.", "Some sends fail."),
    ("edited", 40, "up1", "Some sends fail.", "Sends to one region fail."),
    ("renamed", 25, "Some sends fail", "Sends fail", "Some sends fail"),
    ("renamed", 40, "Region down", "Some sends fail", "Region down"),
]


@pytest.mark.parametrize("order", ["abc", "cba", "bca"])
def test_polls_in_files_of_their_own_show_what_was_edited_renamed_and_deleted(order: str, tmp_path: Path) -> None:
    found = changes(tmp_path, {f"{n}{name}.json": {"incidents": [POLLS[name]]} for n, name in enumerate(order)})
    assert [f[:4] for f in found] == [e[:4] for e in EXPECTED]


@pytest.mark.parametrize("order", ["abc", "cba"])
def test_polls_in_one_file_show_the_same(order: str, tmp_path: Path) -> None:
    lines = [{"observed_at": "2026-10-03T15:00:00Z", "object": POLLS[name]} for name in order]
    found = changes(tmp_path, {"versions.jsonl": "".join(f"{json.dumps(line)}\n" for line in lines)})
    assert [f[:4] for f in found] == [e[:4] for e in EXPECTED]


def test_absence_from_a_poll_of_other_incidents_deletes_nothing(tmp_path: Path) -> None:
    planned = {"id": "gg12cd34ef64", "impact": "maintenance", "scheduled_for": "2026-10-04T08:00:00.000Z"}
    other = poll(10, update("up9", 10, "Planned.")) | planned
    empty = {"page": {"id": "p", "time_zone": "Etc/UTC"}, "incidents": [], "scheduled_maintenances": []}
    make_workspace(tmp_path)
    home = find_workspace(tmp_path)
    store = home.store()
    for name, document in {"1": {"incidents": [POLLS["b"]]}, "2": {"incidents": [other]}, "3": empty}.items():
        (home.raw / f"{name}.json").write_text(json.dumps(document), "utf-8")
    load(home, store)
    ledger = load_ledger(store, POLICY, datetime(2026, 10, 9, tzinfo=UTC))
    store.close()
    assert not set(ledger.events["kind"]) & {"deleted", "edited", "renamed"}


def test_the_real_polls_show_the_real_edits(shared: Path, tmp_path: Path) -> None:
    """1,797 versions of 760 incidents: 7 posts were edited, 57 incidents renamed, and no post was deleted."""
    make_workspace(tmp_path)
    home = find_workspace(tmp_path)
    store = home.store()
    load(home, store, [shared / "data/trackers/statuspage/github_observed_versions.jsonl.gz"])
    events = store.events()
    store.close()
    edited = events.filter(kind="edited")
    assert edited["value"].n_unique() == 7 and edited["was"].null_count() == 0
    assert (edited["was"] != edited["text"]).all()
    assert events.filter(kind="renamed")["subject"].n_unique() == 57
    assert events.filter(kind="deleted").is_empty()
