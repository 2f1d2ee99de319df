"""Random damage of every golden file: events or faults come of it, nothing else, from a reader and from intake.

The same damage each time, so that a red test means the change under test; `./pod fuzz` looks for new ones.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.mutations import mutated
from fuzz.targets import Bench, Target, examined, targets
from podanalytics import intake
from podanalytics.store import Store
from podanalytics.tables import EVENTS, FAULTS, LOADS
from podanalytics.workspace import Workspace, find_workspace, make_workspace

TARGETS = targets()
DATA = {target: target.file.read_bytes() for target in TARGETS}
SEEDS = st.integers(0, 2**32)


def damaged(target: Target, seed: int) -> bytes:
    others = [data for other, data in DATA.items() if other.tool == target.tool]
    return mutated(DATA[target], random.Random(seed), others)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


@settings(max_examples=500, derandomize=True)
@given(st.sampled_from(TARGETS), SEEDS)
def test_no_damage_brings_a_reader_down(bench: Bench, target: Target, seed: int) -> None:
    examined(bench.lay(target, damaged(target, seed)), target.tool)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Store]:
    folder = tmp_path_factory.mktemp("home") / "team"
    make_workspace(folder)
    home = find_workspace(folder)
    return home, home.store()


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(TARGETS), SEEDS), min_size=3, max_size=3))
def test_no_damage_brings_a_load_down(
    loaded: tuple[Workspace, Store], bench: Bench, drawn: list[tuple[Target, int]]
) -> None:
    """What is loaded is in the store, or in a fault, or it was read and had nothing to tell."""
    home, store = loaded
    units = [bench.lay(target, damaged(target, seed)) for target, seed in drawn]
    done = intake.load(home, store, sorted(set(units)))
    counts = {row["file"]: row for row in store.read(LOADS).iter_rows(named=True)}
    for one in done:
        assert (counts[one.file]["events"], counts[one.file]["faults"]) == (one.events, one.faults)
    assert len(store.read(EVENTS)) == sum(row["events"] for row in counts.values())
    assert not [r for r in store.read(FAULTS)["reason"] if "looking at it failed" in r]


def test_the_golden_files_are_what_is_damaged() -> None:
    assert {target.tool for target in TARGETS} == {
        path.parent.name for path in Path(__file__).parent.glob("*/*.expected.jsonl")
    }
