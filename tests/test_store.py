"""The store: what goes in comes out, and every failure is a sentence."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from podanalytics.errors import StoreError
from podanalytics.store import Store
from podanalytics.tables import EVENTS, LOADS
from tests.story import DAY


def row(file: str, **more: object) -> dict[str, object]:
    base: dict[str, object] = {name: None for name in EVENTS.names}
    base |= {
        "id": "e1",
        "file": file,
        "occurred_at": DAY,
        "precision": "s",
        "kind": "message",
        "source": "slack",
        "subject": "#a",
        "key": "k",
        "text": "hello",
        "origin": f"{file}:1",
    }
    return base | more


def load(file: str) -> dict[str, object]:
    return {
        "file": file,
        "source": "slack",
        "sha256": "0",
        "bytes": 1,
        "events": 1,
        "faults": 0,
        "people": 0,
        "skipped": "{}",
        "path": f"/x/{file}",
        "reader": "0",
        "loaded_at": DAY,
    }


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'pod.db'}")


def test_times_come_back_as_the_same_instant(store: Store) -> None:
    india = datetime(2026, 10, 14, 12, 0, 0, 123456, timezone(timedelta(hours=5, minutes=30)))
    store.replace_file(load("a"), {"events": [row("a", occurred_at=india)]})
    assert store.events()["occurred_at"][0] == india.astimezone(UTC)


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises((StoreError, ValueError), match="naive"):
        store.replace_file(load("a"), {"events": [row("a", occurred_at=datetime(2026, 1, 1))]})


def test_loading_a_file_again_replaces_what_it_told(store: Store) -> None:
    store.replace_file(load("a"), {"events": [row("a"), row("a", id="e2", key="k2")]})
    store.replace_file(load("a"), {"events": [row("a", text="changed")]})
    assert store.events()["text"].to_list() == ["changed"]
    assert store.read(LOADS).height == 1


def test_two_files_tell_one_thing_once_and_the_one_told_last_wins_in_any_order(tmp_path: Path) -> None:
    old, new = row("a", text="old", recorded_at=DAY), row("b", text="new", recorded_at=DAY + timedelta(hours=1))
    seen = []
    for n, order in enumerate(([old, new], [new, old])):
        store = Store(f"sqlite:///{tmp_path / f'{n}.db'}")
        for told in order:
            store.replace_file(load(str(told["file"])), {"events": [told]})
        seen.append(store.events())
    assert seen[0].equals(seen[1])
    said = seen[0].filter(pl.col("kind") != "edited")
    assert said["text"].to_list() == ["new"]
    assert seen[0].filter(kind="edited").select("was", "text").rows() == [("old", "new")], "what it said is kept"


def test_forgetting_one_teller_leaves_the_other(store: Store) -> None:
    store.replace_file(load("a"), {"events": [row("a", text="old")]})
    store.replace_file(load("b"), {"events": [row("b", text="new", recorded_at=DAY)]})
    store.forget_file("b")
    assert store.events()["text"].to_list() == ["old"]


def test_a_failed_write_leaves_the_old_state(store: Store) -> None:
    store.replace_file(load("a"), {"events": [row("a")]})
    with pytest.raises(StoreError):
        store.replace_file(load("a"), {"events": [row("a", text="new"), row("a", text="same key twice")]})
    assert store.events()["text"].to_list() == ["hello"]


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "pod.db").write_text("not a database, really not, whatever its name says" * 30)
    with pytest.raises(StoreError, match=r"cannot open the database .*pod\.db"):
        Store(f"sqlite:///{tmp_path / 'pod.db'}")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path / 'pod.db'}").close()
    with sqlite3.connect(tmp_path / "pod.db") as raw:
        raw.execute("update meta set value = '99' where key = 'schema'")
    with pytest.raises(StoreError, match="schema version 99"):
        Store(f"sqlite:///{tmp_path / 'pod.db'}")
