"""What a unit tells twice, far apart: the telling that stands first is written, whichever came first."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from podanalytics import store as storing
from podanalytics import telling
from podanalytics.model import Event, Kind, Told
from podanalytics.store import Store
from podanalytics.tables import EVENTS, FAULTS
from podanalytics.telling import Telling
from tests.story import DAY

FIRST = Event(occurred_at=DAY, kind=Kind.MESSAGE, source="slack", subject="#a", key="1", origin="f#/1", text="first")
TELLINGS = (
    FIRST,
    replace(FIRST, text="corrected", origin="f#/2", recorded_at=DAY + timedelta(hours=1)),
    replace(FIRST, text="corrected again", origin="f#/3", recorded_at=DAY + timedelta(hours=2)),
)
OTHERS = tuple(replace(FIRST, key=f"other {n}", origin=f"f#/o{n}") for n in range(3))


def tell(store: Store, told: tuple[Told, ...]) -> dict[str, int]:
    with store.replacing("f") as writing:
        taking = Telling(writing)
        taking.take(told)
        taking.finish()
    return taking.counts


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_the_telling_that_stands_first_is_written_wherever_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", at_once)
    monkeypatch.setattr(storing, "ASKED", 1)
    store = Store(f"sqlite:///{tmp_path / 'pod.db'}")
    for one, two, three in itertools.permutations(TELLINGS):
        counts = tell(store, (one, OTHERS[0], OTHERS[1], two, OTHERS[2], OTHERS[0], three))
        found = store.read(EVENTS)
        edits = found.filter(kind="edited").sort("occurred_at")
        found = found.filter(kind="message")
        assert (counts["events"], found.height) == (6, 4)
        assert edits.select("was", "text").rows() == [("first", "corrected"), ("corrected", "corrected again")]
        assert found.filter(key="1")["text"].to_list() == ["corrected again"]
        assert found.filter(key="1")["origin"].to_list() == ["f#/3"]


def test_rows_are_written_by_name_where_the_driver_wants_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As PostgreSQL's drivers do; SQLite's takes them either way."""
    asked: list[object] = []
    plain = sa.create_engine
    monkeypatch.setattr(sa, "create_engine", lambda url: plain(url, paramstyle="named"))
    store = Store(f"sqlite:///{tmp_path / 'pod.db'}")
    sa.event.listen(store._engine, "before_cursor_execute", lambda *given: asked.append(given[3]))
    assert tell(store, (FIRST, *OTHERS)) == {"events": 4, "faults": 0, "people": 0}
    assert any(isinstance(rows, list) and rows[0]["key"] == "1" for rows in asked if isinstance(rows, list) and rows)
    read = store.read(EVENTS)
    assert read["occurred_at"].to_list() == [DAY] * 4
    assert store.read(FAULTS).is_empty()
