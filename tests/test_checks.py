"""The checks on a ledger with planted faults: Great Expectations itself finds them and names their rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podanalytics import checks
from podanalytics.policy import load_policy
from podanalytics.store import Store
from podanalytics.tables import CHECKS, EVENTS, PEOPLE, Column, Table, Type
from tests.story import event

AS_OF = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path / 'pod.db'}")
    yield made
    made.close()


def load(store: Store, file: str, *events: Any, source: str = "story", faults: int = 0) -> None:
    rows = [{**{n: getattr(e, n) for n in EVENTS.names if n != "file"}, "file": file} for e in events]
    load = {"file": file, "source": source, "sha256": "0" * 64, "bytes": 1, "events": len(rows), "faults": faults}
    more = {"people": 0, "skipped": "{}", "path": "/x", "reader": "0", "loaded_at": AS_OF}
    store.replace_file({**load, **more}, {"events": rows})


def not_passed(store: Store) -> dict[tuple[str, str], dict[str, Any]]:
    found = checks.run_checks(store, load_policy("pod-protocol"), AS_OF)
    assert set(found.columns) == set(CHECKS.names)
    return {(r["tested"], r["column"]): r for r in found.filter(pl.col("outcome") != "passed").iter_rows(named=True)}


def test_planted_faults_are_found_with_their_rows(store: Store) -> None:
    ahead = event(AS_OF + timedelta(days=1), "message", "slack", "#ops", text="from the future")
    backwards = event("14:00", "message", "slack", "#ops", recorded_at=AS_OF - timedelta(days=900))
    load(store, "chat.json", event("13:00", "message", "slack", "#ops", text="fine"), ahead, backwards)
    load(store, "odd.bin", source="-", faults=1)
    failed = not_passed(store)
    assert set(failed) == {
        ("events", "occurred_at"),
        ("events", "occurred_at ≤ recorded_at"),
        ("loads", "faults"),
    }
    assert all(r["outcome"] == "failed" and r["failing"] == 1 for r in failed.values())
    assert ahead.id in failed["events", "occurred_at"]["examples"]
    assert backwards.id in failed["events", "occurred_at ≤ recorded_at"]["examples"]
    assert failed["loads", "faults"]["examples"] == "odd.bin: faults 1"


def test_a_sound_ledger_passes_and_an_empty_one_is_not_broken(store: Store) -> None:
    assert not_passed(store) == {}
    load(store, "chat.json", event("13:00", "message", "slack", "#ops", text="fine"))
    assert not_passed(store) == {}


def test_a_check_that_cannot_run_is_not_called_bad_data() -> None:
    """Great Expectations reports a missing column as a failure without a count; that says nothing about the data."""
    context, gx = checks._context()
    table = Table("people", "", (Column("key", Type.TEXT, "", key=True),), ("key",))
    wanted = [gx.expectations.ExpectColumnValuesToNotBeNull(column="no_such_column")]
    rows = list(checks._outcomes(context, gx, table, PEOPLE.frame([{"key": "U1", "bot": False}]), wanted))
    assert [r["outcome"] for r in rows] == ["could not run"]
