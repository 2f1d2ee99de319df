"""Plain lists of deployments: what they are taken for, and that their documentation names every column."""

from __future__ import annotations

from pathlib import Path

import pytest

from podanalytics.model import Event, Fault, Kind
from podanalytics.sources import all_sources, owners
from podanalytics.sources.deploys import COLUMNS
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("time,service,version\n2026-10-03T13:40:00Z,pod-api,2\n", []),
        ("deployed_at,service,version\n2026-10-03T13:40:00Z,pod-api,2\n", ["deploys"]),
        ("time\tapp\tsha\tenv\n2026-10-03T13:40:00Z\tpod-api\tabcdef1\tprod\n", ["deploys"]),
        ('{"time": "2026-10-03T13:40:00Z", "service": "a", "version": "2", "env": "x", "level": "INFO"}\n', []),
        ('{"deploys": [{"date": "2026-10-03T13:40:00Z", "service": "a", "sha": "abc", "env": "x"}]}\n', ["deploys"]),
        ("time,url,status\n2026-10-03T13:40:00Z,https://pod.example,200\n", ["uptime"]),
    ],
)  # fmt: skip
def test_a_list_is_one_of_deployments_by_its_columns(tmp_path: Path, text: str, owner: list[str]) -> None:
    path = tmp_path / "anything.txt"
    path.write_text(text, "utf-8")
    assert owners(path) == owner


def test_overlapping_lists_tell_one_deployment_once(tmp_path: Path) -> None:
    ids = []
    for name, zone in (("a", "2026-10-03T15:40:00+02:00,"), ("b", "2026-10-03 13:40:00,UTC")):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"time,zone,service,env,version,status\n{zone},pod-api,production,2.14.0,ok\n", "utf-8")
        ids.append({e.id for e in all_sources()["deploys"].parse(path) if isinstance(e, Event)})
    assert ids[0] == ids[1] and len(ids[0]) == 2


def test_a_list_that_breaks_off_tells_what_stands_before(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv"
    row = "2026-10-03T13:40:00Z,pod-api,production,2.14.0\n"
    path.write_text(f'time,service,env,version\n{row}2026-10-03T14:40:00Z,"pod-', "utf-8")
    told = list(all_sources()["deploys"].parse(path))
    assert [e.value for e in told if isinstance(e, Event) and e.kind is Kind.CHANGE] == ["2.14.0"]
    assert [f.origin for f in told if isinstance(f, Fault)] == ["cut.csv:3"]


def test_the_page_names_every_column() -> None:
    page = (ROOT / "docs/sources.md").read_text("utf-8").partition("`deploys`\n")[2].partition("\n## ")[0]
    for names in COLUMNS.values():
        assert [name for name in names if f"`{name}`" not in page] == []
