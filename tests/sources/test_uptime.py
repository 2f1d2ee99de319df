"""Uptime checks: what turns, whichever way a file runs, and what little of it is kept."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from podanalytics.model import Event, Kind, Skipped
from podanalytics.sources import owners, uptime

BEGIN = datetime(2026, 10, 3, 12, tzinfo=UTC)


def told(path: Path, probes: list[tuple[float, str]], monitor: str = "pod-api") -> list[Any]:
    rows = [f"{(BEGIN + timedelta(minutes=m)).isoformat()},{monitor},{state}" for m, state in probes]
    path.write_text("\n".join(["time,monitor,state", *rows]), "utf-8")
    assert owners(path) == ["uptime"]
    return list(uptime.source.parse(path))


def said(found: list[Any]) -> list[tuple[str, str | None, str]]:
    return [(f"{e.occurred_at:%H:%M}", e.value, e.text) for e in found if isinstance(e, Event)]


@pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])
def test_a_turn_behind_a_gap_says_since_when_nobody_looked(order: int, tmp_path: Path) -> None:
    probes = [(m, "up") for m in range(10)] + [(30, "down"), (31, "down"), (32, "down"), (60, "up"), (61, "up")]
    found = told(tmp_path / "a.csv", probes[::order])
    assert said(found) == [
        ("12:30", "down", "pod-api is down; not probed since 2026-10-03T12:09:00Z"),
        ("13:00", "recovered", "pod-api is up again; not probed since 2026-10-03T12:32:00Z"),
    ]
    assert sum(s.count for s in found if isinstance(s, Skipped)) == len(probes) - 2


def test_a_gap_in_an_outage_does_not_part_it(tmp_path: Path) -> None:
    probes = [(m, "up") for m in range(6)] + [(6, "down"), (7, "down"), (40, "down"), (41, "up")]
    found = [e for e in told(tmp_path / "a.csv", probes) if isinstance(e, Event)]
    assert [(e.kind, e.value) for e in found] == [
        (Kind.ALERTED, "down"), (Kind.OTHER, "not probed"), (Kind.STATUS, "recovered"),
    ]  # fmt: skip
    assert {e.subject for e in found} == {"pod-api@2026-10-03T12:06:00Z"}


def test_a_list_of_turns_has_no_gaps(tmp_path: Path) -> None:
    turns = [(0, "Up"), (90, "Down"), (95, "Up"), (600, "Down"), (603, "Up"), (5000, "Down"), (5001, "Up")]
    found = said(told(tmp_path / "a.csv", turns))
    assert len(found) == 6 and not [text for *_, text in found if "not probed" in text]


def test_overlapping_histories_tell_one_outage(tmp_path: Path) -> None:
    probes = [(m, "down" if 10 <= m < 14 else "up") for m in range(30)]
    whole, late = told(tmp_path / "a.csv", probes), told(tmp_path / "b.csv", probes[5:])
    assert {e.id for e in whole if isinstance(e, Event)} == {e.id for e in late if isinstance(e, Event)}


def test_memory_does_not_grow_with_the_probes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    peaks = []
    for count in (2_000, 20_000):
        told(path, [(m / 2, "up") for m in range(count)])
        tracemalloc.start()
        list(uptime.source.parse(path))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5 + 100_000


@pytest.mark.parametrize(
    "text",
    [
        "time,service,version,status\n2026-10-03T14:00:00Z,pod-api,v1.2.0,success\n",
        "time,monitor,status\n2026-10-03T14:00:00Z,pod-api,resolved\n",
        json.dumps([{"time": "2026-10-03T14:00:00Z", "url": "https://x.example", "event": "closed"}]),
        "monitor,status\npod-api,up\n",
        "time,monitor,status\n",
    ],
)
def test_other_tables_are_not_claimed(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    assert not uptime.source.owns(path)
