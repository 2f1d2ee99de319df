"""A critical incident polled 17 times: in whatever order the polls are loaded, one and the same story comes of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from podanalytics import intake
from podanalytics.ledger import load_ledger
from podanalytics.workspace import find_workspace, make_workspace

INCIDENT = "zkxwbgr0cnmx"
AS_OF = datetime(2026, 9, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Story:
    """What came of loading some files in some order."""

    tables: dict[str, pl.DataFrame]
    updates: pl.DataFrame

    @property
    def incident(self) -> dict[str, object]:
        found = self.tables["incidents"].filter(pl.col("incident") == INCIDENT)
        assert found.height == 1
        return found.to_dicts()[0]

    def told_customers(self) -> int:
        mine = (pl.col("incident") == INCIDENT) & (pl.col("audience") == "customers")
        return self.updates.filter(mine).height


@pytest.fixture(scope="module")
def polls(shared: Path) -> list[Path]:
    return sorted((shared / "data/trackers/statuspage/github_summary_snapshots_2026-08-17").iterdir())


@pytest.fixture(scope="module")
def history(shared: Path) -> list[Path]:
    folder = shared / "data/trackers/statuspage/github_atom_history"
    return [folder / "incidents.jsonl", folder / "github-status-history.atom"]


def shuffled(files: Sequence[Path]) -> list[Path]:
    return random.Random(17).sample(files, len(files))


ORDERS: dict[str, Callable[[Sequence[Path]], list[Path]]] = {
    "forward": list,
    "reversed": lambda files: list(reversed(files)),
    "shuffled": shuffled,
}


def story(folder: Path, files: Sequence[Path]) -> Story:
    make_workspace(folder)
    home = find_workspace(folder)
    store = home.store()
    for path in files:
        intake.load(home, store, [path])
    ledger = load_ledger(store, home.policy(), AS_OF)
    store.close()
    assert ledger.faults.is_empty()
    tables = {
        "events": ledger.events,
        "people": ledger.people,
        "members": ledger.members,
        "incidents": ledger.incidents,
        "milestones": ledger.found.milestones,
        "readings": ledger.readings,
    }
    return Story(tables, ledger.found.updates)


def differing(stories: dict[str, Story]) -> list[str]:
    first = stories["forward"].tables
    return [
        f"{name} when loaded {order}"
        for order, other in stories.items()
        for name, table in first.items()
        if not table.equals(other.tables[name])
    ]


def test_polls_in_any_order_tell_one_story_without_an_end(polls: list[Path], tmp_path: Path) -> None:
    stories = {name: story(tmp_path / name, order(polls)) for name, order in ORDERS.items()}
    assert differing(stories) == []
    told = stories["forward"]
    assert told.incident["title"] == "Incident with GitHub.com"
    assert told.told_customers() == 35
    assert (told.incident["state"], told.incident["resolved_at"]) == ("open", None), "absence is not resolution"


def test_with_its_history_the_story_has_its_end(polls: list[Path], history: list[Path], tmp_path: Path) -> None:
    files = [*polls, *history]
    stories = {name: story(tmp_path / name, order(files)) for name, order in ORDERS.items()}
    assert differing(stories) == []
    told = stories["forward"]
    assert told.incident["resolved_at"] == datetime(2026, 8, 17, 21, 15, tzinfo=UTC)
    assert told.told_customers() == 36, "each update once, though page and history both tell of it"
    assert told.tables["incidents"].height == 819


def test_polls_are_compared_and_not_only_loaded(polls: list[Path], tmp_path: Path) -> None:
    """The comparison above sees what one poll more tells."""
    shown = [path for path in polls if INCIDENT in path.read_text("utf-8")]
    assert len(shown) == 13
    stories = {"forward": story(tmp_path / "all", shown), "less": story(tmp_path / "less", shown[:-1])}
    assert differing(stories) == [f"{name} when loaded less" for name in ("events", "readings")]
